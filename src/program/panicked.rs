//! What a panic comes to.

use std::{io::Write, panic::PanicHookInfo};

use crate::{
    cli::Output,
    engine,
    error::{ErrorId, Report},
    exit::Exit,
    faces::headless::{self, printer::Printer},
    screen::{Outlet, guard},
    words::{Language, Phrase, phrase},
};

/// What a panic comes to: the terminal given back, a sentence in `out`, and the exit code of a defect.
///
/// `main` ends the process with it, because the release build does not unwind (its tables
/// would be a tenth of the binary). What another task must not have cut in two, such as a
/// code under way, is waited for; of the rest nothing is lost that a power cut would not
/// lose: the journal is on the disk. It is told in English: the vendor's support reads it, and
/// nothing is to be worked out any more.
pub fn panicked(info: &PanicHookInfo<'_>, out: impl Write + Send + 'static) -> Exit {
    guard::give_back();
    let message = match info.location() {
        Some(place) => phrase!("panicked-at" { place: format!("{}:{}", place.file(), place.line()) }),
        None => phrase!("panicked"),
    };
    let said = info.payload_as_str().map(own_words);
    let causes = said.map(Phrase::from).into_iter().collect();
    let report = Report { causes, ..Report::new(ErrorId::Defect, message) };
    // Nobody may be left to read it, and the process has to end all the same.
    let mut out = match Outlet::new(out) {
        Ok(out) => out,
        Err((_no_thread, out)) => return refuse(report, out),
    };
    let exit = refuse(report, out.clone());
    let _over = engine::wait_for_holds(|| {
        let _ = writeln!(out, "{}", phrase!("panic-waits")).and_then(|()| out.flush());
    });
    out.settle();
    exit
}

fn refuse(report: Report, out: impl Write) -> Exit {
    headless::refuse(report.into(), &mut Printer::new(out, Output::Text, Language::English))
}

/// What a panic says of itself, up to what it quotes: that may be a secret. `expect` and `unwrap` quote the error behind a
/// colon, and whatever it holds in its own way.
fn own_words(said: &str) -> &str {
    said.split(['`', '"', '\'', ':', '(', '{', '[', '“', '„', '‘', '«']).next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_quotes_is_left_out() {
        for (said, told) in [
            (
                "byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `s3cret`",
                "byte index 1 is not a char boundary; it is inside",
            ),
            ("called `Result::unwrap()` on an `Err` value: Parse(\"s3cret\")", "called"),
            ("a header: InvalidHeaderValue { bytes: s3cret }", "a header"),
            ("a token: s3cret", "a token"),
            ("it is \"s3cret\"", "it is"),
            ("all is well", "all is well"),
        ] {
            assert_eq!(own_words(said), told);
        }
    }
}
