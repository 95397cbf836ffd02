//! The texts with values, each a structure of them that `phrase!` fills.

use super::Phrase;

include!(concat!(env!("OUT_DIR"), "/filled.rs"));
