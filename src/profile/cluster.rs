//! Sections `[cluster]`, `[machine]` and `[bootstrap]`: what is set up, and with what.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::{
    kinds::{boolean, folders, map, object_name, object_names, path, seconds, value_keys, whole},
    setting::section,
};
use crate::{document::Section, words::phrase};

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
        /// Folders that last, besides firstlight's own state, where the image is installed on a disk: they lie on its partition
        /// with the data, and the next installation leaves them as they are.
        pub keep: Vec<PathBuf> = folders("keep").or(json!([
            "/etc/rancher",
            "/var/lib/kubelet",
            "/var/lib/rancher"
        ])),
        /// Folders in those that are the image's at each installation all the same: what a newer Kubernetes needs, such as images
        /// that it has no registry for, must not be an older one's.
        pub renew: Vec<PathBuf> = folders("renew").or(json!(["/var/lib/rancher/k3s/agent/images"])),
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
