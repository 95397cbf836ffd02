//! What takes longer than `make test` may: `make test-all` has it.

mod damage;

use std::{fs, net::TcpListener};

use rustix::process::Signal;
use tokio::process::Command;

use crate::{
    console::{Console, key},
    consoles::GIVEN_BACK,
    disk::{DATA, Disk, MACHINE_ID, Moment, ROOT, cut_at, has_login, install, is_running},
    first_boot::wrong_clock,
    machine::{self, Firmware, Machine, repository},
    operator::{Operator, PASSWORD, is_at, title},
    shell::{holds, let_in},
    supplies::{Source, answers, cloud_init, firmware_file, is_told_of_what_will_not_do, smbios, started_with, stick},
    vlan::Vlan,
};

/// A network for the answers.
const VLAN: &str = "\n[network]\nvlan = 7\naddresses = [\"10.0.2.77/24\"]\ngateways = [\"10.0.2.2\"]\n";

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

/// It was set up, and nobody is at its consoles any more.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn the_power_is_cut_when_all_is_over() {
    let (disk, issued) = (Disk::installed().await, machine::new_tenant().await);
    let_in(&disk);
    let operator = Operator { code: &issued.install_code, password: PASSWORD };
    for _start in 0..2 {
        let mut machine = disk.boot(&[]).await;
        operator.answer(&mut machine.serial, "a login", has_login).await;
        holds(&machine, &issued).await;
        machine.cut().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn no_two_machines_have_anything_in_common_that_tells_one_from_the_other() {
    let (disk, another) = (Disk::installed().await, Disk::new());
    install(&another, Firmware::Bios, "").await.cut().await;
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
        (smbios, "the credential `firstlight.answers`"),
        (firmware_file, "the credential `firstlight.answers`"),
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
    let (disk, issued) = (Disk::installed().await, machine::new_tenant().await);
    let_in(&disk);
    let flags = smbios(disk.folder(), &answers(&issued.install_code));
    let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = disk.boot(&flags).await;
    machine.serial.wait_for_text("This machine sets itself up").await;
    machine.serial.wait_for("a login", has_login).await;
    holds(&machine, &issued).await;
    // Nothing can be drawn over any more.
    assert!(machine.journal().contains(GIVEN_BACK), "{}", machine.journal());
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
    install(&disk, Firmware::Bios, "\x1b[B\r").await.cut().await;
    assert_eq!(disk.read(ROOT, MACHINE_ID), id, "the same machine");
    let_in(&disk);
    let mut machine = disk.boot(&[]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    // Its data know the first code: nothing is sent before somebody says so.
    let is_refused = |screen: &vt100::Screen| screen.contents().contains("other-code");
    operator.answer(&mut machine.serial, "another code than its data know", is_refused).await;
    machine.serial.press("u").await;
    operator.answer(&mut machine.serial, "the end of the setup", is_at("Done")).await;
    assert!(machine::is_used(&code).await, "{code}");
    holds(&machine, &tenant).await;
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
    machine.serial.wait_for("the first page", is_at("Welcome")).await;
    machine.serial.press("n").await;
    machine.serial.wait_for_text("10.0.2.15/24").await;
    change_network(&mut machine.serial).await;
    machine.screenshot("screen-with-another-network").await;
}

/// Somebody has set it for another place: neither a name nor the license service is reached, until it is typed anew; and so it stays.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_network_that_is_wrong_from_the_start_is_mended_at_the_console() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let elsewhere = "[Match]\nName=en*\n\n[Network]\nAddress=192.168.7.5/24\nGateway=192.168.7.1\nDNS=192.168.7.1\n";
    disk.write(ROOT, "/etc/systemd/network", "20-elsewhere.network", elsewhere);
    let mut machine = disk.boot(&[]).await;
    machine.serial.wait_for("the first page", is_at("Welcome")).await;
    machine.serial.press("n").await;
    machine.serial.wait_for_text("192.168.7.5/24").await;
    machine.serial.wait_for_text("[!!] license-").await;
    machine.screenshot("screen-with-a-wrong-network").await;
    change_network(&mut machine.serial).await;
    machine.cut().await;
    let mut machine = disk.boot(&[]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the end of the setup", is_at("Done")).await;
    assert!(machine::is_used(&code).await, "{code}");
}

/// Two interfaces as one, as the answers have it: the license service is reached over them, and they are one from then on.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_bond_of_two_interfaces_is_what_the_answers_make_of_them() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let network = r#"
        [network]
        bond = ["52:54:00:12:34:56", "52:54:00:12:34:57"]
        addresses = ["10.0.2.77/24"]
        gateways = ["10.0.2.2"]
    "#;
    let answers = answers(&code) + network;
    let flags = smbios(disk.folder(), &answers);
    let flags: Vec<&str> = ["--interfaces", "2", "--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = disk.boot(&flags).await;
    machine.serial.wait_for("a login", has_login).await;
    assert!(machine::is_used(&code).await, "{code}");
    machine.cut().await;
    let kept = disk.list(ROOT, "/etc/systemd/network");
    assert!(kept.contains("10-firstlight-") && kept.contains(".netdev"), "{kept}");
}

/// The network there has nothing untagged, and the license service is on its VLAN.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_vlan_is_what_the_answers_make_of_it() {
    let (disk, issued) = (Disk::installed().await, machine::new_tenant().await);
    let_in(&disk);
    let vlan = Vlan::start(disk.folder()).await;
    let flags = [&vlan.flags()[..], &smbios(disk.folder(), &(answers(&issued.install_code) + VLAN))].concat();
    let mut machine = disk.boot(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    machine.serial.wait_for("a login", has_login).await;
    holds(&machine, &issued).await;
    machine.cut().await;
    let kept = disk.list(ROOT, "/etc/systemd/network");
    assert!(kept.contains("10-firstlight-") && kept.contains(".netdev"), "{kept}");
}

/// The network there knows no VLAN 7: said, and the machine has the network of before.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_vlan_that_nobody_knows_is_taken_back() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let answers = answers(&code) + VLAN;
    let flags = smbios(disk.folder(), &answers);
    let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let mut machine = disk.boot(&flags).await;
    machine.serial.wait_for_text("network-taken-back").await;
    machine.screenshot("screen-with-a-vlan-that-nobody-knows").await;
    assert!(!machine::is_used(&code).await, "{code}");
    machine.cut().await;
    let kept = disk.list(ROOT, "/etc/systemd/network");
    assert!(!kept.contains("10-firstlight-"), "{kept}");
}

/// On the page about the network: another address, tried and kept.
async fn change_network(serial: &mut Console) {
    serial.press("e").await;
    serial.wait_for_text("How shall this machine have its network?").await;
    let fields = ["", "10.0.2.77/24", "10.0.2.2", "10.0.2.3", "", "", ""];
    let typed = |field: &str| if field.is_empty() { String::new() } else { format!("{}{field}", key::CTRL_U) };
    serial.press(&fields.map(|field| typed(field) + key::ENTER).concat()).await;
    serial.wait_for_text("This network is being tried").await;
    serial.wait_for_text("10.0.2.77/24").await;
    serial.wait_for_text("[ok] license-service").await;
    serial.press(key::ENTER).await;
    serial.wait_for_text("This network is kept").await;
}

/// An installation takes along whose TLS on the way out is trusted: so do the installed system's own programs, from its first start.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn an_authority_that_an_installation_took_along_is_trusted() {
    const FOLDER: &str = "/usr/local/share/ca-certificates";
    let disk = Disk::installed().await;
    let authority = fs::read_to_string(repository().join("target/trial/license/ca.pem")).expect("it was made");
    disk.write(ROOT, FOLDER, "firstlight-proxy-ca.crt", &authority);
    let mut machine = disk.boot(&[]).await;
    machine.serial.wait_for("the first page", is_at("Welcome")).await;
    let journal = machine.journal();
    machine.cut().await;
    let bundle = disk.read(ROOT, "/etc/ssl/certs/ca-certificates.crt");
    assert!(bundle.contains(authority.trim()), "{journal}");
}

/// What was done before has left no room: said before anything is sent.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn with_a_full_disk_it_says_so_and_no_code_is_sent() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    disk.fill(DATA, 2000);
    let mut machine = disk.boot(&[]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the review", is_at("Review")).await;
    machine.serial.wait_for_text("MiB are free").await;
    machine.screenshot("screen-with-a-full-disk").await;
    assert!(!machine::is_used(&code).await, "{code}");
}

/// From the disk alone, by what the firmware finds on it without having been told.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn by_uefi_it_is_installed_and_starts_from_its_disk() {
    let disk = Disk::new();
    install(&disk, Firmware::Uefi, "").await.cut().await;
    let mut machine = disk.boot_by(Firmware::Uefi, &[]).await;
    machine.serial.wait_for("the first page", is_at("Welcome")).await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for("the page about the code", is_at("Install code")).await;
}

/// As of a machine whose battery is empty.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_clock_at_the_beginning_of_1970_is_told_and_costs_no_code() {
    wrong_clock("1970-01-01T00:00:00").await;
}

/// From the power to the first page, and to a login of the same image without it: told, and nothing is decided by it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
#[expect(clippy::print_stderr, reason = "a measurement is for who reads the output")]
async fn how_long_it_takes_beside_a_login() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let without = "systemd.mask=firstlight-console@ttyS0.service systemd.mask=firstlight-console@tty1.service";
    let ways: [(Moment, &str); 2] =
        [(("first page", |screen| is_at("Welcome")(screen)), ""), (("login", has_login), without)];
    for ((what, is_there), more) in ways {
        let flags = started_with(folder.path(), more);
        let flags: Vec<&str> = ["--"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        let mut machine = Machine::boot(Firmware::Bios, &flags).await;
        machine.serial.wait_for(what, is_there).await;
        eprintln!("{what}: after {:.1} s", machine.since.elapsed().as_secs_f64());
        machine.cut().await;
    }
}
