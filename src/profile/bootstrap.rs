//! Section `[bootstrap]`: the chart that Helm installs.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::{
    kinds::{map, object_name, path, seconds},
    setting::section,
};
use crate::words::phrase;

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
        /// Helm, 3.13 or later; searched in the `PATH` when it is left out.
        pub helm: Option<PathBuf> = path("helm").optional("/usr/local/bin/helm"),
        /// Helm values by path: strings, whole numbers, booleans; no secrets.
        pub values: BTreeMap<String, Value> =
            map("values", &["string", "integer", "boolean"], json!({"ingress.enabled": true}), |section| {
                section.scalars("values").into_iter().map(|(key, value)| (key, value.value)).collect()
            }),
    }
}
