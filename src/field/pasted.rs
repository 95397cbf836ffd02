//! What of a pasted line goes into a field, and what a field says about it: data until a page says it in words.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::values::{CodeError, is_formatting, is_unseen};

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
    /// The text has more characters than the field takes.
    Long { have: usize, room: usize },
    /// A line break or a character that cannot be typed stands at this position, counted from 1.
    Control(usize),
    /// This character is no digit.
    NoDigit(char),
    /// A character that nobody sees, or a blank other than the space, in a masked field; its position is counted from 1.
    Unseen { character: char, position: usize },
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

/// A line for a plain field: without what nobody sees, without blanks at its end, and with spaces for other blanks.
pub(super) fn plain(text: &str, trim_start: bool) -> Result<(Zeroizing<String>, Option<Remark>), Refusal> {
    let unseen = |character: char| is_formatting(character) && !character.is_control();
    let blank = |character: char| character.is_whitespace() || unseen(character);
    let mut line = text.trim_end_matches(blank);
    if trim_start {
        line = line.trim_start_matches(blank);
    }
    if let Some(index) = line.chars().position(char::is_control) {
        let before = if trim_start { text.chars().take_while(|character| blank(*character)).count() } else { 0 };
        return Err(Refusal::Control(before + index + 1));
    }
    let mut clean = Zeroizing::new(String::with_capacity(line.len()));
    let seen = line.chars().filter(|character| !unseen(*character));
    clean.extend(seen.map(|character| if character.is_whitespace() { ' ' } else { character }));
    Ok((clean, text.contains(unseen).then_some(Remark::Cleaned)))
}

/// A line for a masked field: as it stands but for the line break at its end.
pub(super) fn masked(text: &str) -> Result<(&str, Option<Remark>), Refusal> {
    let line = text.trim_end_matches(['\r', '\n']);
    let wrong = line.chars().enumerate().find(|(_, character)| is_unseen(*character));
    if let Some((index, character)) = wrong {
        let position = index + 1;
        let control = character.is_control();
        return Err(if control { Refusal::Control(position) } else { Refusal::Unseen { character, position } });
    }
    if line.starts_with(' ') || line.ends_with(' ') {
        return Ok((line, Some(Remark::OuterSpace)));
    }
    Ok((line, (line.len() < text.len()).then_some(Remark::LineBreak)))
}
