//! What ships is built from what `deny.toml` allows: licenses, bans and sources, as cargo itself resolves them.

use std::{fs, process::Command};

use spdx::{Expression, LicenseReq, ParseMode};
use toml_edit::{DocumentMut, Item};

use crate::tidy::{expect_none, root};

/// A crate that is linked into the binary.
struct Linked {
    name: String,
    /// Where it comes from, if that is not crates.io.
    source: Option<String>,
    license: String,
}

fn linked() -> Vec<Linked> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "firstlight", "--edges", "normal", "--prefix", "none", "--no-dedupe"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--format", "{p}|{l}", "--frozen"])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let crates = text.lines().map(|line| {
        let (package, license) = line.split_once('|').expect("a crate and its license");
        let (name, version) = package.split_once(' ').expect("a name and a version");
        let source = version.split_once(" (").map(|(_, source)| source.trim_end_matches(')').to_owned());
        let source = source.filter(|source| source != "proc-macro");
        Linked { name: name.to_owned(), source, license: license.to_owned() }
    });
    crates.filter(|linked| linked.name != "firstlight").collect()
}

fn rules() -> DocumentMut {
    fs::read_to_string(root().join("deny.toml")).expect("deny.toml").parse().expect("TOML")
}

fn texts(list: &Item) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|value| value.as_str()).collect()
}

#[test]
fn every_license_is_allowed() {
    let rules = rules();
    let allowed: Vec<Expression> =
        texts(&rules["licenses"]["allow"]).into_iter().map(|text| Expression::parse(text).expect("SPDX")).collect();
    let allows = |wanted: &LicenseReq| {
        allowed.iter().any(|one| one.requirements().next().is_some_and(|allowed| allowed.req == *wanted))
    };
    let mut findings = Vec::new();
    for linked in linked() {
        // Some still write `MIT/Apache-2.0`.
        match Expression::parse_mode(&linked.license, ParseMode::LAX) {
            Ok(license) if license.evaluate(allows) => {}
            _ => findings.push(format!("{}: `{}`", linked.name, linked.license)),
        }
    }
    findings.sort_unstable();
    findings.dedup();
    expect_none(&findings, "licenses that deny.toml does not allow");
}

#[test]
fn nothing_is_linked_that_is_banned_or_from_elsewhere() {
    let rules = rules();
    let banned: Vec<(&str, &str)> =
        rules["bans"]["deny"].as_array().expect("a list").iter().fold(Vec::new(), |mut banned, rule| {
            let text = |key: &str| rule.as_inline_table().and_then(|rule| rule.get(key)).and_then(|text| text.as_str());
            banned.push((text("crate").expect("a crate"), text("reason").expect("a reason")));
            banned
        });
    let mut findings = Vec::new();
    for linked in linked() {
        if let Some((_, reason)) = banned.iter().find(|(name, _)| *name == linked.name) {
            findings.push(format!("{}: {reason}", linked.name));
        }
        if let Some(source) = linked.source {
            findings.push(format!("{} is from {source}", linked.name));
        }
    }
    findings.sort_unstable();
    findings.dedup();
    expect_none(&findings, "crates that deny.toml bans");
}
