//! A network as the files of systemd-networkd.

use std::fmt::Write;

use super::{Base, Bond, Interface, Network, Prefixed, vlan_name};

/// Whoever opens such a file sees where it is from.
const HEADER: &str = "# Written by firstlight, which replaces it whole when it is told of another network.\n";

/// How often the members of a bond are asked whether their cable is in.
const WATCH: &str = "100ms";

/// A file of networkd, by its name without what stands before it in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFile {
    /// Such as `eth0.network`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl NetworkFile {
    fn new(name: String, sections: &str) -> Self {
        Self { name, text: format!("{HEADER}{sections}") }
    }

    fn network(interface: &Interface, sections: &str) -> Self {
        Self::new(format!("{}.network", interface.slug()), sections)
    }

    /// Which device networkd makes of it, if it is one that has to be made.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.name.strip_suffix(".netdev")
    }

    /// Which interface it is about, by the name or the hardware address that it says.
    #[must_use]
    pub fn matched(text: &str) -> Option<Interface> {
        let said = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        said("MACAddress").or_else(|| said("Name"))?.parse().ok()
    }

    /// What keeps an interface that nobody wants any more from being used.
    #[must_use]
    pub fn down(device: &str) -> Self {
        let sections =
            format!("\n[Match]\nName={device}\n\n[Link]\nActivationPolicy=always-down\nRequiredForOnline=no\n");
        Self::new(format!("{device}.network"), &sections)
    }
}

impl Network {
    /// Its files. What others rest on stands last: as long as that is not there, what was before stays in force.
    ///
    /// Where it is left open over which interface there are none.
    #[must_use]
    pub fn files(&self) -> Vec<NetworkFile> {
        let mut files = Vec::new();
        let above = self.vlan.map(|id| {
            let name = vlan_name(id);
            let device = format!("\n[NetDev]\nName={name}\nKind=vlan\n\n[VLAN]\nId={id}\n");
            files.push(NetworkFile::new(format!("{name}.netdev"), &device));
            let upper = Interface::Name(name.clone());
            files.push(NetworkFile::network(&upper, &format!("{}{}", matching(&upper), self.addressing())));
            name
        });
        // What carries a VLAN alone has no addresses of its own.
        let inner = above.map_or_else(
            || self.addressing(),
            |name| format!("\n[Network]\nVLAN={name}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"),
        );
        match &self.base {
            Base::Only => return Vec::new(),
            Base::One(interface) => {
                files.push(NetworkFile::network(interface, &format!("{}{inner}", matching(interface))));
            }
            Base::Bond(bond) => files.extend(bond_files(bond, &inner)),
        }
        files
    }

    /// How it comes by its addresses, and whom it asks for names and time.
    fn addressing(&self) -> String {
        let mut text = "\n[Network]\n".to_owned();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "{key}={value}");
        };
        if self.addresses.is_empty() {
            line("DHCP", &"yes");
            line("IPv6AcceptRA", &"yes");
        } else {
            line("DHCP", &"no");
            let has_v6 = self.addresses.iter().any(|own| own.address().is_ipv6());
            line("IPv6AcceptRA", &if has_v6 { "no" } else { "yes" });
        }
        self.addresses.iter().for_each(|address: &Prefixed| line("Address", address));
        self.gateways.iter().for_each(|gateway| line("Gateway", gateway));
        self.name_servers.iter().for_each(|server| line("DNS", server));
        let search: Vec<&str> = self.search.iter().map(super::Hostname::as_str).collect();
        if !search.is_empty() {
            line("Domains", &search.join(" "));
        }
        self.time_servers.iter().for_each(|server| line("NTP", &server.0));
        text + &self.told_by_others()
    }

    /// What is taken of what the network itself says: what somebody has named goes before.
    fn told_by_others(&self) -> String {
        let names = if self.name_servers.is_empty() { "" } else { "UseDNS=no\n" };
        let time = if self.time_servers.is_empty() { "" } else { "UseNTP=no\n" };
        let domains = if self.search.is_empty() { "UseDomains=yes\n" } else { "" };
        let section =
            |title: &str, lines: String| if lines.is_empty() { lines } else { format!("\n[{title}]\n{lines}") };
        let asks = self.addresses.is_empty();
        let by_dhcp = asks.then(|| {
            section("DHCPv4", format!("{domains}{names}{time}")) + &section("DHCPv6", format!("{names}{time}"))
        });
        by_dhcp.unwrap_or_default() + &section("IPv6AcceptRA", names.to_owned())
    }
}

fn bond_files(bond: &Bond, inner: &str) -> Vec<NetworkFile> {
    let Bond { name, members, mode } = bond;
    let own = Interface::Name(name.clone());
    let device = format!("\n[NetDev]\nName={name}\nKind=bond\n\n[Bond]\nMode={mode}\nMIIMonitorSec={WATCH}\n");
    let upper = [
        NetworkFile::new(format!("{name}.netdev"), &device),
        NetworkFile::network(&own, &format!("{}{inner}", matching(&own))),
    ];
    let member = |member: &Interface| {
        let found = match member {
            Interface::Name(_) => matching(member),
            // A bond gives all its members one address; this is the one that stays.
            Interface::Hardware(_) => format!("\n[Match]\nPermanentMACAddress={member}\n"),
        };
        NetworkFile::network(member, &format!("{found}\n[Network]\nBond={name}\n"))
    };
    upper.into_iter().chain(members.iter().map(member)).collect()
}

/// What finds an interface; not those that are made over it and have its hardware address.
fn matching(interface: &Interface) -> String {
    match interface {
        Interface::Name(name) => format!("\n[Match]\nName={name}\n"),
        Interface::Hardware(_) => format!("\n[Match]\nMACAddress={interface}\nKind=!vlan bond bridge\n"),
    }
}
