//! TLS to the license service and the appliance: the system's roots, the profile's, and who signed what.

mod certificates;
mod chain;
mod judge;
mod presented;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use jiff::Timestamp;
use rustls::{ClientConfig, pki_types::CertificateDer};

pub(super) use certificates::CertificatesError;
use certificates::certificates_in;
pub(super) use chain::CertificateFault;
use judge::Judge;
pub(super) use presented::Presented;
use presented::system_roots;

use crate::values::{Authority, Fingerprint, pki::Certificate};

/// The authorities that a profile names besides the system's.
#[derive(Debug, Clone, Default)]
pub(super) struct Authorities {
    file: Option<PathBuf>,
    first: Vec<CertificateDer<'static>>,
    /// The appliance's own, and who signs for it besides.
    own: Vec<CertificateDer<'static>>,
    /// Whom somebody has this machine trust.
    besides: Besides,
    /// The one certificate that is trusted, in the place of all authorities.
    pin: Option<Fingerprint>,
    /// Whether certificates are judged by a time at which they are valid, and not by the clock.
    any_time: bool,
}

impl Authorities {
    pub(super) fn of(file: &Path) -> Result<Self, CertificatesError> {
        Ok(Self {
            file: Some(file.to_owned()),
            first: certificates_in(file)?,
            own: Vec::new(),
            besides: Besides::default(),
            pin: None,
            any_time: false,
        })
    }

    /// The same, and whom somebody has this machine trust.
    pub(super) fn and(self, besides: &Besides) -> Self {
        Self { besides: besides.clone(), ..self }
    }

    /// The same, or nobody but the server with this certificate.
    pub(super) fn or_only(&self, pin: Option<Fingerprint>) -> Self {
        Self { pin, ..self.clone() }
    }

    /// The same, and the appliance's own.
    pub(super) fn with(&self, own: &[Certificate]) -> Self {
        Self { own: own.iter().map(|own| own.der().clone()).collect(), ..self.clone() }
    }

    /// The same, whatever the clock shows.
    pub(super) fn at_any_time(&self) -> Self {
        Self { any_time: true, ..self.clone() }
    }

    /// A client configuration that trusts them and the system's roots, and notes what a server presents.
    pub(super) async fn client_config(&self, presented: Presented) -> Result<ClientConfig, rustls::Error> {
        if let Some(pin) = self.pin {
            return judge::client_config(Judge::Pinned(pin), presented);
        }
        let authorities = self.clone();
        let judge = move || Judge::authorities(authorities.now(), authorities.any_time);
        aside(move || judge::client_config(judge(), presented)).await.flatten()
    }

    /// Whether what a server has shown is to be trusted at a time.
    pub(super) async fn accept_at(&self, presented: &Presented, time: Timestamp) -> bool {
        let (authorities, presented) = (self.clone(), presented.clone());
        aside(move || presented.is_accepted_at(&authorities.now(), time)).await.unwrap_or(false)
    }

    /// The one of them that signs for a server that was accepted, unless one of the system's does so too.
    pub(super) async fn behind(&self, presented: Presented) -> Result<Option<Authority>, rustls::Error> {
        let authorities = self.clone();
        aside(move || presented.authority(&authorities.now())).await
    }

    /// Whether nobody at all is trusted: neither they nor any authority of the system is there.
    pub(super) async fn are_none(&self) -> bool {
        let authorities = self.clone();
        aside(move || authorities.now().is_empty() && system_roots().is_empty()).await.unwrap_or(false)
    }

    /// As they are now: a wizard may stay open while somebody corrects the file. While it cannot be
    /// used, as when it is being written, those count that were read first.
    fn now(&self) -> Vec<CertificateDer<'static>> {
        let read = self.file.as_deref().and_then(|file| certificates_in(file).ok());
        let mut all = read.unwrap_or_else(|| self.first.clone());
        all.extend(self.own.iter().cloned());
        all.extend(self.besides.now());
        all
    }
}

/// Whom somebody has this machine trust, for now or for good.
#[derive(Debug, Clone, Default)]
pub(super) struct Besides {
    /// Where it is kept.
    kept: Option<PathBuf>,
    /// Whom to trust in the place of whoever is kept, without that being kept.
    tried: Arc<RwLock<Option<Vec<Certificate>>>>,
}

impl Besides {
    /// Whoever is kept in a file.
    pub(super) fn kept(file: PathBuf) -> Self {
        Self { kept: Some(file), tried: Arc::default() }
    }

    /// Trusts this one from now on, or nobody, whoever is kept.
    pub(super) fn try_out(&self, tried: Option<&Certificate>) {
        let tried = tried.into_iter().flat_map(Certificate::each).collect();
        *self.tried.write().unwrap_or_else(PoisonError::into_inner) = Some(tried);
    }

    /// Trusts whoever is kept.
    pub(super) fn as_kept(&self) {
        *self.tried.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn now(&self) -> Vec<CertificateDer<'static>> {
        match &*self.tried.read().unwrap_or_else(PoisonError::into_inner) {
            Some(tried) => tried.iter().map(|each| each.der().clone()).collect(),
            None => self.kept.as_deref().and_then(|file| certificates_in(file).ok()).unwrap_or_default(),
        }
    }
}

/// Whom this machine trusts besides: the system's authorities.
pub(super) async fn trusted() -> Vec<Certificate> {
    let read = || rustls_native_certs::load_native_certs().certs.iter().filter_map(Certificate::read_der).collect();
    aside(read).await.unwrap_or_default()
}

/// Work that reads certificate files, on a thread that may wait for them.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, rustls::Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| rustls::Error::General(error.to_string()))
}
