//! HTTP addresses that answer once the appliance is up.

use std::{io, time::Duration};

use reqwest::{Client, ClientBuilder, header::CONTENT_TYPE, redirect::Policy};
use rustls::CertificateError;
use zeroize::Zeroizing;

use super::{
    proxy::{self, ProxyError, Ways},
    resolver::{ResolveError, SystemResolver},
    tls::{self, Authorities, CertificateFault, Presented},
};
use crate::{
    error::{Failure, find_source},
    values::{Authority, Method, Mismatch, Request, Response, SecretText, pki::Certificate, plain_text},
    words::{Phrase, phrase, said},
};

/// More of a header says nothing of a body's form.
const MOST_OF_A_HEADER: usize = 200;

/// Asks addresses of `[[ready]]` and `[[reach]]`, trusting the profile's authorities besides the system's.
#[derive(Debug, Clone)]
pub struct Prober {
    pub(super) authorities: Authorities,
    pub(super) ways: Ways,
}

/// Why an address has not answered as it should.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ProbeError {
    /// Its answer is another one.
    Mismatch(Mismatch),
    /// The proxy on the way does not let us through.
    Proxy(ProxyError),
    /// Its name does not resolve.
    Unresolved(io::Error),
    /// Nothing takes connections there.
    Refused,
    /// It has not answered within so many seconds.
    Late(u64),
    /// It did not answer, for another reason.
    Silent(reqwest::Error),
    /// Its certificate is none for it, or from an authority that this machine does not trust.
    Certificate { wanted: String, fault: CertificateFault },
    /// Its certificate is another one than the one that is trusted; this is its fingerprint.
    OtherCertificate(String),
    /// Its certificate is not valid now.
    Period,
    /// It does not speak TLS.
    NoTls,
    /// TLS failed in another way, or cannot be used at all.
    Tls(rustls::Error),
}

said! { ProbeError:
    Self::Mismatch(mismatch) => (mismatch),
    Self::Proxy(error) => (error),
    Self::Unresolved(error) => "machine-probe-unresolved" because theirs(error),
    Self::Refused => "machine-probe-refused",
    Self::Late(seconds) => "machine-probe-late" { seconds },
    Self::Silent(error) => "machine-probe-silent" because theirs(error),
    Self::Certificate { fault: CertificateFault::Untrusted { issuer, .. }, .. } => "machine-probe-untrusted" { issuer },
    Self::Certificate { fault: CertificateFault::Authority, .. } => "machine-probe-authority",
    Self::Certificate { fault: CertificateFault::Version(version), .. } => "machine-probe-version" { version },
    Self::Certificate { fault: CertificateFault::Nameless, .. } => "machine-probe-nameless",
    Self::Certificate { wanted, fault: CertificateFault::OtherNames(names) } => "machine-probe-other-names" { names, wanted },
    Self::Certificate { fault: CertificateFault::SelfSigned, .. } => "machine-probe-self-signed",
    Self::OtherCertificate(fingerprint) => "machine-probe-other-certificate" { fingerprint },
    Self::Period => "machine-probe-period",
    Self::NoTls => "machine-probe-no-tls",
    Self::Tls(error) => "machine-probe-tls" because theirs(error),
}

impl ProbeError {
    /// Whether nothing is known to be there.
    pub const fn is_silence(&self) -> bool {
        matches!(self, Self::Unresolved(_) | Self::Refused | Self::Late(_) | Self::Silent(_))
    }

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

    /// Why there was no answer in that time; `presented` is what the server showed.
    fn of(error: reqwest::Error, presented: &Presented, patience: Duration) -> Self {
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
            return Self::Late(patience.as_secs());
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
            CertificateError::ApplicationVerificationFailure => {
                let fingerprint = presented.fingerprint().map(|fingerprint| fingerprint.to_string());
                Self::OtherCertificate(fingerprint.unwrap_or_default())
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::Period,
            other => Self::Tls(rustls::Error::InvalidCertificate(other.clone())),
        }
    }
}

impl Prober {
    /// Whom this machine trusts, as browsers on it do.
    pub async fn trusted(&self) -> Vec<Certificate> {
        tls::trusted().await
    }

    /// Asks once, trusting the appliance's own authorities too. Gives with the answer the authority of these that signs for an https address, unless one of the
    /// system does so too: a browser knows about the same ones as the system.
    ///
    /// # Errors
    /// When the address does not answer; whether its answer will do is for who asks.
    pub async fn ask(
        &self,
        request: &Request,
        own: &[Certificate],
    ) -> Result<(Response, Option<Authority>), ProbeError> {
        let (presented, url) = (Presented::default(), &request.url);
        let authorities = self.authorities.with(own);
        let config = authorities.client_config(presented.clone()).await.map_err(ProbeError::Tls)?;
        let way = match request.connect_to {
            Some(_) => None,
            None => proxy::towards(&self.ways, url).map_err(ProbeError::Proxy)?,
        };
        let mut client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(SystemResolver)
            .timeout(request.patience);
        if let (Some(address), Some(name)) = (request.connect_to, url.host_str()) {
            // The port is the URL's.
            client = client.resolve(name, (address, 0).into());
        }
        let client = proxy::by_way_of(client, way.as_ref()).and_then(ClientBuilder::build);
        let asked = asked(&client.map_err(ProbeError::Silent)?, request);
        let response = match asked.send().await {
            Ok(response) => response,
            Err(error) => {
                let is_connect = error.is_connect();
                let why = ProbeError::of(error, &presented, request.patience);
                // Who shows a certificate stands behind the proxy.
                let is_on_the_way = is_connect && !presented.is_any();
                if let Some(proxy) = way.filter(|_| is_on_the_way) {
                    proxy::ask(&proxy, url).await.map_err(ProbeError::Proxy)?;
                }
                return Err(why);
            }
        };
        let proxy = way.filter(|_| url.scheme() == "http").map(|proxy| proxy.shown());
        let response = answered(response, proxy, request.reads_body).await;
        Ok((response, authorities.behind(presented).await.map_err(ProbeError::Tls)?))
    }
}

fn asked(client: &Client, request: &Request) -> reqwest::RequestBuilder {
    let Request { method, url, headers, content, bearer, .. } = request;
    let method = match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Options => reqwest::Method::OPTIONS,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
    };
    let mut asked = client.request(method, url.clone());
    if let Some(content) = content {
        let is_said = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
        asked = asked.body(content.text.expose().to_owned());
        asked = if is_said { asked } else { asked.header(CONTENT_TYPE, content.kind) };
    }
    if let Some(bearer) = bearer {
        asked = asked.bearer_auth(bearer.expose());
    }
    headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value))
}

/// What was answered, with the body as far as it comes and somebody wants to know it.
async fn answered(mut response: reqwest::Response, proxy: Option<String>, reads_body: bool) -> Response {
    let status = response.status().as_u16();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(|value| plain_text(value, MOST_OF_A_HEADER));
    let mut body = Zeroizing::new(Vec::new());
    while reads_body
        && body.len() < Response::MOST_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        let room = Response::MOST_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Response { status, proxy, content_type, body: SecretText::new(String::from_utf8_lossy(&body).into_owned()) }
}
