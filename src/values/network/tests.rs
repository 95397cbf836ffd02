//! What can be said of a network, what does not fit together, and what networkd is given.

use insta::assert_snapshot;

use super::*;

/// The network that these texts say.
fn network(said: &[(NetworkField, &str)]) -> Result<Network, Vec<(NetworkField, Phrase)>> {
    let parse = |(field, text): &(NetworkField, &str)| NetworkSetting::parse(*field, text).expect(text);
    Network::of(said.iter().map(parse))
}

fn files(said: &[(NetworkField, &str)]) -> String {
    let files = network(said).expect("it fits together").files();
    let files: Vec<String> = files.iter().map(|file| format!("--- {}\n{}", file.name, file.text)).collect();
    files.concat()
}

#[test]
fn texts_that_say_something_and_texts_that_do_not() {
    use NetworkField::{Addresses, Bond, BondMode, Gateways, NameServers, Search, TimeServers, Vlan};
    for (field, text, why) in [
        (Vlan, "1", ""),
        (Vlan, " 4094 ", ""),
        (Vlan, "0", "must be a whole number from 1 to 4094"),
        (Vlan, "4095", "must be a whole number from 1 to 4094"),
        (Vlan, "+5", "must be a whole number from 1 to 4094"),
        (Bond, "eth0, eth1", ""),
        (Bond, "eth0 eth0", "has `eth0` twice"),
        (BondMode, "802.3ad", ""),
        (BondMode, "lacp", "must be one of `active-backup`, `802.3ad`"),
        (Addresses, "192.0.2.7/24,2001:db8::7/64", ""),
        (Addresses, "192.0.2.7/24, 192.0.2.7", "has `192.0.2.7` without the length of its network's prefix"),
        (Addresses, " , ", "is empty"),
        (Gateways, "192.0.2.1", ""),
        (Gateways, "gateway", "has `gateway`, which is not the IP address of a machine"),
        (NameServers, "192.0.2.53 2001:db8::53", ""),
        (NameServers, "0.0.0.0", "has `0.0.0.0`, which is not the IP address of a machine"),
        (NameServers, "192.0.2.53#53", "has `192.0.2.53#53`, which is not the IP address of a machine"),
        (Search, "acme.example example", ""),
        (Search, "192.0.2.7", "is an address"),
        (TimeServers, "192.0.2.123 time.acme.example", ""),
        (TimeServers, "time server?", "has `server?`, which is neither"),
    ] {
        let told = NetworkSetting::parse(field, text).map_err(|why| why.to_string());
        assert_eq!(told.is_ok(), why.is_empty(), "{field:?} {text:?}: {told:?}");
        assert!(told.err().unwrap_or_default().contains(why), "{field:?} {text:?}");
    }
}

#[test]
fn what_does_not_fit_together_is_told_all_at_once() {
    use NetworkField::{Addresses, Bond, BondMode, Gateways, Interface, Vlan};
    for (said, wrong) in [
        (&[(Gateways, "192.0.2.1")][..], &[Gateways][..]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "198.51.100.1")], &[Gateways]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.7")], &[Gateways]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.1 192.0.2.2")], &[Gateways]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.1 fe80::1")], &[]),
        (&[(BondMode, "802.3ad")], &[BondMode]),
        (&[(Bond, "eth0 eth1"), (Interface, "52:54:00:ab:cd:01")], &[Interface]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.255")], &[Gateways]),
        (&[(Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.0")], &[Gateways]),
        (&[(Addresses, "192.0.2.6/31"), (Gateways, "192.0.2.7")], &[]),
        (&[(Bond, "eth0")], &[Bond]),
        (&[(Bond, "eth0 bond0")], &[Bond]),
        (&[(Interface, "vlan5"), (Vlan, "5")], &[Interface]),
        (&[(Interface, "vlan5"), (Vlan, "6")], &[]),
        (&[(Bond, "eth0"), (Interface, "vlan5"), (Vlan, "5"), (Gateways, "192.0.2.1")], &[Bond, Bond, Gateways]),
        (&[], &[]),
    ] {
        let told = network(said).err().unwrap_or_default();
        let fields: Vec<NetworkField> = told.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, wrong, "{said:?}: {told:?}");
    }
}

#[test]
fn over_the_only_interface() {
    let open = network(&[(NetworkField::Addresses, "192.0.2.7/24")]).expect("it fits together");
    assert!(open.is_open() && open.files().is_empty() && open.carrier().is_none());
    let one = open.over(Interface::Name("eth0".to_owned()));
    assert_eq!(one.carrier(), Some(Interface::Name("eth0".to_owned())));
    assert_eq!(one.clone().over(Interface::Name("eth1".to_owned())), one, "it is not left open any more");
    assert_eq!(one.files().len(), 1);
}

#[test]
fn whoever_asks_for_an_address() {
    assert_snapshot!(files(&[(NetworkField::Interface, "eth0")]), @r"
    --- eth0.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    Name=eth0

    [Network]
    DHCP=yes
    IPv6AcceptRA=yes

    [DHCPv4]
    UseDomains=yes
    ");
}

#[test]
fn what_somebody_has_named_goes_before_what_the_network_says() {
    use NetworkField::{Interface, NameServers, Search, TimeServers};
    let said = [
        (Interface, "52:54:00:ab:cd:01"),
        (NameServers, "192.0.2.53, 2001:db8::53"),
        (Search, "acme.example, example"),
        (TimeServers, "time.acme.example"),
    ];
    assert_snapshot!(files(&said), @r"
    --- 525400abcd01.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    MACAddress=52:54:00:ab:cd:01
    Kind=!vlan bond bridge

    [Network]
    DHCP=yes
    IPv6AcceptRA=yes
    DNS=192.0.2.53
    DNS=2001:db8::53
    Domains=acme.example example
    NTP=time.acme.example

    [DHCPv4]
    UseDNS=no
    UseNTP=no

    [DHCPv6]
    UseDNS=no
    UseNTP=no

    [IPv6AcceptRA]
    UseDNS=no
    ");
}

#[test]
fn addresses_of_its_own_on_a_vlan() {
    use NetworkField::{Addresses, Gateways, Interface, NameServers, Vlan};
    let said = [
        (Interface, "eth0"),
        (Vlan, "5"),
        (Addresses, "192.0.2.7/24, 2001:db8::7/64"),
        (Gateways, "192.0.2.1, fe80::1"),
        (NameServers, "192.0.2.53"),
    ];
    assert_snapshot!(files(&said), @r"
    --- vlan5.netdev
    # Written by firstlight, which replaces it whole when it is told of another network.

    [NetDev]
    Name=vlan5
    Kind=vlan

    [VLAN]
    Id=5
    --- vlan5.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    Name=vlan5

    [Network]
    DHCP=no
    IPv6AcceptRA=no
    Address=192.0.2.7/24
    Address=2001:db8::7/64
    Gateway=192.0.2.1
    Gateway=fe80::1
    DNS=192.0.2.53

    [IPv6AcceptRA]
    UseDNS=no
    --- eth0.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    Name=eth0

    [Network]
    VLAN=vlan5
    LinkLocalAddressing=no
    IPv6AcceptRA=no
    ");
}

#[test]
fn several_that_work_as_one() {
    use NetworkField::{Addresses, Bond, BondMode};
    let said = [(Bond, "eth0, 52:54:00:ab:cd:01"), (BondMode, "802.3ad"), (Addresses, "192.0.2.7/24")];
    assert_snapshot!(files(&said), @r"
    --- bond0.netdev
    # Written by firstlight, which replaces it whole when it is told of another network.

    [NetDev]
    Name=bond0
    Kind=bond

    [Bond]
    Mode=802.3ad
    MIIMonitorSec=100ms
    --- bond0.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    Name=bond0

    [Network]
    DHCP=no
    IPv6AcceptRA=yes
    Address=192.0.2.7/24
    --- eth0.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    Name=eth0

    [Network]
    Bond=bond0
    --- 525400abcd01.network
    # Written by firstlight, which replaces it whole when it is told of another network.

    [Match]
    PermanentMACAddress=52:54:00:ab:cd:01

    [Network]
    Bond=bond0
    ");
    let named = network(&[(Bond, "eth0 eth1"), (NetworkField::Interface, "trunk")]).expect("it fits together");
    assert_eq!(named.carrier(), Some(super::Interface::Name("trunk".to_owned())));
    assert_eq!(named.files()[0].device(), Some("trunk"));
}
