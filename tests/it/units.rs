//! What of firstlight systemd runs on an appliance.

use std::fs;

use tokio::process::Command;

use crate::support::repository;

/// Each unit as it is there, and as it is started.
const UNITS: [(&str, &str); 9] = [
    ("firstlight-console@.service", "firstlight-console@ttyS0.service"),
    ("firstlight-failed@.service", "firstlight-failed@tty1.service"),
    ("firstlight-keyboard.service", "firstlight-keyboard.service"),
    ("firstlight-login@.service", "firstlight-login@tty1.service"),
    ("firstlight-reconcile.service", "firstlight-reconcile.service"),
    ("firstlight-reconcile.timer", "firstlight-reconcile.timer"),
    ("firstlight-remote.service", "firstlight-remote.service"),
    ("firstlight-trust.service", "firstlight-trust.service"),
    ("firstlight-unattended.service", "firstlight-unattended.service"),
];

/// What they run, and is not on every machine.
const PROGRAMS: [&str; 6] = [
    "/usr/bin/firstlight",
    "/usr/lib/firstlight/login",
    "/usr/lib/firstlight/remote",
    "/usr/sbin/sshd",
    "/usr/sbin/update-ca-certificates",
    "/bin/loadkeys",
];

#[tokio::test]
#[ignore = "needs cluster (that is, systemd's own tools)"]
async fn the_units_are_sound() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    for (unit, _) in UNITS {
        let text = fs::read_to_string(repository().join("assets/units").join(unit)).expect("the unit");
        let text = PROGRAMS.iter().fold(text, |text, program| text.replace(program, "/bin/true"));
        fs::write(folder.path().join(unit), text).expect("written");
    }
    let mut command = Command::new("systemd-analyze");
    let started = UNITS.map(|(_, started)| folder.path().join(started));
    let ended = command.args(["verify", "--man=no"]).args(started).output().await;
    let ended = ended.expect("systemd-analyze is there");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !said.contains("firstlight"), "{said}");
}
