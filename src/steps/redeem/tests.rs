//! Which code counts: every state of a cluster and a journal that a code can meet, and what is made of it.

use jiff::Timestamp;

use super::*;
use crate::{
    answers::{Answers, Draft},
    steps::{
        objects::{Granted, Known, Objects, Travelling},
        rows::rows,
    },
    values::{ApplianceId, Received},
};

const TENANT: &str = "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66";
const OWN: &str = "K7QPM2RX";
const OTHER: &str = "22222222";

fn answers(code: &str, change: bool) -> Answers {
    let text = format!(
        "install-code='{code}'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\nemail='kim@acme.example'\n\
         password='correct horse battery'\n[license]\nchange = {change}"
    );
    let profile = Profile::built_in();
    Draft::from_toml(&text, &profile).0.finish(&profile).expect("sound answers")
}

fn grant() -> Received {
    Received::from(format!(r#"{{"tenant_id": "{TENANT}", "edition": "essentials", "company_name": "Acme"}}"#).as_str())
}

/// An intent about a code: sent, granted, or had by a cluster.
fn intent(code: &str, state: &str) -> Intent {
    let (profile, now) = (Profile::built_in(), Timestamp::UNIX_EPOCH);
    let code = answers(code, false).secret.install_code;
    let mut intent = Intent::new(&code, &ApplianceId::derive(None, "host"), profile.license.service(), now);
    intent.answer = (state != "sent").then(grant);
    let moment = || serde_json::from_str(r#"{"boot": "b", "seconds": 1}"#).expect("a moment");
    intent.settled = (state == "had").then(moment);
    intent.set_aside = state == "aside";
    intent
}

/// A cluster as a setup with `code` leaves it; half of it, or nothing.
async fn cluster(made_with: Option<&str>, half: bool) -> Standing {
    let profile = Profile::built_in();
    let mut objects = Objects::of(rows(&profile));
    let Some(code) = made_with else { return Standing::of(&profile, objects).expect("nobody's") };
    let answers = answers(code, false);
    let granted = Granted {
        grant: Grant::of(&grant()).expect("a grant"),
        appliance_id: ApplianceId::derive(None, "host"),
        key: uuid::Uuid::nil(),
    };
    let password = Travelling::new(crate::profile::PasswordForm::Plaintext, answers.secret.password.clone());
    password.made().await.expect("as it is");
    let (granted, tenant) = (Some(&granted), Some(TENANT));
    let known = Known { answers: Some(&answers), granted, tenant, password: Some(&password), ..Known::default() };
    let wanted = objects.decide(&known);
    objects.become_as(wanted, if half { 1 } else { 2 });
    Standing::of(&profile, objects).expect("one tenant's")
}

#[tokio::test]
async fn which_code_counts() {
    let profile = Profile::built_in();
    for (made_with, half, journal, change, has_run, expected) in [
        // Nothing is there.
        (None, false, &[][..], false, false, "send"),
        (None, false, &[(OWN, "sent")], false, false, "send"),
        (None, false, &[(OWN, "granted")], false, false, "kept"),
        (None, false, &[(OWN, "had")], false, false, "kept"),
        // A grant waits that another code has brought.
        (None, false, &[(OTHER, "sent")], false, false, "send"),
        (None, false, &[(OTHER, "granted")], false, false, "other code: grant"),
        (None, false, &[(OTHER, "had")], false, false, "other code: grant"),
        (None, false, &[(OTHER, "granted")], true, false, "send"),
        (None, false, &[(OTHER, "aside")], false, false, "send"),
        (None, false, &[(OTHER, "granted"), (OWN, "granted")], false, false, "kept"),
        (None, false, &[(OTHER, "granted"), (OWN, "sent")], false, false, "other code: grant"),
        // The cluster is set up.
        (Some(OWN), false, &[], false, false, "complete"),
        (Some(OWN), false, &[(OWN, "had")], true, true, "complete"),
        (Some(OWN), false, &[(OWN, "granted")], false, false, "kept"),
        (Some(OTHER), false, &[], false, false, "other code: cluster"),
        (Some(OTHER), false, &[(OTHER, "had")], false, true, "other code: cluster"),
        (Some(OTHER), false, &[(OWN, "sent")], false, true, "other code: cluster"),
        (Some(OTHER), false, &[], true, false, "send"),
        (Some(OTHER), false, &[(OWN, "granted")], false, false, "kept"),
        // Half of it is.
        (Some(OWN), true, &[], false, false, "send"),
        (Some(OWN), true, &[(OWN, "had")], false, false, "kept"),
        // What is gone is had again with the same key.
        (Some(OWN), true, &[], false, true, "send"),
        (Some(OTHER), true, &[(OTHER, "granted")], false, false, "other code: cluster"),
        (Some(OTHER), true, &[(OTHER, "granted")], true, false, "send"),
    ] {
        let record = Record { intents: journal.iter().map(|(code, state)| intent(code, state)).collect() };
        let standing = cluster(made_with, half).await;
        let decided = match decide(&profile, &standing, &record, &answers(OWN, change), has_run) {
            Decision::Complete(_) => "complete",
            Decision::Kept(kept) => {
                let of_own = record
                    .intents
                    .iter()
                    .any(|intent| intent.key == kept.key && intent.is_for(&answers(OWN, false).secret.install_code));
                assert!(of_own, "a grant serves its own code alone");
                "kept"
            }
            Decision::Elsewhere(_) => "elsewhere",
            Decision::OtherCode(SetUp::Cluster(_)) => "other code: cluster",
            Decision::OtherCode(SetUp::Grant(_)) => "other code: grant",
            Decision::Send => "send",
        };
        assert_eq!(decided, expected, "{made_with:?} half: {half} {journal:?} change: {change} has run: {has_run}");
    }
}
