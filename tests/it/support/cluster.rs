//! The real cluster under `target/`: a namespace for each test, and what is in it.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, sync::OnceLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use k8s_openapi::{
    ByteString, NamespaceResourceScope,
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Config, Resource,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

use super::repository;

/// The administrator's kubeconfig of the test cluster, and of no other.
pub(crate) fn kubeconfig() -> PathBuf {
    repository().join("target/cluster/kubeconfig")
}

/// A kubeconfig with other credentials, as its `user` has them.
pub(crate) fn with_user(kubeconfig: &str, user: &str) -> String {
    let kept = kubeconfig.lines().filter(|line| !line.contains("client-certificate-data"));
    kept.map(|line| if line.contains("client-key-data") { format!("    {user}\n") } else { format!("{line}\n") })
        .collect()
}

/// What is done to the cluster's kubeconfig.
pub(crate) type Change<'a> = &'a dyn Fn(String) -> String;

/// A kubeconfig with another certificate authority, in PEM.
pub(crate) fn with_authority(kubeconfig: &str, authority: &str) -> String {
    let value = |line: &str| Some(line.trim().strip_prefix("certificate-authority-data: ")?.to_owned());
    kubeconfig.replace(&kubeconfig.lines().find_map(value).expect("an authority"), &STANDARD.encode(authority))
}

/// Where the cluster's `helm` and `kubectl` are.
pub(crate) fn programs() -> PathBuf {
    repository().join("target/cluster/bin")
}

/// A client of the test cluster.
async fn client() -> Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| drop(rustls::crypto::aws_lc_rs::default_provider().install_default()));
    let kubeconfig = Kubeconfig::read_from(kubeconfig()).expect("tests/cluster/up has written a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    Client::try_from(config.expect("a usable kubeconfig")).expect("a client")
}

/// Runs `kubectl`, which has to succeed, and gives what it prints.
pub(crate) async fn kubectl(arguments: &[&str]) -> String {
    kubectl_with(arguments, "").await
}

/// Whether `kubectl` refuses, or is refused.
pub(crate) async fn is_refused(arguments: &[&str]) -> bool {
    let mut command = Command::new(programs().join("kubectl"));
    command.arg("--kubeconfig").arg(kubeconfig()).args(arguments).kill_on_drop(true);
    !command.output().await.expect("tests/cluster/up has built kubectl").status.success()
}

/// Creates or updates objects.
pub(crate) async fn apply(object: &Value) {
    kubectl_with(&["apply", "--filename", "-"], &object.to_string()).await;
}

async fn kubectl_with(arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(programs().join("kubectl"));
    command.arg("--kubeconfig").arg(kubeconfig()).args(arguments).kill_on_drop(true);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("tests/cluster/up has built kubectl");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).await.expect("kubectl reads");
    drop(stdin);
    let output = child.wait_with_output().await.expect("kubectl ends");
    assert!(output.status.success(), "kubectl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A namespace of one test, deleted when this goes.
pub(crate) struct Namespace {
    pub(crate) name: String,
    client: Client,
    /// An object with a finalizer that would keep the namespace from going.
    held_by: Option<String>,
}

impl Namespace {
    /// A name that nobody has; it is left to firstlight to create the namespace.
    pub(crate) async fn new(label: &str) -> Self {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        Self { name: format!("it-{label}-{}", &unique[..8]), client: client().await, held_by: None }
    }

    /// Creates the namespace, as somebody else would.
    pub(crate) async fn create(&self) {
        kubectl(&["create", "namespace", &self.name]).await;
    }

    /// `kubectl` in this namespace.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        kubectl(&[&["--namespace", self.name.as_str()], arguments].concat()).await
    }

    /// Whether it exists.
    pub(crate) async fn exists(&self) -> bool {
        let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(self.client.clone());
        namespaces.get_opt(&self.name).await.expect("the API server answers").is_some()
    }

    /// Deletes it, with an object in it that keeps it from going until [`Self::let_go`].
    pub(crate) async fn delete_held(&mut self) {
        self.create().await;
        apply(&serde_json::json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "holds-it", "namespace": self.name, "finalizers": ["firstlight.test/hold"]},
        }))
        .await;
        self.held_by = Some("configmap/holds-it".to_owned());
        kubectl(&["delete", "namespace", &self.name, "--wait=false"]).await;
    }

    /// Clears what holds it, and waits until it is gone.
    pub(crate) async fn let_go(&mut self) {
        let held_by = self.held_by.take().expect("it was held");
        self.kubectl(&["patch", &held_by, "--type=merge", "--patch", r#"{"metadata":{"finalizers":null}}"#]).await;
        super::until("the namespace is gone", || async { (!self.exists().await).then_some(()) }).await;
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &self.name)
    }

    /// An object.
    pub(crate) async fn get<K>(&self, name: &str) -> Option<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
    {
        self.api::<K>().get_opt(name).await.expect("the API server answers")
    }

    /// All objects of a kind.
    pub(crate) async fn list<K>(&self) -> Vec<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
    {
        self.api::<K>().list(&kube::api::ListParams::default()).await.expect("the API server answers").items
    }

    /// The data of a Secret as text.
    pub(crate) async fn secret(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let data = self.get::<Secret>(name).await?.data.unwrap_or_default();
        Some(data.into_iter().map(|(key, value)| (key, String::from_utf8(value.0).expect("text"))).collect())
    }

    /// The data of a `ConfigMap`.
    pub(crate) async fn config_map(&self, name: &str) -> Option<BTreeMap<String, String>> {
        Some(self.get::<ConfigMap>(name).await?.data.unwrap_or_default())
    }

    /// Writes a Secret as another field manager.
    pub(crate) async fn write_secret(&self, manager: &str, name: &str, data: &[(&str, &str)]) {
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let bytes = |value: &str| ByteString(value.as_bytes().to_vec());
        let data = data.iter().map(|(key, value)| ((*key).to_owned(), bytes(value))).collect();
        let secret = Secret { metadata, data: Some(data), ..Secret::default() };
        let parameters = kube::api::PatchParams::apply(manager).force();
        let written = self.api::<Secret>().patch(name, &parameters, &kube::api::Patch::Apply(&secret)).await;
        written.expect("the Secret is written");
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let kubectl = |arguments: &[&str]| {
            let mut command = std::process::Command::new(programs().join("kubectl"));
            command.arg("--kubeconfig").arg(kubeconfig()).args(arguments);
            // What cannot be cleaned up any more (a cluster that is gone) fails no test.
            drop(command.stdout(Stdio::null()).stderr(Stdio::null()).status());
        };
        if let Some(held_by) = &self.held_by {
            let nothing = r#"{"metadata":{"finalizers":null}}"#;
            kubectl(&["--namespace", &self.name, "patch", held_by, "--type=merge", "--patch", nothing]);
        }
        kubectl(&["delete", "namespace", &self.name, "--wait=false", "--ignore-not-found"]);
    }
}
