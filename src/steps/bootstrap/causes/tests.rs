//! Every form of what Kubernetes says, and the sentence that it becomes.

use serde_json::{Value, json};

use super::*;

fn pod(name: &str, status: &Value) -> Pod {
    serde_json::from_value(json!({"metadata": {"name": name, "namespace": "n"}, "status": status})).expect("a Pod")
}

fn events(events: &Value) -> Vec<Event> {
    let whole = |event: &Value| {
        let mut whole = json!({"metadata": {}, "involvedObject": {}, "type": "Warning"});
        whole.as_object_mut().expect("an object").extend(event.as_object().expect("an event").clone());
        serde_json::from_value(whole).expect("an Event")
    };
    events.as_array().expect("events").iter().map(whole).collect()
}

fn seen(status: &Value, events_of_pod: &Value) -> Diagnosis {
    of(&Evidence { pods: vec![pod("p", status)], events_of_pod: events(events_of_pod), ..Evidence::default() })
}

fn state(state: &Value) -> Value {
    json!({"name": "c", "image": "r.example/x:1", "imageID": "", "ready": false, "restartCount": 0, "state": state})
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"phase": "Pending", "containerStatuses": [state(&json!({"waiting": {"reason": reason, "message": message}}))]})
}

fn ended(ended: &Value) -> Value {
    json!({"phase": "Failed", "containerStatuses": [state(&json!({"terminated": ended}))]})
}

fn unscheduled(reason: &str, message: &str) -> Value {
    json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": reason, "message": message}]})
}

/// A sentence that ends with `…` only begins so.
fn assert_said(diagnosis: &Diagnosis, expected: &str) {
    let told = diagnosis.sentence.to_string();
    match expected.strip_suffix('…') {
        Some(beginning) => assert!(told.starts_with(beginning), "{told}"),
        None => assert_eq!(told, expected),
    }
}

#[test]
fn what_a_pod_shows_becomes_one_sentence() {
    let long = "again and ".repeat(60);
    for (status, expected) in [
        (json!({"phase": "Running"}), "pod `p` is running"),
        (
            waiting("ImagePullBackOff", "lookup r.example: no such host"),
            "image `r.example/x:1` cannot be pulled: the registry's…",
        ),
        (
            waiting("ImagePullBackOff", &format!("{long}: lookup r: no such host")),
            "image `r.example/x:1` cannot be pulled: the registry's…",
        ),
        (
            waiting("CreateContainerConfigError", "secret \"x\" not found"),
            "container `c` of pod `p` cannot be created: secret \"x\" not found",
        ),
        (
            waiting("RunContainerError", "exec: \"/no/such\": no such file"),
            "container `c` cannot be started: exec: \"/no/such\": no such file",
        ),
        (waiting("PostStartHookError", "exit 3"), "container `c` cannot be started: exit 3"),
        (
            json!({"phase": "Failed", "initContainerStatuses": [{"name": "wait", "image": "i", "imageID": "", "ready": false,
                "restartCount": 0, "state": {"terminated": {"exitCode": 7}}}],
                "containerStatuses": [state(&json!({"waiting": {"reason": "PodInitializing"}}))]}),
            "init container `wait` ended with status 7",
        ),
        (
            json!({"phase": "Failed", "reason": "NodeLost", "message": "gone"}),
            "pod `p` was ended by Kubernetes (NodeLost): gone",
        ),
        (
            json!({"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "to make room"}],
                "containerStatuses": [state(&json!({"terminated": {"exitCode": 143}}))]}),
            "pod `p` was ended by Kubernetes (PreemptionByScheduler): to make room",
        ),
    ] {
        assert_said(&seen(&status, &json!([])), expected);
    }
}

#[test]
fn how_a_container_ended_becomes_one_sentence() {
    let long = format!("ERROR: no\n{}\n", "again and ".repeat(60));
    let lost = "was lost, as when this machine restarts";
    for (status, reason, message, expected) in [
        (3, "Error", "tenant mismatch\n", "ended with status 3: tenant mismatch"),
        (3, "Error", long.as_str(), "ended with status 3: ERROR: no"),
        (126, "Error", "", "ended with status 126 (a command cannot be executed)"),
        (127, "Error", "", "ended with status 127 (a command was not found)"),
        (137, "Error", "", "ended with status 137 (killed: SIGKILL)"),
        (139, "Error", "", "ended with status 139 (ended by signal 11)"),
        (143, "Error", "", "ended with status 143 (told to end: SIGTERM)"),
        (255, "Unknown", "", lost),
        (137, "ContainerStatusUnknown", "The container could not be located", lost),
    ] {
        let told = seen(&ended(&json!({"exitCode": status, "reason": reason, "message": message})), &json!([]));
        assert_said(&told, &format!("container `c` {expected}"));
    }
}

/// As a container's spec says, if it is known.
#[test]
fn the_limit_that_was_too_low() {
    for (resources, expected) in [
        (json!({"limits": {"memory": "24Mi"}}), "container `c` took more memory than its limit of 24Mi (OOMKilled)"),
        (json!({}), "container `c` took more memory than this machine has left (OOMKilled)"),
    ] {
        let mut pod = pod("p", &ended(&json!({"exitCode": 137, "reason": "OOMKilled"})));
        let spec = json!({"containers": [{"name": "c", "resources": resources}]});
        pod.spec = Some(serde_json::from_value(spec).expect("a spec"));
        assert_said(&of(&Evidence { pods: vec![pod], ..Evidence::default() }), expected);
    }
}

#[test]
fn what_kubernetes_itself_ended_or_refused() {
    let ended = |ended: Value| json!({"phase": "Failed", "containerStatuses": [state(&json!({"terminated": ended}))]});
    let pod = |reason: &str, message: &str| json!({"phase": "Failed", "reason": reason, "message": message});
    for (status, expected) in [
        (
            ended(json!({"exitCode": 137, "reason": "OOMKilled"})),
            "container `c` took more memory than its limit (OOMKilled)",
        ),
        (
            pod(
                "Evicted",
                "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 612Mi.",
            ),
            "pod `p` was evicted: The node was low on resource: ephemeral-storage. Threshold…",
        ),
        (pod("DeadlineExceeded", "Pod was active on the node longer"), "pod `p` took longer than its deadline"),
        (
            ended(json!({"exitCode": 128, "reason": "StartError", "message": "exec /bin/app: exec format error"})),
            "container `c` cannot be started: exec /bin/app: exec format error",
        ),
        (
            pod("OutOfmemory", "Pod was rejected: Node didn't have enough resource: memory, requested: 4294967296"),
            "pod `p` was refused by the node: not enough memory",
        ),
        (
            json!({"phase": "Pending",
                "initContainerStatuses": [{"name": "wait-for-db", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": {"running": {}}}],
                "containerStatuses": [state(&json!({"waiting": {"reason": "PodInitializing"}}))]}),
            "pod `p` waits for its init container `wait-for-db`",
        ),
    ] {
        assert_said(&seen(&status, &json!([])), expected);
    }
}

/// With what a real node says besides, and last.
#[test]
fn a_pod_that_waits_is_explained_by_its_newest_warning() {
    let status = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}],
        "containerStatuses": [state(&json!({"waiting": {"reason": "ContainerCreating"}}))]});
    let aside = json!({"reason": "MissingClusterDNS", "message": "kubelet does not have ClusterDNS IP configured"});
    for (reason, message, hint) in [
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"data\" : configmap \"not-there\" not found",
            "make what the message names",
        ),
        (
            "FailedCreatePodSandBox",
            "Failed to create pod sandbox: rpc error: code = Unknown desc = open /run/flannel/subnet.env",
            "mend the network",
        ),
        (
            "FailedAttachVolume",
            "AttachVolume.Attach failed for volume \"pvc-1\" : timed out",
            "make what the message names",
        ),
        (
            "FailedCreatePodSandBox",
            "failed to pull image \"images.invalid/pause:3.10\": dial tcp: no such host",
            "mend the network",
        ),
        ("SomethingNew", "it is Tuesday", "correct what the message names"),
    ] {
        let told = seen(&status, &json!([{"reason": reason, "message": message}, aside]));
        assert_said(&told, &format!("pod `p` cannot start ({reason}): {message}"));
        let action = told.action.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(told.cannot_start && action.starts_with(hint), "{action}");
    }
    assert_said(&seen(&status, &json!([aside])), "pod `p` is pending");
    // What is over is not told.
    let at = |reason: &str, kind: &str, second: u8| json!({"reason": reason, "type": kind, "message": "m", "lastTimestamp": format!("2026-01-01T00:00:{second:02}Z")});
    let over = json!([at("FailedScheduling", "Warning", 1), at("Pulling", "Normal", 3)]);
    assert_said(&seen(&status, &over), "pod `p` waits for its image, which is being pulled");
    let later = json!([at("Scheduled", "Normal", 3), at("FailedMount", "Warning", 3), at("FailedMount", "Warning", 2)]);
    assert_said(&seen(&status, &later), "pod `p` cannot start (FailedMount): m");
}

#[test]
fn what_a_kubelet_kills_it_says_why() {
    let killed = ended(&json!({"exitCode": 137, "reason": "Error"}));
    let why = json!({"reason": "Unhealthy", "message": "Liveness probe failed: not well\n"});
    let killing = json!({"reason": "Killing", "type": "Normal", "message": "Stopping container c"});
    assert_said(
        &seen(&killed, &json!([why, killing])),
        "container `c` ended with status 137 (killed: SIGKILL): Liveness probe failed: not well",
    );
    assert_said(&seen(&killed, &json!([why])), "container `c` ended with status 137 (killed: SIGKILL)");
    let hook = json!({"reason": "FailedPostStartHook", "message": "PostStartHook failed"});
    assert_said(
        &seen(&killed, &json!([hook, killing])),
        "container `c` ended with status 137 (killed: SIGKILL): PostStartHook failed",
    );
}

/// There is nothing to be done about the program; but it may never end.
#[test]
fn what_is_in_the_way_of_a_pod_that_runs() {
    let running = json!({"phase": "Running", "containerStatuses": [state(&json!({"running": {}}))]});
    let aside = json!({"reason": "FailedMount", "message": "later there was one"});
    for (reason, message) in [
        ("NodeNotReady", "Node is not ready"),
        ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    ] {
        let told = seen(&running, &json!([{"reason": reason, "message": message}]));
        assert_said(&told, &format!("pod `p` is running: {message}"));
        assert!(!told.cannot_start && told.output.is_some());
    }
    assert_said(&seen(&running, &json!([aside])), "pod `p` is running");
}

#[test]
fn a_pod_without_a_node_gets_the_hint_that_helps() {
    for (message, hint) in [
        ("0/1 nodes are available: persistentvolumeclaim \"not-there\" not found. not found", "make the volume claim"),
        ("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", "make the volume claim"),
        ("0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate", "make room"),
        ("0/1 nodes are available: 1 Too many pods.", "make room"),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
            "see `kubectl describe node`",
        ),
        (
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
            "correct the chart's node selector",
        ),
        ("no nodes available to schedule pods", "see `kubectl get nodes`"),
    ] {
        let told = seen(&unscheduled("Unschedulable", message), &json!([]));
        assert_said(&told, &format!("pod `p` has no node: {message}"));
        let action = told.action.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(told.cannot_start && action.starts_with(hint), "{action}");
    }
    assert_said(
        &seen(&unscheduled("SchedulingGated", "blocked"), &json!([])),
        "pod `p` is held back by a scheduling gate",
    );
}

fn born(name: &str, second: u8, status: &Value) -> Pod {
    let created = format!("2026-01-01T00:00:{second:02}Z");
    serde_json::from_value(json!({"metadata": {"name": name, "creationTimestamp": created}, "status": status}))
        .expect("a Pod")
}

/// Their names sort the other way.
#[test]
fn the_newest_pod_is_judged_and_the_one_before_it_where_that_helps() {
    let failed = |status: u8| ended(&json!({"exitCode": status}));
    let judged = |mut pods: Vec<Pod>| {
        newest_first(&mut pods);
        of(&Evidence { pods, ..Evidence::default() })
    };
    let (older, newer) = (born("z", 1, &failed(1)), born("a", 2, &failed(2)));
    assert_said(&judged(vec![newer.clone(), older.clone()]), "container `c` ended with status 2");
    let begun = born("a", 2, &json!({"phase": "Pending"}));
    let told = judged(vec![begun.clone(), older.clone()]);
    assert_said(&told, "pod `a` is pending; before that, container `c` ended with status 1");
    assert!(told.action.is_some() && !told.gone && !told.cannot_start);
    assert_eq!(told.output.map(|output| output.pod).as_deref(), Some("z"));
    // What is deleted was killed for that; what it had ended of itself still counts.
    let mut deleted = born("b", 3, &failed(137));
    deleted.metadata.deletion_timestamp = deleted.metadata.creation_timestamp.clone();
    assert_said(&judged(vec![deleted.clone(), older]), "container `c` ended with status 1");
    assert!(judged(vec![deleted.clone()]).gone);
    deleted.status = born("b", 3, &failed(4)).status;
    assert_said(&judged(vec![deleted]), "container `c` ended with status 4");
}

#[test]
fn one_that_was_started_again_tells_how_it_ended_before() {
    let mut again = state(&json!({"running": {}}));
    again["lastState"] = json!({"terminated": {"exitCode": 4, "reason": "Error"}});
    again["restartCount"] = 1.into();
    let told = seen(&json!({"phase": "Running", "containerStatuses": [again.clone()]}), &json!([]));
    assert_said(&told, "pod `p` is running; before that, container `c` ended with status 4");
    again["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}});
    let told = seen(&json!({"phase": "Running", "containerStatuses": [again]}), &json!([]));
    assert_said(&told, "container `c` ended with status 4");
    let output = told.output.expect("it wrote something");
    assert!(output.previous && output.role == Role::Cause && output.restarts == 1);
}

#[test]
fn what_a_container_wrote_tells_why() {
    let lines = || ["waiting", "ERROR: no database", ""].map(str::to_owned).to_vec();
    for (status, expected) in [
        (ended(&json!({"exitCode": 1})), "container `c` ended with status 1: ERROR: no database"),
        (ended(&json!({"exitCode": 1, "message": "because"})), "container `c` ended with status 1: because"),
        (
            json!({"phase": "Running", "containerStatuses": [state(&json!({"running": {}}))]}),
            "pod `p` is running; the last error in its log: ERROR: no database",
        ),
    ] {
        let told = with_output(seen(&status, &json!([])), &lines());
        assert_said(&told, expected);
        assert_eq!(told.log, lines(), "for support");
    }
}

#[test]
fn without_a_pod_the_job_speaks() {
    let told = |events_of_job: Value| of(&Evidence { events_of_job: events(&events_of_job), ..Evidence::default() });
    let refused = json!({"reason": "FailedCreate", "message": "exceeded quota: pods"});
    assert_said(&told(json!([refused])), "no pod was created: exceeded quota: pods");
    assert_said(&told(json!([])), "no pod was created yet");
    let created = json!({"type": "Normal", "reason": "SuccessfulCreate", "message": "Created pod: bootstrap-x7f2k"});
    let deleted = json!({"type": "Normal", "reason": "SuccessfulDelete", "message": "Deleted pod: bootstrap-x7f2k"});
    for (reason, message) in [
        ("DeadlineExceeded", "Job was active longer than specified deadline"),
        ("BackoffLimitExceeded", "Job has reached the specified backoff limit"),
    ] {
        let told = told(json!([created, deleted, {"reason": reason, "message": message}]));
        assert!(told.gone, "{:?}: what was seen before is to be told", told.sentence);
    }
    let job =
        serde_json::from_value(json!({"metadata": {}, "spec": {"suspend": true, "template": {}}})).expect("a Job");
    assert_said(&of(&Evidence { job: Some(job), ..Evidence::default() }), "it is suspended, and makes no pod");
}

#[test]
fn how_a_job_says_that_it_ended() {
    let job = |reason: &str, spec: Value| {
        let conditions = json!([{"type": "Failed", "status": "True", "reason": reason, "message": "m"}]);
        let mut job = json!({"metadata": {"name": "j", "namespace": "n"}, "spec": {"template": {}}, "status": {"conditions": conditions}});
        job["spec"].as_object_mut().expect("a spec").extend(spec.as_object().expect("a spec").clone());
        serde_json::from_value::<Job>(job).expect("a Job")
    };
    let hint = |told: &Diagnosis| told.action.as_ref().map(ToString::to_string).unwrap_or_default();
    for (reason, spec, expected) in [
        ("DeadlineExceeded", json!({"activeDeadlineSeconds": 600}), "; the Job gave up after 600 s"),
        ("BackoffLimitExceeded", json!({"backoffLimit": 1}), "; the Job gave up after one retry"),
        ("BackoffLimitExceeded", json!({}), "; the Job gave up after 6 retries"),
        ("BackoffLimitExceeded", json!({"backoffLimit": 0}), ""),
        ("PodFailurePolicy", json!({}), ""),
        ("MaxFailedIndexesExceeded", json!({}), "; the Job gave up: m"),
    ] {
        let failed = seen(&ended(&json!({"exitCode": 1})), &json!([]));
        let told = at_the_end(failed.clone(), &job(reason, spec));
        assert_said(&told, &format!("container `c` ended with status 1{expected}"));
        assert_eq!(told.action, failed.action, "the remedy is that of the cause");
    }
    let late = job("DeadlineExceeded", json!({"activeDeadlineSeconds": 600}));
    let told = at_the_end(of(&Evidence::default()), &late);
    assert_said(&told, "the Job gave up after 600 s");
    assert!(hint(&told).starts_with("see `kubectl -n n describe job j`"), "{told:?}");
    let told = at_the_end(seen(&json!({"phase": "Running"}), &json!([])), &late);
    assert_said(&told, "pod `p` is running; the Job gave up after 600 s");
    assert!(hint(&told).starts_with("see `kubectl -n n describe job j`"), "{told:?}");
}
