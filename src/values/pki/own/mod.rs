//! A certificate of somebody's own in the place of one that the appliance's authority signs: read from what people are given,
//! and judged before anything is written.

mod judge;
mod read;
#[cfg(test)]
mod tests;

pub use judge::{Fault, Own, Wanted, Whose};
pub use read::{Bundle, Files, Part, Unreadable};
