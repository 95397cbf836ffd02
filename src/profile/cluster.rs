//! Section `[cluster]`: the cluster that is set up.

use std::{path::PathBuf, time::Duration};

use super::{
    kinds::{object_name, path, seconds},
    setting::section,
};

section! {
    /// The cluster that is set up.
    pub struct Cluster {
        /// The kubeconfig of an administrator.
        pub kubeconfig: PathBuf = path("kubeconfig").or("/etc/rancher/k3s/k3s.yaml"),
        /// Created when it is missing.
        pub namespace: String = object_name("namespace").or("msp"),
        /// How long Kubernetes may take to start.
        pub start_timeout: Duration = seconds("start-timeout-seconds").or(600),
    }
}
