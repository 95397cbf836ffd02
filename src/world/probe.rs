//! HTTP addresses that answer once the appliance is up.

use std::{io, time::Duration};

use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::CertificateError;
use url::Url;

use super::{
    proxy::{self, ProxyError},
    resolver::{ResolveError, SystemResolver},
    tls::{Authorities, CertificateFault, Presented},
};
use crate::{
    error::{Failure, find_source},
    values::{Authority, Proxies},
    words::{Phrase, phrase, said},
};

/// How long an address has for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks addresses of `[[ready]]`, trusting the profile's authorities besides the system's.
#[derive(Debug)]
pub struct Prober {
    pub(super) authorities: Authorities,
    pub(super) proxies: Proxies,
}

/// Why an address does not count as ready.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ProbeError {
    /// It answered with an error status.
    Status(u16),
    /// The answer by way of a proxy, its own or another's, was an error status.
    StatusOfProxy { status: u16, proxy: String },
    /// The proxy on the way does not let us through.
    Proxy(ProxyError),
    /// Its name does not resolve.
    Unresolved(io::Error),
    /// Nothing takes connections there.
    Refused,
    /// It has not answered in time.
    Late,
    /// It did not answer, for another reason.
    Silent(reqwest::Error),
    /// Its certificate is none for it, or from an authority that this machine does not trust.
    Certificate { wanted: String, fault: CertificateFault },
    /// Its certificate is not valid now.
    Period,
    /// It does not speak TLS.
    NoTls,
    /// TLS failed in another way, or cannot be used at all.
    Tls(rustls::Error),
}

said! { ProbeError:
    Self::Status(status) => "machine-probe-status" { status },
    Self::StatusOfProxy { status, proxy } => "machine-probe-proxy" { status, proxy },
    Self::Proxy(error) => (error),
    Self::Unresolved(error) => "machine-probe-unresolved" because theirs(error),
    Self::Refused => "machine-probe-refused",
    Self::Late => "machine-probe-late" { seconds: PATIENCE.as_secs() },
    Self::Silent(error) => "machine-probe-silent" because theirs(error),
    Self::Certificate { fault: CertificateFault::Untrusted { issuer, .. }, .. } => "machine-probe-untrusted" { issuer },
    Self::Certificate { fault: CertificateFault::Authority, .. } => "machine-probe-authority",
    Self::Certificate { fault: CertificateFault::Version(version), .. } => "machine-probe-version" { version },
    Self::Certificate { fault: CertificateFault::Nameless, .. } => "machine-probe-nameless",
    Self::Certificate { wanted, fault: CertificateFault::OtherNames(names) } => "machine-probe-other-names" { names, wanted },
    Self::Certificate { fault: CertificateFault::SelfSigned, .. } => "machine-probe-self-signed",
    Self::Period => "machine-probe-period",
    Self::NoTls => "machine-probe-no-tls",
    Self::Tls(error) => "machine-probe-tls" because theirs(error),
}

impl ProbeError {
    /// What helps, where waiting alone does not.
    pub fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Proxy(error) => error.hint(),
            Self::Certificate { fault: CertificateFault::Untrusted { alone: true, .. }, .. } => {
                Some(phrase!("machine-probe-alone-hint"))
            }
            Self::Certificate { .. } => Some(phrase!("machine-probe-certificate-hint")),
            Self::Period => Some(phrase!("machine-probe-period-hint")),
            Self::NoTls => Some(phrase!("machine-probe-no-tls-hint")),
            _ => None,
        }
    }

    /// Why there was no answer; `presented` is what the server showed.
    fn of(error: reqwest::Error, presented: &Presented) -> Self {
        if let Some(ResolveError(error)) = find_source(&error) {
            return Self::Unresolved(io::Error::new(error.kind(), error.to_string()));
        }
        match find_source::<rustls::Error>(&error) {
            Some(rustls::Error::InvalidCertificate(refused)) => return Self::of_certificate(refused, presented),
            Some(rustls::Error::InvalidMessage(_)) => return Self::NoTls,
            Some(other) => return Self::Tls(other.clone()),
            None => {}
        }
        if error.is_timeout() {
            return Self::Late;
        }
        match find_source::<io::Error>(&error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Self::Refused,
            _ => Self::Silent(error.without_url()),
        }
    }

    fn of_certificate(refused: &CertificateError, presented: &Presented) -> Self {
        if let Some((fault, wanted)) = presented.fault(refused) {
            return Self::Certificate { wanted, fault };
        }
        match refused {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::Period,
            other => Self::Tls(rustls::Error::InvalidCertificate(other.clone())),
        }
    }
}

impl Prober {
    /// Asks once; any status below 400 counts as ready. Gives the authority of the profile that signs
    /// for an https address, unless one of the system does so too: a browser knows about the same ones as the system.
    ///
    /// # Errors
    /// When the address does not answer, or with an error.
    pub async fn ask(&self, url: &Url) -> Result<Option<Authority>, ProbeError> {
        let presented = Presented::default();
        let config = self.authorities.client_config(presented.clone()).await.map_err(ProbeError::Tls)?;
        let way = proxy::towards(&self.proxies, url).map_err(ProbeError::Proxy)?;
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .dns_resolver(SystemResolver)
            .timeout(PATIENCE);
        let client = proxy::by_way_of(client, way.as_ref()).and_then(ClientBuilder::build);
        let response = match client.map_err(ProbeError::Silent)?.get(url.clone()).send().await {
            Ok(response) => response,
            Err(error) => {
                let is_connect = error.is_connect();
                let why = ProbeError::of(error, &presented);
                // Who shows a certificate stands behind the proxy.
                let is_on_the_way = is_connect && !presented.is_any();
                if let Some(proxy) = way.filter(|_| is_on_the_way) {
                    proxy::ask(&proxy, url).await.map_err(ProbeError::Proxy)?;
                }
                return Err(why);
            }
        };
        let status = response.status().as_u16();
        if status >= 400 {
            return Err(match way.filter(|_| url.scheme() == "http") {
                Some(proxy) => ProbeError::StatusOfProxy { status, proxy: proxy.shown() },
                None => ProbeError::Status(status),
            });
        }
        self.authorities.behind(presented).await.map_err(ProbeError::Tls)
    }
}
