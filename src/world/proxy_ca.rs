//! Who opens TLS on this machine's way out and signs anew: how that authority is found by what people were told of it, and trusted.

use std::path::Path;

use super::{
    Anchor, Host, HostError, License, LicenseError, Written,
    files::{Opened, is_no_file},
    host::Objection,
    tls::Besides,
};
use crate::{
    error::{ErrorId, Failure},
    profile::Files,
    values::{Authority, Fingerprint, ProxyCa, pki::Certificate},
    words::{Phrase, phrase, said},
};

/// Where it is kept for what is started later, whatever store of authorities the system has.
pub(super) const KEPT: &str = "/etc/firstlight/proxy-ca.pem";

const KEPT_AS: Written<'static> = Written { new: &Files { mode: 0o644, group: None }, secret: false };

/// Why an authority is not trusted.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ProxyCaError {
    /// Nobody showed anything.
    License(LicenseError),
    /// No authority is shown for the license service.
    NoneShown { host: String, wanted: Fingerprint },
    /// What is shown for the license service has others than the one with this fingerprint.
    NotShown { host: String, wanted: Fingerprint, shown: Vec<Authority> },
    /// The file that has it cannot be read.
    Unreadable(HostError),
    /// There is none in the file, or a certificate that is no authority's.
    None { path: String },
    /// It cannot be kept for later, or not where the programs of this system look.
    Unkept(HostError),
}

said! { ProxyCaError:
    Self::License(error) => (error),
    Self::NoneShown { host, wanted } => "proxy-ca-none-shown" { host, wanted: wanted.to_string() },
    Self::NotShown { host, wanted, shown } => "proxy-ca-not-shown" { host, wanted: wanted.to_string(), shown: told(shown) },
    Self::Unreadable(source) => "proxy-ca-unreadable" because Ours(source),
    Self::None { path } => "proxy-ca-none" { path },
    Self::Unkept(source) => "proxy-ca-unkept" because Ours(source),
}

fn told(shown: &[Authority]) -> String {
    let each = shown.iter().map(|authority| format!("“{}” ({})", authority.name, authority.sha256));
    each.collect::<Vec<_>>().join(", ")
}

impl Failure for ProxyCaError {
    fn id(&self) -> ErrorId {
        match self {
            Self::License(error) => error.id(),
            Self::NoneShown { .. } | Self::NotShown { .. } => ErrorId::TlsUntrusted,
            Self::Unreadable(_) | Self::None { .. } | Self::Unkept(_) => ErrorId::FileUnusable,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::License(error) => error.hint(),
            Self::NoneShown { .. } | Self::NotShown { .. } => Some(phrase!("proxy-ca-not-shown-hint")),
            Self::Unreadable(source) | Self::Unkept(source) => source.hint(),
            Self::None { .. } => Some(phrase!("proxy-ca-none-hint")),
        }
    }

    fn again(&self) -> Option<std::time::Duration> {
        match self {
            Self::License(error) => error.again(),
            _ => None,
        }
    }
}

/// The authority that somebody means: the one that is trusted already, the one in a file, or one that is shown for the license
/// service; nobody where that is meant.
pub(super) async fn find(ca: &ProxyCa, host: &Host, license: &License) -> Result<Option<Certificate>, ProxyCaError> {
    let wanted = match ca {
        ProxyCa::Nobody => return Ok(None),
        ProxyCa::File(path) => {
            let there = host.path(path);
            if is_no_file(&there) {
                let (path, source) = (there.display().to_string().into(), Objection::NoFile.into());
                return Err(ProxyCaError::Unreadable(HostError::Read { path, source }));
            }
            let text = Opened::at(&there).and_then(|opened| opened.text()).map_err(ProxyCaError::Unreadable)?;
            let found = Certificate::read(&text).filter(|found| found.each().all(|each| each.is_authority()));
            return found.map(Some).ok_or_else(|| ProxyCaError::None { path: path.display().to_string() });
        }
        ProxyCa::Shown(wanted) => *wanted,
    };
    // Whoever runs twice need not have it shown twice.
    let kept = host.contents(Path::new(KEPT)).ok().and_then(|kept| Certificate::read(&kept));
    if let Some(kept) = kept.and_then(|kept| kept.each().find(|one| one.authority().sha256 == wanted)) {
        return Ok(Some(kept));
    }
    let shown = license.shown_authorities().await.map_err(ProxyCaError::License)?;
    let authorities: Vec<Authority> = shown.iter().map(Certificate::authority).collect();
    let found = shown.into_iter().find(|shown| shown.authority().sha256 == wanted);
    found.map(Some).ok_or_else(|| match (license.host(), authorities) {
        (host, shown) if shown.is_empty() => ProxyCaError::NoneShown { host, wanted },
        (host, shown) => ProxyCaError::NotShown { host, wanted, shown },
    })
}

/// Keeps it, also where the other programs of this system look, or nobody; gives whether that was not so before.
pub(super) async fn keep(ca: Option<&Certificate>, host: &Host, besides: &Besides) -> Result<bool, ProxyCaError> {
    let write = |path: &Path| -> Result<bool, HostError> {
        let Some(pem) = ca.map(Certificate::pem) else { return host.withdraw(path) };
        loop {
            let seen = host.contents(path)?;
            if seen == pem {
                return Ok(false);
            }
            // Somebody else may have written between.
            if host.replace(path, &seen, &pem, KEPT_AS)? {
                return Ok(true);
            }
        }
    };
    let keep = async {
        let kept = Path::new(KEPT);
        // It comes first, and goes last: whoever is interrupted between finds by it what is still to be done.
        let mut changed = if ca.is_some() { write(kept)? } else { !host.contents(kept)?.is_empty() };
        if let Some(anchor) = host.trust_anchor(Anchor::Proxy) {
            changed |= write(&anchor)?;
            let each = ca.into_iter().flat_map(Certificate::each);
            let trusted = each.map(|one| host.trusts(&one.pem())).collect::<Result<Vec<_>, _>>()?;
            if changed || trusted.contains(&false) {
                host.update_trust().await?;
                changed = true;
            }
        }
        if ca.is_none() {
            changed |= write(kept)?;
        }
        Ok(changed)
    };
    let changed = keep.await.map_err(ProxyCaError::Unkept)?;
    // What is kept is read from there.
    besides.as_kept();
    Ok(changed)
}
