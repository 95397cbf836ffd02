//! An address of a machine with the length of its network's prefix.

use std::{fmt, net::IpAddr, str::FromStr};

use crate::words::{Phrase, phrase};

/// An address that a machine may have, and how many of its bits are those of the network: `192.0.2.7/24` (RFC 4632),
/// `2001:db8::7/64` (RFC 4291, 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefixed {
    address: IpAddr,
    prefix: u8,
}

impl Prefixed {
    /// The address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// Whether another address lies in the same network.
    #[must_use]
    pub fn has_beside_it(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()) & self.mask_v4() == 0,
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or_default();
                (own.to_bits() ^ other.to_bits()) & mask == 0
            }
            _ => false,
        }
    }

    /// Whether another address, in the same network, is nobody's: that of the network itself, or of all machines in it.
    pub(super) fn is_nobodys_beside(self, other: IpAddr) -> bool {
        self.has_beside_it(other) && Self { address: other, prefix: self.prefix }.is_nobodys()
    }

    fn mask_v4(self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or_default()
    }

    /// Whether it is the address of the network itself, or that of all machines in it (RFC 922); with two machines or one in
    /// it there is neither (RFC 3021).
    fn is_nobodys(self) -> bool {
        let IpAddr::V4(address) = self.address else { return false };
        let hosts = address.to_bits() & !self.mask_v4();
        self.prefix < 31 && (hosts == 0 || hosts == !self.mask_v4())
    }
}

impl FromStr for Prefixed {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let no_address = || phrase!("value-prefixed" { what: Phrase::OPEN, text });
        let address: IpAddr = address.parse().map_err(|_malformed| no_address())?;
        let (longest, example) = if address.is_ipv4() { (32, "/24") } else { (128, "/64") };
        if prefix.is_empty() {
            return Err(phrase!("value-prefix-missing" { what: Phrase::OPEN, text, example }));
        }
        let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| is_number && (1..=longest).contains(prefix));
        let Some(prefix) = prefix else {
            return Err(phrase!("value-prefix-length" { what: Phrase::OPEN, text, most: longest }));
        };
        let own = Self { address, prefix };
        if address.is_unspecified() || address.is_loopback() || address.is_multicast() || own.is_nobodys() {
            return Err(phrase!("value-prefixed-nobodys" { what: Phrase::OPEN, text }));
        }
        Ok(own)
    }
}

impl fmt::Display for Prefixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_with_their_prefix() {
        for (text, shown) in [
            ("192.0.2.7/24", Some("192.0.2.7/24")),
            (" 192.0.2.7/32 ", Some("192.0.2.7/32")),
            ("192.0.2.0/31", Some("192.0.2.0/31")),
            ("192.0.2.1/31", Some("192.0.2.1/31")),
            ("2001:DB8:0::7/64", Some("2001:db8::7/64")),
            ("fe80::1/64", Some("fe80::1/64")),
            ("2001:db8::/64", Some("2001:db8::/64")),
            ("", None),
            ("192.0.2.7", None),
            ("192.0.2.7/", None),
            ("192.0.2.7/0", None),
            ("192.0.2.7/33", None),
            ("192.0.2.7/+24", None),
            ("192.0.2.7/255.255.255.0", None),
            ("192.0.2.7/24/24", None),
            ("192.0.2.0/24", None),
            ("192.0.2.255/24", None),
            ("192.0.2.256/24", None),
            ("192.0.2/24", None),
            ("127.0.0.1/8", None),
            ("224.0.0.1/24", None),
            ("0.0.0.0/8", None),
            ("2001:db8::7/129", None),
            ("::1/128", None),
            ("ff02::1/64", None),
            ("fe80::1%eth0/64", None),
            ("appliance.example/24", None),
        ] {
            assert_eq!(text.parse::<Prefixed>().ok().map(|parsed| parsed.to_string()).as_deref(), shown, "{text:?}");
        }
    }

    #[test]
    fn who_lies_in_the_same_network() {
        for (own, other, beside) in [
            ("192.0.2.7/24", "192.0.2.1", true),
            ("192.0.2.7/24", "192.0.3.1", false),
            ("192.0.2.7/25", "192.0.2.129", false),
            ("192.0.2.7/32", "192.0.2.1", false),
            ("192.0.2.7/32", "192.0.2.7", true),
            ("10.0.0.1/1", "127.0.0.1", true),
            ("192.0.2.7/24", "::ffff:192.0.2.1", false),
            ("2001:db8::7/64", "2001:db8::1", true),
            ("2001:db8::7/64", "2001:db8:0:1::1", false),
            ("2001:db8::7/128", "2001:db8::7", true),
        ] {
            let (own, address): (Prefixed, IpAddr) = (own.parse().expect("with a prefix"), other.parse().expect("one"));
            assert_eq!(own.has_beside_it(address), beside, "{own} {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_is_read(text in "\\PC{0,40}|[0-9a-f:./]{0,24}") {
            if let Ok(parsed) = text.parse::<Prefixed>() {
                prop_assert_eq!(parsed.to_string().parse::<Prefixed>(), Ok(parsed));
            }
        }

        #[test]
        fn every_machines_address_is_read(bits: u32, prefix in 1..=30_u8) {
            let address = std::net::Ipv4Addr::from(bits);
            let (mask, text) = (u32::MAX << (32 - u32::from(prefix)), format!("{address}/{prefix}"));
            let hosts = bits & !mask;
            let is_nobodys = hosts == 0 || hosts == !mask;
            let is_special = address.is_loopback() || address.is_multicast() || address.is_unspecified();
            prop_assert_eq!(text.parse::<Prefixed>().is_ok(), !is_nobodys && !is_special);
        }

        #[test]
        fn every_ipv6_address_is_itself_in_its_network(bits: u128, prefix in 1..=128_u8) {
            let address = std::net::Ipv6Addr::from(bits);
            if let Ok(parsed) = format!("{address}/{prefix}").parse::<Prefixed>() {
                prop_assert!(parsed.has_beside_it(address.into()));
                let other = std::net::Ipv6Addr::from(bits ^ (1 << (128 - u32::from(prefix))));
                prop_assert!(!parsed.has_beside_it(other.into()));
            }
        }
    }
}
