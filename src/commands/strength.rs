//! `firstlight strength`: judges the password on standard input for the wizard, in a process of its own.

use std::io::Read;

use zeroize::Zeroizing;

use crate::{exit::Exit, values::Strength};

/// A password of which the beginning is judged, and what is known of its owner, are shorter.
const LONGEST_QUESTION: usize = 16 * 1024;

/// Answers [`Strength::question`] as JSON.
pub(super) fn judge(stdin: &mut dyn Read) -> (Exit, String) {
    // Reading must not move it: what is left behind would not be zeroed.
    let mut question = Zeroizing::new(Vec::with_capacity(2 * LONGEST_QUESTION));
    let read = stdin.take(LONGEST_QUESTION as u64).read_to_end(&mut question);
    let question = read.ok().and_then(|_length| std::str::from_utf8(&question).ok());
    match question.and_then(|question| serde_json::to_string(&Strength::answer(question)).ok()) {
        Some(answer) => (Exit::Done, answer),
        None => (Exit::Usage, String::new()),
    }
}
