//! Sections `[cluster]`, `[machine]`, `[bootstrap]` and `[endpoint]`: what is set up, with what, and where it is reached.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use url::Url;

use super::{
    kinds::{boolean, map, object_name, object_names, path, seconds, text, value_keys, value_path, whole},
    setting::{Setting, Visit, section, table},
};
use crate::{
    document::Section,
    values::Hostname,
    words::{Phrase, phrase},
};

section! {
    /// The cluster that is set up.
    pub struct Cluster {
        /// The kubeconfig of an administrator.
        pub kubeconfig: PathBuf = path("kubeconfig").or("/etc/rancher/k3s/k3s.yaml"),
        /// Created when it is missing.
        pub namespace: String = object_name("namespace").or("msp"),
        /// Whether a kubeconfig is taken that others can write, or that says `insecure-skip-tls-verify`: whoever is on the
        /// way may then read the Secrets.
        pub insecure: bool = boolean("insecure").or(false),
        /// How long Kubernetes may take to start.
        pub start_timeout: Duration = seconds("start-timeout-seconds").or(600),
    }
}

section! {
    /// What the machine must have free.
    pub struct Machine {
        /// Free space under the state directory, in MiB.
        pub disk_mib: u64 = whole("disk-mib", 0..=1 << 30).or(1024),
        /// Memory available for starting processes, in MiB.
        pub memory_mib: u64 = whole("memory-mib", 0..=1 << 20).or(256),
        /// Whether the state directory may lie in memory, as on a live system that is only tried out. A power cut then
        /// loses the install code's grant.
        pub volatile_state: bool = boolean("volatile-state").or(false),
    }
}

section! {
    /// The Helm bootstrap.
    pub struct Bootstrap {
        /// A chart folder or a packaged chart.
        pub chart: PathBuf =
            path("chart").needed(phrase!("profile-chart-hint"), "/usr/share/firstlight/bootstrap.tgz"),
        /// The release's name.
        pub release: String = object_name("release").or("bootstrap"),
        /// How long the bootstrap may take.
        pub timeout: Duration = seconds("timeout-seconds").or(900),
        /// Jobs to wait for besides those of the chart.
        pub jobs: Vec<String> = object_names("jobs").or(json!([])),
        /// Helm, 3.13 or later; searched in the `PATH` when it is left out.
        pub helm: Option<PathBuf> = path("helm").optional("/usr/local/bin/helm"),
        /// Helm values by path: strings, whole numbers, booleans; no secrets.
        pub values: BTreeMap<String, Value> =
            map("values", &["string", "integer", "boolean"], json!({"ingress.enabled": true}), |section| {
                helm_values(section)
            }),
    }
}

/// The values that can all be set: Helm would drop one of two of which the one lies within the other.
fn helm_values(section: &mut Section<'_>) -> BTreeMap<String, Value> {
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for (path, given) in section.scalars("values") {
        let other = values.keys().find(|other| overlap(other, &path));
        let problem = match (value_keys(&path), other) {
            (None, _) => phrase!("profile-value-path"),
            (_, Some(other)) => phrase!("profile-value-taken" { other }),
            (Some(_), None) => {
                values.insert(path, given.value);
                continue;
            }
        };
        section.report(given.problem(problem));
    }
    values
}

/// Whether two paths cannot both be set: they are equal, or one is a table that the other lies in.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
}

section! {
    /// Where the appliance is reached.
    pub struct Endpoint {
        /// Whether the host name of the appliance is asked for.
        pub ask: bool = boolean("ask").or(false),
        /// Whether it may stay without an answer.
        pub optional: bool = boolean("optional").or(false),
        /// The public address; `{hostname}` in it stands for the answer.
        pub url: Option<String> = address(ask == Some(true)),
        /// The Helm value that the host name becomes, by its dotted path.
        pub value: Option<String> = value(ask == Some(true)),
    }
}

pub(super) fn endpoint(visit: &mut Visit<'_, '_>) -> Option<Endpoint> {
    let endpoint = table("endpoint", Endpoint::visit)(visit);
    visit.schema(|schema| {
        schema["dependentSchemas"] = json!({"value": {"required": ["ask"], "properties": {"ask": {"const": true}}}});
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

fn value(ask: bool) -> impl Setting<Option<String>> {
    move |visit: &mut Visit<'_, '_>| {
        let value = value_path("value").optional("ingress.host")(visit)?;
        if value.is_some() && !ask {
            visit.wrong("value", phrase!("profile-value-unasked"));
        }
        Some(value)
    }
}

impl Endpoint {
    /// Stands for the host name in the address.
    pub const HOSTNAME: &str = "{hostname}";

    /// The public address; `None` when it is not known, or needs a host name that was not given.
    pub fn address(&self, hostname: Option<&Hostname>) -> Option<String> {
        let url = self.url.as_ref()?;
        match hostname {
            Some(hostname) => Some(url.replace(Self::HOSTNAME, hostname.as_str())),
            None => Some(url.clone()).filter(|url| !url.contains(Self::HOSTNAME)),
        }
    }
}
