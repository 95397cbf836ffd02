//! Whom a kubeconfig lets in: who can write it, and who could stand between us and the API server.

use std::{fs, net::IpAddr, os::unix::fs::MetadataExt, path::Path};

use kube::Config;

use super::ClusterError;
use crate::{values::plain_text, words::phrase};

/// Refuses a file that somebody else can write: it says where the Secrets go, and which commands run as us.
pub(super) fn check_writers(path: &Path) -> Result<(), ClusterError> {
    // One that went away since it was read is told when it is read the next time.
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let (owner, ours, mode) = (metadata.uid(), rustix::process::geteuid().as_raw(), metadata.mode() & 0o777);
    let shown = path.display().to_string();
    let (who, command) = if owner != ours && owner != 0 {
        let who = phrase!("machine-owner" { owner: owner.to_string(), user: ours.to_string() });
        (who, format!("chown {ours} {shown}"))
    } else if mode & 0o022 != 0 {
        (phrase!("machine-mode" { mode: format!("{mode:04o}") }), format!("chmod go-w {shown}"))
    } else {
        return Ok(());
    };
    Err(ClusterError::Writable { path: shown, who, command })
}

/// Refuses a way on which somebody else could read the Secrets, or be taken for the API server.
pub(super) fn check_trust(path: &Path, config: &Config, insecure: bool) -> Result<(), ClusterError> {
    let host = config.cluster_url.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    // Its name and port alone: before them may stand a password.
    let port = config.cluster_url.port_u16().map_or_else(String::new, |port| format!(":{port}"));
    let (path, server) = (path.display().to_string(), plain_text(&format!("{host}{port}"), 200));
    if config.cluster_url.scheme_str() != Some("https") && !is_here {
        return Err(ClusterError::Plain { path, server });
    }
    if config.accept_invalid_certs && !insecure {
        return Err(ClusterError::Unverified { path, server });
    }
    Ok(())
}
