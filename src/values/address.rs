//! Where an appliance is reached: a URL of nothing but scheme, host and port.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use super::Hostname;
use crate::words::{Phrase, phrase};

/// An origin (RFC 6454) in its canonical form: its host is in lower case, and a port is there only if the scheme has
/// another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
}

/// How an appliance is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

/// What an appliance is called, or at which address it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A DNS name.
    Name(Hostname),
    /// An address.
    Ip(IpAddr),
}

impl Address {
    /// The longest one: a name, and what may stand around it.
    pub const MAX: usize = "https://".len() + Hostname::MAX + ":65535/".len();

    /// The address of a host; without a port it is the scheme's.
    pub fn new(scheme: Scheme, host: Host, port: Option<u16>) -> Self {
        Self { scheme, host, port: port.filter(|port| *port != scheme.port()) }
    }

    /// The scheme.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The port: the one that was given, or else the scheme's.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.port())
    }

    /// As programs compare it, without a `/` at the end.
    pub fn origin(&self) -> String {
        self.to_string()
    }
}

/// The address without a `/` at the end.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host.in_url())?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Scheme {
    /// The port that is meant where none is named.
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl Host {
    /// The host as it stands in a URL: an IPv6 address in brackets.
    pub fn in_url(&self) -> String {
        match self {
            Self::Ip(IpAddr::V6(address)) => format!("[{address}]"),
            host => host.to_string(),
        }
    }

    fn parse(text: &str) -> Result<Self, Phrase> {
        let address = match text.strip_prefix('[') {
            Some(rest) => {
                let inner = rest.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
                IpAddr::V6(inner.ok_or_else(|| phrase!("value-url-no-ipv6" { what: Phrase::OPEN }))?)
            }
            None => match text.parse::<Ipv4Addr>() {
                Ok(address) => IpAddr::V4(address),
                Err(_name) => {
                    // A name may be typed with blanks around it; here they would stand within the address.
                    let name = Some(text).filter(|text| text.trim() == *text).and_then(|text| text.parse().ok());
                    return name.map(Self::Name).ok_or_else(|| phrase!("value-url-host" { what: Phrase::OPEN }));
                }
            },
        };
        if leads_somewhere(address) {
            return Ok(Self::Ip(address));
        }
        Err(phrase!("value-url-nowhere" { what: Phrase::OPEN, address: address.to_string() }))
    }
}

/// The host alone: an IPv6 address without brackets, as in a certificate.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name.as_str()),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

/// Whether an address is that of one machine, to others too.
fn leads_somewhere(address: IpAddr) -> bool {
    let is_local = match address {
        IpAddr::V4(address) => address.is_broadcast(),
        // Without its zone, which a URL has no place for, it is nobody's.
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(is_local || address.is_unspecified() || address.is_multicast())
}

impl FromStr for Address {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        if text.is_empty() {
            return Err(phrase!("value-url-empty" { what: Phrase::OPEN }));
        }
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(phrase!("value-url-scheme" { what: Phrase::OPEN })),
        };
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at(end);
        if authority.contains('@') {
            return Err(phrase!("value-url-user" { what: Phrase::OPEN }));
        }
        let more = behind.strip_prefix('/').unwrap_or(behind);
        match more.chars().next() {
            None => {}
            Some('?') => return Err(phrase!("value-url-query" { what: Phrase::OPEN })),
            Some('#') => return Err(phrase!("value-url-fragment" { what: Phrase::OPEN })),
            Some(_) => return Err(phrase!("value-url-path" { what: Phrase::OPEN })),
        }
        let colon = authority.rfind(':').filter(|colon| authority.rfind(']').is_none_or(|bracket| bracket < *colon));
        let (host, port) =
            colon.map_or((authority, None), |colon| (&authority[..colon], Some(&authority[colon + 1..])));
        if !host.starts_with('[') && host.contains(':') {
            return Err(phrase!("value-url-brackets" { what: Phrase::OPEN }));
        }
        let host = Host::parse(host)?;
        let number = |port: &str| {
            let digits = Some(port).filter(|port| port.bytes().all(|digit| digit.is_ascii_digit()))?;
            digits.parse::<u16>().ok().filter(|port| *port > 0)
        };
        let wrong = || phrase!("value-url-port" { what: Phrase::OPEN });
        let port = port.map(|port| number(port).ok_or_else(wrong)).transpose()?;
        Ok(Self::new(scheme, host, port))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        for (text, shown, host, port) in [
            ("http://192.168.1.50:3000", "http://192.168.1.50:3000", "192.168.1.50", 3000),
            (" HTTPS://Appliance.Example.com/ ", "https://appliance.example.com", "appliance.example.com", 443),
            ("https://appliance.example.com.", "https://appliance.example.com", "appliance.example.com", 443),
            ("https://appliance:443", "https://appliance", "appliance", 443),
            ("http://appliance:443", "http://appliance:443", "appliance", 443),
            ("https://bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example", 443),
            ("http://[2001:DB8::1]:3000/", "http://[2001:db8::1]:3000", "2001:db8::1", 3000),
            ("http://[2001:db8:0:0::1]", "http://[2001:db8::1]", "2001:db8::1", 80),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1", 8080),
        ] {
            let address = text.parse::<Address>().expect(text);
            assert_eq!((address.to_string().as_str(), address.port()), (shown, port), "{text}");
            assert_eq!((address.origin().as_str(), address.host().to_string().as_str()), (shown, host), "{text}");
        }
    }

    #[test]
    fn what_is_no_address() {
        let about = |text: &str| text.parse::<Address>().expect_err(text).about("It").to_string();
        for (texts, reason) in [
            (&["", "  "][..], "It is empty"),
            (&["appliance.example", "192.168.1.50:3000", "ftp://a", "http:/a", "//a"], "It must begin with `http://`"),
            (&["http://kim@a.example", "http://kim:pw@a.example:80"], "It has a user name"),
            (&["http://a/x", "http://a//", "http://a\\x", "https://a:1/b?c"], "It has a path"),
            (&["http://a?b", "http://a/?"], "It has a query"),
            (&["http://a#b", "http://a/#b"], "It has a fragment"),
            (&["http://2001:db8::1", "http://2001:db8::1:3000/"], "It has an IPv6 address without brackets"),
            (&["http://[192.0.2.7]", "http://[fe80::1%25eth0]", "http://[::1", "http://[::1]x"], "It has brackets"),
            (&["http://a:", "http://a:0", "http://a:65536", "http://a:+80", "http://a: 80"], "It has a port that"),
            (
                &["http://", "http://:80", "http:// a", "http://a b", "http://a_b", "http://1.2.3", "http://0x7f.1"],
                "It has no host",
            ),
            (&["http://0.0.0.0", "http://[::]", "http://[fe80::1]", "http://255.255.255.255"], "It names `"),
        ] {
            for text in texts {
                assert!(about(text).starts_with(reason), "{text}: {}", about(text));
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(
            secure: bool,
            kind in 0_u8..3,
            name in "[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{1,10}){0,3}",
            bits: u128,
            port in proptest::option::of(1_u16..),
        ) {
            let host = match kind {
                0 => Host::Name(name.parse().expect("a name")),
                1 => Host::Ip(IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap_or_default()))),
                _ => Host::Ip(IpAddr::V6(Ipv6Addr::from_bits(bits))),
            };
            prop_assume!(!matches!(&host, Host::Ip(address) if !leads_somewhere(*address)));
            let address = Address::new(if secure { Scheme::Https } else { Scheme::Http }, host, port);
            prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address.clone()));
            prop_assert_eq!(format!("{address}/").parse::<Address>(), Ok(address.clone()));
            // As browsers and other programs have it.
            let url = url::Url::parse(&address.to_string()).expect("a URL");
            prop_assert_eq!(url.origin().ascii_serialization(), address.origin());
            prop_assert!(address.to_string().len() < Address::MAX);
        }

        #[test]
        fn nothing_is_read_as_something_else(text in "(https?://)?[a-z0-9.:/@?#\\[\\] -]{0,30}") {
            if let Ok(address) = text.parse::<Address>() {
                let mut url = url::Url::parse(text.trim()).expect("what is taken is a URL");
                // Of a name that ends with the root's dot no certificate could be (RFC 5280, RFC 6066).
                if let Some(name) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
                    url.set_host(Some(&name)).expect("the same without a dot");
                }
                prop_assert_eq!(url.origin().ascii_serialization(), address.origin());
            }
        }
    }
}
