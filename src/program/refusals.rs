//! Why the program itself cannot go on.

use std::io;

use crate::{
    error::{ErrorId, Report},
    setup::NotBegun,
    words::{Phrase, phrase},
};

pub(super) fn usage(message: Phrase, hint: Phrase) -> NotBegun {
    Report { hint, ..Report::new(ErrorId::Usage, message) }.into()
}

pub(super) fn no_threads(error: &io::Error) -> NotBegun {
    let message = phrase!("no-threads");
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::ThreadsLow, message) }.into()
}

pub(super) fn defect(message: Phrase, error: &io::Error) -> NotBegun {
    Report { causes: vec![error.to_string().into()], ..Report::new(ErrorId::Defect, message) }.into()
}
