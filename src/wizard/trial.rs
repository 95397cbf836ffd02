//! The network that is tried for the wizard: begun, kept, taken back, and told when it is tried no more.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{
    error::Report,
    setup::{NetworkTrial, Setup},
    values::network::Network,
};

/// What is wanted of the network.
#[derive(Debug)]
pub(crate) enum NetworkWish {
    /// Try this one, for a while.
    Try(Box<Network>),
    /// Keep the one that is tried.
    Keep,
    /// Take it back.
    TakeBack,
}

/// What becomes of a network that is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NetworkNews {
    /// It is tried, for so many seconds at most.
    Begun(u64),
    /// It stays.
    Kept,
    /// It was taken back.
    TakenBack,
    /// It is tried no more, whoever has ended that.
    Over,
    /// It could not be tried, kept or taken back at once.
    Failed(Box<Report>),
}

/// At most one network that is tried.
#[derive(Clone)]
pub(super) struct Trials {
    setup: Setup,
    tell: Arc<dyn Fn(NetworkNews) + Send + Sync>,
    /// From when it is tried to when it is kept or taken back.
    trial: Arc<Mutex<Option<NetworkTrial>>>,
}

impl fmt::Debug for Trials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trials").finish_non_exhaustive()
    }
}

impl Trials {
    /// None yet, with who is told.
    pub(super) fn new(setup: Setup, tell: impl Fn(NetworkNews) + Send + Sync + 'static) -> Self {
        Self { setup, tell: Arc::new(tell), trial: Arc::default() }
    }

    /// Begins what is wanted.
    pub(super) fn ask(&self, wish: NetworkWish) {
        let trials = self.clone();
        tokio::spawn(async move {
            match wish {
                NetworkWish::Try(network) => trials.begin(&network).await,
                NetworkWish::Keep => trials.end(true).await,
                NetworkWish::TakeBack => trials.end(false).await,
            }
        });
    }

    async fn begin(&self, network: &Network) {
        match self.setup.try_network(network).await {
            Ok(trial) => {
                *self.trial.lock().await = Some(trial.clone());
                (self.tell)(NetworkNews::Begun(NetworkTrial::PATIENCE.as_secs()));
                trial.ended().await;
                (self.tell)(NetworkNews::Over);
            }
            Err(report) => (self.tell)(NetworkNews::Failed(Box::new(report))),
        }
    }

    async fn end(&self, is_kept: bool) {
        let Some(trial) = self.trial.lock().await.take() else { return };
        let ended = if is_kept { trial.keep().await } else { trial.take_back().await };
        (self.tell)(match ended {
            Ok(()) if is_kept => NetworkNews::Kept,
            Ok(()) => NetworkNews::TakenBack,
            Err(report) => NetworkNews::Failed(Box::new(report)),
        });
    }

    /// Takes back what is tried, because nobody is there any more who could keep it; systemd would do so later.
    pub(super) async fn wind_down(&self) {
        if let Some(trial) = self.trial.lock().await.take() {
            let _ = trial.take_back().await;
        }
    }
}
