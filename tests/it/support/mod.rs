//! What the tests of the binary share: machines to set up, servers with faults, looks into the cluster.

pub(crate) mod alone;
pub(crate) mod cluster;
pub(crate) mod console;
pub(crate) mod events;
pub(crate) mod hostile;
pub(crate) mod machine;
pub(crate) mod networkd;
pub(crate) mod pages;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod relay;
pub(crate) mod systemd;
pub(crate) mod web;

use std::{future::Future, path::PathBuf, time::Duration};

pub(crate) use machine::Machine;

/// Longer than anything that is waited for takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Waits until `look` finds something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    within(what, waiting).await
}

/// Waits for something that must come.
pub(crate) async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(PATIENCE, coming).await;
    result.unwrap_or_else(|_elapsed| unreachable!("waited {} s in vain until {what}", PATIENCE.as_secs()))
}
