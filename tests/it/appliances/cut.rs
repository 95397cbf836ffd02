//! Every appliance with its power cut at each effect of its setup: the next run ends as an uncut one does.
//!
//! What two uncut machines have in common, a cut one has too. What each of them has for itself, it has once: as it was when the
//! power went, and wherever the others have the same, or the one within the other, so has it.

use std::{any::Any, collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

use futures_util::{StreamExt, stream};
use k8s_openapi::{
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use tokio::process::Command;

use super::{Data, appliance, nexus_gateway, profile, says, skreg};
use crate::{
    pki::below,
    support::{
        Machine,
        cluster::Namespace,
        process::{self, Ended},
        web::{Web, answer},
    },
};

/// The profiles of which each has a test here.
pub(super) const ALL: [&str; 5] = ["alga-psa", "default", "nexus-broker", "nexus-gateway", "skreg"];

/// So many are set up side by side.
const AT_ONCE: usize = 4;

/// The points after which something has been written, or begun, or used up.
const EFFECTS: [&str; 7] = [
    "file.durable",
    "register.answered",
    "apply.answered",
    "child.started",
    "child.ended",
    "unit.started",
    "secrets.verified",
];

/// Set by `make test-all`: then the power goes at every point, also within an effect.
const EVERY_POINT: &str = "FIRSTLIGHT_TEST_EVERY_POINT";

/// The store of authorities changes with what the machine trusts.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A machine of an appliance on which nothing was done yet.
struct Made {
    machine: Machine,
    /// Namespaces of the appliance besides its own.
    others: Vec<Namespace>,
    /// The folders in which it has files.
    folders: &'static [&'static str],
    /// Texts that the machine's own web server makes its own, and what stands for them.
    texts: Vec<(String, &'static str)>,
    /// Whether a distribution's tools are below its root.
    below: bool,
    /// What goes with it.
    _keeps: Box<dyn Any>,
}

impl Made {
    fn of(machine: Machine) -> Self {
        Self { machine, others: Vec::new(), folders: &[], texts: Vec::new(), below: false, _keeps: Box::new(()) }
    }

    fn command(&self) -> Command {
        if self.below { below(&self.machine) } else { self.machine.command() }
    }

    async fn run(&self) -> Ended {
        process::run(self.command()).await
    }

    /// Every key, variable and file, with what an object is and who may read a file.
    async fn everything(&self) -> Data {
        let mut all = Data::new();
        for (number, namespace) in [&self.machine.namespace].into_iter().chain(&self.others).enumerate() {
            for secret in namespace.list::<Secret>().await {
                let data = secret.data.unwrap_or_default().into_iter();
                let data = data.map(|(key, value)| (key, String::from_utf8_lossy(&value.0).into_owned()));
                let kind = secret.type_.unwrap_or_default();
                object(&mut all, &format!("secret {number}"), secret.metadata, data.chain([("type".to_owned(), kind)]));
            }
            for config_map in namespace.list::<ConfigMap>().await {
                let data = config_map.data.unwrap_or_default();
                object(&mut all, &format!("configmap {number}"), config_map.metadata, data);
            }
        }
        self.folders.iter().for_each(|folder| self.files(&mut all, folder));
        let state = fs::read_dir(self.machine.state()).into_iter().flatten();
        let state = state.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        let state: BTreeSet<_> = state.filter(|name| name != "helm").collect();
        all.insert("the state".to_owned(), format!("{state:?}"));
        let texts = self.texts();
        for text in all.values_mut() {
            *text = texts.iter().fold(text.clone(), |text, (own, common)| text.replace(own, common));
        }
        all
    }

    /// Texts that every machine has for itself, and what stands for them.
    fn texts(&self) -> Vec<(String, &'static str)> {
        let machine = &self.machine;
        let namespaces = [&machine.namespace].into_iter().chain(&self.others);
        let namespaces = namespaces.map(|namespace| (namespace.name.clone(), "[namespace]"));
        let own = [
            (machine.minted.tenant_id.to_string(), "[tenant]"),
            (machine.appliance_id(), "[appliance]"),
            (machine.service.url().to_owned(), "[service]"),
        ];
        own.into_iter().chain(namespaces).chain(self.texts.iter().cloned()).collect()
    }

    fn files(&self, all: &mut Data, folder: &str) {
        for entry in fs::read_dir(self.machine.path(folder)).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_symlink() || !path.is_file() {
                continue;
            }
            let name = format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy());
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            all.insert(format!("{name} mode"), format!("{mode:o}"));
            let text = fs::read_to_string(&path).expect("text");
            if path.extension().is_some_and(|extension| extension == "env") {
                let variables = text.lines().map(|line| line.split_once('=').expect("an assignment"));
                all.extend(variables.map(|(variable, value)| (format!("{name}#{variable}"), value.to_owned())));
            } else {
                all.insert(name, text);
            }
        }
    }
}

/// What stands in an object, and which notes of ours are on it.
fn object(all: &mut Data, of: &str, metadata: ObjectMeta, data: impl IntoIterator<Item = (String, String)>) {
    let name = metadata.name.expect("a name");
    // These are Helm's record of the chart, and the cluster's own.
    if name.starts_with("sh.helm.release.") || name == "kube-root-ca.crt" {
        return;
    }
    let notes = metadata.annotations.unwrap_or_default().into_keys().filter(|note| note.starts_with("firstlight/"));
    all.insert(format!("{of}/{name} notes"), notes.collect::<Vec<_>>().join(" "));
    all.extend(data.into_iter().map(|(key, value)| (format!("{of}/{name}/{key}"), value)));
}

/// What uncut machines are like.
struct Uncut {
    /// Everything that one of them has.
    all: Data,
    /// The places in which the other one has something else.
    own: BTreeSet<String>,
    /// Places of which the second has in it what the first one has.
    within: Vec<(String, String)>,
}

impl Uncut {
    fn of(first: Data, second: &Data) -> Self {
        assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
        let own: BTreeSet<String> = first.keys().filter(|place| first[*place] != second[*place]).cloned().collect();
        let is_within = |part: &str, whole: &str| [&first, second].iter().all(|all| has(all, part, whole));
        let of_part = |part: &String| {
            let wholes = own.iter().filter(|whole| *whole != part && is_within(part, whole));
            wholes.map(|whole| (part.clone(), whole.clone())).collect::<Vec<_>>()
        };
        let within = own.iter().flat_map(of_part).collect();
        assert!(!own.is_empty() && own.len() < first.len(), "{own:?}");
        Self { all: first, own, within }
    }

    /// `left` is what there was when the power went.
    fn assert_same(&self, left: &Data, after: &Data, point: &str) {
        assert_eq!(after.keys().collect::<Vec<_>>(), self.all.keys().collect::<Vec<_>>(), "{point}");
        for (place, text) in self.all.iter().filter(|(place, _)| !self.own.contains(*place)) {
            assert_eq!(after[place], *text, "{point}: {place}");
        }
        for (place, text) in left.iter().filter(|(place, _)| self.own.contains(*place) && *place != BUNDLE) {
            assert_eq!(after[place], *text, "{point}: {place} was made twice");
        }
        for (part, whole) in &self.within {
            assert!(has(after, part, whole), "{point}: {whole} has nothing of {part}");
        }
    }
}

fn has(all: &Data, part: &str, whole: &str) -> bool {
    all[whole].contains(all[part].trim())
}

/// Sets machines up with their power cut, each at another point, and lets the next run finish. How many those are is printed
/// with `--nocapture`.
#[expect(clippy::print_stdout, reason = "the measure is for people")]
async fn explore(make: impl AsyncFn() -> Made) {
    let [first, second] = [make().await, make().await];
    let trace = first.machine.path("/trace");
    process::run_with(first.command().env("FIRSTLIGHT_POINT_TRACE", &trace)).await.done();
    second.run().await.done();
    let uncut = Uncut::of(first.everything().await, &second.everything().await);
    let points = fs::read_to_string(trace).expect("points were passed");
    drop([first, second]);
    let every = std::env::var_os(EVERY_POINT).is_some();
    let chosen = (1..).zip(points.lines()).filter(|(_, point)| every || EFFECTS.contains(point));
    let cuts = stream::iter(chosen).map(|(number, point)| cut(&make, &uncut, number, point));
    let count = cuts.buffer_unordered(AT_ONCE).count().await;
    println!("cut at {count} of {} points", points.lines().count());
    assert!(count > 10, "{points}");
}

async fn cut(make: &impl AsyncFn() -> Made, uncut: &Uncut, number: usize, point: &str) {
    let (appliance, point) = (make().await, format!("{number}, {point}"));
    let cut = process::run_with(appliance.command().env("FIRSTLIGHT_POINT", format!("kill:#{number}"))).await;
    assert_eq!(cut.code, None, "{point}: {}", cut.stdout);
    let left = appliance.everything().await;
    appliance.run().await.done();
    uncut.assert_same(&left, &appliance.everything().await, &point);
    let sent = appliance.machine.sent();
    assert_eq!(
        appliance.machine.service.store().claims().expect("the database answers"),
        1,
        "{point}: sent {sent} times"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn default() {
    explore(async || {
        let mut machine = Machine::new("cut-default").await;
        machine.use_profile_of_appliance(&profile("default"));
        Made::of(machine.with_bootstrap())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn alga_psa() {
    let app = Web::start(|_request: &str| answer("200 OK", "text/html", "<title>AlgaPSA</title>")).await;
    explore(async || {
        let (system, status) = (Namespace::new("cut-alga-system").await, Namespace::new("cut-alga-status").await);
        let namespaces = [("alga-system", &system), ("appliance-system", &status)];
        let machine = appliance(Machine::new("cut-alga-psa").await, "alga-psa", &namespaces);
        says(&machine, &app);
        Made { others: vec![system, status], ..Made::of(machine) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn nexus_broker() {
    explore(async || {
        let machine = appliance(Machine::new("cut-nexus-broker").await, "nexus-broker", &[]);
        machine.answer_also("[answers]\nreturn-domains = \"app.acme.example\"\n");
        Made::of(machine)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes namespaces, mounts in namespaces of its own)"]
async fn nexus_gateway() {
    explore(async || {
        let (machine, systemd) = nexus_gateway::gateway(Machine::new("cut-nexus-gateway").await, 20).await;
        let edge = nexus_gateway::edge(&machine, super::edge::loopback(), nexus_gateway::routes).await;
        nexus_gateway::says(&machine, &edge.url());
        Made {
            folders: &["/etc/nexus", "/etc/compliance-proxy", "/etc/ssl/certs", "/anchors"],
            texts: vec![(edge.url(), "[origin]"), (edge.address.ip().to_string(), "[host]")],
            below: true,
            _keeps: Box::new((systemd, edge)),
            ..Made::of(machine)
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn skreg() {
    let app = Web::start(skreg::registry).await;
    explore(async || {
        let infra = Namespace::new("cut-skreg-infra").await;
        let mut machine = appliance(Machine::new("cut-skreg").await, "skreg", &[("skreg-infra", &infra)]);
        machine.set_value("infrastructure", infra.name.clone());
        skreg::says(&machine, &app);
        Made { others: vec![infra], ..Made::of(machine) }
    })
    .await;
}
