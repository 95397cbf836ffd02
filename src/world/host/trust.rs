//! The system's own store of authorities that this machine trusts, kept by the distribution's own tool.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::process::Command;

use super::{Host, HostError};
use crate::values::{SecretText, plain_text};

/// An authority of ours in such a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The appliance's own.
    Root,
    /// Whoever opens TLS on the way out.
    Proxy,
}

impl Anchor {
    /// What it is called there; every store takes this ending.
    const fn name(self) -> &'static str {
        match self {
            Self::Root => "firstlight-root-ca.crt",
            Self::Proxy => "firstlight-proxy-ca.crt",
        }
    }

    /// Where it may lie, by the store that a system has.
    pub(in crate::world) fn paths(self) -> impl Iterator<Item = PathBuf> {
        STORES.iter().map(move |store| Path::new(store.folder).join(self.name()))
    }
}

/// Longer than a hundred authorities and a slow disk take.
const PATIENCE: Duration = Duration::from_mins(2);

/// One kind of store.
struct Store {
    /// Where authorities are added.
    folder: &'static str,
    /// What the tool makes of them all, and programs read.
    bundle: &'static str,
    tool: &'static [&'static str],
}

/// Debian's, also Ubuntu's and Alpine's; Red Hat's, also Fedora's; SUSE's.
const STORES: [Store; 3] = [
    Store {
        folder: "/usr/local/share/ca-certificates",
        bundle: "/etc/ssl/certs/ca-certificates.crt",
        tool: &["/usr/sbin/update-ca-certificates"],
    },
    Store {
        folder: "/etc/pki/ca-trust/source/anchors",
        bundle: "/etc/pki/tls/certs/ca-bundle.crt",
        tool: &["/usr/bin/update-ca-trust", "extract"],
    },
    Store {
        folder: "/etc/pki/trust/anchors",
        bundle: "/etc/ssl/ca-bundle.pem",
        tool: &["/usr/sbin/update-ca-certificates"],
    },
];

impl Host {
    /// Where an authority is put for this machine to trust it; `None` where no store is known.
    pub fn trust_anchor(&self, anchor: Anchor) -> Option<PathBuf> {
        self.store().map(|store| Path::new(store.folder).join(anchor.name()))
    }

    fn store(&self) -> Option<&'static Store> {
        let is_there = |path: &str| self.path(Path::new(path)).exists();
        STORES.iter().find(|store| is_there(store.folder) && is_there(store.tool[0]))
    }

    /// Whether programs on this machine trust the authority whose certificate this is, as PEM.
    ///
    /// # Errors
    /// When what they read cannot be read.
    pub fn trusts(&self, certificate: &SecretText) -> Result<bool, HostError> {
        let (Some(store), Ok(wanted)) = (self.store(), CertificateDer::from_pem_slice(certificate.expose().as_bytes()))
        else {
            return Ok(false);
        };
        let path = self.path(Path::new(store.bundle));
        let bundle = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| HostError::Read { path: path.display().to_string().into(), source })?,
        };
        // Some of the others may be broken, or stand among notes of their own.
        Ok(CertificateDer::pem_slice_iter(&bundle).flatten().any(|trusted| trusted == wanted))
    }

    /// Has the tool put what was added where programs read it.
    ///
    /// # Errors
    /// When it failed.
    pub async fn update_trust(&self) -> Result<(), HostError> {
        let Some(store) = self.store() else { return Ok(()) };
        let failed = |why: String| HostError::Tool { tool: store.tool[0].to_owned(), why };
        let root = self.root.iter().flat_map(|root| [Path::new("/usr/sbin/chroot"), root]);
        let mut all = root.chain(store.tool.iter().map(Path::new));
        let Some(program) = all.next() else { return Ok(()) };
        let mut command = Command::new(program);
        command.args(all).stdin(Stdio::null()).kill_on_drop(true);
        let ended = tokio::time::timeout(PATIENCE, command.output()).await;
        let ended = ended.map_err(|_late| failed(format!("timeout ({} s)", PATIENCE.as_secs())))?;
        let ended = ended.map_err(|error| failed(error.to_string()))?;
        if ended.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let said = said.lines().rfind(|line| !line.trim().is_empty()).map(|line| plain_text(line.trim(), 200));
        Err(failed(said.unwrap_or_else(|| ended.status.to_string())))
    }
}
