//! What this machine's network looks like, to be shown to a person: read, never changed.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

use nix::{ifaddrs::getifaddrs, net::if_::InterfaceFlags};
use serde::{Deserialize, Serialize};

use super::Host;

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
}

/// One network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// Whether it is up and its cable or radio is connected (`IFF_RUNNING`, netdevice(7)).
    pub connected: bool,
    /// Its addresses with their prefix lengths, link-local ones left out.
    pub addresses: Vec<String>,
}

impl Host {
    /// What this machine's network looks like now.
    #[must_use]
    pub fn network(&self) -> NetworkFacts {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let resolvers = RESOLVERS.map(|path| fs::read_to_string(self.path(Path::new(path))).unwrap_or_default());
        let mut default_routes = default_routes_v4(&read("/proc/net/route"));
        default_routes.extend(default_routes_v6(&read("/proc/net/ipv6_route")));
        NetworkFacts {
            host_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            interfaces: interfaces(),
            default_routes,
            name_servers: name_servers(&resolvers),
        }
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
        let interface = found.entry(name.clone()).or_insert(Interface { name, connected, addresses: Vec::new() });
        let address = entry.address.as_ref().and_then(ip);
        let mask = entry.netmask.as_ref().and_then(ip);
        interface.addresses.extend(address.and_then(|address| with_prefix(address, mask?)));
    }
    found.into_values().collect()
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

/// The gateways in `/proc/net/route` (proc(5)): addresses in hexadecimal, in the byte order of the machine.
fn default_routes_v4(table: &str) -> Vec<(IpAddr, String)> {
    let route = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [interface, destination, gateway, _, _, _, _, mask, ..] = columns[..] else { return None };
        let gateway = u32::from_str_radix(gateway, 16).ok()?;
        let everywhere = destination == "00000000" && mask == "00000000" && gateway != 0;
        everywhere.then(|| (IpAddr::V4(Ipv4Addr::from(gateway.to_ne_bytes())), interface.to_owned()))
    };
    table.lines().skip(1).filter_map(route).collect()
}

/// The gateways in `/proc/net/ipv6_route`: addresses in hexadecimal, in network byte order.
fn default_routes_v6(table: &str) -> Vec<(IpAddr, String)> {
    let route = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [destination, prefix, _, _, gateway, _, _, _, _, interface] = columns[..] else { return None };
        let gateway = u128::from_str_radix(gateway, 16).ok()?;
        let everywhere = prefix == "00" && destination.bytes().all(|digit| digit == b'0') && gateway != 0;
        everywhere.then(|| (IpAddr::V6(Ipv6Addr::from(gateway)), interface.to_owned()))
    };
    table.lines().filter_map(route).collect()
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

    fn shown(routes: &[(IpAddr, String)]) -> Vec<String> {
        routes.iter().map(|(gateway, interface)| format!("{gateway} {interface}")).collect()
    }

    #[test]
    fn gateways_are_read_from_the_kernels_tables() {
        let gateway = u32::from_ne_bytes([192, 0, 2, 1]);
        let table = format!(
            "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
             eth0 00000000 {gateway:08X} 0003 0 0 100 00000000 0 0 0\n\
             eth0 000200C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\n\
             wg0 00000000 00000000 0001 0 0 0 00000080 0 0 0\n\
             cut\n"
        );
        assert_eq!(shown(&default_routes_v4(&table)), ["192.0.2.1 eth0"]);
        let zero = "0".repeat(32);
        let table = format!(
            "{zero} 00 {zero} 00 20010db8000000000000000000000001 00000400 00000003 00000000 00000003 eth0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n\
             20010db8000000000000000000000000 40 {zero} 00 {zero} 00000100 00000001 00000000 00000001 eth0\n"
        );
        assert_eq!(shown(&default_routes_v6(&table)), ["2001:db8::1 eth0"]);
        assert!(default_routes_v4("").is_empty() && default_routes_v6("rubbish\n").is_empty());
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
