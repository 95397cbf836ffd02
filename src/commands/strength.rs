//! `firstlight strength`: judges the password on standard input for the wizard, in a process of its own.

use std::io::Read;

use zeroize::Zeroizing;

use crate::{exit::Exit, values::Strength};

/// A password of which the beginning is judged, and what is known of its owner, are shorter.
const LONGEST: usize = 16 * 1024;

/// Judges what [`Strength::encode`] has made; the verdict as JSON.
pub(super) fn judge(stdin: &mut dyn Read) -> (Exit, String) {
    // Reading must not move it: what is left behind would not be zeroed.
    let mut encoded = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    let read = stdin.take(LONGEST as u64).read_to_end(&mut encoded);
    let encoded = read.ok().and_then(|_length| std::str::from_utf8(&encoded).ok());
    match encoded.and_then(|encoded| serde_json::to_string(&Strength::judge(encoded)).ok()) {
        Some(verdict) => (Exit::Done, verdict),
        None => (Exit::Usage, String::new()),
    }
}
