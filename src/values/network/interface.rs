//! Which interface is meant: by its name, or by its hardware address.

use std::{fmt, str::FromStr};

use crate::words::{Phrase, phrase};

/// The longest name of an interface (`IFNAMSIZ` without the end, netdevice(7)).
const LONGEST: usize = 15;

/// How many octets a hardware address of Ethernet has.
const OCTETS: usize = 6;

/// An interface of a machine, as somebody names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interface {
    /// By its name, such as `eth0`.
    Name(String),
    /// By its hardware address, which stays when drivers or slots change what it is called.
    Hardware([u8; OCTETS]),
}

impl Interface {
    /// Whether this is an interface that is called `name` and has this hardware address.
    #[must_use]
    pub fn is(&self, name: &str, hardware: Option<&str>) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Hardware(octets) => hardware.and_then(octets_of).as_ref() == Some(octets),
        }
    }

    /// The same for the name of a file.
    #[must_use]
    pub fn slug(&self) -> String {
        self.to_string().replace(':', "")
    }
}

impl FromStr for Interface {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        if let Some(octets) = octets_of(text) {
            return Ok(Self::Hardware(octets));
        }
        // The kernel takes more (`dev_valid_name`); what networkd reads as a pattern, or as several, is no name here.
        let is_in_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name = (1..=LONGEST).contains(&text.len())
            && text.chars().all(is_in_names)
            && text.chars().any(|c| c.is_ascii_alphabetic())
            && !text.starts_with(['-', '.']);
        if is_name { Ok(Self::Name(text.to_owned())) } else { Err(phrase!("value-interface" { what: Phrase::OPEN })) }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Hardware(octets) => f.write_str(&octets.map(|octet| format!("{octet:02x}")).join(":")),
        }
    }
}

/// Six octets in hexadecimal, with colons or hyphens between them.
fn octets_of(text: &str) -> Option<[u8; OCTETS]> {
    let parts: Vec<&str> = text.split(if text.contains('-') { '-' } else { ':' }).collect();
    let octet = |part: &&str| {
        let is_octet = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_octet.then(|| u8::from_str_radix(part, 16).ok())?
    };
    parts.iter().map(octet).collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hardware_addresses() {
        for (text, shown) in [
            ("eth0", Some("eth0")),
            (" enp3s0f1np1 ", Some("enp3s0f1np1")),
            ("wlx-0a.5_b", Some("wlx-0a.5_b")),
            ("fifteen-letters", Some("fifteen-letters")),
            ("52:54:00:AB:cd:01", Some("52:54:00:ab:cd:01")),
            ("52-54-00-ab-cd-01", Some("52:54:00:ab:cd:01")),
            ("", None),
            ("sixteen-letters-", None),
            ("52:54:00:ab:cd", None),
            ("52:54:00:ab:cd:+1", None),
            ("eth*", None),
            ("eth0 eth1", None),
            ("!eth0", None),
            ("-eth0", None),
            ("..", None),
            ("0815", None),
            ("eth0/1", None),
            ("éth0", None),
            ("eth0\n", Some("eth0")),
        ] {
            assert_eq!(text.parse::<Interface>().ok().map(|parsed| parsed.to_string()).as_deref(), shown, "{text:?}");
        }
    }

    #[test]
    fn one_of_the_machines_is_the_one_that_was_named() {
        let parse = |text: &str| text.parse::<Interface>().expect("an interface");
        assert!(parse("eth0").is("eth0", None) && !parse("eth0").is("eth1", None));
        let hardware = parse("52:54:00:ab:cd:01");
        assert!(hardware.is("anything", Some("52:54:00:AB:CD:01")));
        assert!(!hardware.is("eth0", Some("52:54:00:ab:cd:02")) && !hardware.is("eth0", None));
        assert_eq!(hardware.slug(), "525400abcd01");
    }
}
