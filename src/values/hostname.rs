//! The name under which an appliance is reached.

use std::{net::IpAddr, str::FromStr};

use url::Host;

use crate::words::{Phrase, phrase};

/// A DNS name (RFC 1123) in its ASCII form, lower case, without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostname(String);

impl Hostname {
    /// The longest name (RFC 1035, 2.3.4, without the dot at the end).
    pub const MAX: usize = 253;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hostname {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        if text.is_empty() {
            return Err(phrase!("value-no-name" { what: Phrase::OPEN }));
        }
        // Takes names in any script to their ASCII form.
        match Host::parse(text) {
            Ok(Host::Domain(name)) => {
                let name = name.strip_suffix('.').unwrap_or(&name);
                if name.len() <= Self::MAX && name.split('.').all(|label| is_dns_label(label, 63)) {
                    return Ok(Self(name.to_owned()));
                }
            }
            Err(_malformed) if text.parse::<IpAddr>().is_err() => {}
            _ => return Err(phrase!("value-address" { what: Phrase::OPEN })),
        }
        Err(phrase!("value-no-hostname" { what: Phrase::OPEN }))
    }
}

/// Whether a text is a DNS label (RFC 1123) in lower case, of at most so many characters.
pub fn is_dns_label(text: &str, longest: usize) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=longest).contains(&text.len()) && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let [empty, address, malformed] = [
            phrase!("value-no-name" { what: Phrase::OPEN }),
            phrase!("value-address" { what: Phrase::OPEN }),
            phrase!("value-no-hostname" { what: Phrase::OPEN }),
        ];
        let long = format!("{}.example", "a".repeat(64));
        for (text, name) in [
            (" Appliance.Example.com ", Ok("appliance.example.com")),
            ("appliance.", Ok("appliance")),
            ("bücher.example", Ok("xn--bcher-kva.example")),
            ("  ", Err(&empty)),
            ("192.0.2.7", Err(&address)),
            ("2001:db8::1", Err(&address)),
            ("[2001:db8::1]", Err(&address)),
            ("https://a.example", Err(&malformed)),
            ("a.example/x", Err(&malformed)),
            ("a.example:8443", Err(&malformed)),
            ("a_b.example", Err(&malformed)),
            ("-a.example", Err(&malformed)),
            ("a..example", Err(&malformed)),
            ("two words", Err(&malformed)),
            (&long, Err(&malformed)),
        ] {
            let parsed = text.parse::<Hostname>();
            assert_eq!(parsed.as_ref().map(Hostname::as_str), name, "{text}");
        }
    }
}
