//! What a field says about what was typed or pasted: data until a page says it in words.

use serde::{Deserialize, Serialize};

use crate::values::CodeError;

/// Why a character or a text was not taken. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Refusal {
    /// There is no room for another character; this many are allowed.
    Full(usize),
    /// Not an install code, and no part of one.
    Code(CodeError),
    /// There is no install code in the text.
    NoCode,
    /// So many different install codes could be meant.
    Codes(usize),
    /// The text does not fit.
    Long {
        /// How many characters it has.
        have: usize,
        /// How many more the field takes.
        room: usize,
    },
    /// A line break or a character that cannot be typed stands at this position, counted from 1.
    Control(usize),
    /// This character is no digit.
    NoDigit(char),
    /// A character that nobody sees, or a blank other than the space, in a masked field.
    Unseen {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
}

/// What is worth saying about a text that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Remark {
    /// It has replaced what was typed before.
    Replaced,
    /// The install code was found in the text around it.
    Found,
    /// Characters that nobody sees were left out.
    Cleaned,
    /// The line break at its end was left out.
    LineBreak,
    /// It begins or ends with a space, which counts.
    OuterSpace,
}
