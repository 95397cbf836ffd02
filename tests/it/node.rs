//! The test cluster's node, where it meets what an earlier one left on the machine.

use std::process::Output;

use insta::assert_snapshot;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::repository;

/// In a network of its own, where the bridge says that the cluster in `owner` has a node: what `up` does about it.
async fn meets_the_node_of(owner: &str, state: &TempDir) -> Output {
    let script = r#"
        mount -t sysfs sysfs /sys
        . "$HERE/lib/common.sh"; . "$HERE/lib/process.sh"; . "$HERE/lib/control-plane.sh"; . "$HERE/lib/node.sh"
        mkdir -p "$LOG"
        ip link add name "$BRIDGE" type bridge
        ip link set dev "$BRIDGE" alias "$OWNER"
        iptables --new-chain KUBE-SERVICES
        check_machine_is_free
        [[ ! -e /sys/class/net/$BRIDGE ]]
        ! iptables-save | grep KUBE
    "#;
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "bash", "-euo", "pipefail", "-c", script]);
    command.env("HERE", repository().join("tests/cluster")).env("CLUSTER_DIR", state.path()).env("OWNER", owner);
    command.output().await.expect("unshare comes with util-linux")
}

#[tokio::test]
#[ignore = "needs cluster (that is, root)"]
async fn what_a_dead_one_left_behind_is_cleared_away() {
    let state = TempDir::new().expect("a folder");
    // Also one in the same place, whose folder was removed and made again.
    let own = state.path().display().to_string();
    for owner in ["/nowhere/target/cluster", &own] {
        let output = meets_the_node_of(owner, &state).await;
        assert!(output.status.success(), "{owner}: {output:?}");
    }
}

#[tokio::test]
#[ignore = "needs cluster (that is, root)"]
async fn one_that_runs_is_left_alone_and_its_end_explained() {
    let state = TempDir::new().expect("a folder");
    let mut runs = Command::new("tail");
    // It says by its arguments whose it is, as each of a node's processes does.
    runs.args(["--follow", "/dev/null", "/elsewhere/target/cluster/run/kubelet"]).kill_on_drop(true);
    let _runs = runs.spawn().expect("tail starts");
    let output = meets_the_node_of("/elsewhere/target/cluster", &state).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_snapshot!(String::from_utf8_lossy(&output.stderr), @r"
    error: the cluster of /elsewhere/target/cluster has a node already, and a machine can hold one: CLUSTER_DIR='/elsewhere/target/cluster' tests/cluster/down
    ");
}
