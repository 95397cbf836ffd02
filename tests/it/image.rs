//! What a vendor's image is made of.

use std::{fs, path::Path};

use tokio::process::Command;

use crate::support::repository;

/// What `iso/check-vendor` says of a vendor's folder, if that will not do.
async fn refusal(vendor: &Path) -> Option<String> {
    let check = Command::new(repository().join("iso/check-vendor")).arg(vendor).output().await;
    let ended = check.expect("it is there");
    let said = String::from_utf8_lossy(&ended.stderr).replace(&vendor.display().to_string(), "DIR");
    assert_eq!(ended.status.success(), said.is_empty(), "{said}");
    (!ended.status.success()).then_some(said)
}

#[tokio::test]
async fn a_vendors_files_are_those_that_are_listed() {
    let vendor = tempfile::tempdir().expect("a temporary directory");
    let write = |name: &str, text: &str| fs::write(vendor.path().join(name), text).expect("written");
    fs::create_dir(vendor.path().join("root")).expect("made");
    write("root/images.tar", "half");
    write("root/k3s", "whole");
    write("packages", "curl\n");
    insta::assert_snapshot!(refusal(vendor.path()).await.expect("it will not do"), @r"
    there is no DIR/SHA256SUMS, by which its files are checked; make it where they come from:
      cd DIR && find root packages -type f -exec sha256sum {} + > SHA256SUMS
    ");
    // As it was where they come from: `packages` came later.
    let sum = "5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099";
    write("SHA256SUMS", &format!("{sum}  root/images.tar\n{sum}  root/k3s\n{sum}  root/profile.toml\n"));
    insta::assert_snapshot!(refusal(vendor.path()).await.expect("it will not do"), @r"
    the files in DIR are not those of its SHA256SUMS; copy them once more from where they come from:
      root/images.tar: FAILED
      sha256sum: root/profile.toml: No such file or directory
      root/profile.toml: FAILED open or read
      sha256sum: WARNING: 1 listed file could not be read
      sha256sum: WARNING: 1 computed checksum did NOT match
      not listed: packages
    ");
    // As the message says, with the names as another folder gives them.
    let sums = "find ./root ./packages -type f -exec sha256sum {} + > SHA256SUMS";
    let made = Command::new("sh").args(["-c", sums]).current_dir(vendor.path()).status().await;
    assert!(made.expect("a shell").success());
    assert_eq!(refusal(vendor.path()).await, None);
}
