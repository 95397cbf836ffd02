//! The certificate that an appliance shows, told and changed without a terminal.

use std::io::Write;

use serde_json::json;

use super::printer::Printer;
use crate::{
    engine::{Ending, Event},
    exit::Exit,
    setup::{NotBegun, Setup},
    words::{Phrase, id},
};

/// Prints a request for one.
pub(crate) async fn request<W: Write>(setup: &Setup, printer: &mut Printer<W>) -> Result<Exit, NotBegun> {
    let pem = setup.certificate_request().await?;
    printer.tell(&[pem.trim_end().into()], &json!({"type": "certificate-request", "pem": pem}));
    Ok(ended(printer))
}

/// Prints which one is shown, and that of the appliance's own authority.
pub(crate) async fn show<W: Write>(setup: &Setup, printer: &mut Printer<W>) -> Result<Exit, NotBegun> {
    let [leaf, root] = setup.certificates().await?;
    let mut lines: Vec<Phrase> = Vec::new();
    for (title, shown) in [(id!("shown-leaf"), &leaf), (id!("shown-root"), &root)] {
        if let Some(shown) = shown {
            lines.extend([title.into()].into_iter().chain(shown.lines()));
        }
    }
    printer.tell(&lines, &json!({"type": "certificates", "leaf": leaf, "root": root}));
    Ok(ended(printer))
}

/// Programs wait for a last event.
fn ended<W: Write>(printer: &mut Printer<W>) -> Exit {
    printer.tell_programs(&Event::Ended(Ending { because: None, changed: false }));
    Exit::Done
}
