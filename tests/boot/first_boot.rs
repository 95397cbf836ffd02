//! From power-on to the end of the setup, on a machine that was started from the image.

use crate::{
    console::Console,
    machine::{self, Firmware, Machine},
    operator::{Operator, PASSWORD, is_at},
};

/// Answers everything, and waits for the end.
async fn set_up(serial: &mut Console, code: &str) {
    Operator { code, password: PASSWORD }.answer(serial, "the end of the setup", is_at("Done")).await;
    serial.wait_for_text("Acme Managed Services").await;
    assert!(machine::is_used(code).await, "{code}");
}

/// The whole first boot on the serial line, with a license service outside and a Kubernetes inside.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn from_power_on_to_done_on_the_serial_line() {
    let code = machine::new_code().await;
    let mut machine = Machine::boot(Firmware::Bios, &[]).await;
    set_up(&mut machine.serial, &code).await;
    machine.screenshot("screen-when-the-line-is-done").await;
}

/// Said before a code is sent or a certificate made, by whatever is seen of it first.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_clock_that_is_wrong_by_years_is_told_and_costs_no_code() {
    wrong_clock("2099-01-01T00:00:00").await;
}

/// A machine is switched on with a clock that shows this time.
pub(crate) async fn wrong_clock(shows: &str) {
    let code = machine::new_code().await;
    let mut machine = Machine::boot(Firmware::Bios, &["--clock", shows]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the review", is_at("Review")).await;
    // Whatever Kubernetes does meanwhile: the page about the network says what is known.
    machine.serial.wait_for_text("1 failed").await;
    machine.serial.press("n").await;
    machine.serial.wait_for_text("this machine's clock").await;
    machine.screenshot("screen-with-a-wrong-clock").await;
    assert!(!machine::is_used(&code).await, "{code}");
}
