//! The certificate that a finished appliance shows: one of somebody's own in its place, a request for one, and which one it is.

use std::path::Path;

use crate::{
    answers::{CertificateFiles, OwnCertificate},
    error::Report,
    setup::{Running, Setup, input::NotBegun},
    steps,
};

pub use crate::values::pki::Shown;

impl Setup {
    /// Starts to put a certificate in the place of the one that is shown; `rehearse` to say alone what would be done.
    ///
    /// # Errors
    /// When the file with the password cannot be read.
    pub fn import(
        &self,
        files: CertificateFiles,
        password_file: Option<&Path>,
        rehearse: bool,
    ) -> Result<Running, Report> {
        let password = password_file.map(|path| self.world.host.read_secret(path)).transpose()?;
        let own = OwnCertificate { files, password };
        Ok(self.spawn(steps::import(&self.profile, own, rehearse), !rehearse))
    }

    /// What asks another authority for a certificate of the appliance's own key, as PEM.
    ///
    /// # Errors
    /// When there is no key, or it may not be used.
    pub async fn certificate_request(&self) -> Result<String, NotBegun> {
        steps::certificate_request(&self.profile, &self.world).await.map_err(NotBegun::first)
    }

    /// Which certificate is shown, and that of the appliance's own authority.
    ///
    /// # Errors
    /// When neither is there, or may be seen.
    pub async fn certificates(&self) -> Result<[Option<Shown>; 2], NotBegun> {
        steps::certificates(&self.profile, &self.world).await.map_err(NotBegun::first)
    }
}
