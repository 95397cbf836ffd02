//! A machine to set up: a root directory, a namespace, a license service with a code for it.

mod outcome;

use std::{
    fs,
    io::Write,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use flate2::{Compression, write::GzEncoder};
use jiff::SignedDuration;
use license_service::{Config, Minted, NewCode, TenantRef};
use tempfile::TempDir;
use tokio::process::Command;
use toml_edit::{DocumentMut, Item, Table, Value};
use uuid::Uuid;

use super::{
    cluster::{self, Namespace},
    hostile::Hostile,
    process::{self, Ended, Running},
    repository,
};

/// Given in the answers; nothing may ever repeat it.
pub(crate) const PASSWORD: &str = "nine-green-Lamps-over-4-doors";

/// Where the profile's files lie below the root.
const AUTHORITY: &str = "/etc/firstlight/license-ca.pem";
const TOKEN_KEY: &str = "/etc/firstlight/token.pub";
const CHART: &str = "/usr/share/firstlight/bootstrap.tgz";

/// A machine, and everything it speaks with.
pub(crate) struct Machine {
    pub(crate) namespace: Namespace,
    pub(crate) minted: Minted,
    /// The real license service.
    pub(crate) service: license_service::Running,
    directory: TempDir,
    profile: DocumentMut,
    kubeconfig: PathBuf,
}

impl Machine {
    /// A machine on which nothing was done yet, with a profile that has no bootstrap.
    pub(crate) async fn new(label: &str) -> Self {
        Self::with(label, NewCode::default(), |_| {}).await
    }

    /// The same, with another code or another service.
    pub(crate) async fn with(label: &str, code: NewCode, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let service = start_service(directory.path(), change).await;
        let minted = service.store().mint(&code).expect("a code");
        let mut machine = Self {
            namespace: Namespace::new(label).await,
            minted,
            service,
            directory,
            profile: DocumentMut::new(),
            kubeconfig: cluster::kubeconfig(),
        };
        machine.write("/etc/machine-id", &format!("{}\n", uuid::Uuid::new_v4().simple()), 0o444);
        machine.copy_service_files();
        machine.set("license.url", machine.service.url().to_owned());
        machine.set("license.ca-file", AUTHORITY).set("license.token-key-file", TOKEN_KEY);
        machine.set("license.timeout-seconds", 20).set("license.attempts", 1);
        machine.set("cluster.namespace", machine.namespace.name.clone()).set("cluster.start-timeout-seconds", 60);
        machine.set("machine.disk-mib", 1).set("machine.memory-mib", 1).set("machine.volatile-state", true);
        machine.answer(&machine.minted.code.grouped());
        machine
    }

    /// Adds the bootstrap with the chart of this repository.
    pub(crate) fn with_bootstrap(mut self) -> Self {
        self.write_bytes(CHART, &chart(), 0o644);
        self.set("bootstrap.chart", CHART).set("bootstrap.timeout-seconds", 90);
        self
    }

    /// Another machine for the same cluster: a root of its own, nothing remembered, a code of its own.
    pub(crate) fn replace(&mut self, minted: Minted) {
        let state = self.state();
        fs::remove_dir_all(state).expect("it was used before");
        self.answer(&minted.code.grouped());
        self.minted = minted;
    }

    /// A new code for this tenant; the ones before that were not used are revoked by it.
    pub(crate) fn reissued(&self, tenant: Uuid) -> Minted {
        let reissued = self.service.store().reissue(&TenantRef::Id(tenant), SignedDuration::from_hours(1));
        reissued.expect("reissued")
    }

    /// The operator has another code now.
    pub(crate) fn use_code(&mut self, minted: Minted) {
        self.answer(minted.code.expose());
        self.minted = minted;
    }

    /// Below which every host path lies.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// Where firstlight keeps its state.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("/var/lib/firstlight")
    }

    /// A host path below the root.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// Writes a file below the root.
    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) -> PathBuf {
        self.write_bytes(path, text.as_bytes(), mode)
    }

    fn write_bytes(&self, path: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let file = fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(bytes)).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        path
    }

    /// Changes one setting of the profile, by its dotted path.
    pub(crate) fn set(&mut self, path: &str, value: impl Into<Value>) -> &mut Self {
        let (sections, key) = path.rsplit_once('.').expect("a section and a key");
        self.table(sections).insert(key, Item::Value(value.into()));
        self
    }

    /// Gives a value to the chart.
    pub(crate) fn set_value(&mut self, path: &str, value: impl Into<Value>) {
        self.set_in("bootstrap.values", path, value);
    }

    /// Changes one setting of the profile whose key may have dots in it.
    pub(crate) fn set_in(&mut self, sections: &str, key: &str, value: impl Into<Value>) {
        self.table(sections).insert(key, Item::Value(value.into()));
    }

    fn table(&mut self, path: &str) -> &mut Table {
        path.split('.').fold(self.profile.as_table_mut(), |table, section| {
            let inner = table.entry(section).or_insert_with(|| Item::Table(Table::new()));
            inner.as_table_mut().expect("a table")
        })
    }

    /// Adds an address that answers once the appliance is up.
    pub(crate) fn set_ready(&mut self, url: &str, timeout_seconds: i64) {
        let text = format!("[[ready]]\nname = \"console\"\nurl = \"{url}\"\ntimeout-seconds = {timeout_seconds}\n");
        let ready: DocumentMut = text.parse().expect("TOML");
        self.profile.insert("ready", ready["ready"].clone());
    }

    /// Adds the vendor's own questions, or whatever else a profile may have.
    pub(crate) fn add_to_profile(&mut self, text: &str) {
        let added: DocumentMut = text.parse().expect("TOML");
        for (key, item) in added.iter() {
            self.profile.insert(key, item.clone());
        }
    }

    /// Takes over what the profile of an appliance says, but for the service and the cluster, which are this machine's.
    pub(crate) fn use_profile_of_appliance(&mut self, text: &str) {
        let appliance: DocumentMut = text.parse().expect("TOML");
        for (key, item) in appliance.iter().filter(|(key, _)| !["license", "cluster", "machine"].contains(key)) {
            self.profile.insert(key, item.clone());
        }
    }

    /// Adds to the answers that [`Self::answer`] gives.
    pub(crate) fn answer_also(&self, text: &str) {
        let answers = answers(&self.minted.code.grouped(), PASSWORD);
        self.write("/answers.toml", &format!("{answers}{text}"), 0o600);
    }

    /// Gives another install code, and adds to the answers.
    pub(crate) fn answer_with(&self, code: &str, text: &str) {
        self.write("/answers.toml", &format!("{}{text}", answers(code, PASSWORD)), 0o600);
    }

    /// Gives another install code.
    pub(crate) fn answer(&self, code: &str) {
        self.write("/answers.toml", &answers(code, PASSWORD), 0o600);
    }

    /// Points the profile at something in the license service's place.
    pub(crate) fn use_hostile(&mut self, hostile: &Hostile) {
        self.set("license.url", hostile.url());
        self.write(AUTHORITY, &hostile.authority_pem, 0o644);
    }

    /// Points the profile at an authority that the service's certificate is not from.
    pub(crate) fn trust(&self, authority_pem: &str) {
        self.write(AUTHORITY, authority_pem, 0o644);
    }

    /// Points the profile at the real license service.
    pub(crate) fn use_service(&mut self) {
        self.set("license.url", self.service.url().to_owned());
        self.copy_service_files();
    }

    /// Starts the license service anew, on the same database.
    pub(crate) async fn restart_service(&mut self, change: impl FnOnce(&mut Config)) {
        self.service = start_service(self.directory.path(), change).await;
        self.use_service();
    }

    fn copy_service_files(&self) {
        let read = |path: &Path| fs::read_to_string(path).expect("the service's file");
        self.write(AUTHORITY, &read(self.service.ca_pem_file()), 0o644);
        self.write(TOKEN_KEY, &read(self.service.token_key_file()), 0o644);
    }

    /// The real API server's address.
    pub(crate) fn api_server() -> SocketAddr {
        let kubeconfig = fs::read_to_string(cluster::kubeconfig()).expect("a kubeconfig");
        let server = kubeconfig.lines().find_map(|line| line.trim().strip_prefix("server: https://"));
        server.and_then(|address| address.parse().ok()).expect("an address")
    }

    /// Uses a changed copy of the cluster's kubeconfig.
    pub(crate) fn change_kubeconfig(&mut self, change: impl FnOnce(String) -> String) {
        let kubeconfig = fs::read_to_string(cluster::kubeconfig()).expect("a kubeconfig");
        self.kubeconfig = self.write("/etc/kubeconfig", &change(kubeconfig), 0o600);
    }

    /// Uses the real API server through a port of 127.0.0.1.
    pub(crate) fn use_api_server_at(&mut self, port: u16) {
        let real = format!("https://{}", Self::api_server());
        self.change_kubeconfig(|text| text.replace(&real, &format!("https://127.0.0.1:{port}")));
    }

    /// Uses the cluster's own kubeconfig.
    pub(crate) fn use_cluster(&mut self) {
        self.kubeconfig = cluster::kubeconfig();
    }

    /// A file that is not there.
    pub(crate) fn lose_kubeconfig(&mut self) {
        self.kubeconfig = self.path("/etc/no-kubeconfig");
    }

    /// The arguments of a headless run, its profile written.
    pub(crate) fn command(&self) -> Command {
        self.arguments(process::firstlight(), "json")
    }

    /// The same, printed for people.
    pub(crate) fn text_command(&self) -> Command {
        self.arguments(process::firstlight(), "text")
    }

    /// The arguments of a headless run.
    pub(crate) fn arguments(&self, command: Command, output: &str) -> Command {
        let mut command = self.places(command);
        command.arg("--answers").arg(self.path("/answers.toml")).args(["--output", output]);
        command
    }

    /// Says where everything of this machine is, its profile written.
    pub(crate) fn places(&self, mut command: Command) -> Command {
        let profile = self.write("/profile.toml", &self.profile.to_string(), 0o644);
        command.arg("--profile").arg(profile).arg("--root").arg(self.root()).arg("--kubeconfig").arg(&self.kubeconfig);
        command
    }

    /// Runs firstlight to its end.
    pub(crate) async fn run(&self) -> Ended {
        process::run(self.command()).await
    }

    /// Rehearses only.
    pub(crate) async fn rehearse(&self) -> Ended {
        let mut command = self.command();
        command.arg("--dry-run");
        process::run(command).await
    }

    /// Starts a run that is killed or stops at a point (`kill:NAME`, `stop:#3`, …).
    pub(crate) fn start_at(&self, point: &str) -> Running {
        Running::start(self.command().env("FIRSTLIGHT_POINT", point))
    }

    /// Starts a run.
    pub(crate) fn start(&self) -> Running {
        Running::start(&mut self.command())
    }

    /// Runs, and lets the power go at a point. A run that ends before it must have ended well.
    pub(crate) async fn cut_at(&self, point: &str) -> Ended {
        let ended = self.start_at(&format!("kill:{point}")).end().await;
        if ended.code.is_some() {
            ended.done();
        }
        ended
    }
}

async fn start_service(directory: &Path, change: impl FnOnce(&mut Config)) -> license_service::Running {
    let mut config = Config::new(directory.join("license"));
    change(&mut config);
    license_service::start(config).await.expect("the license service starts")
}

/// An answers file.
pub(crate) fn answers(code: &str, password: &str) -> String {
    format!(
        "install-code = \"{code}\"\n[tenant]\nname = \"Acme Managed Services\"\n[administrator]\nfirst-name = \"Kim\"\n\
         last-name = \"Admin\"\nemail = \"kim@acme.example\"\npassword = \"{password}\"\n"
    )
}

/// The chart of this repository, packaged.
fn chart() -> Vec<u8> {
    static CHART: OnceLock<Vec<u8>> = OnceLock::new();
    let package = || {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let chart = repository().join("helm");
        for file in ["Chart.yaml", "values.yaml", "values.schema.json"] {
            archive.append_path_with_name(chart.join(file), Path::new("bootstrap").join(file)).expect("a file");
        }
        archive.append_dir_all("bootstrap/templates", chart.join("templates")).expect("the templates");
        archive.into_inner().and_then(GzEncoder::finish).expect("packed")
    };
    CHART.get_or_init(package).clone()
}
