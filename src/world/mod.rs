//! Everything outside the program, one file per outsider: concrete types, no traits for mocking.
//!
//! Only this module opens sockets, files and processes. Tests put the real
//! other side, or a relay that injects faults, where these types look.

#![expect(clippy::disallowed_methods, reason = "the only room with files, processes, sockets and a clock")]

mod clock;
mod cluster;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod helm;
mod host;
mod journal;
mod keymap;
mod license;
mod myself;
mod network;
mod probe;
mod proxy;
mod tls;

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use clock::{Clock, Moment};
pub use cluster::{
    Access, Cluster, ClusterError, LONGEST_REQUEST, NamespacePhase, ObjectData, ObjectKind, ObjectRef, Stays,
};
pub use files::{Opened, RecordingError, create_recording, read_recording};
pub use helm::{Helm, HelmError};
pub use host::{Host, HostError, Locked};
pub use journal::{Intent, Journal, JournalError, Record};
pub use keymap::Keymaps;
pub use license::{License, LicenseError};
pub use myself::judge;
pub use network::{Interface, NetworkFacts};
pub use probe::{ProbeError, Prober};
pub use proxy::ProxyError;

use self::{host::Objection, tls::Authorities};
use crate::{
    error::{ErrorId, Failure},
    profile::Profile,
    values::{Misread, Proxies, Redactor, TokenKey, TokenKeyError},
    words::{ours, said, theirs},
};

/// Longer than a plugin that asks a cloud for credentials takes.
const CREDENTIALS_PATIENCE: Duration = Duration::from_secs(30);

/// The real outside, as one profile sees it.
#[derive(Debug)]
pub struct World {
    /// Files under the root, disk and memory.
    pub host: Arc<Host>,
    /// What exists nowhere else yet.
    pub journal: Journal,
    /// The vendor's license service.
    pub license: License,
    /// The Kubernetes API server.
    pub cluster: Cluster,
    /// The `helm` command.
    pub helm: Helm,
    /// The machine's clock.
    pub clock: Clock,
    /// The virtual console's keyboard.
    pub keymaps: Keymaps,
    /// HTTP addresses that answer once the appliance is up.
    pub prober: Prober,
    /// The secrets that were seen so far, to be taken out of what anybody says.
    pub redactor: Arc<Redactor>,
}

/// What the command line says about where things are.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Below which every host path lies; `/` on a real machine.
    pub root: Option<PathBuf>,
    /// Overrides the profile's kubeconfig, and is not moved below the root.
    pub kubeconfig: Option<PathBuf>,
    /// Where programs are searched (`PATH`).
    pub search_path: String,
    /// Where systemd put credentials (`CREDENTIALS_DIRECTORY`, systemd.exec(5)).
    pub credentials: Option<PathBuf>,
    /// Which proxies the environment names.
    pub proxies: Proxies,
}

/// A world that cannot be made because of a file that the profile names.
#[derive(Debug)]
pub struct WorldError {
    setting: &'static str,
    path: String,
    source: Box<dyn Error + Send + Sync>,
}

said! { WorldError:
    Self { setting, path, source } => "machine-file-unusable" { setting, path }
        because of(&**source, &[ours::<HostError>, ours::<TokenKeyError>, ours::<Misread>, theirs::<io::Error>]),
}

impl Failure for WorldError {
    fn id(&self) -> ErrorId {
        ErrorId::ProfileFile
    }
}

/// What `read` makes of the file that a setting names, if it names one.
fn used<T, E: Into<Box<dyn Error + Send + Sync>>>(
    setting: &'static str,
    path: Option<PathBuf>,
    read: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<Option<T>, WorldError> {
    let Some(path) = path else { return Ok(None) };
    let unreadable = |source| WorldError { setting, path: path.display().to_string(), source };
    if files::is_no_file(&path) {
        let source = io::Error::new(io::ErrorKind::InvalidInput, Objection::NoFile);
        return Err(unreadable(HostError::Read { path: path.display().to_string().into(), source }.into()));
    }
    read(&path).map(Some).map_err(|error| unreadable(error.into()))
}

fn token_key(path: &Path) -> Result<TokenKey, Box<dyn Error + Send + Sync>> {
    Ok(TokenKey::from_pem(Opened::at(path)?.text()?.expose().as_bytes())?)
}

impl World {
    /// Makes the world that a profile describes. Opens no connection yet.
    ///
    /// # Errors
    /// When a file that the profile names (a CA, a token key) cannot be used.
    pub fn new(profile: &Profile, places: Places) -> Result<Self, WorldError> {
        let host = Arc::new(Host::new(places.root, places.credentials));
        let redactor = Arc::<Redactor>::default();
        let below_root = |path: &Option<PathBuf>| path.as_deref().map(|path| host.path(path));
        let (ca_file, key_file) = (below_root(&profile.license.ca_file), below_root(&profile.license.token_key_file));
        let authorities = used("license.ca-file", ca_file, Authorities::of)?.unwrap_or_default();
        let token_key = used("license.token-key-file", key_file, token_key)?;
        let kubeconfig = places.kubeconfig.unwrap_or_else(|| host.path(&profile.cluster.kubeconfig));
        Ok(Self {
            journal: Journal::new(Arc::clone(&host), Arc::clone(&redactor)),
            license: License::new(&profile.license, authorities.clone(), token_key, places.proxies.clone()),
            helm: Helm::new(profile.bootstrap.as_ref(), &host, kubeconfig.clone(), &places.search_path),
            cluster: Cluster::new(
                kubeconfig,
                profile.cluster.namespace.clone(),
                CREDENTIALS_PATIENCE,
                Arc::clone(&redactor),
            ),
            keymaps: Keymaps::new(&host, &places.search_path),
            clock: Clock,
            prober: Prober { authorities, proxies: places.proxies },
            redactor,
            host,
        })
    }

    /// Forgets every connection, and the files that it was made from: a wizard may stay open while
    /// somebody corrects the kubeconfig, or adds an authority to those that are trusted.
    pub async fn look_anew(&self) {
        tokio::join!(self.license.forget(), self.cluster.forget());
    }
}
