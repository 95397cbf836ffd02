//! Over which interface a network is, and whether one that is tried is to be kept: pure functions.

use crate::{
    error::{ErrorId, Failure},
    values::network::{Interface, Network},
    words::{Phrase, phrase, said},
    world::NetworkFacts,
};

/// The machine does not have what was said of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// No interface is called so, or has this hardware address.
    Missing { wanted: String, there: String },
    /// None was named, and there is none.
    None,
    /// None was named, and there are several.
    Several { there: String },
}

said! { Unfit:
    Self::Missing { wanted, there } => "network-interface-missing" { wanted, there },
    Self::None => "network-interface-none",
    Self::Several { there } => "network-interface-several" { there },
}

impl Failure for Unfit {
    fn id(&self) -> ErrorId {
        ErrorId::NetworkInterface
    }

    fn about(&self) -> Option<String> {
        Some("network.interface".to_owned())
    }

    fn hint(&self) -> Option<Phrase> {
        matches!(self, Self::None).then(|| phrase!("network-interface-none-hint"))
    }
}

/// The network over interfaces that this machine has.
pub(super) fn fitted(network: &Network, facts: &NetworkFacts) -> Result<Network, Unfit> {
    let there = || facts.interfaces.iter().map(|found| found.name.clone()).collect::<Vec<_>>().join(", ");
    for wanted in network.wanted() {
        let is_it = |found: &crate::world::Interface| wanted.is(&found.name, found.hardware.as_deref());
        if !facts.interfaces.iter().any(is_it) {
            return Err(Unfit::Missing { wanted: wanted.to_string(), there: there() });
        }
    }
    if !network.is_open() {
        return Ok(network.clone());
    }
    // What has no driver is made over others, or leads to a container.
    let mut devices = facts.interfaces.iter().filter(|found| found.driver.is_some());
    match (devices.next(), devices.next()) {
        (Some(only), None) => Ok(network.clone().over(Interface::Name(only.name.clone()))),
        (Some(_), Some(_)) => Err(Unfit::Several { there: there() }),
        (None, _) => Err(Unfit::None),
    }
}

/// How far this machine comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// The license service answers.
    pub(super) license: bool,
    /// What its interface lacks.
    pub(super) lacks: Option<Lack>,
}

/// What a machine lacks to reach the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// A cable, or the interface.
    Link,
    /// An address.
    Address,
    /// A way on.
    Gateway,
    /// A gateway that answers.
    Answer,
}

/// What the interface of a network lacks; whether a gateway answers is asked for apart from it.
pub(super) fn lack(network: &Network, facts: &NetworkFacts) -> Option<Lack> {
    let carrier = network.carrier();
    let is_it = |found: &&crate::world::Interface| {
        carrier.as_ref().is_some_and(|carrier| carrier.is(&found.name, found.hardware.as_deref()))
    };
    let Some(found) = facts.interfaces.iter().find(is_it).filter(|found| found.connected) else {
        return Some(Lack::Link);
    };
    let wanted: Vec<String> = network.addresses().iter().map(ToString::to_string).collect();
    let has = |address: &String| found.addresses.contains(address);
    let is_link_local = |address: &String| address.starts_with("fe80:") || address.starts_with("169.254.");
    if found.addresses.is_empty() || !wanted.iter().filter(|address| !is_link_local(address)).all(has) {
        return Some(Lack::Address);
    }
    let leads_on = |(_, interface): &(_, String)| *interface == found.name;
    // Whoever asks for an address is told a gateway; whoever has one without may mean that.
    let needs_gateway = wanted.is_empty() || !network.gateways().is_empty();
    (needs_gateway && !facts.default_routes.iter().any(leads_on)).then_some(Lack::Gateway)
}

/// Whether a machine comes as far as it did before, or at least to its gateway where it did not reach the license service.
pub(super) fn is_good(before: &Reach, now: &Reach) -> bool {
    // Over another interface the license service may be reached whatever this one lacks.
    let is_there = !matches!(now.lacks, Some(Lack::Link | Lack::Address));
    is_there && (now.license || !before.license && now.lacks.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        values::network::{NetworkField, NetworkSetting},
        world::Interface as Found,
    };

    fn network(said: &[(NetworkField, &str)]) -> Network {
        let parse = |(field, text): &(NetworkField, &str)| NetworkSetting::parse(*field, text).expect("sound");
        Network::of(said.iter().map(parse)).expect("it fits together")
    }

    fn found(name: &str, driver: Option<&str>, addresses: &[&str]) -> Found {
        Found {
            name: name.to_owned(),
            connected: true,
            addresses: addresses.iter().map(|text| (*text).to_owned()).collect(),
            hardware: Some(format!("52:54:00:00:00:{:02x}", name.len())),
            driver: driver.map(str::to_owned),
        }
    }

    fn facts(interfaces: &[Found], routes: &[(&str, &str)]) -> NetworkFacts {
        let route = |(gateway, interface): &(&str, &str)| (gateway.parse().expect("one"), (*interface).to_owned());
        NetworkFacts {
            interfaces: interfaces.to_vec(),
            default_routes: routes.iter().map(route).collect(),
            ..NetworkFacts::default()
        }
    }

    #[test]
    fn the_interface_that_is_meant() {
        use NetworkField::{Bond, Interface};
        let (eth0, ens19) = (found("eth0", Some("virtio_net"), &[]), found("ens19", Some("e1000"), &[]));
        let veth = found("veth123", None, &[]);
        let missing = |wanted: &str, there: &str| Unfit::Missing { wanted: wanted.to_owned(), there: there.to_owned() };
        for (said, there, wanted) in [
            (&[][..], &[eth0.clone(), veth.clone()][..], Ok("eth0")),
            (&[], std::slice::from_ref(&veth), Err(Unfit::None)),
            (&[], &[eth0.clone(), ens19.clone()], Err(Unfit::Several { there: "eth0, ens19".to_owned() })),
            (&[(Interface, "veth123")], &[eth0.clone(), veth.clone()], Ok("veth123")),
            (&[(Interface, "52:54:00:00:00:05")], &[eth0.clone(), ens19.clone()], Ok("52:54:00:00:00:05")),
            (&[(Interface, "eth7")], std::slice::from_ref(&eth0), Err(missing("eth7", "eth0"))),
            (&[(Bond, "eth0 ens19")], &[eth0.clone(), ens19], Ok("bond0")),
            (&[(Bond, "eth0 ens19")], std::slice::from_ref(&eth0), Err(missing("ens19", "eth0"))),
        ] {
            let told = fitted(&network(said), &facts(there, &[]));
            let told = told.map(|network| network.carrier().expect("over one").to_string());
            assert_eq!(told, wanted.map(str::to_owned), "{said:?}");
        }
    }

    #[test]
    fn what_an_interface_lacks() {
        use NetworkField::{Addresses, Gateways, Interface, Vlan};
        let eth0 = (Interface, "eth0");
        let fixed = [eth0, (Addresses, "192.0.2.7/24"), (Gateways, "192.0.2.1")];
        let down = Found { connected: false, ..found("eth0", None, &["192.0.2.7/24"]) };
        let with = |addresses: &[&str]| found("eth0", None, addresses);
        let route = &[("192.0.2.1", "eth0")][..];
        for (said, there, routes, lacks) in [
            (&fixed[..], vec![with(&["192.0.2.7/24"])], route, None),
            (&fixed, vec![with(&["192.0.2.7/24"])], &[("192.0.2.1", "eth1")], Some(Lack::Gateway)),
            (&fixed, vec![with(&["192.0.2.8/24"])], route, Some(Lack::Address)),
            (&fixed, vec![down], route, Some(Lack::Link)),
            (&fixed, vec![], &[], Some(Lack::Link)),
            (&fixed[..2], vec![with(&["192.0.2.7/24"])], &[], None),
            (&[eth0], vec![with(&[])], route, Some(Lack::Address)),
            (&[eth0], vec![with(&["192.0.2.8/24"])], &[], Some(Lack::Gateway)),
            (&[eth0], vec![with(&["192.0.2.8/24"])], route, None),
            (&[eth0, (Vlan, "5")], vec![with(&["192.0.2.8/24"])], route, Some(Lack::Link)),
            (&[eth0, (Vlan, "5")], vec![found("vlan5", None, &["192.0.2.8/24"])], &[("192.0.2.1", "vlan5")], None),
        ] {
            assert_eq!(lack(&network(said), &facts(&there, routes)), lacks, "{said:?} {there:?} {routes:?}");
        }
    }

    #[test]
    fn what_is_kept() {
        let reach = |license, lacks| Reach { license, lacks };
        let nothing = reach(false, Some(Lack::Link));
        for (before, now, good) in [
            (reach(true, None), reach(true, None), true),
            (reach(true, None), reach(true, Some(Lack::Gateway)), true),
            (reach(true, None), reach(true, Some(Lack::Link)), false),
            (reach(true, None), reach(true, Some(Lack::Address)), false),
            (reach(true, None), reach(false, None), false),
            (reach(false, None), reach(true, Some(Lack::Answer)), true),
            (nothing.clone(), reach(false, None), true),
            (nothing.clone(), reach(true, None), true),
            (nothing.clone(), reach(false, Some(Lack::Answer)), false),
            (reach(false, None), nothing, false),
        ] {
            assert_eq!(is_good(&before, &now), good, "{before:?} {now:?}");
        }
    }
}
