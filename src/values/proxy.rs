//! Which proxy is the way to an address, by the variables of the environment and curl's rules; pure.
//!
//! curl's manual, "Environment": `https_proxy` or `HTTPS_PROXY`, only `http_proxy` for plain HTTP, then `all_proxy` or
//! `ALL_PROXY`; an empty variable is none; `no_proxy` or `NO_PROXY` has what is asked without one. Beyond curl, as many
//! other programs have it, an exception may begin with `*.` or name a port, and `*` may stand in a list.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{SecretText, plain_text};
use crate::words::{Phrase, phrase, said};

/// The port of a proxy that is named without one, as curl has it.
const PORT: u16 = 1080;

/// What people put around a value, and what a text editor makes of it.
const QUOTES: [char; 8] = ['"', '\'', '“', '”', '„', '‘', '’', '`'];

/// What the environment says about proxies.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    https: Option<Variable>,
    http: Option<Variable>,
    exceptions: String,
}

/// A variable that is set; its value may have a password in it.
#[derive(Debug, Clone)]
struct Variable {
    name: &'static str,
    value: SecretText,
}

/// A proxy, and the variable that names it.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The variable's name.
    pub variable: &'static str,
    /// Whether it is spoken to over TLS.
    pub tls: bool,
    /// A name or an address, IPv6 without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// User name and password as they are, not as a URL has them.
    pub user: Option<(SecretText, SecretText)>,
}

/// A variable that names no proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyFault {
    /// The variable's name.
    pub variable: &'static str,
    fault: Fault,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Quoted,
    Character(char, usize),
    SecondAt(usize),
    Scheme(String),
    NoHost,
    Port,
    Address,
}

said! { ProxyFault:
    Self { variable, fault } => "proxy-fault" { variable: *variable, fault: fault.phrase() },
}

impl Fault {
    pub(super) fn phrase(&self) -> Phrase {
        match self {
            Self::Quoted => phrase!("proxy-fault-quoted"),
            Self::Character(character, place) => {
                let (escaped, character) = (format!("%{:02X}", u32::from(*character)), character.to_string());
                phrase!("proxy-fault-character" { character, place: *place, escaped })
            }
            Self::SecondAt(place) => phrase!("proxy-fault-at" { place: *place }),
            Self::Scheme(scheme) => phrase!("proxy-fault-scheme" { scheme }),
            Self::NoHost => phrase!("proxy-fault-host"),
            Self::Port => phrase!("proxy-fault-port"),
            Self::Address => phrase!("proxy-fault-address"),
        }
    }
}

impl Proxies {
    /// What the environment says, asked for one variable after the other.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &'static str| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            Some(Variable { name, value: SecretText::new(value) })
        };
        let first = |names: &[&'static str]| names.iter().find_map(|name| set(name));
        let exceptions = first(&["no_proxy", "NO_PROXY"]);
        Self {
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: first(&["http_proxy", "all_proxy", "ALL_PROXY"]),
            exceptions: exceptions.map(|found| found.value.expose().to_owned()).unwrap_or_default(),
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.https.is_none() && self.http.is_none()
    }

    /// The proxy that is the way to `url`; `is_own` says which addresses are this machine's.
    ///
    /// What lies on this machine or in its cluster is never asked for by way of a proxy.
    ///
    /// # Errors
    /// When the variable that counts names no proxy.
    pub fn towards(&self, url: &Url, is_own: impl Fn(IpAddr) -> bool) -> Result<Option<Proxy>, ProxyFault> {
        let variable = if url.scheme() == "https" { &self.https } else { &self.http };
        let (Some(variable), Some(host)) = (variable, url.host()) else { return Ok(None) };
        if is_here(&host, is_own) || self.excepts(&host, url.port_or_known_default()) {
            return Ok(None);
        }
        let proxy = proxy(variable.value.expose(), variable.name);
        proxy.map(Some).map_err(|fault| ProxyFault { variable: variable.name, fault })
    }

    fn excepts(&self, host: &Host<&str>, port: Option<u16>) -> bool {
        let tokens = self.exceptions.split([' ', '\t', ',']).filter(|token| !token.is_empty());
        tokens.into_iter().any(|token| token == "*" || excepts(token, host, port))
    }
}

/// Whether it lies on this machine or in its cluster.
fn is_here(host: &Host<&str>, is_own: impl Fn(IpAddr) -> bool) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            ["localhost", "svc", "cluster.local"].iter().any(|own| is_below(&name, own))
        }
        Host::Ipv4(address) => address.is_loopback() || is_own((*address).into()),
        Host::Ipv6(address) => address.is_loopback() || is_own((*address).into()),
    }
}

/// Whether a name is this one, or lies below it.
fn is_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether one exception is about this host and port.
fn excepts(token: &str, host: &Host<&str>, port: Option<u16>) -> bool {
    let address = match host {
        Host::Domain(name) => {
            let (name, token) = (name.trim_end_matches('.').to_ascii_lowercase(), token.to_ascii_lowercase());
            let (token, wanted) = with_port(&token);
            let token = token.strip_prefix('*').unwrap_or(token);
            let token = token.strip_prefix('.').unwrap_or(token).trim_end_matches('.');
            return !token.is_empty() && is_below(&name, token) && wanted.is_none_or(|wanted| Some(wanted) == port);
        }
        Host::Ipv4(address) => IpAddr::from(*address),
        Host::Ipv6(address) => IpAddr::from(*address),
    };
    let plain = |token: &str| token.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    if plain(token) == Some(address) {
        return true;
    }
    if let Some((network, bits)) = token.split_once('/') {
        return plain(network).zip(bits.parse().ok()).is_some_and(|(network, bits)| is_within(address, network, bits));
    }
    matches!(with_port(token), (token, Some(wanted)) if plain(token) == Some(address) && Some(wanted) == port)
}

/// What stands before a port, and the port.
fn with_port(token: &str) -> (&str, Option<u16>) {
    match token.rsplit_once(':') {
        Some((host, port)) if let Ok(port) = port.parse() => (host, Some(port)),
        _ => (token, None),
    }
}

/// Whether an address lies in a network (RFC 4632).
fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |address: u128, network: u128, width: u32| {
        bits <= width && (address ^ network).checked_shr(width - bits).unwrap_or(0) == 0
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => same(address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => same(address.to_bits(), network.to_bits(), 128),
        _ => false,
    }
}

/// The proxy that a text names.
pub(super) fn proxy(value: &str, variable: &'static str) -> Result<Proxy, Fault> {
    // A file of variables that is read by no shell keeps the quotation marks.
    if value.starts_with(QUOTES) || value.ends_with(QUOTES) {
        return Err(Fault::Quoted);
    }
    let strange =
        |character: char| character.is_whitespace() || character.is_control() || "\"'\\#`<>".contains(character);
    let place = |index: usize| value[..index].chars().count() + 1;
    if let Some((index, character)) = value.char_indices().find(|(_, character)| strange(*character)) {
        return Err(Fault::Character(character, place(index)));
    }
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let scheme = scheme.to_ascii_lowercase();
    if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
        return Err(Fault::Address);
    }
    if scheme != "http" && scheme != "https" {
        return Err(Fault::Scheme(scheme.chars().take(20).collect()));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    // Of a password: what stands before it would be taken for the host, and shown.
    if rest[authority.len()..].contains('@') {
        let index = value.len() - rest.len() + authority.len();
        return Err(Fault::Character(value[index..].chars().next().unwrap_or('/'), place(index)));
    }
    if let [_, second, ..] = authority.match_indices('@').collect::<Vec<_>>()[..] {
        return Err(Fault::SecondAt(place(value.len() - rest.len() + second.0)));
    }
    let (user, server) = authority.split_once('@').map_or((None, authority), |(user, server)| (Some(user), server));
    let user = user.map(|user| {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        (unescaped(name), unescaped(password))
    });
    let (host, port) = if let Some(bracketed) = server.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']').ok_or(Fault::Address)?;
        address.parse::<std::net::Ipv6Addr>().map_err(|_error| Fault::Address)?;
        (address, port.strip_prefix(':'))
    } else {
        server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port)))
    };
    if host.is_empty() {
        return Err(Fault::NoHost);
    }
    let tls = scheme == "https";
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(Fault::Port)?,
        None if tls => 443,
        None => PORT,
    };
    Ok(Proxy { variable, tls, host: host.to_owned(), port, user })
}

/// Without the escapes of a URL (RFC 3986, section 2.1); what is none stays as it is.
fn unescaped(text: &str) -> SecretText {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.first_chunk::<2>().and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    SecretText::new(String::from_utf8_lossy(&bytes).into_owned())
}

impl Proxy {
    /// Host and port, for messages: never the password.
    #[must_use]
    pub fn shown(&self) -> String {
        let host = plain_text(&self.host, 253);
        if host.contains(':') { format!("[{host}]:{}", self.port) } else { format!("{host}:{}", self.port) }
    }

    /// What asks it for a way to a host and port; it may have the password in it.
    #[must_use]
    pub fn request(&self, target: &str) -> Zeroizing<String> {
        let mut request = Zeroizing::new(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"));
        if let Some((user, password)) = &self.user {
            let both = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
            let basic = Zeroizing::new(STANDARD.encode(both.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&basic);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(variables: &[(&str, &str)], url: &str) -> Result<Option<String>, ProxyFault> {
        let found =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let proxy =
            Proxies::of(found).towards(&url.parse().expect("a URL"), |address| address.to_string() == "10.0.0.7");
        proxy.map(|proxy| proxy.map(|proxy| proxy.shown()))
    }

    #[test]
    fn which_variable_counts() {
        let (https, http) = ("https://a.example/", "http://a.example/");
        let proxy = |host: &str| Ok(Some(format!("{host}:1080")));
        for (variables, url, expected) in [
            (&[("https_proxy", "a"), ("HTTPS_PROXY", "b")][..], https, proxy("a")),
            (&[("https_proxy", ""), ("HTTPS_PROXY", "b")], https, proxy("b")),
            (&[("ALL_PROXY", "b"), ("all_proxy", "a")], https, proxy("a")),
            (&[("HTTPS_PROXY", "a"), ("all_proxy", "b")], https, proxy("a")),
            (&[("http_proxy", "a")], https, Ok(None)),
            (&[("http_proxy", "a")], http, proxy("a")),
            // A web server sets this for its scripts.
            (&[("HTTP_PROXY", "a")], http, Ok(None)),
            (&[("ALL_PROXY", "a")], http, proxy("a")),
            (&[], https, Ok(None)),
        ] {
            assert_eq!(towards(variables, url), expected, "{variables:?} {url}");
        }
    }

    #[test]
    fn what_is_here_is_asked_for_without_a_proxy() {
        for here in [
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "localhost",
            "LOCALHOST.",
            "console.localhost",
            "10.0.0.7",
            "api.msp.svc",
            "api.msp.svc.cluster.local",
        ] {
            let url = format!("https://{here}:8443/");
            assert_eq!(towards(&[("https_proxy", "http://\"")], &url), Ok(None), "{here}: nor is its value looked at");
        }
        for elsewhere in ["10.0.0.8", "mylocalhost", "license.example"] {
            let url = format!("https://{elsewhere}/");
            assert_eq!(towards(&[("https_proxy", "p:1")], &url), Ok(Some("p:1".to_owned())), "{elsewhere}");
        }
    }

    #[test]
    fn a_proxy_or_what_is_wrong_with_it() {
        let proxy = |value| super::proxy(value, "HTTPS_PROXY");
        for (value, shown, tls) in [
            ("proxy.example:8080", "proxy.example:8080", false),
            ("proxy.example", "proxy.example:1080", false),
            ("none", "none:1080", false),
            ("HTTP://proxy.example:8080/", "proxy.example:8080", false),
            ("https://proxy.example", "proxy.example:443", true),
            ("http://[2001:db8::1]:3128", "[2001:db8::1]:3128", false),
            ("http://user@proxy.example:1/", "proxy.example:1", false),
        ] {
            let proxy = proxy(value).expect(value);
            assert_eq!((proxy.shown().as_str(), proxy.tls), (shown, tls), "{value}");
        }
        for (value, fault) in [
            ("http://CORP\\svc-web:p@ss@proxy.example:8080", Fault::Character('\\', 12)),
            ("http://user:p#w%@proxy.example:8080", Fault::Character('#', 14)),
            ("\"http://proxy.example:8080\"", Fault::Quoted),
            ("„http://proxy.example:8080“", Fault::Quoted),
            ("http://kim:p\"w@proxy.example:8080", Fault::Character('"', 13)),
            ("http://proxy.example:8080/ ", Fault::Character(' ', 27)),
            ("http://us\u{e9}r:p@ss@proxy.example:8080", Fault::SecondAt(17)),
            ("http://kim:2024/Summer@proxy:8080", Fault::Character('/', 16)),
            ("kim:hunter2@proxy:8080/?u=http://x", Fault::Address),
            ("http://proxy.example:port", Fault::Port),
            ("http://proxy.example:0", Fault::Port),
            ("socks5h://proxy.example:1080", Fault::Scheme("socks5h".to_owned())),
            ("http://[fe80::1%eth0]:8080", Fault::Address),
            ("http://", Fault::NoHost),
            ("http://:8080", Fault::NoHost),
        ] {
            assert_eq!(proxy(value).expect_err(value), fault, "{value}");
        }
        let (user, password) = proxy("http://CORP%5Ckim:p%40s%23s%2@p").expect("a proxy").user.expect("a user");
        assert_eq!((user.expose(), password.expose()), ("CORP\\kim", "p@s#s%2"));
        let debug =
            format!("{:?}", Proxies::of(|name| (name == "all_proxy").then(|| "http://kim:pa55word@p".to_owned())));
        assert!(!debug.contains("pa55word"), "{debug}");
    }
}
