//! What takes longer than `make test` may: `make test-all` has it.

use std::net::TcpListener;

use rustix::process::Signal;
use tokio::process::Command;

use crate::{
    console::{Console, key},
    disk::{Disk, MACHINE_ID, Moment, ROOT, cut_at, has_login, install, is_running},
    machine::{self, Firmware, Machine},
    operator::{Operator, PASSWORD, is_at, title},
    supplies::{Source, answers, cloud_init, firmware_file, is_told_of_what_will_not_do, smbios, started_with, stick},
};

const MOMENTS: [Moment; 10] = [
    ("first page", |screen| title(screen).as_deref() == Some("Welcome")),
    ("code", |screen| title(screen).as_deref() == Some("Install code")),
    ("administrator", |screen| title(screen).as_deref() == Some("Administrator")),
    ("password", |screen| title(screen).as_deref() == Some("Password")),
    ("review", |screen| title(screen).as_deref() == Some("Review")),
    ("rehearsal", |screen| is_running(screen, "Check everything first")),
    ("Secrets", |screen| is_running(screen, "Write the Secrets")),
    ("bootstrap", |screen| is_running(screen, "Run the bootstrap")),
    ("pod", |screen| is_running(screen, "Run the bootstrap") && screen.contents().contains("pod")),
    ("done", |screen| title(screen).as_deref() == Some("Done")),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn the_power_is_cut_at_many_moments() {
    for moment in MOMENTS {
        cut_at(moment).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn no_two_machines_have_anything_in_common_that_tells_one_from_the_other() {
    let (disk, another) = (Disk::installed().await, Disk::new());
    install(&another, "").await.cut().await;
    for file in [MACHINE_ID, "/etc/fstab", "/boot/grub/grub.cfg", "/var/lib/systemd/random-seed"] {
        let [one, other] = [&disk, &another].map(|disk| disk.read(ROOT, file));
        assert!(!one.is_empty(), "{file}");
        assert_ne!(one, other, "{file}");
    }
}

/// From each source, and what it is called.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn what_will_not_do_is_shown_with_where_it_is_from() {
    let sources: [(Source, &str); 4] = [
        (smbios, "the systemd credential `firstlight.answers`"),
        (firmware_file, "the systemd credential `firstlight.answers`"),
        (stick, "`answers.toml` on the volume `FIRSTLIGHT`"),
        (cloud_init, "`user-data` on the volume `cidata`"),
    ];
    for (source, name) in sources {
        is_told_of_what_will_not_do(source, name).await;
    }
}

/// Nobody is there.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_machine_that_is_given_answers_sets_itself_up() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let flags = smbios(disk.folder(), &answers(&code));
    let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = disk.boot(&flags).await;
    machine.serial.wait_for_text("This machine sets itself up").await;
    machine.serial.wait_for("a login", has_login).await;
    assert!(machine::is_used(&code).await, "{code}");
    machine.cut().await;
}

/// The system is made anew over the data, and set up with a code that was issued again: the same appliance of the same tenant, and
/// what was set on it is set.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn it_is_installed_anew_over_its_data_and_set_up_with_a_code_that_was_issued_again() {
    let (disk, tenant) = (Disk::installed().await, machine::new_tenant().await);
    let mut machine = disk.boot(&[]).await;
    let operator = Operator { code: &tenant.install_code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the end of the setup", is_at("Done")).await;
    machine.cut().await;
    let id = disk.read(ROOT, MACHINE_ID);
    let code = machine::issued_again(&tenant.tenant_id).await;
    // The second entry of the boot loader, which starts the disk otherwise.
    let mut machine = install(&disk, "\x1b[B\r").await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the end of the setup", is_at("Done")).await;
    machine.cut().await;
    assert_eq!(disk.read(ROOT, MACHINE_ID), id, "the same machine");
}

/// Somebody comes from another computer, with what the console says; it shows that they lead then.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn over_ssh_the_wizard_is_there_for_who_has_read_the_console() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port();
    let mut machine = Machine::boot(Firmware::Bios, &["--ssh", &port.to_string()]).await;
    let read = |after: &str, screen: &vt100::Screen| {
        let text = screen.contents();
        let (_, found) = text.split_once(after)?;
        found.split_whitespace().next().map(str::to_owned)
    };
    // Each of them whole: the line is slow.
    let invitation = |screen: &vt100::Screen| {
        let password = read("ssh setup@10.0.2.15, password ", screen).filter(|password| password.len() == 19)?;
        let fingerprint = read("The key it asks about: ", screen).filter(|fingerprint| fingerprint.len() == 50)?;
        Some((password, fingerprint))
    };
    machine.serial.wait_for("how to come", |screen| invitation(screen).is_some()).await;
    let (password, fingerprint) = machine.serial.read(invitation).expect("it was there");
    let connect = || {
        let mut ssh = Command::new("ssh");
        ssh.args(["-p", &port.to_string(), "-o", "StrictHostKeyChecking=ask", "-o", "UserKnownHostsFile=/dev/null"]);
        ssh.args(["-o", "PubkeyAuthentication=no", "-F", "none", "setup@127.0.0.1"]).env("TERM", "xterm-256color");
        let mut console = Console::open(ssh, (80, 24));
        console.patience = machine::PATIENCE;
        console
    };
    let mut ssh = connect();
    ssh.wait_for_text("Are you sure you want to continue connecting").await;
    assert!(ssh.read(|screen| screen.contents().replace('\n', "")).contains(&fingerprint), "{}", ssh.picture());
    ssh.press("yes\r").await;
    ssh.wait_for_text("password:").await;
    ssh.press("kmnp-2345-kmnp-2345\r").await;
    ssh.wait_for_text("Permission denied").await;
    ssh.press(&format!("{password}\r")).await;
    ssh.wait_for("the first page", is_at("Welcome")).await;
    machine.screenshot("screen-welcome").await;
    ssh.press(key::ENTER).await;
    machine.serial.wait_for_text("This machine is being set up on pts/").await;
    // The line is cut, and the console has it again.
    ssh.signal(Signal::KILL);
    ssh.end().await;
    machine.serial.wait_for("the first page", is_at("Welcome")).await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for("the page about the disk", is_at("Disk")).await;
}

/// The layout that is chosen counts for the next key; Z and Y have each other's place on a German keyboard.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_layout_that_is_not_us_is_used_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let flags = started_with(folder.path(), "nomodeset");
    let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = Machine::boot(Firmware::Bios, &flags).await;
    machine.wait_for_screen("This sets up").await;
    machine.press("ret").await;
    machine.wait_for_screen("Layout").await;
    for key in ["d", "e", "ret"] {
        machine.press(key).await;
    }
    machine.wait_for_screen("`de` is in use").await;
    for key in ["y", "z", "minus"] {
        machine.press(key).await;
    }
    // What is beside 0 there, as the display's own characters have it (code page 437).
    machine.wait_for_screen("zy\u{e1}").await;
    machine.screenshot("screen-keyboard").await;
}

/// Less than it needs: it starts all the same, and says so before anything is done.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn with_half_a_gibibyte_of_memory_it_says_what_it_lacks() {
    let code = machine::new_code().await;
    let mut machine = Machine::boot(Firmware::Bios, &["--memory", "512"]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the review", is_at("Review")).await;
    machine.serial.wait_for_text("MiB of memory are available").await;
    assert!(!machine::is_used(&code).await, "{code}");
}

/// Another address than the network's own server gives: what is reached with it is shown before it is kept.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn the_network_is_changed_at_the_console() {
    let mut machine = Machine::boot(Firmware::Bios, &[]).await;
    let serial = &mut machine.serial;
    serial.wait_for("the first page", is_at("Welcome")).await;
    serial.press("n").await;
    serial.wait_for_text("10.0.2.15/24").await;
    serial.press("e").await;
    serial.wait_for_text("How shall this machine have its network?").await;
    let fields = ["", "10.0.2.77/24", "10.0.2.2", "10.0.2.3", "", ""];
    let typed = |field: &str| if field.is_empty() { String::new() } else { format!("{}{field}", key::CTRL_U) };
    serial.press(&fields.map(|field| typed(field) + key::ENTER).concat()).await;
    serial.wait_for_text("This network is being tried").await;
    serial.wait_for_text("10.0.2.77/24").await;
    serial.wait_for_text("[ok] license-service").await;
    serial.press(key::ENTER).await;
    serial.wait_for_text("This network is kept").await;
    machine.screenshot("screen-with-another-network").await;
}
