//! The image in an emulated machine: what somebody sees and types at its two consoles.

#![expect(clippy::disallowed_methods, reason = "tests make what the program finds")]

#[path = "../it/support/console.rs"]
#[expect(dead_code, reason = "a machine ends otherwise than a program")]
mod console;
mod machine;

use console::key;
use machine::{Firmware, Machine};

/// What the first page says; the boot loader has a welcome of its own.
const WELCOME: &str = "This sets up";
const ELSEWHERE: &str = "This machine is being set up on";

/// One console leads; what the other shows is how this test sees it, and that keys arrive.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn by_bios_the_wizard_is_on_the_screen_and_on_the_serial_line() {
    let mut machine = Machine::boot(Firmware::Bios).await;
    machine.serial.wait_for_text(WELCOME).await;
    machine.press("ret").await;
    machine.serial.wait_for_text(&format!("{ELSEWHERE} tty1")).await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for_text(WELCOME).await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for_text("Install code").await;
    machine.serial.press("k7qp").await;
    machine.serial.wait_for_text("K7QP").await;
    machine.screenshot("screen-while-the-line-leads").await;
    // The other way round, what was typed stays, and is not seen.
    machine.press("ret").await;
    machine.serial.wait_for_text(&format!("{ELSEWHERE} tty1")).await;
    machine.serial.wait_for("nothing of it", |screen| !screen.contents().contains("K7QP")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn by_uefi_it_is_left_three_times_and_then_there_is_a_login_and_a_sentence() {
    let mut machine = Machine::boot(Firmware::Uefi).await;
    for _time in 0..3 {
        machine.serial.wait_for_text(WELCOME).await;
        machine.serial.press(key::ESC).await;
        machine.serial.wait_for_text("Leave").await;
        machine.serial.press(key::ENTER).await;
        machine.serial.wait_for("an empty screen", |screen| !screen.contents().contains(WELCOME)).await;
    }
    machine.serial.wait_for_text("The setup of this machine is not finished").await;
    machine.serial.wait_for_text("appliance login:").await;
    // The other console has its wizard all the same.
    machine.screenshot("screen-with-the-line-left").await;
}

/// The whole first boot on the serial line, with a license service outside and a Kubernetes inside.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn from_power_on_to_done_on_the_serial_line() {
    let code = machine::new_code().await;
    let mut machine = Machine::boot(Firmware::Bios).await;
    let serial = &mut machine.serial;
    for (page, answers) in [
        (WELCOME, ""),
        ("Install code", code.as_str()),
        ("First name", "Kim\rAdmin\rkim@acme.example\r"),
        ("Password again", "correct horse battery\rcorrect horse battery"),
    ] {
        serial.wait_for_text(page).await;
        serial.press(&format!("{answers}{}", key::ENTER)).await;
    }
    serial.wait_for_text("Review").await;
    serial.press(key::ENTER).await;
    // Two emulated processors with a control plane on them are slow: where that does not answer in time, it is tried again.
    let unreachable = |screen: &vt100::Screen| screen.contents().contains("kubernetes-unreachable");
    let done = |screen: &vt100::Screen| screen.contents().contains("Done");
    for _attempt in 0..3 {
        serial.wait_for("an end", |screen| done(screen) || unreachable(screen)).await;
        if serial.read(done) {
            break;
        }
        serial.press(key::ENTER).await;
        serial.wait_for("another attempt", |screen| !unreachable(screen)).await;
    }
    serial.wait_for_text("Done").await;
    serial.wait_for_text("Acme Managed Services").await;
    machine.screenshot("screen-when-the-line-is-done").await;
    assert!(machine::is_used(&code).await, "{code}");
}
