//! The face without a terminal: events to lines, never a prompt.

pub(crate) mod printer;

use std::io::Write;

use tokio_util::sync::CancellationToken;

use crate::{
    engine::{Ending, Event},
    exit::Exit,
    setup::{NotBegun, Running},
};

pub(crate) use crate::faces::headless::printer::Printer;

/// Prints a run to its end; a cancelled `stop` ends it as soon as nothing is cut in two.
pub(crate) async fn follow<W: Write>(mut running: Running, printer: &mut Printer<W>, stop: &CancellationToken) -> Exit {
    let mut exit = Exit::Defect;
    let mut stopping = false;
    loop {
        let event = tokio::select! {
            event = running.events.recv() => event,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                running.stop();
                continue;
            }
        };
        // Without a last event the run has died: that is a defect, whatever was printed before.
        let Some(event) = event else { return exit };
        if let Event::Ended(ending) = event {
            exit = ending.exit();
        }
        printer.print(&event);
    }
}

/// Prints why nothing was begun, and gives the exit code.
pub(crate) fn refuse<W: Write>(refusal: NotBegun, printer: &mut Printer<W>) -> Exit {
    let id = refusal.report.id;
    printer.refuse(refusal);
    printer.print(&Event::Ended(Ending { because: Some(id), changed: false }));
    id.exit()
}
