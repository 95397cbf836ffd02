//! Where this machine's packets for everywhere else go, and at which of its addresses others reach it: from the kernel's
//! tables; pure.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What the names of interfaces begin with that containers and virtual machines are behind.
const INNER: [&str; 13] = [
    "docker", "br-", "cni", "flannel", "veth", "virbr", "cali", "cilium", "lxc", "lxdbr", "podman", "nerdctl", "kube-",
];

/// `RTF_UP` and `RTF_REJECT` (route(8); `linux/route.h`, `linux/ipv6_route.h`).
const UP: u32 = 0x1;
const REJECT: u32 = 0x200;

/// `IFA_F_TEMPORARY`, `IFA_F_DADFAILED`, `IFA_F_DEPRECATED`, `IFA_F_TENTATIVE` (`linux/if_addr.h`).
const PASSING: u32 = 0x01 | 0x08 | 0x20 | 0x40;

/// Whether containers or virtual machines are behind it, by its name.
pub fn is_inner(interface: &str) -> bool {
    INNER.iter().any(|inner| interface.starts_with(inner))
}

/// A route for everywhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// `None` where the interface has all others behind it.
    pub gateway: Option<IpAddr>,
    /// Such as `eth0`.
    pub interface: String,
    metric: u32,
    is_v4: bool,
}

/// The routes in `/proc/net/route` and `/proc/net/ipv6_route` (proc(5)), in the order in which they are taken: those for IPv4
/// first.
pub fn default_routes(v4: &str, v6: &str) -> Vec<Route> {
    let mut routes: Vec<Route> =
        v4.lines().skip(1).filter_map(route_v4).chain(v6.lines().filter_map(route_v6)).collect();
    routes.retain(|route| route.interface != "lo");
    routes.sort_by_key(|route| (!route.is_v4, route.metric));
    routes
}

/// Addresses in hexadecimal, in the byte order of the machine.
fn route_v4(line: &str) -> Option<Route> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [interface, destination, gateway, flags, _, _, metric, mask, ..] = columns[..] else { return None };
    let hexadecimal = |text| u32::from_str_radix(text, 16).ok();
    let (gateway, flags) = (hexadecimal(gateway)?, hexadecimal(flags)?);
    let everywhere = destination == "00000000" && mask == "00000000" && leads_on(flags);
    let gateway = (gateway != 0).then(|| IpAddr::V4(Ipv4Addr::from(gateway.to_ne_bytes())));
    let metric = metric.parse().ok()?;
    everywhere.then(|| Route { gateway, interface: interface.to_owned(), metric, is_v4: true })
}

/// Addresses in hexadecimal, in network byte order.
fn route_v6(line: &str) -> Option<Route> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [destination, prefix, _, _, gateway, metric, _, _, flags, interface] = columns[..] else { return None };
    let hexadecimal = |text| u32::from_str_radix(text, 16).ok();
    let gateway = u128::from_str_radix(gateway, 16).ok()?;
    let everywhere = prefix == "00" && destination.bytes().all(|digit| digit == b'0') && leads_on(hexadecimal(flags)?);
    let gateway = (gateway != 0).then(|| IpAddr::V6(Ipv6Addr::from(gateway)));
    let metric = hexadecimal(metric)?;
    everywhere.then(|| Route { gateway, interface: interface.to_owned(), metric, is_v4: false })
}

const fn leads_on(flags: u32) -> bool {
    flags & UP != 0 && flags & REJECT == 0
}

/// The addresses in `/proc/net/if_inet6` that do not last, or do not count yet.
pub fn passing(table: &str) -> BTreeSet<IpAddr> {
    let address = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [address, _, _, _, flags, ..] = columns[..] else { return None };
        let is_passing = u32::from_str_radix(flags, 16).ok()? & PASSING != 0;
        is_passing.then_some(IpAddr::V6(Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?)))
    };
    table.lines().filter_map(address).collect()
}

/// Whether `/proc/net/arp` (proc(5)) has the hardware address of another machine: it has told it (`ATF_COM`, arp(7)).
pub fn is_neighbour(table: &str, address: IpAddr) -> bool {
    const COMPLETE: u32 = 0x02;
    let told = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [own, _, flags, ..] = columns[..] else { return false };
        let flags = flags.strip_prefix("0x").and_then(|flags| u32::from_str_radix(flags, 16).ok());
        own.parse() == Ok(address) && flags.is_some_and(|flags| flags & COMPLETE != 0)
    };
    table.lines().any(told)
}

/// At which of its `addresses` others reach this machine, each with its interface: those of the routes, the best first.
pub fn own_addresses(
    routes: &[Route],
    addresses: &[(String, IpAddr)],
    passing: &BTreeSet<IpAddr>,
) -> Vec<(String, IpAddr)> {
    let mut own: Vec<(String, IpAddr)> = Vec::new();
    for route in routes.iter().filter(|route| !is_inner(&route.interface)) {
        let of_route = |(interface, address): &&(String, IpAddr)| {
            *interface == route.interface && address.is_ipv4() == route.is_v4 && !passing.contains(address)
        };
        let found = addresses.iter().filter(of_route).filter(|found| !own.contains(found)).cloned();
        own.extend(found.collect::<Vec<_>>());
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(routes: &[(&str, [u8; 4], u32)]) -> String {
        let line = |(interface, gateway, metric): &(&str, [u8; 4], u32)| {
            format!("{interface} 00000000 {:08X} 0003 0 0 {metric} 00000000 0 0 0\n", u32::from_ne_bytes(*gateway))
        };
        format!(
            "Iface Destination Gateway Flags RefCnt Use Metric Mask\n{}",
            routes.iter().map(line).collect::<String>()
        )
    }

    fn v6(routes: &[(&str, &str, u32)]) -> String {
        let zero = "0".repeat(32);
        let line = |(interface, gateway, metric): &(&str, &str, u32)| {
            let gateway = gateway.parse::<Ipv6Addr>().expect("an address").to_bits();
            format!("{zero} 00 {zero} 00 {gateway:032x} {metric:08x} 00000003 00000000 00000003 {interface}\n")
        };
        routes.iter().map(line).collect()
    }

    #[test]
    fn routes_are_read_from_the_kernels_tables() {
        let shown = |v4: &str, v6: &str| -> Vec<String> {
            let gateway = |route: &Route| route.gateway.map_or_else(|| "-".to_owned(), |gateway| gateway.to_string());
            default_routes(v4, v6).iter().map(|route| format!("{} {}", gateway(route), route.interface)).collect()
        };
        let several = v4(&[("wlan0", [192, 0, 2, 129], 600), ("eth0", [192, 0, 2, 1], 100), ("ppp0", [0; 4], 700)]);
        let others = "eth0 000200C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\nwg0 00000000 00000000 0001 0 0 0 00000080 0 0 0\n\
                      eth9 00000000 00000000 0200 0 0 0 00000000 0 0 0\ncut\n";
        let zero = "0".repeat(32);
        let more = format!(
            "{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n\
             20010db8000000000000000000000000 40 {zero} 00 {zero} 00000100 00000001 00000000 00000001 eth0\n"
        );
        let routes = shown(&(several + others), &(v6(&[("eth0", "2001:db8::1", 1024)]) + &more));
        assert_eq!(routes, ["192.0.2.1 eth0", "192.0.2.129 wlan0", "- ppp0", "2001:db8::1 eth0"]);
        assert!(shown("", "rubbish\n").is_empty());
    }

    #[test]
    fn who_has_told_where_it_is() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                     192.0.2.1        0x1         0x2         52:54:00:12:34:56     *        eth0\n\
                     192.0.2.2        0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                     192.0.2.3        0x1         0x6         52:54:00:12:34:57     *        eth0\ncut\n192.0.2.4 0x1";
        for (address, told) in
            [("192.0.2.1", true), ("192.0.2.2", false), ("192.0.2.3", true), ("192.0.2.4", false), ("::1", false)]
        {
            assert_eq!(is_neighbour(table, address.parse().expect("an address")), told, "{address}");
        }
    }

    #[test]
    fn the_address_of_the_default_route_comes_first() {
        let addresses: Vec<(String, IpAddr)> = [
            ("docker0", "172.17.0.1"),
            ("eth0", "192.0.2.7"),
            ("eth0", "2001:db8::dead"),
            ("eth0", "2001:db8::7"),
            ("eth1", "198.51.100.7"),
            ("eth2", "2001:db8:2::7"),
        ]
        .map(|(interface, address)| (interface.to_owned(), address.parse().expect("an address")))
        .into();
        let gone = passing(
            "20010db800000000000000000000dead 02 40 00 01 eth0\n20010db8000000000000000000000007 02 40 00 80 eth0\ncut\n",
        );
        assert_eq!(gone.len(), 1, "{gone:?}");
        let (one, two) = ([192, 0, 2, 1], [198, 51, 100, 1]);
        for (v4_routes, v6_routes, own) in [
            (&[("eth0", one, 100), ("eth1", two, 200)][..], &[][..], "eth0 192.0.2.7, eth1 198.51.100.7"),
            (&[("eth0", one, 200), ("eth1", two, 100)], &[], "eth1 198.51.100.7, eth0 192.0.2.7"),
            // Two of them: the first.
            (&[("eth1", two, 0), ("eth0", one, 0)], &[], "eth1 198.51.100.7, eth0 192.0.2.7"),
            (&[("docker0", one, 0), ("eth1", two, 9)], &[], "eth1 198.51.100.7"),
            (&[("eth0", one, 100)], &[("eth0", "fe80::1", 1)], "eth0 192.0.2.7, eth0 2001:db8::7"),
            // Only IPv6 leads on, or the interface has no other address.
            (&[], &[("eth0", "fe80::1", 1)], "eth0 2001:db8::7"),
            (&[("eth2", one, 1)], &[("eth2", "fe80::1", 1)], "eth2 2001:db8:2::7"),
            (&[("eth9", one, 1)], &[], ""),
            (&[], &[], ""),
        ] {
            let routes = default_routes(&v4(v4_routes), &v6(v6_routes));
            let found = own_addresses(&routes, &addresses, &gone);
            let shown: Vec<String> =
                found.iter().map(|(interface, address)| format!("{interface} {address}")).collect();
            assert_eq!(shown.join(", "), own, "{v4_routes:?} {v6_routes:?}");
        }
    }
}
