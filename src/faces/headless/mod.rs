//! The face without a terminal: events to lines, never a prompt.

pub(crate) mod certificate;
pub(crate) mod leading;
pub(crate) mod printer;

use std::io::Write;

use crate::{
    engine::{Ending, Event},
    exit::Exit,
    setup::{NotBegun, Running},
};

pub(crate) use crate::faces::headless::printer::Printer;

/// Prints a run to its end.
pub(crate) async fn follow<W: Write>(running: Running, printer: &mut Printer<W>) -> Exit {
    follow_with(running, printer, |_event| ()).await
}

/// The same, and has somebody else hear every event.
pub(crate) async fn follow_with<W: Write>(
    mut running: Running,
    printer: &mut Printer<W>,
    mut hear: impl FnMut(&Event),
) -> Exit {
    // Without a last event the run has died: that is a defect, whatever was printed before.
    let mut exit = Exit::Defect;
    while let Some(event) = running.events.recv().await {
        if let Event::Ended(ending) = event {
            exit = ending.exit();
        }
        printer.print(&event);
        hear(&event);
    }
    exit
}

/// Prints why nothing was begun, and gives the exit code.
pub(crate) fn refuse<W: Write>(refusal: NotBegun, printer: &mut Printer<W>) -> Exit {
    let id = refusal.report.id;
    printer.refuse(refusal);
    printer.print(&Event::Ended(Ending { because: Some(id), changed: false }));
    id.exit()
}
