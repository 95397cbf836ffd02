//! The name under which an appliance is reached.

use std::{fmt, str::FromStr};

use url::Host;

use crate::words::{Phrase, said};

/// A DNS name (RFC 1123) in its ASCII form, lower case, without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostname(String);

/// Why a text is not a [`Hostname`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostnameError {
    /// Nothing but white space.
    Empty,
    /// An IP address.
    Address,
    /// Anything else.
    Malformed,
}

said! { HostnameError:
    Self::Empty => "value-no-name" { what: Phrase::OPEN },
    Self::Address => "value-address" { what: Phrase::OPEN },
    Self::Malformed => "value-no-hostname" { what: Phrase::OPEN },
}

impl Hostname {
    /// The longest name (RFC 1035, 2.3.4, without the dot at the end).
    pub const MAX: usize = 253;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hostname {
    type Err = HostnameError;

    fn from_str(text: &str) -> Result<Self, HostnameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(HostnameError::Empty);
        }
        // Takes names in any script to their ASCII form.
        let name = match Host::parse(text) {
            Ok(Host::Domain(name)) => name,
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(HostnameError::Address),
            Err(_malformed) if text.parse::<std::net::IpAddr>().is_ok() => return Err(HostnameError::Address),
            Err(_malformed) => return Err(HostnameError::Malformed),
        };
        let name = name.strip_suffix('.').unwrap_or(&name);
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() <= Self::MAX && name.split('.').all(is_label) {
            Ok(Self(name.to_owned()))
        } else {
            Err(HostnameError::Malformed)
        }
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        use HostnameError::{Address, Empty, Malformed};
        let long = format!("{}.example", "a".repeat(64));
        for (text, name) in [
            (" Appliance.Example.com ", Ok("appliance.example.com")),
            ("appliance.", Ok("appliance")),
            ("bücher.example", Ok("xn--bcher-kva.example")),
            ("  ", Err(Empty)),
            ("192.0.2.7", Err(Address)),
            ("2001:db8::1", Err(Address)),
            ("[2001:db8::1]", Err(Address)),
            ("https://a.example", Err(Malformed)),
            ("a.example/x", Err(Malformed)),
            ("a.example:8443", Err(Malformed)),
            ("a_b.example", Err(Malformed)),
            ("-a.example", Err(Malformed)),
            ("a..example", Err(Malformed)),
            ("two words", Err(Malformed)),
            (&long, Err(Malformed)),
        ] {
            assert_eq!(text.parse::<Hostname>().map(|name| name.0), name.map(str::to_owned), "{text}");
        }
    }
}
