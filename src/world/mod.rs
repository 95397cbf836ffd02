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
mod gate;
mod helm;
mod host;
mod installer;
mod journal;
mod keymap;
mod license;
mod metadata;
mod myself;
mod network;
mod networkd;
mod probe;
mod proxy;
mod proxy_ca;
mod resolver;
mod supply;
mod systemd;
mod timedate;
mod tls;
mod watcher;

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use clock::{Clock, Moment};
pub use cluster::{
    Access, Basis, Claim, Cluster, ClusterError, Jobs, LONGEST_REQUEST, NamespacePhase, ObjectData, ObjectKind,
    ObjectRef, Records, Release, Rules, Trace, annotations, marks_of,
};
pub use files::{Opened, RecordingError, create_recording, read_recording};
pub use gate::Gate;
pub use helm::{Helm, HelmError, Variables};
pub use host::{Anchor, Change, Host, HostError, InMemory, Lead, Leader, Locked, Written};
pub use installer::{Image, InstallError, Installer, Made, Partitioning, Parts, Settings, Target};
pub use journal::{Intent, Journal, JournalError, Record};
pub use keymap::Keymaps;
pub use license::{License, LicenseError};
pub use myself::judge;
pub use network::{Interface, NetworkFacts, answers};
pub use networkd::{Networkd, NetworkdError, TRIAL};
pub use probe::{ProbeError, Prober};
pub use proxy::ProxyError;
pub use proxy_ca::ProxyCaError;
pub use supply::{ScrubError, Supplies, Supply, SupplyError, is_torn};
pub use systemd::{Manager, Systemd, SystemdError, Unit};
pub use timedate::{Keeping, TimeDate, TimeDateError};
pub use watcher::{Telling, Watcher};

use self::{
    host::Objection,
    proxy::Ways,
    tls::{Authorities, Besides, CertificatesError},
};
use crate::{
    error::{ErrorId, Failure, Report},
    profile::Profile,
    values::{Proxies, ProxyCa, Redactor, SetProxy, TokenKeyError, TokenKeys, pki::Certificate},
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
    /// What installs the image on a disk.
    pub installer: Installer,
    /// HTTP addresses that answer once the appliance is up.
    pub prober: Prober,
    /// Where answers are given to it without anybody at its terminal.
    pub supplies: Supplies,
    /// The manager of this machine's services.
    pub systemd: Systemd,
    /// The secrets that were seen so far, to be taken out of what anybody says.
    pub redactor: Arc<Redactor>,
    /// Whether what is finished may be shown and changed.
    pub gate: Gate,
    ways: Ways,
    besides: Besides,
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
    /// The whole environment, for the credential plugin of a kubeconfig alone.
    pub variables: Variables,
    /// Where systemd put credentials (`CREDENTIALS_DIRECTORY`, systemd.exec(5)).
    pub credentials: Option<PathBuf>,
    /// What systemd has for this process and the next in its place (`RUNTIME_DIRECTORY`, systemd.exec(5)).
    pub runtime: Option<PathBuf>,
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
        because of(&**source, &[ours::<HostError>, ours::<TokenKeyError>, ours::<CertificatesError>, theirs::<io::Error>]),
}

impl Failure for WorldError {
    fn id(&self) -> ErrorId {
        ErrorId::ProfileFile
    }
}

/// Something about a file, behind the setting that names it.
pub type OfSetting<T> = (&'static str, T);

/// The settings that name files.
const CA_FILE: &str = "license.ca-file";
const TOKEN_KEY_FILE: &str = "license.token-key-file";
const CHART: &str = "bootstrap.chart";

/// What `read` makes of a file that a setting names.
fn used<T, E: Into<Box<dyn Error + Send + Sync>>>(
    setting: &'static str,
    path: &Path,
    read: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, WorldError> {
    read(path).map_err(|error| WorldError { setting, path: path.display().to_string(), source: error.into() })
}

/// The same of one that has to be a file.
fn used_file<T, E: Into<Box<dyn Error + Send + Sync>>>(
    setting: &'static str,
    path: &Path,
    read: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, WorldError> {
    if files::is_no_file(path) {
        let source = io::Error::new(io::ErrorKind::InvalidInput, Objection::NoFile);
        return used(setting, path, |path| Err(HostError::Read { path: path.display().to_string().into(), source }));
    }
    used(setting, path, read)
}

/// The token keys in a file, or in the files of a folder; each of them must have one.
fn token_keys(setting: &'static str, path: &Path) -> Result<TokenKeys, WorldError> {
    let read = |file: &Path| -> Result<_, Box<dyn Error + Send + Sync>> {
        Ok(TokenKeys::read(Opened::at(file)?.text()?.expose())?)
    };
    if !path.is_dir() {
        return used_file(setting, path, read);
    }
    let mut keys = TokenKeys::default();
    let files = used(setting, path, files_in)?;
    for file in &files {
        keys.add(used_file(setting, file, read)?);
    }
    if files.is_empty() { used(setting, path, |_| Err(TokenKeyError::Empty)) } else { Ok(keys) }
}

/// What lies in a folder, in the order of its names; not what is hidden, as what Kubernetes keeps beside a mounted Secret.
fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let is_hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let mut paths: Vec<_> = paths.into_iter().filter(|path| !is_hidden(path)).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// What was made of a file; why that was not possible is added to `errors`.
fn noted<T>(used: Option<Result<T, WorldError>>, errors: &mut Vec<WorldError>) -> Option<T> {
    used?.map_err(|error| errors.push(error)).ok()
}

/// What a profile's files come to.
struct Trust {
    authorities: Authorities,
    token_keys: Option<TokenKeys>,
}

impl Trust {
    /// What is in the files that a profile names, and what is wrong with them.
    fn of(profile: &Profile, host: &Host) -> (Self, Vec<WorldError>) {
        let (mut errors, license) = (Vec::new(), &profile.license);
        let below_root = |path: &Option<PathBuf>| path.as_deref().map(|path| host.path(path));
        let authorities = below_root(&license.ca_file).map(|file| used_file(CA_FILE, &file, Authorities::of));
        let token_keys = below_root(&license.token_key_file).map(|path| token_keys(TOKEN_KEY_FILE, &path));
        let (authorities, token_keys) = (noted(authorities, &mut errors), noted(token_keys, &mut errors));
        (Self { authorities: authorities.unwrap_or_default(), token_keys }, errors)
    }
}

/// Looks at the files that a profile names, as far as they are on this machine; gives those that are not, each with the
/// setting that names it.
///
/// # Errors
/// What is wrong with each that cannot be used, by its setting.
pub fn look_at_files(profile: &Profile, places: Places) -> Result<Vec<OfSetting<PathBuf>>, Vec<OfSetting<Report>>> {
    let host = Host::new(places.root, places.credentials);
    let (license, bootstrap) = (&profile.license, profile.bootstrap.as_ref());
    let chart = bootstrap.map(|bootstrap| &bootstrap.chart);
    let named =
        [(CA_FILE, license.ca_file.as_ref()), (TOKEN_KEY_FILE, license.token_key_file.as_ref()), (CHART, chart)];
    let named = named.into_iter().filter_map(|(setting, path)| Some((setting, host.path(path?))));
    let missing: Vec<_> = named.filter(|(_, path)| !path.exists()).collect();
    let (_, errors) = Trust::of(profile, &host);
    let mut unusable: Vec<_> = errors.into_iter().map(|error| (error.setting, Report::from(error))).collect();
    if bootstrap.is_some() {
        let chart = Helm::new(bootstrap, &host, PathBuf::new(), &places.search_path, places.variables).chart_at_once();
        unusable.extend(chart.err().map(|error| (CHART, Report::from(error))));
    }
    unusable.retain(|(setting, _)| missing.iter().all(|(missing, _)| missing != setting));
    if unusable.is_empty() { Ok(missing) } else { Err(unusable) }
}

impl World {
    /// Makes the world that a profile describes. Opens no connection yet.
    ///
    /// # Errors
    /// When a file that the profile names (a CA, a token key) cannot be used.
    pub fn new(profile: &Profile, places: Places) -> Result<Self, WorldError> {
        let host = Arc::new(Host::new(places.root, places.credentials).with_runtime(places.runtime));
        let redactor = Arc::<Redactor>::default();
        let (Trust { authorities, token_keys }, errors) = Trust::of(profile, &host);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let bootstrap = profile.bootstrap.as_ref();
        let ways = Ways::new(places.proxies, &host);
        let besides = Besides::kept(host.path(Path::new(proxy_ca::KEPT)));
        let authorities = authorities.and(&besides);
        let prober = Prober { authorities: authorities.clone(), ways: ways.clone() };
        let kubeconfig = places.kubeconfig.unwrap_or_else(|| host.path(&profile.cluster.kubeconfig));
        Ok(Self {
            journal: Journal::new(Arc::clone(&host), Arc::clone(&redactor)),
            license: License::new(&profile.license, authorities, token_keys, ways.clone()),
            helm: Helm::new(bootstrap, &host, kubeconfig.clone(), &places.search_path, places.variables),
            cluster: Cluster::new(kubeconfig, &profile.cluster, CREDENTIALS_PATIENCE, Arc::clone(&redactor)),
            keymaps: Keymaps::new(&host, &places.search_path),
            installer: Installer::new(&host, &places.search_path),
            clock: Clock,
            gate: Gate::default(),
            supplies: Supplies::new(&host, &places.search_path, prober.clone()),
            prober,
            systemd: Systemd::new(&host),
            ways,
            besides,
            redactor,
            host,
        })
    }

    /// Has the way to the license service, and to the appliance, lead through this proxy from now on.
    pub async fn use_proxy(&self, proxy: &SetProxy) {
        proxy.password().iter().for_each(|password| self.redactor.hide(password));
        self.ways.set(proxy);
        self.license.forget().await;
    }

    /// Keeps it for what is started later; gives whether that was another, or none, before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_proxy(&self, proxy: &SetProxy) -> Result<bool, HostError> {
        proxy::keep(proxy, &self.host)
    }

    /// Trusts who signs on the way out from now on; gives whom.
    ///
    /// # Errors
    /// When that is nobody who can be found.
    pub async fn use_proxy_ca(&self, ca: &ProxyCa) -> Result<Option<Certificate>, ProxyCaError> {
        let found = proxy_ca::find(ca, &self.host, &self.license).await?;
        self.besides.try_out(found.as_ref());
        self.license.forget().await;
        Ok(found)
    }

    /// Keeps it for what is started later, and for the other programs of this system, or nobody; gives whether that was not so
    /// before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn keep_proxy_ca(&self, ca: Option<&Certificate>) -> Result<bool, ProxyCaError> {
        proxy_ca::keep(ca, &self.host, &self.besides).await
    }

    /// Begins to tell a run to who watches it from afar.
    pub fn tell(&self, watcher: Watcher) -> Telling {
        watcher.begin(self.prober.clone(), &self.host.appliance_id())
    }

    /// Forgets every connection, and the files that it was made from: a wizard may stay open while
    /// somebody corrects the kubeconfig, or adds an authority to those that are trusted.
    pub async fn look_anew(&self) {
        tokio::join!(self.license.forget(), self.cluster.forget());
    }
}
