//! The proxy on the way to the license service and to the appliance: how it is used, and what it has against it.
//!
//! The way to the API server and to charts never leads through one: both lie here.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use nix::ifaddrs::getifaddrs;
use reqwest::ClientBuilder;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::Url;

use super::{Host, HostError, Written};
use crate::{
    error::{ErrorId, Failure},
    profile::Files,
    values::{Assignments, Proxies, Proxy, ProxyAnswer, ProxyFault, SecretText, SetProxy},
    words::{Phrase, phrase, said},
};

/// How long a proxy is asked why it does not let us through.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than the head of any answer to `CONNECT` that says why.
const MOST_BYTES: usize = 8 * 1024;

/// Where the proxy of this machine is kept: the variables that the units of the package are started with. A password may be in it.
pub(super) const KEPT: &str = "/etc/firstlight/environment";
const KEPT_AS: Files = Files { mode: 0o600, group: None };

/// Which proxies are on the way, until somebody names another.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways(Arc<RwLock<Proxies>>);

impl Ways {
    /// What the environment says; where it says nothing, what is kept.
    pub(super) fn new(environment: Proxies, host: &Host) -> Self {
        let proxies = if environment.is_empty() {
            // What cannot be read the units are started without, too.
            let kept = host.assignments(Path::new(KEPT)).unwrap_or_default();
            Proxies::of(|name| kept.get(name).map(|value| value.expose().to_owned()))
        } else {
            environment
        };
        Self(Arc::new(RwLock::new(proxies)))
    }

    fn now(&self) -> Proxies {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes this way from now on.
    pub(super) fn set(&self, proxy: &SetProxy) {
        let Some(proxies) = proxy.proxies() else { return };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = proxies;
    }
}

/// Keeps a proxy for what is started from now on; gives whether it was another, or none, before.
pub(super) fn keep(proxy: &SetProxy, host: &Host) -> Result<bool, HostError> {
    let path = Path::new(KEPT);
    let Some(values) = proxy.values() else { return Ok(false) };
    let files = Written { new: &KEPT_AS, secret: proxy.password().is_some() };
    if files.secret {
        host.close_to_others(path)?;
    }
    loop {
        let seen = host.assignments(path)?;
        let assigned = lacking(&seen, &values);
        if assigned.is_empty() {
            return Ok(false);
        }
        // Somebody else may have written something between: it stays, and ours is put into that.
        if host.assign(path, &seen, &assigned, files)? {
            return Ok(true);
        }
    }
}

/// What has to be assigned for these values, the URL and the exceptions, to be what a file says.
fn lacking<'v>(seen: &Assignments, values: &'v [SecretText; 2]) -> Vec<(&'static str, &'v SecretText)> {
    let assigned = SetProxy::VARIABLES.iter().zip(values).flat_map(|(names, value)| {
        // What says the same says the same from now on, wherever somebody has it.
        let has = |name: &str| name == names[0] || seen.get(name).is_some();
        names.iter().filter(move |name| has(name)).map(move |name| (*name, value))
    });
    let differs = |(name, value): &(&str, &SecretText)| seen.get(name).unwrap_or_default() != **value;
    assigned.filter(differs).collect()
}

/// What is wrong with the proxy on the way: `proxy` is its host and port, `variable` the one that names it.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ProxyError {
    /// The variable names none.
    Fault(ProxyFault),
    /// Its name does not resolve.
    Unresolved { proxy: String, variable: &'static str, source: io::Error },
    /// It does not take a connection, or breaks it.
    Unreachable { proxy: String, variable: &'static str, source: io::Error },
    /// It wants a user and a password.
    Credentials { proxy: String, variable: &'static str },
    /// It does not take those that the variable has.
    CredentialsRefused { proxy: String, variable: &'static str },
    /// It wants a login that cannot be done with a user and a password alone.
    Login { proxy: String, variable: &'static str, schemes: String },
    /// It does not let us through to this host and port.
    Refused { proxy: String, variable: &'static str, target: String, status: u16 },
}

said! { ProxyError:
    Self::Fault(fault) => (fault),
    Self::Unresolved { proxy, variable, source } => "proxy-unresolved" { proxy, variable: *variable } because theirs(source),
    Self::Unreachable { proxy, variable, source } => "proxy-unreachable" { proxy, variable: *variable } because theirs(source),
    Self::Credentials { proxy, variable } => "proxy-credentials" { proxy, variable: *variable },
    Self::CredentialsRefused { proxy, variable } => "proxy-credentials-refused" { proxy, variable: *variable },
    Self::Login { proxy, variable, schemes } => "proxy-login" { proxy, variable: *variable, schemes },
    Self::Refused { proxy, variable, target, status } => "proxy-refused" { proxy, variable: *variable, target, status },
}

impl Failure for ProxyError {
    fn id(&self) -> ErrorId {
        ErrorId::Proxy
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Credentials { variable, .. } => Some(phrase!("proxy-credentials-hint" { variable: *variable })),
            Self::CredentialsRefused { .. } => Some(phrase!("proxy-credentials-refused-hint")),
            Self::Login { variable, .. } => Some(phrase!("proxy-login-hint" { variable: *variable })),
            _ => None,
        }
    }

    /// A proxy that cannot reach what lies behind it, or is just being started, may do so in a moment.
    fn again(&self) -> Option<Duration> {
        let passes = matches!(self, Self::Unreachable { .. } | Self::Refused { status: 500.., .. });
        passes.then_some(Duration::ZERO)
    }
}

/// The proxy that is the way to `url`, if one is.
pub(super) fn towards(ways: &Ways, url: &Url) -> Result<Option<Proxy>, ProxyError> {
    let is_own = |address| {
        let own = getifaddrs().into_iter().flatten().filter_map(|interface| interface.address);
        let own = own.filter_map(|own| {
            let v4 = own.as_sockaddr_in().map(|own| own.ip().into());
            v4.or_else(|| own.as_sockaddr_in6().map(|own| own.ip().into()))
        });
        own.into_iter().any(|own: std::net::IpAddr| own == address)
    };
    ways.now().towards(url, is_own).map_err(ProxyError::Fault)
}

/// A client that takes this way, and no other that the environment may name.
pub(super) fn by_way_of(builder: ClientBuilder, proxy: Option<&Proxy>) -> reqwest::Result<ClientBuilder> {
    let builder = builder.no_proxy();
    let Some(proxy) = proxy else { return Ok(builder) };
    let scheme = if proxy.tls { "https" } else { "http" };
    let through = reqwest::Proxy::all(format!("{scheme}://{}", proxy.shown()))?;
    Ok(builder.proxy(match &proxy.user {
        Some((user, password)) => through.basic_auth(user.expose(), password.expose()),
        None => through,
    }))
}

/// Resolves the proxy's name.
pub(super) async fn resolve(proxy: &Proxy) -> Result<Vec<SocketAddr>, ProxyError> {
    let addresses = lookup_host((proxy.host.as_str(), proxy.port)).await;
    addresses.map(Iterator::collect).map_err(|source| ProxyError::Unresolved {
        proxy: proxy.shown(),
        variable: proxy.variable,
        source,
    })
}

/// Asks a proxy that did not let a client through why that is; `Ok` when it does now, or does not say.
///
/// The HTTP library knows, but says no more than that it failed.
pub(super) async fn ask(proxy: &Proxy, url: &Url) -> Result<(), ProxyError> {
    let (shown, variable) = (proxy.shown(), proxy.variable);
    let late = |_elapsed| io::Error::from(io::ErrorKind::TimedOut);
    let unresolved = |source| ProxyError::Unresolved { proxy: shown.clone(), variable, source };
    let addresses = timeout(PATIENCE, resolve(proxy)).await.map_err(late).map_err(unresolved)??;
    let asked = timeout(PATIENCE, connect(proxy, &addresses, url)).await;
    let silent = |_elapsed| io::Error::from(io::ErrorKind::TimedOut);
    match asked.map_err(silent).flatten() {
        Ok(Some(answer)) if answer.status == 407 => Err(match (answer.without_basic(), &proxy.user) {
            (Some(schemes), _) => ProxyError::Login { proxy: shown, variable, schemes },
            (None, Some(_)) => ProxyError::CredentialsRefused { proxy: shown, variable },
            (None, None) => ProxyError::Credentials { proxy: shown, variable },
        }),
        Ok(None | Some(ProxyAnswer { status: 200..300, .. })) => Ok(()),
        Ok(Some(ProxyAnswer { status, .. })) => {
            Err(ProxyError::Refused { proxy: shown, variable, target: target(url), status })
        }
        Err(source) => Err(ProxyError::Unreachable { proxy: shown, variable, source }),
    }
}

/// A proxy's answer to `CONNECT`, or none behind TLS.
async fn connect(proxy: &Proxy, addresses: &[SocketAddr], url: &Url) -> io::Result<Option<ProxyAnswer>> {
    let mut stream = TcpStream::connect(addresses).await?;
    if proxy.tls {
        return Ok(None);
    }
    let request = proxy.request(&target(url));
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.contains(&b'\n') && head.len() < MOST_BYTES {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    if ProxyAnswer::of(&head).is_some_and(|answer| answer.status == 407) {
        // The status alone says enough when the rest does not come.
        let _late = timeout(PATIENCE / 4, rest_of_head(&mut stream, &mut head)).await;
    }
    ProxyAnswer::of(&head).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

async fn rest_of_head(stream: &mut TcpStream, head: &mut Vec<u8>) {
    let ends = |head: &[u8]| head.windows(4).any(|end| end == b"\r\n\r\n") || head.windows(2).any(|end| end == b"\n\n");
    while !ends(head) && head.len() < MOST_BYTES {
        match stream.read_buf(head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn target(url: &Url) -> String {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
    format!("{host}:{port}")
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const URL: &str = "http://new:3128";

    #[test]
    fn what_says_the_same_says_it_from_then_on() {
        for (before, url, exceptions, after) in [
            (None, URL, "a.example", Some("HTTPS_PROXY=http://new:3128\nNO_PROXY=a.example\n")),
            (Some("OTHER=x\n"), URL, "", Some("OTHER=x\nHTTPS_PROXY=http://new:3128\n")),
            (Some("HTTPS_PROXY=http://new:3128\n"), URL, "", None),
            (
                Some("https_proxy=http://old\nALL_PROXY=http://old\n"),
                URL,
                "",
                Some("https_proxy=http://new:3128\nALL_PROXY=http://new:3128\nHTTPS_PROXY=http://new:3128\n"),
            ),
            (Some("all_proxy=http://old\nno_proxy=b.example\n"), "none", "", Some("all_proxy=\nno_proxy=\n")),
            (Some("OTHER=x\n"), "none", "", None),
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let (file, host) = (root.path().join(&KEPT[1..]), Host::new(Some(root.path().to_owned()), None));
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            if let Some(before) = before {
                fs::write(&file, before).expect("written");
            }
            let proxy = SetProxy::new(url, exceptions, None).expect("a proxy");
            assert_eq!(keep(&proxy, &host).expect("kept"), after.is_some(), "{before:?} {url}");
            assert_eq!(fs::read_to_string(&file).ok().as_deref(), after.or(before), "{before:?} {url}");
            assert!(!keep(&proxy, &host).expect("kept"), "twice is once");
            let url: Url = "https://license.example".parse().expect("a URL");
            let way = Ways::new(Proxies::default(), &host).now().towards(&url, |_| false).expect("a way");
            assert_eq!(way.map(|proxy| proxy.shown()), proxy.shown(), "{before:?}");
        }
    }

    #[test]
    fn a_password_goes_into_no_file_that_others_may_read() {
        let root = tempfile::tempdir().expect("a folder");
        let (file, host) = (root.path().join(&KEPT[1..]), Host::new(Some(root.path().to_owned()), None));
        fs::create_dir_all(file.parent().expect("a folder")).and_then(|()| fs::write(&file, "A=b\n")).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
        let named = |url: &str| keep(&SetProxy::new(url, "", None).expect("a proxy"), &host);
        let mode = || fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
        assert!(named(URL).expect("nothing secret"));
        assert_eq!(mode(), 0o644);
        assert!(named("http://kim:pa55word@proxy:3128").expect("kept"));
        assert_eq!(mode(), 0o600);
        fs::remove_file(&file).expect("removed");
        assert!(named("http://kim:pa55word@proxy:3128").expect("a new file"));
        assert_eq!(mode(), 0o600);
    }
}
