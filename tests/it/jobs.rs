//! Jobs as charts in the field have them: without labels, tidied away at their end, or hooks that Helm waits for.

use firstlight::error::ErrorId;
use k8s_openapi::api::{batch::v1::Job, core::v1::Secret};
use rustix::process::Signal;

use crate::{
    bootstrap::{helm_release, make_pending},
    support::{Machine, cluster::Namespace, process, until},
};

/// A chart with one Job that runs the value `script`; `about` is of its metadata, `spec` of its specification.
fn with_job(machine: Machine, about: &str, spec: &str) -> Machine {
    let job = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{{{ .Release.Name }}}}-migrate\n{about}\
         spec:\n  backoffLimit: 0\n{spec}  template:\n    spec:\n      restartPolicy: Never\n      \
         automountServiceAccountToken: false\n      enableServiceLinks: false\n      terminationGracePeriodSeconds: 0\n      \
         containers:\n        - name: migrate\n          image: localhost/firstlight/bootstrap:0.1.0\n          \
         command: [sh, -c, {{{{ .Values.script | quote }}}}]\n"
    );
    with_template(machine, &job)
}

/// A chart with this one template.
fn with_template(machine: Machine, template: &str) -> Machine {
    let mut machine = machine.with_bootstrap();
    machine.write("/chart/Chart.yaml", "apiVersion: v2\nname: field\nversion: 0.1.0\n", 0o644);
    machine.write("/chart/values.yaml", "script: exit 0\n", 0o644);
    machine.write("/chart/templates/all.yaml", template, 0o644);
    machine.set("bootstrap.chart", "/chart");
    machine
}

const TIDIED_AWAY: &str = "  ttlSecondsAfterFinished: 0\n";
const HOOK: &str = "  annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: hook-succeeded}\n";

/// Helm's records.
async fn records(machine: &Machine) -> Vec<Secret> {
    let mut records: Vec<Secret> = machine.namespace.list::<Secret>().await;
    records.retain(|secret| secret.type_.as_deref() == Some("helm.sh/release.v1"));
    records
}

/// How often Helm was called, and the newest of its records.
async fn revisions(machine: &Machine) -> (usize, serde_json::Value) {
    let records = records(machine).await;
    let newest = records.iter().map(helm_release).max_by_key(|release| release["version"].as_u64());
    (records.len(), newest.expect("Helm's record"))
}

fn notes(ended: &process::Ended) -> Vec<String> {
    let notes = ended.events().into_iter().filter(|event| event["type"] == "note");
    notes.filter_map(|event| event["text"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_that_the_chart_does_not_label_is_waited_for() {
    let mut machine = with_job(Machine::new("unlabelled").await, "", "");
    machine.set_value("script", "sleep 2; echo 'the database refuses the password' > /dev/termination-log; exit 3");
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::BootstrapFailed).told();
    assert!(told.contains("Job `bootstrap-migrate` failed") && told.contains("refuses the password"), "{told}");

    machine.set_value("script", "sleep 2");
    let ended = machine.run().await;
    let outcome = ended.done().outcome("bootstrap");
    assert_eq!(outcome, "changed: release `bootstrap` is installed; Job `bootstrap-migrate` is complete");
    let job = machine.namespace.get::<Job>("bootstrap-migrate").await.expect("it was not tidied away");
    assert_eq!(job.status.and_then(|status| status.succeeded), Some(1), "done before it was");
    machine.assert_installed().await;

    let (before, _) = revisions(&machine).await;
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("bootstrap"), "unchanged: the bootstrap `bootstrap` has already run");
    assert_eq!(revisions(&machine).await.0, before, "installed again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn none_at_all_is_no_reason_to_install_again() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {text: \"kind: Job\"}\n";
    let machine = with_template(Machine::new("no-job").await, map);
    let ended = machine.run().await;
    let outcome = ended.done().outcome("bootstrap");
    assert_eq!(outcome, "changed: release `bootstrap` is installed; it has no Job to wait for");
    let ended = machine.run().await;
    assert_eq!(ended.done().outcome("bootstrap"), "unchanged: the bootstrap `bootstrap` has already run");
    assert_eq!(revisions(&machine).await.0, 1, "installed again");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_that_the_profile_names_is_waited_for() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n";
    let mut machine = with_template(Machine::new("named").await, map);
    machine.set("bootstrap.timeout-seconds", 3);
    machine.set("bootstrap.jobs", toml_edit::Array::from_iter(["operators"]));
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::BootstrapTimeout).told();
    assert!(told.contains("Job `operators` did not finish within 3 s: it does not exist"), "{told}");
    let image = "--image=localhost/firstlight/bootstrap:0.1.0";
    machine.namespace.kubectl(&["create", "job", "operators", image, "--", "sh", "-c", "exit 0"]).await;
    machine.set("bootstrap.timeout-seconds", 60);
    let ended = machine.run().await;
    assert!(ended.done().outcome("bootstrap").contains("Job `operators` is complete"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn one_in_another_namespace_is_waited_for() {
    let elsewhere = Namespace::new("elsewhere").await;
    elsewhere.create().await;
    let namespace = format!("  namespace: {}\n", elsewhere.name);
    let mut machine = with_job(Machine::new("two").await, &namespace, "");
    machine.set_value("script", "sleep 2; echo 'no such table' > /dev/termination-log; exit 3");
    let told = machine.run().await.failed(ErrorId::BootstrapFailed).told();
    let path = format!("`{}/bootstrap-migrate`", elsewhere.name);
    assert!(told.contains(&format!("Job {path} failed: ")) && told.contains("no such table"), "{told}");
    // The same in its log, and what only an event tells.
    machine.set_value("script", "sleep 2; echo 'ERROR: no such column'; exit 3");
    let told = machine.run().await.failed(ErrorId::BootstrapFailed).told();
    assert!(told.contains("ended with status 3: ERROR: no such column"), "{told}");
    let template = machine.path("/chart/templates/all.yaml");
    let job = std::fs::read_to_string(&template).expect("the chart");
    let volume = "          volumeMounts: [{name: data, mountPath: /data}]\n      volumes: [{name: data, configMap: {name: none}}]\n";
    std::fs::write(&template, format!("{job}{volume}")).expect("the chart");
    machine.set("bootstrap.timeout-seconds", 6);
    let told = machine.run().await.failed(ErrorId::BootstrapTimeout).told();
    assert!(told.contains("\"none\" not found"), "{told}");
    std::fs::write(&template, job).expect("the chart");
    machine.set("bootstrap.timeout-seconds", 60);
    machine.set_value("script", "sleep 2");
    let outcome = machine.run().await.done().outcome("bootstrap");
    assert_eq!(outcome, format!("changed: release `bootstrap` is installed; Job {path} is complete"));
    let job = elsewhere.get::<Job>("bootstrap-migrate").await.expect("it was not tidied away");
    assert_eq!(job.status.and_then(|status| status.succeeded), Some(1), "done before it was");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_that_is_tidied_away_has_run_or_has_failed() {
    let mut machine = with_job(Machine::new("tidied").await, "", TIDIED_AWAY);
    machine.set_value("script", "exit 1");
    let told = machine.run().await.failed(ErrorId::BootstrapFailed).told();
    assert!(told.contains("Job `bootstrap-migrate` failed: "), "{told}");
    until("it is gone", || async { machine.namespace.list::<Job>().await.is_empty().then_some(()) }).await;
    // It has not run, and still does not when nobody has seen how it ends.
    machine.cut_at("child.ended").await;
    until("it is gone", || async { machine.namespace.list::<Job>().await.is_empty().then_some(()) }).await;
    let ended = machine.run().await;
    ended.failed(ErrorId::BootstrapFailed);
    let again = "the Job `bootstrap-migrate` is gone, and nobody has seen its end: it runs again";
    assert!(notes(&ended).iter().any(|note| note == again), "{:?}", notes(&ended));

    machine.set_value("script", "exit 0");
    let ended = machine.run().await;
    let outcome = ended.done().outcome("bootstrap");
    assert_eq!(outcome, "changed: release `bootstrap` is installed; Job `bootstrap-migrate` is complete");
    until("it is gone", || async { machine.namespace.list::<Job>().await.is_empty().then_some(()) }).await;
    machine.assert_installed().await;

    // What has run is neither installed again nor told anything else.
    let (before, _) = revisions(&machine).await;
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("the answers");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Lee\""), 0o600);
    machine.set_value("script", "exit 2");
    let outcome = machine.run().await.done().outcome("bootstrap");
    assert!(
        outcome.starts_with("unchanged: ") && outcome.contains("with other values than are given now"),
        "{outcome}"
    );
    assert_eq!(revisions(&machine).await.0, before, "installed again");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn one_of_an_interrupted_run_with_other_answers_is_replaced() {
    for pending in [true, false] {
        let mut machine = with_job(Machine::new("other-values").await, "", "");
        machine.set_value("script", "sleep 600");
        machine.cut_at("child.ended").await;
        if pending {
            make_pending(&machine).await;
        }
        machine.set_value("script", "exit 0");
        let outcome = machine.run().await.done().outcome("bootstrap");
        assert_eq!(
            outcome, "changed: release `bootstrap` is installed; Job `bootstrap-migrate` is complete",
            "{pending}"
        );
        let job = machine.namespace.get::<Job>("bootstrap-migrate").await.expect("it is there");
        assert!(!serde_json::to_string(&job).expect("JSON").contains("sleep 600"), "{pending}: the old one");
        let (_, newest) = revisions(&machine).await;
        assert_eq!((&newest["info"]["status"], &newest["config"]["script"]), (&"deployed".into(), &"exit 0".into()));
    }
}

/// A chart is corrected in place, and a hook of an interrupted run stays where it is.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn one_of_an_interrupted_run_does_not_stand_in_the_way() {
    let mut machine = with_job(Machine::new("corrected").await, "", "");
    machine.set_value("script", "exec tail -f /dev/null");
    machine.cut_at("child.ended").await;
    make_pending(&machine).await;
    let path = machine.path("/chart/templates/all.yaml");
    let chart = std::fs::read_to_string(&path).expect("the chart");
    std::fs::write(&path, chart.replace("[sh, -c, {{ .Values.script | quote }}]", "[sh, -c, exit 0]"))
        .expect("the chart");
    machine.assert_finishes().await;

    let mut machine = with_job(Machine::new("left-hook").await, HOOK, "");
    machine.set_value("script", "exec tail -f /dev/null");
    machine.set("bootstrap.timeout-seconds", 4);
    machine.run().await.failed(ErrorId::BootstrapTimeout);
    machine.set("bootstrap.timeout-seconds", 60);
    machine.set_value("script", "exit 0");
    machine.assert_finishes().await;
}

/// The same when it has ended meanwhile, and when only what it read has changed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn the_end_of_an_interrupted_run_counts_only_for_what_was_asked_for_then() {
    let mut machine = with_job(Machine::new("complete").await, "", "");
    machine.set_value("script", "exit 0; exit 0");
    machine.cut_at("child.ended").await;
    let complete = || async { machine.namespace.get::<Job>("bootstrap-migrate").await?.status?.succeeded.map(drop) };
    until("it is complete", complete).await;
    machine.set_value("script", "exit 0");
    let outcome = machine.run().await.done().outcome("bootstrap");
    assert_eq!(outcome, "changed: release `bootstrap` is installed; Job `bootstrap-migrate` is complete");
    assert_eq!(revisions(&machine).await.1["config"]["script"], "exit 0");

    let env = "sleep 3; [ \"$INITIAL_ADMIN_FIRST_NAME\" = Kim ] || exit 3";
    let template = "          envFrom: [{secretRef: {name: appliance-initial-tenant}}]\n";
    let mut machine = with_job(Machine::new("outdated").await, "", "");
    let path = machine.path("/chart/templates/all.yaml");
    let job = std::fs::read_to_string(&path).expect("the chart");
    std::fs::write(&path, format!("{job}{template}")).expect("the chart");
    machine.set_value("script", env);
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("the answers");
    machine.write("/answers.toml", &answers.replace("\"Kim\"", "\"Lee\""), 0o600);
    machine.cut_at("child.ended").await;
    machine.write("/answers.toml", &answers, 0o600);
    machine.assert_finishes().await;
}

/// The power goes between what is noted and what is removed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_that_failed_after_the_end_runs_again_whenever_the_power_goes() {
    let machine = with_job(Machine::new("after-end").await, "", "");
    machine.assert_finishes().await;
    for point in ["apply.send", "child.start"] {
        machine.namespace.kubectl(&["delete", "job", "bootstrap-migrate", "--ignore-not-found"]).await;
        create_job(&machine, "exit 3", r#"{"spec": {"activeDeadlineSeconds": 1}}"#).await;
        let failed = |job: Job| job.status?.conditions?.into_iter().find(|condition| condition.type_ == "Failed");
        let is_failed = || async { machine.namespace.get::<Job>("bootstrap-migrate").await.and_then(failed).map(drop) };
        until("it has failed", is_failed).await;
        assert_eq!(machine.cut_at(point).await.code, None, "{point}");
        let outcome = machine.run().await.done().outcome("bootstrap");
        assert_eq!(
            outcome, "changed: release `bootstrap` is installed; Job `bootstrap-migrate` is complete",
            "{point}"
        );
    }
}

/// What an upgrade of the product has left is no reason to install the chart of the first boot over it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn one_of_the_product_itself_is_left_alone() {
    let mut machine = with_job(Machine::new("product").await, "", "");
    machine.assert_finishes().await;
    // To firstlight it is the release that has other values.
    machine.set_value("script", "exit 0; exit 0");
    let left =
        "unchanged: the bootstrap `bootstrap` has already run; something else has changed the release since then";
    for (script, complete) in [("sleep 2", true), ("sleep 1; exit 3", false)] {
        machine.namespace.kubectl(&["delete", "job", "bootstrap-migrate"]).await;
        create_job(&machine, script, r#"{"spec": {"backoffLimit": 0}}"#).await;
        let ended = machine.run().await;
        let watched = |note: &String| note.contains("`bootstrap-migrate`; they are watched, and not touched");
        assert!(notes(&ended).iter().any(watched), "{script}: {:?}", notes(&ended));
        if complete {
            let outcome = ended.done().outcome("bootstrap");
            assert_eq!(outcome, format!("{left}, of which Job `bootstrap-migrate` is complete by now"));
        } else {
            // Of the product as well a failure is none that ends in "done", and again.
            ended.failed(ErrorId::BootstrapFailed);
            machine.run().await.failed(ErrorId::BootstrapFailed);
        }
    }
    machine.namespace.kubectl(&["delete", "job", "bootstrap-migrate"]).await;
    make_pending(&machine).await;
    let outcome = machine.run().await.done().outcome("bootstrap");
    assert!(outcome.starts_with(left), "{outcome}");
    assert_eq!(records(&machine).await.len(), 1, "installed again");
}

/// A Job in the place of the chart's.
async fn create_job(machine: &Machine, script: &str, patch: &str) {
    let image = "--image=localhost/firstlight/bootstrap:0.1.0";
    machine.namespace.kubectl(&["create", "job", "bootstrap-migrate", image, "--", "sh", "-c", script]).await;
    machine.namespace.kubectl(&["patch", "job", "bootstrap-migrate", "--patch", patch]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_helm_that_outlived_its_run_is_waited_for() {
    // It waits for the hook, and so has told long ago that it begins.
    let mut machine = with_job(Machine::new("living").await, HOOK, "");
    machine.set_value("script", "sleep 5");
    let mut running = machine.start();
    running.event("note", |note| note["text"].as_str().is_some_and(|text| text.starts_with("Job `bootstrap-"))).await;
    let helm = process::children_of(running.pid());
    assert_eq!(helm.len(), 1, "helm runs");
    running.signal(Signal::KILL);
    running.end().await;
    let ended = machine.run().await;
    ended.done();
    assert!(ended.stdout.contains("a `helm` that an earlier run started is still at work"), "{}", ended.stdout);
    let (count, newest) = revisions(&machine).await;
    assert_eq!((count, &newest["info"]["status"]), (1, &"deployed".into()), "another one was started");
    machine.assert_installed().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_hook_is_watched_like_any_other() {
    let mut machine = with_job(Machine::new("hook").await, HOOK, "");
    machine.set_value("script", "echo 'the disk is full' > /dev/termination-log; exit 4");
    let told = machine.run().await.failed(ErrorId::BootstrapFailed).told();
    assert!(
        told.contains("Job `bootstrap-migrate` failed: container `migrate` ended with status 4: the disk is full"),
        "{told}"
    );
    // Helm's own patience would be 5 minutes.
    machine.set_value("script", "sleep 600");
    machine.set("bootstrap.timeout-seconds", 4);
    let told = machine.run().await.failed(ErrorId::BootstrapTimeout).told();
    assert!(told.contains("Job `bootstrap-migrate` did not finish within 4 s: pod `bootstrap-migrate-"), "{told}");

    // A stop says which Job it waits for.
    machine.set_value("script", "sleep 5");
    machine.set("bootstrap.timeout-seconds", 60);
    let mut running = machine.start();
    running.event("note", |note| note["text"].as_str().is_some_and(|text| text.starts_with("Job `bootstrap-"))).await;
    running.signal(Signal::TERM);
    let ended = running.end().await;
    let waits = "asked to stop: waiting for Helm, which waits for the Job `bootstrap-migrate`, to end, 60 s at most";
    assert!(notes(ended.failed(ErrorId::Stopped)).iter().any(|note| note == waits), "{:?}", notes(&ended));
    assert_eq!(revisions(&machine).await.1["info"]["status"], "deployed");
    assert_eq!(machine.run().await.done().outcome("bootstrap"), "unchanged: the bootstrap `bootstrap` has already run");
}
