//! What breaks: a disk, and the wizard itself.

use crate::{
    console::key,
    disk::{DATA, Disk},
    machine,
    operator::{Operator, PASSWORD, is_at},
    shell::{let_in, tell},
};

/// Nobody has a password to log in and mend it with.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_disk_that_is_damaged_is_told() {
    let disk = Disk::installed().await;
    // Its description of itself.
    disk.damage(DATA, 64 << 10);
    let mut machine = disk.boot(&[]).await;
    machine.serial.wait_for_text("This machine cannot start: a disk or a file system").await;
    machine.cut().await;
}

/// It is there again, with what was typed and is no secret.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs image (boots it in an emulator)"]
async fn a_wizard_that_was_killed_has_what_was_typed() {
    let (disk, code) = (Disk::installed().await, machine::new_code().await);
    let_in(&disk);
    let mut machine = disk.boot(&[]).await;
    let operator = Operator { code: &code, password: PASSWORD };
    operator.answer(&mut machine.serial, "the page about the password", is_at("Password")).await;
    tell(&machine, "systemctl kill --signal=KILL firstlight-console@ttyS0.service").await;
    let serial = &mut machine.serial;
    serial.wait_for("the first page again", is_at("Welcome")).await;
    serial.press(key::ENTER).await;
    serial.wait_for("the page about the code", is_at("Install code")).await;
    serial.press(&format!("{code}{}", key::ENTER)).await;
    serial.wait_for("the password, and nobody's name", is_at("Password")).await;
    machine.cut().await;
}
