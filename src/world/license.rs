//! The vendor's license service: one request that matters, and precise errors for everything it may answer.

use std::{fmt, io, net::SocketAddr, time::Duration};

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::{
    Client, Method, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, DATE, RETRY_AFTER},
    redirect::Policy,
};
use rustls::{CertificateError, pki_types::CertificateDer};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use super::tls::{self, Presented};
use crate::{
    error::{ErrorId, Failure, find_source},
    point::Point,
    profile,
    values::{ApplianceId, InstallCode, SecretText, TokenKey, plain_text},
};

/// No answer of the service is longer (contract).
const MOST_BYTES: usize = 64 * 1024;

/// The license service of one profile.
pub struct License {
    base: Url,
    timeout: Duration,
    extra_roots: Vec<CertificateDer<'static>>,
    token_key: Option<TokenKey>,
    presented: Presented,
    client: OnceCell<Client>,
}

impl fmt::Debug for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("License").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// What a contact without side effects shows.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    /// The service's clock, by its `Date` header (RFC 9110 section 6.6.1).
    pub date: Option<Timestamp>,
}

/// What the license service, or something in its place, did.
#[derive(Debug, thiserror::Error)]
pub enum LicenseError {
    /// The host name does not resolve.
    #[error("the license service's name `{host}` does not resolve")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's reason.
        #[source]
        source: io::Error,
    },
    /// No connection, or it broke.
    #[error("the license service at `{host}` cannot be reached")]
    Connect {
        /// Host and port.
        host: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// No whole answer in time.
    #[error("the license service at `{host}` did not answer within {seconds} s")]
    Timeout {
        /// Host and port.
        host: String,
        /// The limit.
        seconds: u64,
    },
    /// The certificate was issued by somebody whom this machine does not trust.
    #[error(
        "the certificate presented for `{host}` was issued by \u{201c}{issuer}\u{201d}, which this machine does not trust"
    )]
    Untrusted {
        /// Host and port.
        host: String,
        /// The issuer's name, as the certificate says it.
        issuer: String,
    },
    /// The certificate is not valid yet, by this machine's clock.
    #[error("by this machine's clock the certificate of `{host}` is not valid yet")]
    NotYetValid {
        /// Host and port.
        host: String,
    },
    /// TLS failed in another way.
    #[error("no TLS connection to the license service at `{host}`")]
    Tls {
        /// Host and port.
        host: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The code is not known.
    #[error("the license service does not know this install code{}", said(.sentence))]
    Unknown {
        /// What the service said.
        sentence: String,
    },
    /// The code has expired.
    #[error("the install code has expired{}", said(.sentence))]
    Expired {
        /// What the service said.
        sentence: String,
    },
    /// The code was used.
    #[error("the install code has already been used{}", said(.sentence))]
    Used {
        /// What the service said.
        sentence: String,
    },
    /// The service cannot answer now.
    #[error("the license service cannot answer now (status {status}){}", said(.sentence))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the service said.
        sentence: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// An answer that is not the service's.
    #[error("the answer from `{host}` is not one of a license service: {what}")]
    Answer {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        what: String,
    },
}

/// `: sentence`, or nothing when the service said nothing.
fn said(sentence: &str) -> String {
    if sentence.is_empty() { String::new() } else { format!(" (it says: {sentence})") }
}

impl Failure for LicenseError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Resolve { .. } => ErrorId::NameResolution,
            Self::Connect { .. } | Self::Timeout { .. } | Self::Unavailable { .. } => ErrorId::LicenseUnavailable,
            Self::Untrusted { .. } => ErrorId::TlsUntrusted,
            Self::NotYetValid { .. } => ErrorId::ClockWrong,
            Self::Tls { .. } => ErrorId::TlsFailed,
            Self::Unknown { .. } => ErrorId::CodeUnknown,
            Self::Expired { .. } => ErrorId::CodeExpired,
            Self::Used { .. } => ErrorId::CodeUsed,
            Self::Answer { .. } => ErrorId::LicenseAnswer,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unavailable { retry_after: Some(pause), .. } => {
                Some(format!("run again in {} s: the code is kept, and sending it again is safe", pause.as_secs()))
            }
            Self::Untrusted { issuer, .. } => Some(format!(
                "if \u{201c}{issuer}\u{201d} is your organisation's proxy, ask for the license service to be exempt from inspection, or add that authority to the system's trust store; otherwise somebody is intercepting the connection"
            )),
            _ => None,
        }
    }
}

impl LicenseError {
    /// The pause after which asking again by ourselves is sensible; `None` when the answer is final.
    #[must_use]
    pub fn again(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => Some(retry_after.unwrap_or_default()),
            Self::Connect { .. } | Self::Timeout { .. } => Some(Duration::ZERO),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    error: String,
}

impl License {
    pub(super) fn new(
        profile: &profile::License,
        extra_roots: Vec<CertificateDer<'static>>,
        token_key: Option<TokenKey>,
    ) -> Self {
        let (base, timeout) = (profile.url.clone(), profile.timeout);
        Self { base, timeout, extra_roots, token_key, presented: Presented::default(), client: OnceCell::new() }
    }

    /// The key that the profile pins for license tokens.
    #[must_use]
    pub const fn token_key(&self) -> Option<&TokenKey> {
        self.token_key.as_ref()
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Resolves the service's name.
    ///
    /// # Errors
    /// [`LicenseError::Resolve`].
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, LicenseError> {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.base.port_or_known_default().unwrap_or(443);
        let addresses = tokio::net::lookup_host((host, port)).await;
        addresses.map(Iterator::collect).map_err(|source| LicenseError::Resolve { host: host.to_owned(), source })
    }

    /// Speaks to the service without side effects: TLS, and the date on its answer.
    ///
    /// # Errors
    /// When no connection can be made, or something else answers.
    pub async fn contact(&self) -> Result<Contact, LicenseError> {
        let client = self.client().await?;
        let response =
            client.request(Method::HEAD, self.base.clone()).send().await.map_err(|error| self.failed(error))?;
        self.refuse_redirect(&response)?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        Ok(Contact { date: date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()) })
    }

    /// Redeems `code`: the answer of the service as it came, bound to be journalled before it is looked at.
    ///
    /// Sending the same code with the same `key` again is safe (contract).
    ///
    /// # Errors
    /// One variant for each row of the contract's table.
    pub async fn register(
        &self,
        code: &InstallCode,
        appliance: &ApplianceId,
        key: Uuid,
    ) -> Result<SecretText, LicenseError> {
        let client = self.client().await?;
        let body = json!({ "claim_code": code.expose(), "appliance_id": appliance.as_str() });
        Point::RegisterSend.pass();
        let request = client.post(self.endpoint("register")).header("Idempotency-Key", key.to_string()).json(&body);
        let response = request.send().await.map_err(|error| self.failed(error))?;
        self.refuse_redirect(&response)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        let body = self.body(response).await;
        Point::RegisterAnswered.pass();
        if status == StatusCode::OK {
            let body = body?;
            return match serde_json::from_str::<serde_json::Value>(body.expose()) {
                Ok(value) if value.is_object() => Ok(body),
                _ => Err(self.answer(if is_json {
                    "it is not valid JSON"
                } else {
                    "it is not JSON (a captive portal or proxy?)"
                })),
            };
        }
        // A status counts without its body: a proxy's 503 page is still a 503.
        let refusal = body.ok().and_then(|body| serde_json::from_str::<Refusal>(body.expose()).ok());
        Err(self.refused(status, refusal.as_ref(), retry_after.map(Duration::from_secs)))
    }

    fn refused(&self, status: StatusCode, refusal: Option<&Refusal>, retry_after: Option<Duration>) -> LicenseError {
        let sentence = refusal.map(|refusal| plain_text(&refusal.error, 160)).unwrap_or_default();
        match refusal.map(|refusal| refusal.code.as_str()) {
            Some("invalid_claim_code") => LicenseError::Unknown { sentence },
            Some("expired_claim_code") => LicenseError::Expired { sentence },
            Some("consumed_claim_code") => LicenseError::Used { sentence },
            None if !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                self.answer(&format!("status {} without an error code", status.as_u16()))
            }
            _ => LicenseError::Unavailable { status: status.as_u16(), sentence, retry_after },
        }
    }

    fn refuse_redirect(&self, response: &Response) -> Result<(), LicenseError> {
        if response.status().is_redirection() {
            return Err(self.answer("it is a redirect, as captive portals send"));
        }
        Ok(())
    }

    /// The body, unless it is longer than any answer may be.
    async fn body(&self, mut response: Response) -> Result<SecretText, LicenseError> {
        let mut bytes = Vec::with_capacity(4096);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(self.answer("it is longer than 64 KiB"));
            }
            bytes.extend_from_slice(&chunk);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SecretText::new(text)),
            Err(_invalid) => Err(self.answer("it is not UTF-8")),
        }
    }

    fn answer(&self, what: &str) -> LicenseError {
        LicenseError::Answer { host: self.host(), what: what.to_owned() }
    }

    fn endpoint(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name);
        }
        url
    }

    /// Made at the first use: reading the system's roots takes a while.
    async fn client(&self) -> Result<&Client, LicenseError> {
        self.client
            .get_or_try_init(|| async {
                let (roots, presented) = (self.extra_roots.clone(), self.presented.clone());
                let config = tokio::task::spawn_blocking(move || tls::client_config(&roots, presented));
                let config = config.await.unwrap_or_else(|error| Err(rustls::Error::General(error.to_string())));
                let config = config.map_err(|source| LicenseError::Tls { host: self.host(), source })?;
                Client::builder()
                    .tls_backend_preconfigured(config)
                    .redirect(Policy::none())
                    .https_only(true)
                    .timeout(self.timeout)
                    .connect_timeout(self.timeout)
                    .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
                    .dns_resolver(SystemResolver)
                    .build()
                    .map_err(|error| self.failed(error))
            })
            .await
    }

    fn failed(&self, error: reqwest::Error) -> LicenseError {
        let host = self.host();
        if let Some(source) = find_source::<ResolveError>(&error) {
            let source = io::Error::new(source.0.kind(), source.0.to_string());
            return LicenseError::Resolve { host, source };
        }
        if let Some(tls) = find_source::<rustls::Error>(&error) {
            let issuer = self.presented.issuer();
            return match (tls, issuer) {
                (
                    rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature),
                    Some(issuer),
                ) => LicenseError::Untrusted { host, issuer },
                (
                    rustls::Error::InvalidCertificate(
                        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
                    ),
                    _,
                ) => LicenseError::NotYetValid { host },
                (tls, _) => LicenseError::Tls { host, source: tls.clone() },
            };
        }
        if error.is_timeout() {
            return LicenseError::Timeout { host, seconds: self.timeout.as_secs() };
        }
        LicenseError::Connect { host, source: error.without_url() }
    }
}

/// The system's resolver, with an error that can be recognised behind HTTP's.
struct SystemResolver;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ResolveError(io::Error);

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(ResolveError)?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
