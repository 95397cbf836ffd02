//! The administrator's password as an scrypt hash: beside another implementation, and in the Secret that a chart reads.

use firstlight::values::{PasswordHash, SecretText, password_hash};
use tokio::process::Command;

use crate::support::{Machine, machine::PASSWORD, within};

const SECRET: &str = "appliance-initial-tenant";
const KEY: &str = "INITIAL_ADMIN_PASSWORD_HASH";

/// What openssl derives from a password, with the salt of `hash`, in the form of `hash`.
pub(crate) async fn by_openssl(password: &str, hash: &str) -> String {
    let (salt, _) = hash.split_once(':').expect("a salt and a key");
    let mut command = Command::new("openssl");
    command.args(["kdf", "-keylen", "64", "-kdfopt", "n:16384", "-kdfopt", "r:8", "-kdfopt", "p:1"]);
    command.arg("-kdfopt").arg(format!("pass:{password}"));
    command.arg("-kdfopt").arg(format!("hexsalt:{salt}")).arg("SCRYPT");
    let output = within("openssl derives a key", command.output()).await.expect("ca-certificates brings it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let key = String::from_utf8(output.stdout).expect("UTF-8").trim().replace(':', "").to_lowercase();
    format!("{salt}:{key}")
}

#[tokio::test]
async fn a_hash_is_what_openssl_makes_of_it() {
    for password in ["correct horse battery", "ü 李 \u{1f600} '\"$`\\", "a", &"x".repeat(256)] {
        let made = password_hash::scrypt(&password.into(), getrandom::fill).expect("made");
        let theirs = by_openssl(password, made.expose()).await;
        assert_eq!(made.expose(), theirs, "{password}");
        let read = PasswordHash::read(&SecretText::new(theirs)).expect("read");
        assert!(read.is_of(&password.into()) && !read.is_of(&format!("{password}x").as_str().into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_secret_has_a_hash_that_keeps_its_salt() {
    let mut machine = Machine::new("scrypt").await;
    machine.set("secrets.tenant.admin-password", "scrypt");
    let hash = async || machine.namespace.secret(SECRET).await.expect("the tenant's Secret")[KEY].clone();
    machine.run().await.done();
    let first = hash().await;
    assert_eq!((first.find(':'), first.len()), (Some(64), 193), "{first}");
    assert_eq!(first, by_openssl(PASSWORD, &first).await);

    let again = machine.run().await;
    assert!(again.done().outcome("secrets").starts_with("unchanged"), "{}", again.stdout);
    assert_eq!(hash().await, first);

    // Another password is another hash, and so is another form of the same one.
    let answers = std::fs::read_to_string(machine.path("/answers.toml")).expect("written by us");
    let other = format!("{PASSWORD} 2");
    machine.write("/answers.toml", &answers.replace(PASSWORD, &other), 0o600);
    let changed = machine.run().await;
    assert!(changed.done().outcome("secrets").starts_with("changed"), "{}", changed.stdout);
    let second = hash().await;
    assert!(second != first && second == by_openssl(&other, &second).await);
    machine.set("secrets.tenant.admin-password", "argon2id");
    machine.run().await.done();
    let third = machine.namespace.secret(SECRET).await.expect("the tenant's Secret")[KEY].clone();
    assert!(third.starts_with("$argon2id$"), "{third}");
}
