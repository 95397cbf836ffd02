//! Which console has the wizard, and what is there when it was left.

use crate::{
    console::key,
    machine::{Firmware, Machine},
    operator::is_at,
};

/// What the first page says; the boot loader has a welcome of its own.
const WELCOME: &str = "This sets up";
/// What systemd's journal has when its messages are to go to no console, and when they are to go there again.
const QUIET: &str = "Received SIGRTMIN+21";
pub(crate) const GIVEN_BACK: &str = "Received SIGRTMIN+20";
const ELSEWHERE: &str = "This machine is being set up on";

/// One console leads; what the other shows is how this test sees it, and that keys arrive.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn by_bios_the_wizard_is_on_the_screen_and_on_the_serial_line() {
    let mut machine = Machine::boot(Firmware::Bios, &[]).await;
    machine.serial.wait_for_text(WELCOME).await;
    machine.press("ret").await;
    machine.serial.wait_for_text(&format!("{ELSEWHERE} tty1")).await;
    machine.screenshot("screen-disk").await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for_text(WELCOME).await;
    machine.serial.press(key::ENTER).await;
    // Nothing is installed: it is tried out.
    machine.serial.wait_for("the page about the disk", is_at("Disk")).await;
    machine.serial.press(key::ENTER).await;
    machine.serial.wait_for("the page about the code", is_at("Install code")).await;
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
    let mut machine = Machine::boot(Firmware::Uefi, &[]).await;
    for _time in 0..3 {
        machine.serial.wait_for_text(WELCOME).await;
        assert_quiet(&machine);
        machine.serial.press(key::ESC).await;
        machine.serial.wait_for_text("Leave the setup?").await;
        machine.serial.press(key::ENTER).await;
        machine.serial.wait_for("an empty screen", |screen| !screen.contents().contains(WELCOME)).await;
    }
    machine.serial.wait_for_text("The setup of this machine is not finished").await;
    machine.serial.wait_for_text("appliance login:").await;
    // The other console has its wizard all the same.
    machine.screenshot("screen-with-the-line-left").await;
    assert_quiet(&machine);
}

/// What systemd says is said in its journal alone: it would draw over a wizard, the next one on the same console or that on another.
fn assert_quiet(machine: &Machine) {
    let journal = machine.journal();
    assert!(journal.contains(QUIET), "{journal}");
    assert!(!journal.contains(GIVEN_BACK), "the consoles were given back while one had a wizard");
}
