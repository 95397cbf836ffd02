//! Section `[endpoint]`: where the appliance is reached, from whom that is known, and what becomes of it.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};
use url::Url;

use super::{
    answer::must_be,
    destination::Destination,
    endpoint_target::{EndpointPlace, EndpointTarget, EndpointText, targets},
    kinds::{boolean, one_of, text, value_path, whole},
    setting::{Form, Setting, Visit, section, table},
};
use crate::{
    values::{Address, AddressTemplate, Host, Hostname, Scheme},
    words::{Phrase, phrase},
};

section! {
    /// Where the appliance is reached.
    pub struct Endpoint {
        /// What is asked for: `hostname`, a name alone; or `url`, such as `http://192.168.1.50:3000`, of scheme, name or IP
        /// address, and port.
        pub kind: EndpointKind = one_of("kind", KINDS, phrase!("profile-endpoint-kinds")).or("hostname"),
        /// Whether it is asked for. A `url` is, unless this says `false`.
        pub ask: bool = boolean("ask").or(kind == Some(EndpointKind::Url)),
        /// Whether it may stay without an answer.
        pub optional: bool = boolean("optional").or(false),
        /// The public address, if it is another one than the answer; `{hostname}` in it stands for the host that was answered.
        pub url: Option<String> = address(ask == Some(true)),
        /// The Helm value that the answer becomes, by its dotted path.
        pub value: Option<String> = value(ask == Some(true)),
        /// Where a `url` comes from that nobody has answered, in this order: `metadata`, the instance metadata of a cloud;
        /// `interface`, the address of the interface of the default route; `hostname`, this machine's name with its domain. An
        /// `answer` always comes before them; the wizard proposes what it has found.
        pub sources: Vec<AddressSource> = sources(kind),
        /// The scheme of what was found, or of a host name: `http` or `https`.
        pub scheme: Scheme = one_of("scheme", SCHEMES, phrase!("profile-schemes")).or("https"),
        /// Its port, if that is not the scheme's.
        pub port: Option<u16> = whole("port", 1..=65_535).optional(3000),
        /// What is made of it, and where that goes: `value:PATH` (a Helm value), `secret:NAME/KEY` or `configmap:NAME/KEY`, with
        /// `NAMESPACE/` before the name if it is another one, or `file:PATH#VARIABLE`. `{url}`, `{scheme}`, `{host}`, `{port}`
        /// and `{origin}` stand for parts of it. It takes the place of what is there; with `keep` it joins a list.
        pub targets: BTreeMap<String, EndpointTarget> = targets(ask == Some(true) || is_fixed(url.as_ref())),
    }
}

/// What an appliance is asked to be reached under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// A name.
    Hostname,
    /// A URL of scheme, host and port.
    Url,
}

const KINDS: &[(&str, EndpointKind)] = &[("hostname", EndpointKind::Hostname), ("url", EndpointKind::Url)];

const SCHEMES: &[(&str, Scheme)] = &[("http", Scheme::Http), ("https", Scheme::Https)];

/// From whom it is known where the appliance is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressSource {
    /// From the operator.
    Answer,
    /// From the instance metadata of a cloud.
    Metadata,
    /// From the interface of the default route.
    Interface,
    /// From the name of the machine.
    Hostname,
}

impl AddressSource {
    /// As the profile writes it.
    pub fn name(self) -> &'static str {
        SOURCES.iter().find(|(_, source)| *source == self).map_or("", |(name, _)| name)
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        SOURCES.iter().find(|(known, _)| *known == name).map(|(_, source)| *source)
    }
}

const SOURCES: &[(&str, AddressSource)] = &[
    ("answer", AddressSource::Answer),
    ("metadata", AddressSource::Metadata),
    ("interface", AddressSource::Interface),
    ("hostname", AddressSource::Hostname),
];

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointAnswer {
    /// A name.
    Hostname(Hostname),
    /// A URL of scheme, host and port.
    Url(Address),
}

pub(super) fn endpoint(visit: &mut Visit<'_, '_>) -> Option<Endpoint> {
    let endpoint = table("endpoint", Endpoint::visit)(visit);
    visit.schema(|schema| {
        let is = |key: &str, value: Value| json!({"required": [key], "properties": {key: {"const": value}}});
        let asked = json!({"anyOf": [is("ask", true.into()), is("kind", "url".into())]});
        schema["dependentSchemas"] = json!({"value": asked});
    });
    endpoint
}

fn address(ask: bool) -> impl Setting<Option<String>> {
    let check = move |url: &str| -> Result<String, Phrase> {
        let hostname = Endpoint::HOSTNAME;
        match Url::parse(&url.replace(hostname, "appliance.example")) {
            Ok(_) if url.contains(hostname) && !ask => Err(phrase!("profile-url-unasked" { hostname })),
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(url.to_owned()),
            _ => Err(phrase!("profile-endpoint-url" { hostname })),
        }
    };
    text("url", json!({"pattern": "^https?://"}), check).optional("https://{hostname}/")
}

/// Whether the public address is known without an answer.
fn is_fixed(url: Option<&Option<String>>) -> bool {
    url.is_some_and(|url| url.as_ref().is_some_and(|url| !url.contains(Endpoint::HOSTNAME)))
}

fn value(ask: bool) -> impl Setting<Option<String>> {
    move |visit: &mut Visit<'_, '_>| {
        let value = value_path("value").optional("ingress.host")(visit)?;
        if value.is_some() && !ask {
            visit.wrong("value", phrase!("profile-value-unasked"));
        }
        Some(value)
    }
}

fn sources(kind: Option<EndpointKind>) -> impl Setting<Vec<AddressSource>> {
    let names = SOURCES.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let schema =
        json!({"type": "array", "items": {"enum": names}, "uniqueItems": true, "contains": {"const": "answer"}});
    let form = Form::new("sources", schema, move |given| {
        let mut sources = Vec::new();
        for name in given.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let source = AddressSource::named(name).filter(|source| !sources.contains(source));
            sources.push(source.ok_or_else(|| must_be(phrase!("profile-sources")))?);
        }
        if !sources.contains(&AddressSource::Answer) {
            return Err(phrase!("profile-sources-answer"));
        }
        if kind == Some(EndpointKind::Hostname) && sources.len() > 1 {
            return Err(phrase!("profile-sources-url"));
        }
        Ok(sources)
    });
    form.or(json!(["answer"]))
}

/// In its canonical form.
impl fmt::Display for EndpointAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hostname(name) => f.write_str(name.as_str()),
            Self::Url(address) => address.fmt(f),
        }
    }
}

impl EndpointKind {
    /// Reads an answer.
    ///
    /// # Errors
    /// Why it will not do. The reason leaves open what it is about.
    pub fn parse(self, text: &str) -> Result<EndpointAnswer, Phrase> {
        match self {
            Self::Hostname => text.parse().map(EndpointAnswer::Hostname),
            Self::Url => text.parse().map(EndpointAnswer::Url),
        }
    }

    /// How many characters an answer may have.
    pub const fn longest(self) -> usize {
        match self {
            Self::Hostname => Hostname::MAX,
            Self::Url => Address::MAX,
        }
    }
}

impl Endpoint {
    /// Stands for the host in the public address.
    pub const HOSTNAME: &str = "{hostname}";

    /// Whether there can be an address at all.
    pub fn may_be_known(&self) -> bool {
        self.ask || is_fixed(Some(&self.url))
    }

    /// Whether this machine may find out what nobody says.
    pub fn is_found(&self) -> bool {
        self.ask && self.sources.iter().any(|source| *source != AddressSource::Answer)
    }

    /// Whether the cloud that this machine may run in is asked.
    pub fn asks_cloud(&self) -> bool {
        self.ask && self.sources.contains(&AddressSource::Metadata)
    }

    /// The public address, for people; `None` when it is not known, or needs an answer that was not given.
    pub fn public(&self, answer: Option<&EndpointAnswer>) -> Option<String> {
        match (&self.url, answer) {
            (Some(url), Some(EndpointAnswer::Hostname(name))) => Some(url.replace(Self::HOSTNAME, name.as_str())),
            (Some(url), Some(EndpointAnswer::Url(address))) => {
                Some(url.replace(Self::HOSTNAME, &address.host().in_url()))
            }
            (Some(url), None) => Some(url.clone()).filter(|url| !url.contains(Self::HOSTNAME)),
            (None, Some(EndpointAnswer::Url(address))) => Some(format!("{address}/")),
            (None, _) => None,
        }
    }

    /// The address that other texts are made of: a URL as it was answered; else scheme, host and port of the public address,
    /// or of the name that was answered.
    pub fn address(&self, answer: Option<&EndpointAnswer>) -> Option<Address> {
        let of_name = |name: &Hostname| Address::new(self.scheme, Host::Name(name.clone()), self.port);
        match answer {
            Some(EndpointAnswer::Url(address)) => Some(address.clone()),
            Some(EndpointAnswer::Hostname(name)) if self.url.is_none() => Some(of_name(name)),
            _ => Url::parse(&self.public(answer)?).ok()?.origin().ascii_serialization().parse().ok(),
        }
    }

    /// The texts that go to objects and files, each with its destination.
    pub fn destinations(&self) -> impl Iterator<Item = (&Destination, &EndpointText)> {
        self.targets.values().filter_map(|EndpointTarget { place, text }| match place {
            EndpointPlace::Destination(destination) => Some((destination, text)),
            EndpointPlace::Value(_) => None,
        })
    }

    /// The texts that become Helm values, each with its dotted path.
    pub fn values(&self) -> impl Iterator<Item = (&str, &AddressTemplate)> {
        self.targets.values().filter_map(|EndpointTarget { place, text }| match place {
            EndpointPlace::Value(path) => Some((path.as_str(), &text.text)),
            EndpointPlace::Destination(_) => None,
        })
    }
}
