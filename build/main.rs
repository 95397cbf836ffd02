//! Puts the build time into the binary, because a clock that shows an earlier time is wrong, and the texts.

#![expect(clippy::print_stdout, reason = "cargo reads it")]
#![expect(clippy::disallowed_methods, reason = "a build reads and writes files")]

mod words;

use std::{
    env,
    error::Error,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> Result<(), Box<dyn Error>> {
    build_time();
    println!("cargo::rerun-if-changed=assets/words");
    for problem in words::generate(Path::new("assets/words"), Path::new(&env::var("OUT_DIR")?))? {
        println!("cargo::error={problem}");
    }
    Ok(())
}

fn build_time() {
    // SOURCE_DATE_EPOCH makes builds reproducible; the last commit's time does for a checkout.
    let given = env::var("SOURCE_DATE_EPOCH").ok();
    let commit = || {
        let output = Command::new("git").args(["log", "-1", "--format=%ct"]).output().ok()?;
        String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
    };
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs()).to_string();
    let seconds = given.or_else(commit).map(|text| text.trim().to_owned()).filter(|text| text.parse::<u64>().is_ok());
    println!("cargo::rustc-env=FIRSTLIGHT_BUILD_TIME={}", seconds.unwrap_or_else(now));
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-changed=Cargo.toml");
}
