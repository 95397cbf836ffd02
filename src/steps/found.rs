//! Where the appliance is reached, as far as this machine finds out when nobody says it.

use crate::{
    profile::{AddressSource, Endpoint},
    values::{Address, Host},
    words::{Phrase, phrase},
    world::{NetworkFacts, World},
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address.
    pub address: Address,
    /// From whom it is.
    pub source: AddressSource,
    /// What it is, as a sentence.
    pub reason: Phrase,
}

/// The address from the first source of the profile that knows one.
pub fn found(endpoint: &Endpoint, facts: &NetworkFacts) -> Option<Found> {
    let mut sources = endpoint.sources.iter().filter(|_| endpoint.ask);
    sources.find_map(|source| found_by(*source, endpoint, facts))
}

fn found_by(source: AddressSource, endpoint: &Endpoint, facts: &NetworkFacts) -> Option<Found> {
    let (host, reason) = match source {
        AddressSource::Answer => return None,
        AddressSource::Metadata => (Host::Ip(facts.instance_address?), phrase!("found-metadata")),
        AddressSource::Interface => {
            let (interface, address) = facts.own_addresses.first()?;
            (Host::Ip(*address), phrase!("found-interface" { interface }))
        }
        AddressSource::Hostname => (Host::Name(facts.domain_name.as_ref()?.parse().ok()?), phrase!("found-hostname")),
    };
    Some(Found { address: Address::new(endpoint.scheme, host, endpoint.port), source, reason })
}

/// The address from one source, on this machine as it is now. No other takes its place: what is silent for a moment would
/// move the appliance there and back.
pub(super) async fn found_now(source: AddressSource, endpoint: &Endpoint, world: &World) -> Option<Found> {
    let facts = world.host.network();
    let facts = if source == AddressSource::Metadata { facts.in_cloud().await } else { facts };
    found_by(source, endpoint, &facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn what_the_cloud_says_is_a_source() {
        let text =
            "[license]\nurl = 'https://license.example'\n[endpoint]\nkind = 'url'\nsources = ['answer', 'metadata']";
        let endpoint = Profile::parse(text).expect("a sound profile").endpoint;
        let facts = |address: Option<&str>| NetworkFacts {
            instance_address: address.map(|address| address.parse().expect("an address")),
            own_addresses: vec![("eth0".to_owned(), [192, 0, 2, 7].into())],
            ..NetworkFacts::default()
        };
        for (address, expected) in [(Some("198.51.100.7"), Some("https://198.51.100.7")), (None, None)] {
            let found = found(&endpoint, &facts(address)).map(|found| found.address.to_string());
            assert_eq!(found.as_deref(), expected, "{address:?}");
        }
    }

    #[test]
    fn the_first_source_that_knows_one() {
        let facts = |interface: Option<(&str, &str)>, name: Option<&str>| NetworkFacts {
            own_addresses: interface
                .map(|(interface, address)| (interface.to_owned(), address.parse().expect("an address")))
                .into_iter()
                .collect(),
            domain_name: name.map(str::to_owned),
            ..NetworkFacts::default()
        };
        let (eth0, name) = (Some(("eth0", "192.168.1.50")), Some("node1.acme.example"));
        let of_eth0 = "This is the address of eth0, over which this machine reaches its network.";
        let of_name = "This is the name of this machine.";
        for (sources, more, facts, expected) in [
            ("'answer'", "", facts(eth0, name), None),
            (
                "'answer', 'interface', 'hostname'",
                "port = 3000",
                facts(eth0, name),
                Some(("https://192.168.1.50:3000", of_eth0)),
            ),
            (
                "'answer', 'interface', 'hostname'",
                "scheme = 'http'",
                facts(None, name),
                Some(("http://node1.acme.example", of_name)),
            ),
            ("'hostname', 'interface', 'answer'", "", facts(eth0, name), Some(("https://node1.acme.example", of_name))),
            ("'hostname', 'interface', 'answer'", "", facts(eth0, None), Some(("https://192.168.1.50", of_eth0))),
            (
                "'interface', 'answer'",
                "scheme = 'http'\nport = 3000",
                facts(Some(("eth0", "2001:db8::7")), None),
                Some(("http://[2001:db8::7]:3000", of_eth0)),
            ),
            ("'interface', 'answer'", "", facts(None, name), None),
            ("'interface', 'answer'", "ask = false", facts(eth0, name), None),
        ] {
            let profile = format!(
                "[license]\nurl = 'https://license.example'\n[endpoint]\nkind = 'url'\nsources = [{sources}]\n{more}"
            );
            let endpoint = Profile::parse(&profile).expect("a sound profile").endpoint;
            let found = found(&endpoint, &facts).map(|found| (found.address.to_string(), found.reason.to_string()));
            assert_eq!(
                found.as_ref().map(|(address, reason)| (address.as_str(), reason.as_str())),
                expected,
                "{sources}"
            );
        }
    }
}
