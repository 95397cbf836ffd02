//! The signals that ask the program to end.

use std::{io, thread, time::Duration};

use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::refusals::{defect, no_threads};
use crate::{engine, setup::NotBegun, words::phrase};

/// How long a run that was asked to end is waited for while it holds nothing.
const LAST_STEPS: Duration = Duration::from_secs(5);

/// Has `stop` cancelled by SIGTERM, SIGINT, SIGHUP and SIGQUIT. It is done on a thread with a runtime of its own: a task that
/// waits where it stands may keep the other one from hearing of anything. Gives what is cancelled later when a run does
/// not end and holds nothing that must not be cut: it waits for something that no signal reaches, such as a file on a
/// disk that is gone, and leaving it is as harmless as a power cut.
pub(super) fn stop_on_signals(stop: &CancellationToken) -> Result<CancellationToken, NotBegun> {
    let unheard = |error: io::Error| defect(phrase!("no-signals"), &error);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(unheard)?;
    let listen = || -> io::Result<_> {
        let _within = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok((terminate, interrupt, signal(SignalKind::hangup())?, signal(SignalKind::quit())?))
    };
    let (mut terminate, mut interrupt, mut hangup, mut quit) = listen().map_err(unheard)?;
    let (stop, stuck) = (stop.clone(), CancellationToken::new());
    let given_up = stuck.clone();
    let listening = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
            stop.cancel();
            sleep(LAST_STEPS).await;
            // What is held may hang as well; and when it has ended, the run has a moment to end by itself.
            while engine::is_holding() {
                sleep(LAST_STEPS).await;
            }
            sleep(LAST_STEPS).await;
            given_up.cancel();
        });
    };
    thread::Builder::new().spawn(listening).map_err(|error| no_threads(&error))?;
    Ok(stuck)
}
