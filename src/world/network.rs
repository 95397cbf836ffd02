//! What this machine's network looks like, to be shown to a person: read, never changed.

use std::{
    collections::BTreeMap,
    fs, io,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

use nix::{ifaddrs::getifaddrs, net::if_::InterfaceFlags};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, time::timeout};

use super::{Host, metadata::instance_address};
use crate::values::{
    Hostname,
    network::routes::{default_routes, is_inner, is_neighbour, own_addresses, passing},
};

/// The resolver's file, and the one with the real servers where a local stub stands in the first (systemd-resolved(8)).
const RESOLVERS: [&str; 2] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/// The network as it is at one moment. What cannot be read is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkFacts {
    /// What the machine is called.
    pub host_name: String,
    /// Its interfaces but the loopback, by name.
    pub interfaces: Vec<Interface>,
    /// Where packets for everywhere else go: gateway and interface.
    pub default_routes: Vec<(IpAddr, String)>,
    /// The name servers, as far as they are not a stub on this machine.
    pub name_servers: Vec<IpAddr>,
    /// At which of its addresses others reach it, each with its interface: those of the default routes, the best first.
    #[serde(default)]
    pub own_addresses: Vec<(String, IpAddr)>,
    /// What it is called with its domain, if it is known to have one.
    #[serde(default)]
    pub domain_name: Option<String>,
    /// Where the cloud that it runs in says that it is reached; `None` also where nobody has asked yet.
    #[serde(default)]
    pub instance_address: Option<IpAddr>,
}

/// One network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// Whether it is up and its cable or radio is connected (`IFF_RUNNING`, netdevice(7)).
    pub connected: bool,
    /// Its addresses with their prefix lengths, link-local ones left out.
    pub addresses: Vec<String>,
    /// Its hardware address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
    /// What drives it, where it is a device of its own and not made over others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

impl Interface {
    /// Whether somebody who mends this machine's network need not look at it: it is no device, and leads to containers or
    /// virtual machines, or nowhere.
    #[must_use]
    pub fn is_inner(&self) -> bool {
        let is_unused = !self.connected && self.addresses.is_empty();
        self.driver.is_none() && (is_unused || is_inner(&self.name))
    }
}

impl Host {
    /// What this machine's network looks like now.
    #[must_use]
    pub fn network(&self) -> NetworkFacts {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let resolvers = RESOLVERS.map(|path| fs::read_to_string(self.path(Path::new(path))).unwrap_or_default());
        let routes = default_routes(&read("/proc/net/route"), &read("/proc/net/ipv6_route"));
        let gateways = routes.iter().filter_map(|route| Some((route.gateway?, route.interface.clone())));
        let host_name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let hosts = fs::read_to_string(self.path(Path::new("/etc/hosts"))).unwrap_or_default();
        let interfaces = interfaces();
        let address = |(name, text): (&String, &String)| Some((name.clone(), text.split('/').next()?.parse().ok()?));
        let of_interface = |interface: &Interface| -> Vec<(String, IpAddr)> {
            interface.addresses.iter().filter_map(|text| address((&interface.name, text))).collect()
        };
        let addresses: Vec<_> = interfaces.iter().flat_map(of_interface).collect();
        NetworkFacts {
            default_routes: gateways.collect(),
            name_servers: name_servers(&resolvers),
            own_addresses: own_addresses(&routes, &addresses, &passing(&read("/proc/net/if_inet6"))),
            domain_name: domain_name(&host_name, &hosts),
            host_name,
            interfaces,
            instance_address: None,
        }
    }
}

impl NetworkFacts {
    /// The same with what the cloud says, which is asked.
    pub async fn in_cloud(self) -> Self {
        Self { instance_address: instance_address().await, ..self }
    }
}

fn interfaces() -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    for entry in getifaddrs().into_iter().flatten() {
        if entry.flags.contains(InterfaceFlags::IFF_LOOPBACK) {
            continue;
        }
        let connected = entry.flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING);
        let name = entry.interface_name;
        let interface = found.entry(name.clone()).or_insert_with(|| Interface {
            driver: driver(&name),
            name,
            connected,
            addresses: Vec::new(),
            hardware: None,
        });
        let link = entry.address.as_ref().and_then(|address| address.as_link_addr()?.addr());
        if let Some(octets) = link.filter(|octets| octets.iter().any(|octet| *octet != 0)) {
            interface.hardware = Some(octets.map(|octet| format!("{octet:02x}")).join(":"));
        }
        let address = entry.address.as_ref().and_then(ip);
        let mask = entry.netmask.as_ref().and_then(ip);
        interface.addresses.extend(address.and_then(|address| with_prefix(address, mask?)));
    }
    found.into_values().collect()
}

/// What drives an interface that is a device (sysfs(5)).
fn driver(name: &str) -> Option<String> {
    let link = fs::read_link(Path::new("/sys/class/net").join(name).join("device/driver")).ok()?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

/// Whether a machine on the same link is there: it takes a connection, refuses one, or says nothing of it, but where it is.
/// One that is not there does not tell its hardware address, which the kernel waits three seconds for (arp(7),
/// `mcast_solicit`).
pub async fn answers(address: IpAddr) -> bool {
    /// Longer than that.
    const PATIENCE: Duration = Duration::from_secs(4);
    /// Nobody does anything with what comes there (RFC 863).
    const DISCARD: u16 = 9;
    // Which link it is on is said by nothing in the address itself.
    if matches!(address, IpAddr::V6(address) if address.is_unicast_link_local()) {
        return true;
    }
    let connected = timeout(PATIENCE, TcpStream::connect(SocketAddr::from((address, DISCARD)))).await;
    let is_silence = |error: &io::Error| {
        use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkUnreachable};
        matches!(error.kind(), HostUnreachable | NetworkUnreachable | AddrNotAvailable)
    };
    match connected {
        Ok(connected) if !connected.as_ref().is_err_and(is_silence) => true,
        // A firewall there may say the same as the kernel does, which may be late with it when it is busy.
        _ if address.is_ipv4() => is_neighbour(&fs::read_to_string("/proc/net/arp").unwrap_or_default(), address),
        connected => connected.is_err(),
    }
}

fn ip(storage: &nix::sys::socket::SockaddrStorage) -> Option<IpAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

/// `192.0.2.7/24`; nothing for addresses that lead nowhere else.
fn with_prefix(address: IpAddr, mask: IpAddr) -> Option<String> {
    let (local, prefix) = match (address, mask) {
        (IpAddr::V4(address), IpAddr::V4(mask)) => (address.is_link_local(), u32::from(mask).count_ones()),
        (IpAddr::V6(address), IpAddr::V6(mask)) => (address.is_unicast_link_local(), u128::from(mask).count_ones()),
        _ => return None,
    };
    (!local).then(|| format!("{address}/{prefix}"))
}

/// This machine's name with its domain: its own, or what the file of hosts (hosts(5)) calls a machine of that name.
fn domain_name(host_name: &str, hosts: &str) -> Option<String> {
    let whole = |name: &str| -> Option<String> {
        let (_, domain) = name.split_once('.')?;
        let is_local = domain.split('.').any(|label| matches!(label, "localhost" | "localdomain"));
        name.parse::<Hostname>().ok().filter(|_| !is_local).map(|name| name.as_str().to_owned())
    };
    let of_line = |line: &str| {
        let names: Vec<&str> = line.split('#').next()?.split_whitespace().skip(1).collect();
        let is_ours = |name: &&&str| name.strip_prefix(host_name).is_some_and(|rest| rest.starts_with('.'));
        names.contains(&host_name).then(|| names.iter().filter(is_ours).find_map(|name| whole(name)))?
    };
    whole(host_name).or_else(|| hosts.lines().find_map(of_line))
}

/// The servers of the first file that names any which are not this machine itself (resolv.conf(5)).
fn name_servers(files: &[String]) -> Vec<IpAddr> {
    let named = |text: &String| -> Vec<IpAddr> {
        let server = |line: &str| line.strip_prefix("nameserver")?.split_whitespace().next()?.parse().ok();
        text.lines().filter_map(server).filter(|address: &IpAddr| !address.is_loopback()).collect()
    };
    files.iter().map(named).find(|servers| !servers.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_with_its_domain() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1 node1.acme.example node1 # node1.comment.example\n\
                     192.0.2.9 other.acme.example other\n127.0.1.1 node2.localdomain node2\n";
        for (name, whole) in [
            ("appliance.acme.example", Some("appliance.acme.example")),
            ("node1", Some("node1.acme.example")),
            ("node2", None),
            ("node3", None),
            ("localhost", None),
            ("Appliance.local", Some("appliance.local")),
            ("node1.localdomain", None),
            ("a_b.example", None),
            ("", None),
        ] {
            assert_eq!(domain_name(name, hosts).as_deref(), whole, "{name}");
        }
    }

    #[test]
    fn name_servers_behind_a_stub_are_found() {
        let files = |first: &str, second: &str| name_servers(&[first.to_owned(), second.to_owned()]);
        let stub = "# stub\nnameserver 127.0.0.53\noptions edns0\n";
        let real = "nameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver rubbish\nsearch example\n";
        assert_eq!(files(stub, real), files(real, ""));
        assert_eq!(files(real, "").len(), 2);
        assert!(files(stub, "").is_empty());
    }

    #[test]
    fn addresses_have_their_prefix() {
        for (address, mask, shown) in [
            ("192.0.2.7", "255.255.255.0", Some("192.0.2.7/24")),
            ("169.254.1.1", "255.255.0.0", None),
            ("2001:db8::7", "ffff:ffff:ffff:ffff::", Some("2001:db8::7/64")),
            ("fe80::1", "ffff:ffff:ffff:ffff::", None),
        ] {
            let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
            assert_eq!(with_prefix(parse(address), parse(mask)).as_deref(), shown, "{address}");
        }
    }

    #[test]
    fn this_machine_has_a_name() {
        assert!(!Host::new(None, None).network().host_name.is_empty());
    }
}
