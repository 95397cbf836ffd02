//! Why a bootstrap fails or does not finish, as a real node says it: one sentence, and the lines that go with a report.

use firstlight::values::REDACTED;
use serde_json::{Value, json};

use crate::support::{
    Machine,
    console::Console,
    process::{self, Ended},
};

const CHART: &str = "/usr/share/firstlight/own";
const IMAGE: &str = "localhost/firstlight/bootstrap:0.1.0";

/// Changes the chart to one with this Job alone: `job` and `pod` are parts of their specs.
fn use_job(machine: &mut Machine, job: &Value, pod: &Value, container: &Value) {
    let mut whole = json!({"name": "bootstrap", "image": IMAGE, "imagePullPolicy": "IfNotPresent"});
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

/// A Job as [`use_job`] takes it, and what is told of it.
struct Case<'a> {
    seconds: i64,
    job: Value,
    pod: Value,
    container: Value,
    told: &'a [&'a str],
}

/// With as much time as it wants.
fn job(container: Value, told: &'static [&'static str]) -> Case<'static> {
    Case { seconds: 60, job: json!({}), pod: json!({}), container, told }
}

impl Case<'_> {
    fn within(self, seconds: i64) -> Self {
        Self { seconds, ..self }
    }

    fn job(self, job: Value) -> Self {
        Self { job, ..self }
    }

    fn pod(self, pod: Value) -> Self {
        Self { pod, ..self }
    }

    /// Runs, and gives the run and what its failure says behind the Job's name.
    async fn run(&self, machine: &mut Machine) -> (Ended, String) {
        machine.namespace.kubectl(&["delete", "job", "bootstrap", "--ignore-not-found", "--now"]).await;
        use_job(machine, &self.job, &self.pod, &self.container);
        machine.set("bootstrap.timeout-seconds", self.seconds);
        let ended = machine.run().await;
        let message = failure(&ended)["message"].as_str().expect("a sentence").to_owned();
        let (_, seen) = message.split_once(": ").expect("what was seen");
        let seen = seen.to_owned();
        (ended, seen)
    }
}

async fn assert_told(label: &str, cases: impl IntoIterator<Item = Case<'static>>) {
    let mut machine = Machine::new(label).await.with_bootstrap();
    for case in cases {
        let (_, told) = case.run(&mut machine).await;
        for part in case.told {
            assert!(told.contains(part), "{part} is not in: {told}");
        }
    }
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn programs_that_end_badly() {
    let on_failure = || json!({"restartPolicy": "OnFailure"});
    let crash = "echo waiting; printf '\\033[31mERROR:\\033[0m no \"app\" here; make it\\n' >&2; exit 1";
    let last_words = "echo 'the schema is newer' > /dev/termination-log; exit 4";
    let init = json!({"name": "wait-for-db", "image": IMAGE, "command": ["sh", "-c", "echo it is away; exit 7"]});
    let mut unwell = shell("sleep 1000");
    let probe =
        json!({"exec": {"command": ["sh", "-c", "echo not well; false"]}, "periodSeconds": 1, "failureThreshold": 1});
    extend(&mut unwell, &json!({"livenessProbe": probe}));
    let mut greedy = shell("tail /dev/zero");
    extend(&mut greedy, &json!({"resources": {"limits": {"memory": "24Mi"}}}));
    assert_told(
        "programs",
        [
            job(shell(crash), &["container `bootstrap` ended with status 1: ERROR: no \"app\" here; make it"]),
            job(shell(crash), &["container `bootstrap` ended with status 1: ERROR: no \"app\" here"])
                .pod(on_failure())
                .job(json!({"backoffLimit": 9}))
                .within(4),
            job(shell(last_words), &["ended with status 4: the schema is newer", "; the Job gave up after one retry"])
                .pod(on_failure())
                .job(json!({"backoffLimit": 1})),
            job(
                shell("echo 'ERROR: no database yet'; sleep 1000"),
                &["is running; the last error in its log: ERROR: no database yet; the Job gave up after 12 s"],
            )
            .job(json!({"activeDeadlineSeconds": 12})),
            job(greedy, &["container `bootstrap` took more memory than its limit of 24Mi (OOMKilled)"]),
            job(json!({"command": ["/no/such"]}), &["container `bootstrap` cannot be started: ", "no such file"]),
            job(shell("true"), &["init container `wait-for-db` ended with status 7: it is away"])
                .pod(json!({"initContainers": [init]})),
            job(unwell, &["ended with status 137 (killed: SIGKILL): Liveness probe failed: not well"]),
            job(shell("migrate"), &["ended with status 127 (a command was not found): ", "migrate"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn pods_that_cannot_start() {
    let volume = |source: &Value| {
        let mut volume = json!({"name": "data"});
        extend(&mut volume, source);
        json!({"volumes": [volume]})
    };
    let mounted = || json!({"volumeMounts": [{"name": "data", "mountPath": "/data"}]});
    let image = |image: &str| json!({"image": image});
    let never = json!({"image": "images.invalid/x:1", "imagePullPolicy": "Never"});
    let gates = json!({"schedulingGates": [{"name": "vendor.example/later"}]});
    assert_told("pods", [
        job(image("images.invalid/x:1"), &[
            "image `images.invalid/x:1` cannot be pulled: the registry's name does not resolve; the Job gave up after 4 s",
        ]).job(json!({"activeDeadlineSeconds": 4})),
        job(image("Images.Example/App:1"), &["image `Images.Example/App:1` cannot be pulled: that is no name of an image"]).within(3),
        job(image("localhost/x:1"), &[
            "image `localhost/x:1` cannot be pulled: it is not on this machine, and `localhost` is no registry",
        ]).within(3),
        job(never, &["it is not on this machine, and is not to be pulled"]).within(3),
        job(mounted(), &["cannot start (FailedMount): ", "configmap \"not-there\" not found"])
            .pod(volume(&json!({"configMap": {"name": "not-there"}})))
            .within(4),
        job(mounted(), &["has no node: ", "persistentvolumeclaim \"not-there\" not found"])
            .pod(volume(&json!({"persistentVolumeClaim": {"claimName": "not-there"}})))
            .within(3),
        job(shell("true"), &["it is suspended, and makes no pod"]).job(json!({"suspend": true})).within(2),
        job(shell("true"), &["no pod was created: ", "serviceaccount \"nobody\" not found"])
            .pod(json!({"serviceAccountName": "nobody"}))
            .within(3),
        job(shell("true"), &["is held back by a scheduling gate"]).pod(gates).within(3),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_a_container_wrote_is_told_without_secrets_and_goes_with_the_report() {
    let secret = json!({"envFrom": [{"secretRef": {"name": "appliance-license-seed"}}]});
    let mut container =
        shell("for i in $(seq 60); do echo line $i; done; echo \"ERROR: no use for $APPLIANCE_CREDENTIAL\"; exit 1");
    extend(&mut container, &secret);
    let mut machine = Machine::new("log").await.with_bootstrap();
    let (ended, told) = job(container, &[]).run(&mut machine).await;
    let last = format!("ERROR: no use for {REDACTED}");
    assert_eq!(told, format!("container `bootstrap` ended with status 1: {last}"));
    let log = failure(&ended)["log"].as_array().expect("lines").clone();
    assert_eq!((log.len(), &log[0], &log[49]), (50, &json!("line 12"), &json!(last)));
    let credential = machine.namespace.secret("appliance-license-seed").await.expect("it was written");
    assert!(!ended.stdout.contains(&credential["APPLIANCE_CREDENTIAL"]), "the credential was told");

    // So it is for people, and in the wizard and what it saves.
    machine.namespace.kubectl(&["delete", "job", "bootstrap", "--now"]).await;
    let text = process::run(machine.text_command()).await.stdout;
    assert!(text.contains(&told) && !text.contains("line 12"), "{text}");
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_appliance_whose_own_pod_does_not_run() {
    let mut machine = Machine::new("pod").await.with_bootstrap();
    use_job(&mut machine, &json!({}), &json!({}), &shell("true"));
    let labels = json!({"app.kubernetes.io/instance": "bootstrap"});
    let container =
        json!({"name": "app", "image": IMAGE, "command": ["sh", "-c", "echo 'ERROR: no port is free'; exit 1"]});
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
    });
    machine.write(&format!("{CHART}/templates/app.yaml"), &deployment.to_string(), 0o644);
    let console = crate::ready::Console::start(u32::MAX).await;
    machine.set_ready(&format!("http://{}/", console.address), 20);
    let mut running = machine.start();
    let cause = "container `app` ended with status 1: ERROR: no port is free";
    let told =
        |event: &Value| event["id"] == "ready" && event["text"].as_str().is_some_and(|text| text.contains(cause));
    running.event("note", told).await;
    let ended = running.end().await;
    let told = ended.failed(firstlight::error::ErrorId::NotReady).told();
    assert!(told.contains(cause) && told.contains("cause: it answers with status 503"), "{told}");
    assert!(told.contains(&format!("see `kubectl -n {} logs app-", machine.namespace.name)), "{told}");
    assert_eq!(failure(&ended)["log"], json!(["ERROR: no port is free"]));
}
