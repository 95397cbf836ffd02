//! Why a bootstrap fails or does not finish, as a real node says it: one sentence, and the lines that go with a report.

use firstlight::values::REDACTED;
use serde_json::{Value, json};

use crate::support::{Machine, console::Console, process::Ended};

const CHART: &str = "/usr/share/firstlight/own";

/// Changes the chart to one with this Job alone: `job` and `pod` are parts of their specs.
fn use_job(machine: &mut Machine, job: &Value, pod: &Value, container: &Value) {
    let mut whole = json!({
        "name": "bootstrap", "image": "localhost/firstlight/bootstrap:0.1.0", "imagePullPolicy": "IfNotPresent",
    });
    extend(&mut whole, container);
    let mut pod_spec = json!({"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [whole]});
    extend(&mut pod_spec, pod);
    let mut spec = json!({"backoffLimit": 0, "template": {"spec": pod_spec}});
    extend(&mut spec, job);
    let metadata = json!({"name": "bootstrap", "labels": {"app.kubernetes.io/instance": "bootstrap"}});
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec});
    machine.write(&format!("{CHART}/Chart.yaml"), "apiVersion: v2\nname: own\nversion: 0.1.0\n", 0o644);
    machine.write(&format!("{CHART}/templates/job.yaml"), &job.to_string(), 0o644);
    machine.set("bootstrap.chart", CHART);
}

fn extend(whole: &mut Value, part: &Value) {
    let part = part.as_object().expect("an object").clone();
    whole.as_object_mut().expect("an object").extend(part);
}

fn shell(script: &str) -> Value {
    json!({"command": ["sh", "-c", script]})
}

/// The failure of the bootstrap.
fn failure(ended: &Ended) -> Value {
    let failed = ended.events().into_iter().find(|event| event["type"] == "step-failed").expect("it failed");
    failed["failures"][0].clone()
}

/// Runs with this Job, and gives the run and what its failure says behind the Job's name.
async fn run(machine: &mut Machine, (seconds, job, pod, container): (i64, Value, Value, Value)) -> (Ended, String) {
    machine.namespace.kubectl(&["delete", "job", "bootstrap", "--ignore-not-found", "--now"]).await;
    use_job(machine, &job, &pod, &container);
    machine.set("bootstrap.timeout-seconds", seconds);
    let ended = machine.run().await;
    let message = failure(&ended)["message"].as_str().expect("a sentence").to_owned();
    let (_, seen) = message.split_once(": ").expect("what was seen");
    let seen = seen.to_owned();
    (ended, seen)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_real_node_says_why() {
    const LONG: i64 = 60;
    let never = || json!({});
    let on_failure = || json!({"restartPolicy": "OnFailure"});
    let crash = "echo waiting; printf '\\033[31mERROR:\\033[0m no \"app\" here; make it\\n' >&2; exit 1";
    let last_words = "echo 'the schema is newer' > /dev/termination-log; exit 4";
    let volume = |source: Value| {
        let mut volume = json!({"name": "data"});
        extend(&mut volume, &source);
        json!({"volumes": [volume]})
    };
    let mounted = json!({"volumeMounts": [{"name": "data", "mountPath": "/data"}]});
    let init = json!({"initContainers": [{
        "name": "wait-for-db", "image": "localhost/firstlight/bootstrap:0.1.0", "command": ["sh", "-c", "echo it is away; exit 7"],
    }]});
    let unwell = json!({
        "command": ["sh", "-c", "sleep 1000"],
        "livenessProbe": {"exec": {"command": ["sh", "-c", "echo not well; false"]}, "periodSeconds": 1, "failureThreshold": 1},
    });
    let greedy = json!({"command": ["sh", "-c", "tail /dev/zero"], "resources": {"limits": {"memory": "24Mi"}}});
    let mut machine = Machine::new("causes").await.with_bootstrap();
    for (run_with, expected) in [
        (
            (LONG, json!({}), never(), shell(crash)),
            vec!["container `bootstrap` ended with status 1: ERROR: no \"app\" here; make it"],
        ),
        (
            (4, json!({"backoffLimit": 9}), on_failure(), shell(crash)),
            vec!["container `bootstrap` ended with status 1: ERROR: no \"app\" here"],
        ),
        (
            (LONG, json!({"backoffLimit": 1}), on_failure(), shell(last_words)),
            vec!["ended with status 4: the schema is newer", "; the Job gave up after one retry"],
        ),
        (
            (LONG, json!({"activeDeadlineSeconds": 4}), never(), json!({"image": "images.invalid/nowhere:1"})),
            vec![
                "image `images.invalid/nowhere:1` cannot be pulled: the registry's name does not resolve; the Job gave up after 4 s",
            ],
        ),
        (
            (LONG, json!({"activeDeadlineSeconds": 8}), never(), shell("echo 'ERROR: no database yet'; sleep 1000")),
            vec!["is running; the last error in its log: ERROR: no database yet; the Job gave up after 8 s"],
        ),
        (
            (4, json!({}), volume(json!({"configMap": {"name": "not-there"}})), mounted.clone()),
            vec!["cannot start (FailedMount): ", "configmap \"not-there\" not found"],
        ),
        (
            (3, json!({}), volume(json!({"persistentVolumeClaim": {"claimName": "not-there"}})), mounted),
            vec!["has no node: ", "persistentvolumeclaim \"not-there\" not found"],
        ),
        (
            (LONG, json!({}), never(), greedy),
            vec!["container `bootstrap` took more memory than its limit of 24Mi (OOMKilled)"],
        ),
        (
            (LONG, json!({}), never(), json!({"command": ["/no/such"]})),
            vec!["container `bootstrap` cannot be started: ", "no such file"],
        ),
        ((LONG, json!({}), init, shell("true")), vec!["init container `wait-for-db` ended with status 7: it is away"]),
        (
            (LONG, json!({}), never(), unwell),
            vec!["ended with status 137 (killed: SIGKILL): Liveness probe failed: not well"],
        ),
        (
            (LONG, json!({}), never(), shell("migrate")),
            vec!["ended with status 127 (a command was not found): ", "migrate"],
        ),
        ((2, json!({"suspend": true}), never(), shell("true")), vec!["it is suspended, and makes no pod"]),
        (
            (3, json!({}), json!({"serviceAccountName": "nobody"}), shell("true")),
            vec!["no pod was created: ", "serviceaccount \"nobody\" not found"],
        ),
        (
            (3, json!({}), json!({"schedulingGates": [{"name": "vendor.example/later"}]}), shell("true")),
            vec!["is held back by a scheduling gate"],
        ),
        (
            (3, json!({}), never(), json!({"image": "Images.Example/App:1"})),
            vec!["image `Images.Example/App:1` cannot be pulled: that is no name of an image"],
        ),
        (
            (3, json!({}), never(), json!({"image": "localhost/x:1"})),
            vec!["image `localhost/x:1` cannot be pulled: it is not on this machine, and `localhost` is no registry"],
        ),
        (
            (3, json!({}), never(), json!({"image": "images.invalid/x:1", "imagePullPolicy": "Never"})),
            vec!["it is not on this machine, and is not to be pulled"],
        ),
    ] {
        let (_, told) = run(&mut machine, run_with).await;
        for part in expected {
            assert!(told.contains(part), "{part} is not in: {told}");
        }
    }
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_a_container_wrote_is_told_without_secrets_and_goes_with_the_report() {
    let secret = json!({"envFrom": [{"secretRef": {"name": "appliance-license-seed"}}]});
    let mut container =
        shell("for i in $(seq 60); do echo line $i; done; echo \"ERROR: no use for $APPLIANCE_CREDENTIAL\"; exit 1");
    extend(&mut container, &secret);
    let mut machine = Machine::new("log").await.with_bootstrap();
    let (ended, told) = run(&mut machine, (60, json!({}), json!({}), container)).await;
    let last = format!("ERROR: no use for {REDACTED}");
    assert_eq!(told, format!("container `bootstrap` ended with status 1: {last}"));
    let log = failure(&ended)["log"].as_array().expect("lines").clone();
    assert_eq!((log.len(), &log[0], &log[49]), (50, &json!("line 12"), &json!(last)));
    let credential = machine.namespace.secret("appliance-license-seed").await.expect("it was written");
    assert!(!ended.stdout.contains(&credential["APPLIANCE_CREDENTIAL"]), "the credential was told");

    // The wizard says the same, and so does what it saves.
    machine.namespace.kubectl(&["delete", "job", "bootstrap", "--now"]).await;
    let mut console = crate::wizard::fails(&machine, &machine.minted.code.grouped(), "bootstrap-failed").await;
    console.wait_for_text("ERROR: no use for").await;
    let report = saved(&mut console, &machine).await;
    assert!(report.contains("    wrote: line 12\n") && report.contains(&format!("    wrote: {last}\n")), "{report}");
    assert!(!report.contains(&credential["APPLIANCE_CREDENTIAL"]));
}

/// The report that the wizard saves now.
async fn saved(console: &mut Console, machine: &Machine) -> String {
    console.press("s").await;
    let state = machine.state();
    let report = || async {
        let names = std::fs::read_dir(&state).expect("the state directory");
        let mut paths = names.map(|entry| entry.expect("an entry").path());
        paths.find(|path| path.extension().is_some_and(|extension| extension == "txt"))
    };
    let path = crate::support::until("a report is saved", report).await;
    std::fs::read_to_string(path).expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_cause_is_told_while_waiting_and_the_run_goes_on_when_it_is_gone() {
    let mut machine = Machine::new("waits").await.with_bootstrap();
    let pod = json!({"volumes": [{"name": "data", "configMap": {"name": "late"}}]});
    let mut container = shell("true");
    extend(&mut container, &json!({"volumeMounts": [{"name": "data", "mountPath": "/data"}]}));
    use_job(&mut machine, &json!({}), &pod, &container);
    let mut running = machine.start();
    let told = |event: &Value| event["text"].as_str().is_some_and(|text| text.contains("configmap \"late\" not found"));
    running.event("note", told).await;
    machine.namespace.kubectl(&["create", "configmap", "late"]).await;
    running.end().await.done();
}
