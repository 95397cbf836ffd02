//! The network of this machine, changed by whoever sits in front of it: tried, and then kept or taken back.

use std::time::Duration;

use crate::{
    error::Report,
    setup::Setup,
    steps,
    values::network::{Network, NetworkFile},
    world::{Networkd, TRIAL},
};

/// How often it is looked whether what is tried has been taken back.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// A network that is being tried.
#[derive(Debug, Clone)]
pub struct NetworkTrial {
    setup: Setup,
    files: Vec<NetworkFile>,
}

impl Setup {
    /// Whether this machine's network can be changed here.
    ///
    /// # Errors
    /// When something else runs it, or nobody can be asked.
    pub async fn look_for_networkd(&self) -> Result<(), Report> {
        Ok(Networkd::connect(&self.world.host, &self.world.systemd).await.map(drop)?)
    }

    /// Tries a network, for [`NetworkTrial::PATIENCE`] at most: whatever becomes of this program, it is taken back then.
    ///
    /// # Errors
    /// When that is not possible, or somebody has to sign in first; then nothing has changed.
    pub async fn try_network(&self, network: &Network) -> Result<NetworkTrial, Report> {
        steps::sign_in::not_refused(&self.profile, &self.world).await?;
        let files = steps::network_files(network, &self.world.host.network())?;
        let networkd = Networkd::connect(&self.world.host, &self.world.systemd).await?;
        networkd.try_out(&files, TRIAL).await?;
        Ok(NetworkTrial { setup: self.clone(), files })
    }
}

impl NetworkTrial {
    /// How long a network is tried at most.
    pub const PATIENCE: Duration = TRIAL;

    async fn networkd(&self) -> Result<Networkd<'_>, Report> {
        Ok(Networkd::connect(&self.setup.world.host, &self.setup.world.systemd).await?)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When it has been taken back meanwhile, or cannot be written.
    pub async fn keep(&self) -> Result<(), Report> {
        Ok(self.networkd().await?.keep(&self.files).await?)
    }

    /// Takes it back.
    ///
    /// # Errors
    /// When that is not possible at once; it is taken back with the end of its time.
    pub async fn take_back(&self) -> Result<(), Report> {
        Ok(self.networkd().await?.take_back().await?)
    }

    /// Waits until it is tried no more.
    pub async fn ended(&self) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            // Who cannot be asked any more tells nothing of its end.
            if let Ok(networkd) = self.networkd().await
                && matches!(networkd.is_trying(), Ok(false))
            {
                return;
            }
        }
    }
}
