//! The vendor's license service: one request that matters, and precise errors for everything it may answer.

mod failure;
mod period;
mod time;

use std::{fmt, io, net::SocketAddr, time::Duration};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use reqwest::{
    Client, ClientBuilder, Method, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER,
    },
    redirect::Policy,
};
use rustls::{CertificateError, ClientConfig};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use failure::LicenseError;

use super::{
    Clock,
    proxy::{self, ProxyError, Ways},
    resolver::{ResolveError, SystemResolver},
    tls::{Authorities, Presented},
};
use crate::{
    error::find_source,
    point::Point,
    profile,
    values::{ApplianceId, End, InstallCode, Proxy, Received, TokenKeys, pki::Certificate, plain_text},
};

/// No refusal of the service is longer (contract).
const MOST_OF_A_REFUSAL: usize = 64 * 1024;

/// More of a header says nothing of a body's form.
const MOST_OF_A_HEADER: usize = 200;

/// The license service of one profile.
pub struct License {
    base: Url,
    timeout: Duration,
    authorities: Authorities,
    token_keys: Option<TokenKeys>,
    ways: Ways,
    clock_skew: Duration,
    presented: Presented,
    client: Mutex<Option<Client>>,
}

impl fmt::Debug for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("License").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    error: String,
    /// What no refusal has.
    tenant_id: Option<IgnoredAny>,
}

impl ErrorBody {
    /// A refusal of the code that names its reason, whatever status it came with; some services say 200 to everything.
    fn is_about_the_code(&self) -> bool {
        let reasons = ["invalid_claim_code", "expired_claim_code", "consumed_claim_code", "superseded_claim_code"];
        self.tenant_id.is_none() && self.code().is_some_and(|code| reasons.contains(&code))
    }

    /// The code of the error; some services have it in the place of the sentence.
    fn code(&self) -> Option<&str> {
        let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        [&self.code, &self.error].into_iter().map(String::as_str).find(|text| !text.is_empty() && is_code(text))
    }
}

impl License {
    pub(super) fn new(
        profile: &profile::License,
        authorities: Authorities,
        token_keys: Option<TokenKeys>,
        ways: Ways,
    ) -> Self {
        let (base, timeout, clock_skew) = (profile.url.clone(), profile.timeout, profile.clock_skew);
        let (presented, client) = (Presented::default(), Mutex::new(None));
        Self { base, timeout, authorities, token_keys, ways, clock_skew, presented, client }
    }

    /// Forgets every connection, and whom it trusted.
    pub(super) async fn forget(&self) {
        *self.client.lock().await = None;
    }

    /// The keys that the profile pins for license tokens.
    #[must_use]
    pub const fn token_keys(&self) -> Option<&TokenKeys> {
        self.token_keys.as_ref()
    }

    /// The longest that a request takes.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.timeout
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The proxy that is the way to the service, if one is.
    ///
    /// # Errors
    /// [`LicenseError::Proxy`] when the environment names one in a way that cannot be understood.
    pub fn proxy(&self) -> Result<Option<Proxy>, LicenseError> {
        proxy::towards(&self.ways, &self.base).map_err(LicenseError::Proxy)
    }

    /// Resolves the service's name; with a proxy on the way the proxy's, because perhaps only that one knows the service's.
    ///
    /// # Errors
    /// [`LicenseError::Resolve`] and [`LicenseError::Proxy`].
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, LicenseError> {
        if let Some(proxy) = self.proxy()? {
            return proxy::resolve(&proxy).await.map_err(LicenseError::Proxy);
        }
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.base.port_or_known_default().unwrap_or(443);
        let addresses = tokio::net::lookup_host((host, port)).await;
        addresses.map(Iterator::collect).map_err(|source| LicenseError::Resolve { host: host.to_owned(), source })
    }

    /// Speaks to the service without side effects: TLS, and what its clock shows by the `Date` header of its answer
    /// (RFC 9110 section 6.6.1). Whatever else the front page answers says nothing of `/register`.
    ///
    /// # Errors
    /// When no connection can be made, or something else answers.
    pub async fn contact(&self) -> Result<Option<Timestamp>, LicenseError> {
        let client = self.client().await?;
        let fresh = |method| client.request(method, self.base.clone()).header(CACHE_CONTROL, "no-cache");
        let response = match fresh(Method::HEAD).send().await {
            Ok(response) => response,
            Err(error) => return Err(self.failed(error).await),
        };
        let theirs = clock_of(&response);
        if theirs.is_some_and(|theirs| theirs.duration_since(Clock.now()).unsigned_abs() > self.clock_skew) {
            // A cache may have kept the date without telling its age. What is said to this method no cache keeps
            // (RFC 9110 section 9.3.7).
            let again = fresh(Method::OPTIONS).send().await;
            return Ok(again.ok().as_ref().and_then(clock_of).or(theirs));
        }
        Ok(theirs)
    }

    /// The authorities that are shown for the service, be they trusted or not.
    ///
    /// # Errors
    /// When nothing is shown.
    pub async fn shown_authorities(&self) -> Result<Vec<Certificate>, LicenseError> {
        self.forget().await;
        self.presented.clear();
        let contact = self.contact().await;
        if !self.presented.is_any() {
            contact?;
        }
        Ok(self.presented.authorities())
    }

    /// Redeems `code`: whatever came with a 200, as it came and as far as it came, bound to be journalled before it is
    /// looked at. The code is spent by then, and this may be the only time that anybody is told what for.
    ///
    /// Sending the same code with the same `key` again is safe (contract). With the `tenant` that the cluster belongs to, a
    /// service can refuse a code for another one before it is used up.
    ///
    /// # Errors
    /// One variant for each row of the contract's table.
    pub async fn register(
        &self,
        code: &InstallCode,
        appliance: &ApplianceId,
        key: Uuid,
        tenant: Option<&str>,
    ) -> Result<Received, LicenseError> {
        let client = self.client().await?;
        let mut body = json!({ "claim_code": code.expose(), "appliance_id": appliance.as_str() });
        if let Some(tenant) = tenant {
            body["tenant_id"] = tenant.into();
        }
        Point::RegisterSend.pass();
        let request = client.post(self.endpoint("register")).header("Idempotency-Key", key.to_string());
        let request = request.header(ACCEPT_ENCODING, "identity").json(&body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(self.failed(error).await),
        };
        let status = response.status();
        if status.is_redirection() {
            let target = header(&response, LOCATION).map(|target| plain_text(target, 160));
            return Err(LicenseError::Redirect { host: self.host(), status: status.as_u16(), target });
        }
        let now = clock_of(&response).unwrap_or_else(|| Clock.now());
        let retry_after = header(&response, RETRY_AFTER).and_then(|said| pause(said, now));
        let received = received(response).await;
        Point::RegisterAnswered.pass();
        // A status counts without its body: a proxy's 503 page is still a 503.
        let refusal = received.object().ok().and_then(|body| serde_json::from_str::<ErrorBody>(body.expose()).ok());
        if status.is_success() && !refusal.as_ref().is_some_and(ErrorBody::is_about_the_code) {
            return Ok(received);
        }
        Err(self.refused(status, refusal.as_ref(), retry_after))
    }

    fn refused(&self, status: StatusCode, refusal: Option<&ErrorBody>, retry_after: Option<Duration>) -> LicenseError {
        let sentence = refusal.map(|refusal| plain_text(&refusal.error, 160)).unwrap_or_default();
        match refusal.and_then(ErrorBody::code) {
            Some("invalid_claim_code") => LicenseError::Unknown { sentence },
            Some("expired_claim_code") => LicenseError::Expired { sentence },
            Some("consumed_claim_code") => LicenseError::Used { sentence },
            Some("superseded_claim_code") => LicenseError::Superseded { sentence },
            Some(code) if is_final(status) => {
                LicenseError::Refused { status: status.as_u16(), code: Some(plain_text(code, 60)), sentence }
            }
            // Nothing else in its place says in JSON why.
            None if is_final(status) && !sentence.is_empty() => {
                LicenseError::Refused { status: status.as_u16(), code: None, sentence }
            }
            // TLS has shown that it is the right host.
            None if matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
                LicenseError::NoService { host: self.host(), status: status.as_u16() }
            }
            None if is_final(status) => LicenseError::Blocked { host: self.host(), status: status.as_u16() },
            _ => LicenseError::Unavailable { status: status.as_u16(), sentence, retry_after },
        }
    }

    fn endpoint(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name);
        }
        url
    }

    /// Made at the first use: reading the system's roots takes a while.
    async fn client(&self) -> Result<Client, LicenseError> {
        let mut client = self.client.lock().await;
        if let Some(client) = client.as_ref() {
            return Ok(client.clone());
        }
        let config = self.authorities.client_config(self.presented.clone()).await;
        let made = self.made(config.map_err(|source| LicenseError::Tls { host: self.host(), source })?)?;
        Ok(client.insert(made).clone())
    }

    fn made(&self, config: ClientConfig) -> Result<Client, LicenseError> {
        let way = self.proxy()?;
        let builder = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .https_only(true)
            .timeout(self.timeout)
            .connect_timeout(self.timeout)
            .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(SystemResolver);
        let made = proxy::by_way_of(builder, way.as_ref()).and_then(ClientBuilder::build);
        made.map_err(|source| LicenseError::Connect { host: self.host(), source })
    }

    async fn failed(&self, error: reqwest::Error) -> LicenseError {
        let host = self.host();
        let way = self.proxy().ok().flatten();
        if let Some(source) = find_source::<ResolveError>(&error) {
            let source = io::Error::new(source.0.kind(), source.0.to_string());
            let Some(proxy) = way else { return LicenseError::Resolve { host, source } };
            let (proxy, variable) = (proxy.shown(), proxy.variable);
            return LicenseError::Proxy(ProxyError::Unresolved { proxy, variable, source });
        }
        if let Some(tls) = find_source::<rustls::Error>(&error) {
            return match tls {
                rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)
                    if self.authorities.are_none().await =>
                {
                    LicenseError::NoAuthorities { host }
                }
                rustls::Error::InvalidCertificate(error) if let Some((fault, wanted)) = self.presented.fault(error) => {
                    LicenseError::Certificate { host, wanted, fault }
                }
                rustls::Error::InvalidCertificate(error)
                    if let Some(invalid) = period::by_the_clock(error, Clock.now(), Clock.built()) =>
                {
                    let now = Clock.now().strftime("%Y-%m-%d %H:%M UTC").to_string();
                    LicenseError::Clock { host, now, invalid }
                }
                tls => LicenseError::Tls { host, source: tls.clone() },
            };
        }
        if let Some(proxy) = way.filter(|_| error.is_connect())
            && let Err(refused) = proxy::ask(&proxy, &self.base).await
        {
            return LicenseError::Proxy(refused);
        }
        if error.is_timeout() {
            return LicenseError::Timeout { host, seconds: self.timeout.as_secs() };
        }
        // TLS tells a peer that says no goodbye by a text that leads to its library's manual.
        if find_source::<io::Error>(&error).is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) {
            return LicenseError::Closed { host };
        }
        LicenseError::Connect { host, source: error.without_url() }
    }
}

/// Whether a refusal stays one. What is not is asked again: 408, 425 and 429 say so themselves.
fn is_final(status: StatusCode) -> bool {
    let passes = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !passes.contains(&status)
}

/// What the clock of the server shows: when it answered, and how long a cache has kept that (RFC 9111 section 5.1).
fn clock_of(response: &Response) -> Option<Timestamp> {
    let date = DateTimeParser::new().parse_timestamp(header(response, DATE)?).ok()?;
    let age = header(response, AGE).and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or_default();
    date.checked_add(SignedDuration::from_secs(age.into())).ok()
}

/// How long a service wants not to be asked: seconds, or the time when that ends (RFC 9110 section 10.2.3).
fn pause(said: &str, now: Timestamp) -> Option<Duration> {
    let until = || Some(DateTimeParser::new().parse_timestamp(said.trim()).ok()?.duration_since(now));
    let seconds = said.trim().parse().map(Duration::from_secs);
    // A time that has passed says nothing.
    seconds.ok().or_else(|| Duration::try_from(until()?).ok()).filter(|pause| !pause.is_zero())
}

/// A body as far as it comes, with what is said of its form.
async fn received(mut response: Response) -> Received {
    let most = if response.status().is_success() { Received::MOST_BYTES } else { MOST_OF_A_REFUSAL };
    let said = |name| plain_text(header(&response, name).unwrap_or_default(), MOST_OF_A_HEADER);
    let (kind, coding) = (said(CONTENT_TYPE), said(CONTENT_ENCODING));
    let mut body = Zeroizing::new(Vec::new());
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                let room = most - body.len();
                body.extend_from_slice(&chunk[..room]);
                break End::TooLong;
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break End::Whole,
            Err(_broken) => break End::Broken,
        }
    };
    Received { body, kind, coding, end }
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests;
