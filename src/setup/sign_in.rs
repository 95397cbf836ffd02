//! Who may set a finished appliance up once more from its own terminal.

use std::time::Duration;

use crate::{error::Report, setup::Setup, steps::sign_in, values::SecretText};

pub use crate::steps::sign_in::{Admission, Attempt};

/// How long a cluster is asked whether the setup has finished, before anything is on the screen. One that answers later is
/// asked again by the rehearsal.
const PATIENCE: Duration = Duration::from_secs(3);

impl Setup {
    /// Has somebody sign in before a finished appliance is shown or changed: for whoever sits at a terminal.
    pub fn guard(&self) {
        self.world.gate.shut();
    }

    /// Who may go on, before anything is on the screen. A cluster that does not answer is no reason to lock a first boot.
    pub async fn admission_at_once(&self) -> Admission {
        let asked = tokio::time::timeout(PATIENCE, sign_in::admission(&self.profile, &self.world));
        asked.await.ok().and_then(Result::ok).unwrap_or(Admission::Everybody)
    }

    /// Who may go on where nobody sits at a terminal. Where this machine has had a setup, its cluster has to say.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn admission_unattended(&self) -> Result<Admission, Report> {
        // A journal that cannot be read is no sign of a first boot.
        let has_none =
            self.world.journal.load().is_ok_and(|record| record.intents.iter().all(|intent| intent.settled.is_none()));
        if has_none {
            return Ok(self.admission_at_once().await);
        }
        sign_in::admission(&self.profile, &self.world).await
    }

    /// Who may go on, after somebody was refused: as long as that takes.
    pub async fn admission(&self) -> Admission {
        // Who cannot be asked is asked by the rehearsal again.
        sign_in::admission(&self.profile, &self.world).await.unwrap_or(Admission::Everybody)
    }

    /// Signs in with the administrator's password.
    pub async fn sign_in(&self, password: SecretText) -> Attempt {
        sign_in::sign_in(&self.profile, &self.world, password).await.into()
    }
}
