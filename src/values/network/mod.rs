//! How a machine is to be wired to its network: said piece by piece, checked as a whole, and written as systemd-networkd reads
//! it (systemd.network(5), systemd.netdev(5)).

mod interface;
mod prefixed;
mod render;
pub mod routes;

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

pub use interface::Interface;
pub use prefixed::Prefixed;
pub use render::NetworkFile;

use super::Hostname;
use crate::words::{Phrase, phrase};

/// What a bond is called where nobody says it.
const BOND: &str = "bond0";

/// Declares what can be said of a network: variant, key in an answers file, what it is.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident, $key:literal;)*) => {
        /// One thing that can be said of the network.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum NetworkField {
            $($(#[$doc])* $field,)*
        }

        impl NetworkField {
            /// All of them, in the order of an answers file.
            pub const ALL: &[Self] = &[$(Self::$field,)*];

            /// Its path in an answers file.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$field => concat!("network.", $key),)* }
            }

            /// Whether there may be several.
            #[must_use]
            pub const fn is_list(self) -> bool {
                !matches!(self, Self::Interface | Self::Vlan | Self::BondMode)
            }
        }
    };
}

fields! {
    /// The interface.
    Interface, "interface";
    /// The id of a VLAN over it (IEEE 802.1Q).
    Vlan, "vlan";
    /// Several interfaces that work as one.
    Bond, "bond";
    /// How they do.
    BondMode, "bond-mode";
    /// The machine's own addresses; without any it asks for one.
    Addresses, "addresses";
    /// Whom everything for elsewhere is given to.
    Gateways, "gateways";
    /// Whom names are asked of.
    NameServers, "name-servers";
    /// The domains in which names without a dot are looked for.
    Search, "search-domains";
    /// Whom the time is asked of.
    TimeServers, "time-servers";
}

/// How several interfaces work as one (systemd.netdev(5), `Mode=`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BondMode {
    /// One works and the others stand by: the switch need not know.
    #[default]
    ActiveBackup,
    /// All of them work, agreed with the switch (LACP).
    Lacp,
    /// All of them work for what goes out.
    BalanceTlb,
    /// The same for what comes in.
    BalanceAlb,
    /// Each destination has one.
    BalanceXor,
    /// One after the other.
    BalanceRr,
    /// Everything goes out over all.
    Broadcast,
}

impl BondMode {
    /// Each with its name in networkd's files and in answers.
    pub const ALL: &[(Self, &str)] = &[
        (Self::ActiveBackup, "active-backup"),
        (Self::Lacp, "802.3ad"),
        (Self::BalanceTlb, "balance-tlb"),
        (Self::BalanceAlb, "balance-alb"),
        (Self::BalanceXor, "balance-xor"),
        (Self::BalanceRr, "balance-rr"),
        (Self::Broadcast, "broadcast"),
    ];
}

impl fmt::Display for BondMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(mode, _)| mode == self).map_or("", |(_, name)| name))
    }
}

/// One thing that was said of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkSetting {
    /// See [`NetworkField::Interface`].
    Interface(Interface),
    /// See [`NetworkField::Vlan`].
    Vlan(u16),
    /// See [`NetworkField::Bond`].
    Bond(Vec<Interface>),
    /// See [`NetworkField::BondMode`].
    BondMode(BondMode),
    /// See [`NetworkField::Addresses`].
    Addresses(Vec<Prefixed>),
    /// See [`NetworkField::Gateways`].
    Gateways(Vec<IpAddr>),
    /// See [`NetworkField::NameServers`].
    NameServers(Vec<IpAddr>),
    /// See [`NetworkField::Search`].
    Search(Vec<Hostname>),
    /// See [`NetworkField::TimeServers`].
    TimeServers(Vec<TimeServer>),
}

/// Whom the time is asked of: a name, or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeServer(String);

impl NetworkSetting {
    /// The highest id of a VLAN (IEEE 802.1Q: 0 and 4095 mean something else).
    pub const MOST_VLAN: u16 = 4094;

    /// What a text says; several are separated by commas or blanks.
    ///
    /// # Errors
    /// Why it says nothing of the kind. The reason leaves open what it is about.
    pub fn parse(field: NetworkField, text: &str) -> Result<Self, Phrase> {
        let what = Phrase::OPEN;
        Ok(match field {
            NetworkField::Interface => Self::Interface(text.parse()?),
            NetworkField::Vlan => {
                let is_number = text.trim().bytes().all(|byte| byte.is_ascii_digit());
                let id = text.trim().parse().ok().filter(|id| is_number && (1..=Self::MOST_VLAN).contains(id));
                Self::Vlan(id.ok_or_else(|| phrase!("value-vlan" { what, most: i64::from(Self::MOST_VLAN) }))?)
            }
            NetworkField::Bond => Self::Bond(several(text, str::parse)?),
            NetworkField::BondMode => {
                let mode = BondMode::ALL.iter().find(|(_, name)| *name == text.trim()).map(|(mode, _)| *mode);
                let modes: Vec<Phrase> = BondMode::ALL.iter().map(|(_, name)| format!("`{name}`").into()).collect();
                Self::BondMode(mode.ok_or_else(|| phrase!("value-one-of" { what, choices: modes }))?)
            }
            NetworkField::Addresses => Self::Addresses(several(text, str::parse)?),
            NetworkField::Gateways => Self::Gateways(several(text, server)?),
            NetworkField::NameServers => Self::NameServers(several(text, server)?),
            NetworkField::Search => Self::Search(several(text, str::parse)?),
            NetworkField::TimeServers => Self::TimeServers(several(text, time_server)?),
        })
    }
}

/// Each of several, none of them twice.
fn several<T: PartialEq>(text: &str, parse: impl Fn(&str) -> Result<T, Phrase>) -> Result<Vec<T>, Phrase> {
    let parts = text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    for part in parts {
        let one = parse(part)?;
        if all.contains(&one) {
            return Err(phrase!("value-twice" { what: Phrase::OPEN, text: part }));
        }
        all.push(one);
    }
    if all.is_empty() { Err(phrase!("value-empty" { what: Phrase::OPEN })) } else { Ok(all) }
}

/// The address of one other machine.
fn server(text: &str) -> Result<IpAddr, Phrase> {
    let address = text.parse().ok();
    let is_one = |address: &IpAddr| !address.is_unspecified() && !address.is_multicast();
    address.filter(is_one).ok_or_else(|| phrase!("value-ip" { what: Phrase::OPEN, text }))
}

fn time_server(text: &str) -> Result<TimeServer, Phrase> {
    let address = server(text).map(|address| address.to_string());
    let named = address.or_else(|_no_address| text.parse::<Hostname>().map(|name| name.as_str().to_owned()));
    named.map(TimeServer).map_err(|_neither| phrase!("value-time-server" { what: Phrase::OPEN, text }))
}

/// Several interfaces that work as one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bond {
    name: String,
    members: Vec<Interface>,
    mode: BondMode,
}

/// What the addresses and everything else rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    /// The only interface there is.
    Only,
    One(Interface),
    Bond(Bond),
}

/// A network that fits together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    base: Base,
    vlan: Option<u16>,
    addresses: Vec<Prefixed>,
    gateways: Vec<IpAddr>,
    name_servers: Vec<IpAddr>,
    search: Vec<Hostname>,
    time_servers: Vec<TimeServer>,
}

impl Network {
    /// The network that is said by these; later ones of a kind count.
    ///
    /// # Errors
    /// What does not fit together, each with what it is about.
    pub fn of(settings: impl IntoIterator<Item = NetworkSetting>) -> Result<Self, Vec<(NetworkField, Phrase)>> {
        let (mut interface, mut members, mut mode, mut vlan) = (None, None, None, None);
        let (mut addresses, mut gateways, mut name_servers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut search, mut time_servers) = (Vec::new(), Vec::new());
        for setting in settings {
            match setting {
                NetworkSetting::Interface(named) => interface = Some(named),
                NetworkSetting::Vlan(id) => vlan = Some(id),
                NetworkSetting::Bond(named) => members = Some(named),
                NetworkSetting::BondMode(named) => mode = Some(named),
                NetworkSetting::Addresses(all) => addresses = all,
                NetworkSetting::Gateways(all) => gateways = all,
                NetworkSetting::NameServers(all) => name_servers = all,
                NetworkSetting::Search(all) => search = all,
                NetworkSetting::TimeServers(all) => time_servers = all,
            }
        }
        let mut wrong = Vec::new();
        let base = base(interface, members, mode, vlan, &mut wrong);
        wrong.extend(wrong_gateway(&addresses, &gateways).map(|reason| (NetworkField::Gateways, reason)));
        if wrong.is_empty() {
            Ok(Self { base, vlan, addresses, gateways, name_servers, search, time_servers })
        } else {
            Err(wrong)
        }
    }

    /// The interface that is meant, where only one of the machine's can be; `None` where there is none yet, such as a bond.
    #[must_use]
    pub fn wanted(&self) -> Vec<&Interface> {
        match &self.base {
            Base::Only => Vec::new(),
            Base::One(interface) => vec![interface],
            Base::Bond(bond) => bond.members.iter().collect(),
        }
    }

    /// The same over this interface, if it is left open over which.
    #[must_use]
    pub fn over(self, only: Interface) -> Self {
        let base = if self.base == Base::Only { Base::One(only) } else { self.base };
        Self { base, ..self }
    }

    /// Whether it is left open over which interface.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.base == Base::Only
    }

    /// What the addresses are on: an interface of this name is made, or is there.
    #[must_use]
    pub fn carrier(&self) -> Option<Interface> {
        match (self.vlan, &self.base) {
            (Some(id), _) => Some(Interface::Name(vlan_name(id))),
            (None, Base::Only) => None,
            (None, Base::One(interface)) => Some(interface.clone()),
            (None, Base::Bond(bond)) => Some(Interface::Name(bond.name.clone())),
        }
    }

    /// The machine's own addresses; none where it asks for one.
    #[must_use]
    pub fn addresses(&self) -> &[Prefixed] {
        &self.addresses
    }

    /// Whom everything for elsewhere is given to.
    #[must_use]
    pub fn gateways(&self) -> &[IpAddr] {
        &self.gateways
    }
}

/// What a VLAN's interface is called.
fn vlan_name(id: u16) -> String {
    format!("vlan{id}")
}

fn base(
    interface: Option<Interface>,
    members: Option<Vec<Interface>>,
    mode: Option<BondMode>,
    vlan: Option<u16>,
    wrong: &mut Vec<(NetworkField, Phrase)>,
) -> Base {
    let own = vlan.map(vlan_name);
    let is_own = |interface: &Interface| own.as_deref().is_some_and(|own| interface.is(own, None));
    let Some(members) = members else {
        if mode.is_some() {
            wrong.push((NetworkField::BondMode, phrase!("network-mode-without-bond" { what: Phrase::OPEN })));
        }
        if interface.as_ref().is_some_and(is_own) {
            wrong.push((NetworkField::Interface, phrase!("network-vlan-over-itself" { what: Phrase::OPEN })));
        }
        return interface.map_or(Base::Only, Base::One);
    };
    let name = match interface {
        Some(Interface::Name(name)) => name,
        Some(Interface::Hardware(_)) => {
            wrong.push((NetworkField::Interface, phrase!("network-bond-name" { what: Phrase::OPEN })));
            BOND.to_owned()
        }
        None => BOND.to_owned(),
    };
    if members.len() < 2 {
        wrong.push((NetworkField::Bond, phrase!("network-bond-alone" { what: Phrase::OPEN })));
    }
    if members.iter().chain([&Interface::Name(name.clone())]).any(is_own) {
        wrong.push((NetworkField::Bond, phrase!("network-vlan-over-itself" { what: Phrase::OPEN })));
    }
    if members.iter().any(|member| member.is(&name, None)) {
        wrong.push((NetworkField::Bond, phrase!("network-bond-of-itself" { what: Phrase::OPEN, name: &name })));
    }
    Base::Bond(Bond { name, members, mode: mode.unwrap_or_default() })
}

/// What is wrong with the gateways, beside these addresses.
fn wrong_gateway(addresses: &[Prefixed], gateways: &[IpAddr]) -> Option<Phrase> {
    if addresses.is_empty() && !gateways.is_empty() {
        return Some(phrase!("network-gateway-alone" { what: Phrase::OPEN }));
    }
    // Each machine has itself on its link, and every IPv6 router such an address (RFC 4861, 6.1.2).
    let is_on_link = |gateway: &IpAddr| matches!(gateway, IpAddr::V6(gateway) if gateway.is_unicast_link_local());
    let is_beside = |gateway: &IpAddr| addresses.iter().any(|own| own.has_beside_it(*gateway));
    let apart = gateways.iter().find(|gateway| !is_on_link(gateway) && !is_beside(gateway));
    let apart =
        apart.map(|gateway| phrase!("network-gateway-apart" { what: Phrase::OPEN, gateway: gateway.to_string() }));
    let own = gateways.iter().find(|gateway| addresses.iter().any(|own| own.address() == **gateway));
    let nobodys = gateways.iter().find(|gateway| addresses.iter().any(|own| own.is_nobodys_beside(**gateway)));
    let several =
        [IpAddr::is_ipv4, IpAddr::is_ipv6].iter().any(|kind| gateways.iter().filter(|one| kind(one)).count() > 1);
    apart
        .or_else(|| {
            own.map(|gateway| phrase!("network-gateway-itself" { what: Phrase::OPEN, gateway: gateway.to_string() }))
        })
        .or_else(|| {
            let nobodys = nobodys?.to_string();
            Some(phrase!("network-gateway-nobodys" { what: Phrase::OPEN, gateway: nobodys }))
        })
        .or_else(|| several.then(|| phrase!("network-gateway-several" { what: Phrase::OPEN })))
}

#[cfg(test)]
mod tests;
