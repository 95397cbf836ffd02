//! Objects of keys with a rule for each, on a real API server: any number of them, in any namespace.

use std::{collections::BTreeMap, sync::Arc};

use firstlight::{
    answers::{Answers, Draft},
    engine::{Events, Notes},
    profile::{PasswordForm, Profile},
    steps::objects::{Foreseen, Granted, Key, Known, Needed, Objects, Row, Rule, Travelling},
    values::{ApplianceId, Grant, SecretText},
    world::{
        Basis, Claim, Cluster, ClusterError, NamespacePhase, ObjectData, ObjectKind, ObjectRef, Places, World,
        annotations,
    },
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::cluster::{Namespace, kubeconfig};

fn data(pairs: &[(&str, &str)]) -> ObjectData {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect()
}

fn text(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn cluster_of(namespace: &Namespace) -> Cluster {
    let mut profile = Profile::built_in();
    profile.cluster.namespace.clone_from(&namespace.name);
    let places = Places { kubeconfig: Some(kubeconfig()), ..Places::default() };
    World::new(&profile, places).expect("a world").cluster
}

async fn basis(cluster: &Cluster, object: &ObjectRef) -> Option<Basis> {
    cluster.look_at(object).await.expect("read").map(|(_, basis)| basis)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_key_that_is_written_alone_leaves_the_others() {
    let namespace = Namespace::new("keys").await;
    namespace.create().await;
    let (cluster, object) = (cluster_of(&namespace), ObjectRef::secret("seed"));
    let write = async |keys: &[(&str, &str)], stays: bool| {
        let basis = basis(&cluster, &object).await;
        cluster.write(&object, basis.as_ref(), &data(keys), Claim { stays: &|_| stays, takes: &|_| false }).await
    };

    write(&[("TOKEN", "1"), ("CREDENTIAL", "2")], true).await.expect("made");
    namespace.write_secret("somebody", "seed", &[("THEIRS", "3")]).await;
    write(&[("TOKEN", "4")], true).await.expect("written");
    let all = text(&[("TOKEN", "4"), ("CREDENTIAL", "2"), ("THEIRS", "3")]);
    assert_eq!(namespace.secret("seed").await, Some(all));

    // What somebody else manages is neither taken over nor written over.
    let refused = write(&[("THEIRS", "5")], true).await;
    assert!(matches!(refused, Err(ClusterError::Conflict { .. })), "{refused:?}");
    // All that is ours at once: what is not named goes, and of theirs nothing.
    write(&[("TOKEN", "4")], false).await.expect("written");
    assert_eq!(namespace.secret("seed").await, Some(text(&[("TOKEN", "4"), ("THEIRS", "3")])));
}

/// Also one that changes nothing: who has read an object knows whether it was written since.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn each_write_has_a_mark_of_its_own_and_what_is_tried_has_none() {
    let namespace = Namespace::new("marks").await;
    namespace.create().await;
    let (cluster, object, token) = (cluster_of(&namespace), ObjectRef::secret("seed"), data(&[("TOKEN", "1")]));
    let claim = || Claim { stays: &|_| true, takes: &|_| false };
    let mut marks = Vec::new();
    for _write in 0..3 {
        let (seen, basis) = cluster.look_at(&object).await.expect("read").unzip();
        cluster.rehearse(&object, basis.as_ref(), &token, claim()).await.expect("it would be written");
        assert_eq!(cluster.read(&object).await.expect("read"), seen, "it was only tried");
        cluster.write(&object, basis.as_ref(), &token, claim()).await.expect("written");
        let trace = cluster.trace(&object).await.expect("read");
        marks.push(trace.annotations.get(annotations::WRITE).expect("a mark").clone());
    }
    marks.sort();
    marks.dedup();
    assert_eq!(marks.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_key_that_is_taken_from_another_manager_takes_no_other_one_along() {
    let namespace = Namespace::new("taken").await;
    namespace.create().await;
    let (cluster, object) = (cluster_of(&namespace), ObjectRef::secret("env"));
    let write = async |keys: &[(&str, &str)]| {
        let basis = basis(&cluster, &object).await;
        let claim = Claim { stays: &|_| true, takes: &|key| key == "LIST" };
        cluster.rehearse(&object, basis.as_ref(), &data(keys), claim).await?;
        cluster.write(&object, basis.as_ref(), &data(keys), claim).await
    };
    let theirs = [("ISSUER", "theirs"), ("LIST", "theirs")];
    namespace.write_secret("somebody", "env", &theirs).await;
    let refused = write(&[("ISSUER", "ours"), ("LIST", "theirs,ours")]).await;
    assert!(matches!(refused, Err(ClusterError::Conflict { .. })), "{refused:?}");
    assert_eq!(namespace.secret("env").await, Some(text(&theirs)), "nothing is written");
    write(&[("OURS", "1"), ("LIST", "theirs,ours")]).await.expect("taken");
    let both = [("ISSUER", "theirs"), ("LIST", "theirs,ours"), ("OURS", "1")];
    assert_eq!(namespace.secret("env").await, Some(text(&both)));
}

/// What is known to a run, and what its objects are.
struct Run {
    answers: Answers,
    granted: Granted,
    password: Travelling,
    cluster: Cluster,
    notes: Notes,
    other: String,
}

impl Run {
    async fn new(own: &Namespace, other: &Namespace) -> Self {
        let profile = Profile::built_in();
        let answers = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\n\
                       email='kim@acme.example'\npassword='correct horse battery'";
        let answers = Draft::from_toml(answers, &profile).0.finish(&profile).expect("sound answers");
        let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials"}"#;
        let password = Travelling::new(PasswordForm::Argon2id, answers.secret.password.clone());
        password.made().await.expect("a hash");
        Self {
            answers,
            granted: Granted {
                grant: Grant::parse(grant).expect("a grant"),
                appliance_id: ApplianceId::derive(None, "host"),
                key: uuid::Uuid::nil(),
            },
            password,
            cluster: cluster_of(own),
            notes: Notes::new("objects".into(), Events::channel(Arc::default()).0, CancellationToken::new()),
            other: other.name.clone(),
        }
    }

    /// Two Secrets and a `ConfigMap` in two namespaces, and every rule; one value is in all three.
    fn rows(&self) -> Vec<Row> {
        let once = || Rule::CreateOnly("state-key".to_owned());
        let made = |_: &Known<'_>| Some(SecretText::new(Uuid::new_v4().to_string()));
        let state_key = || Key::new("STATE_KEY", once(), Needed::Always, made);
        let email =
            |known: &Known<'_>| known.answers?.public.keys.get("INITIAL_ADMIN_EMAIL").map(|mail| mail.as_str().into());
        let edition = |known: &Known<'_>| Some(known.granted?.grant.entitlement.edition().into());
        let release = |known: &Known<'_>| known.granted.map(|_| "1".into());
        let elsewhere =
            |kind, name: &str| ObjectRef { kind, namespace: Some(self.other.clone()), name: name.to_owned() };
        let row = |object, keys| Row { object, whole: false, forced: false, keys };
        vec![
            row(
                ObjectRef::secret("hub"),
                vec![
                    state_key(),
                    Key::new("EDITION", Rule::FromGrant, Needed::Always, edition),
                    Key::new("RELEASE", Rule::Refreshed, Needed::No, release),
                ],
            ),
            row(
                elsewhere(ObjectKind::Secret, "gateway"),
                vec![state_key(), Key::new("EMAIL", Rule::FromAnswer, Needed::Always, email)],
            ),
            row(
                elsewhere(ObjectKind::ConfigMap, "gateway"),
                vec![state_key(), Key::new("EMAIL", Rule::FromAnswer, Needed::Always, email)],
            ),
        ]
    }

    async fn look(&self) -> Objects {
        Objects::observe(self.rows(), &self.cluster).await.expect("read")
    }

    fn known<'a>(&'a self, granted: Option<&'a Granted>) -> Known<'a> {
        Known { answers: Some(&self.answers), granted, password: Some(&self.password), ..Known::default() }
    }

    /// Writes what was looked at, and says how many objects that were.
    async fn write(&self, objects: &Objects, granted: bool) -> Result<usize, ClusterError> {
        let granted = granted.then_some(&self.granted);
        let wanted = objects.decide(&self.known(granted));
        let written = objects.write(&wanted, &self.cluster, &self.notes).await?.len();
        assert_eq!(self.look().await.differing(&wanted), None, "read back");
        Ok(written)
    }

    /// Has the API server try what would be written, with a grant that is yet to come.
    async fn dry_run(&self, objects: &Objects) -> Result<usize, ClusterError> {
        let known = self.known(None);
        objects.dry_run(Foreseen { known: Some(&known), grant_to_come: true }, &self.cluster).await
    }

    /// Looks and writes until nobody else is faster.
    async fn run(&self, granted: bool) -> usize {
        loop {
            let ended = self.write(&self.look().await, granted).await;
            if !matches!(ended, Err(ClusterError::Changed { .. })) {
                return ended.expect("written");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn rows_over_secrets_and_a_config_map_in_two_namespaces() {
    let (own, other) = (Namespace::new("rows").await, Namespace::new("rows-other").await);
    let run = Run::new(&own, &other).await;
    for namespace in [&own, &other] {
        run.cluster.ensure_namespace(&namespace.name, NamespacePhase::Missing, None, false).await.expect("made");
    }
    // Somebody's key is there before.
    other.write_secret("somebody", "gateway", &[("THEIRS", "3")]).await;

    assert_eq!(run.run(true).await, 3);
    let hub = own.secret("hub").await.expect("the Secret");
    let key = hub["STATE_KEY"].as_str();
    assert_eq!(hub, text(&[("STATE_KEY", key), ("EDITION", "essentials"), ("RELEASE", "1")]));
    let gateway = [("STATE_KEY", key), ("EMAIL", "kim@acme.example")];
    assert_eq!(other.config_map("gateway").await, Some(text(&gateway)));
    let with_theirs = text(&[&gateway[..], &[("THEIRS", "3")]].concat());
    assert_eq!(other.secret("gateway").await, Some(with_theirs.clone()));

    // Twice is once, also without a grant; and one that was lost has the same value again.
    assert_eq!(run.run(true).await, 0);
    assert_eq!(run.run(false).await, 0);
    other.kubectl(&["delete", "configmap", "gateway"]).await;
    assert_eq!(run.run(false).await, 1);
    assert_eq!(other.config_map("gateway").await, Some(text(&gateway)));

    // What another manager took is not taken back, nor is anything else of the object written.
    own.write_secret("somebody", "hub", &[("EDITION", "theirs")]).await;
    let refused = run.write(&run.look().await, true).await;
    assert!(matches!(refused, Err(ClusterError::Conflict { .. })), "{refused:?}");
    let hub = own.secret("hub").await.expect("the Secret");
    assert_eq!(hub, text(&[("STATE_KEY", key), ("EDITION", "theirs"), ("RELEASE", "1")]));
    assert_eq!(other.secret("gateway").await, Some(with_theirs));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn of_two_runs_at_once_one_makes_the_value() {
    let (own, other) = (Namespace::new("once").await, Namespace::new("once-other").await);
    let (first, second) = (Run::new(&own, &other).await, Run::new(&own, &other).await);
    for namespace in [&own, &other] {
        first.cluster.ensure_namespace(&namespace.name, NamespacePhase::Missing, None, false).await.expect("made");
    }
    // Both have seen nothing, and made a value of their own.
    let (seen, seen_too) = (first.look().await, second.look().await);
    assert_eq!(first.dry_run(&seen).await.expect("accepted"), 3);
    assert_eq!(first.write(&seen, true).await.expect("written"), 3);
    let refused = second.write(&seen_too, true).await;
    assert!(matches!(refused, Err(ClusterError::Changed { .. })), "{refused:?}");
    assert_eq!(second.run(true).await, 0);

    // The same in an object that is there without the value, as many at a time as there are.
    own.kubectl(&["delete", "secret", "hub"]).await;
    other.kubectl(&["delete", "secret/gateway", "configmap/gateway"]).await;
    own.write_secret("somebody", "hub", &[("THEIRS", "3")]).await;
    let (seen, seen_too) = (first.look().await, second.look().await);
    let (ended, ended_too) = tokio::join!(first.write(&seen, true), second.write(&seen_too, true));
    assert!(ended.is_ok() != ended_too.is_ok(), "{ended:?} {ended_too:?}");
    tokio::join!(first.run(true), second.run(true));
    let key = own.secret("hub").await.expect("the Secret")["STATE_KEY"].clone();
    assert_eq!(other.secret("gateway").await.expect("the Secret")["STATE_KEY"], key);
    assert_eq!(other.config_map("gateway").await.expect("the ConfigMap")["STATE_KEY"], key);
    assert_eq!(first.run(true).await + second.run(true).await, 0);

    // One that somebody else has made is the value.
    own.kubectl(&["delete", "secret", "hub"]).await;
    other.kubectl(&["delete", "secret/gateway", "configmap/gateway"]).await;
    other.write_secret("somebody", "gateway", &[("STATE_KEY", "theirs")]).await;
    assert_eq!(first.dry_run(&first.look().await).await.expect("accepted"), 3);
    first.run(true).await;
    for values in [own.secret("hub").await, other.secret("gateway").await, other.config_map("gateway").await] {
        assert_eq!(values.expect("the object")["STATE_KEY"], "theirs");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn what_will_be_written_is_tried_and_nothing_else() {
    let (own, other) = (Namespace::new("foreseen").await, Namespace::new("foreseen-other").await);
    let run = Run::new(&own, &other).await;
    for namespace in [&own, &other] {
        run.cluster.ensure_namespace(&namespace.name, NamespacePhase::Missing, None, false).await.expect("made");
    }
    let tried = async |granted, grant_to_come| {
        let known = run.known(granted);
        run.look().await.dry_run(Foreseen { known: Some(&known), grant_to_come }, &run.cluster).await
    };
    let knowing_nothing = async || {
        let foreseen = Foreseen { known: None, grant_to_come: false };
        run.look().await.dry_run(foreseen, &run.cluster).await
    };
    assert_eq!(knowing_nothing().await.expect("accepted"), 3);
    assert_eq!(tried(None, true).await.expect("accepted"), 3);
    assert_eq!(tried(Some(&run.granted), false).await.expect("accepted"), 3);
    run.run(true).await;
    assert_eq!(knowing_nothing().await.expect("nothing to do"), 0);
    assert_eq!(tried(None, false).await.expect("nothing to do"), 0);
    assert_eq!(tried(Some(&run.granted), false).await.expect("nothing to do"), 0);

    // Whoever manages them, and whether they can be written: they need not be.
    own.kubectl(&["patch", "secret", "hub", "--patch", r#"{"stringData": {"EDITION": "theirs"}}"#]).await;
    other.kubectl(&["patch", "secret", "gateway", "--patch", r#"{"immutable": true}"#]).await;
    assert_eq!(knowing_nothing().await.expect("nothing to do"), 0);
    assert_eq!(tried(None, false).await.expect("nothing to do"), 0);
    let refused = tried(Some(&run.granted), false).await;
    assert!(matches!(refused, Err(ClusterError::Conflict { .. })), "{refused:?}");
    let refused = tried(None, true).await;
    assert!(matches!(refused, Err(ClusterError::Conflict { .. })), "{refused:?}");

    // A value that stays is tried as it is, also where somebody else has claimed it.
    own.kubectl(&[
        "patch",
        "secret",
        "hub",
        "--type=json",
        "--patch",
        r#"[{"op": "remove", "path": "/data/EDITION"}]"#,
    ])
    .await;
    other.kubectl(&["delete", "configmap", "gateway"]).await;
    own.write_secret("somebody", "hub", &[("STATE_KEY", &own.secret("hub").await.expect("it")["STATE_KEY"])]).await;
    assert_eq!(tried(Some(&run.granted), false).await.expect("accepted"), 2);
    assert_eq!(run.run(true).await, 2);
}
