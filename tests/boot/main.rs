//! The image in an emulated machine: what somebody sees and types at its two consoles.

#![expect(clippy::disallowed_methods, reason = "tests make what the program finds")]

#[path = "../it/support/console.rs"]
#[expect(dead_code, reason = "a machine ends otherwise than a program")]
mod console;
mod consoles;
mod disk;
mod first_boot;
mod longer;
mod machine;
mod operator;
mod shell;
mod supplies;
mod vlan;
