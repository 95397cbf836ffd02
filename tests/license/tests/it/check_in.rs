//! `POST /check-in`: renewing a license token.

use jiff::SignedDuration;
use license_service::{Config, Minted, TenantRef};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{APPLIANCE, Answer, Fixture, OTHER_APPLIANCE, claims, start_in};

/// An appliance with a license: its credential, and its grant.
async fn licensed(service: &Fixture, minted: &Minted) -> (String, Value) {
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    (grant["appliance_credential"].as_str().unwrap().to_owned(), grant)
}

/// What the token of a grant or of a check-in says.
fn said(service: &Fixture, minted: &Minted, token: &Value) -> Value {
    claims(token.as_str().unwrap(), service.running.token_key_file(), &minted.tenant_id.to_string())
}

fn fields(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn an_appliance_renews_its_license_when_a_part_of_it_is_over() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let (credential, grant) = licensed(&service, &minted).await;
    let first = said(&service, &minted, &grant["first_jwt"]);
    let fresh = service.check_in_with(&credential, &first["sub"]).await.granted();
    assert_eq!(fresh, json!({"status": "no_change"}));
    // Its answer may have been lost: then it has another license, or none.
    let again = service.check_in(&credential).await.granted();
    assert_eq!((&again["status"], &again["jwt"]), (&json!("ok"), &grant["first_jwt"]));

    let Fixture { running, directory, client } = service;
    running.stop().await;
    let day_later = start_in(directory.path(), |config| config.clock_offset = SignedDuration::from_hours(24)).await;
    let service = Fixture { running: day_later, directory, client };
    let renewed = service.check_in_with(&credential, &first["sub"]).await.granted();
    assert_eq!(fields(&renewed), ["exp", "jwt", "status"]);
    assert_eq!(renewed["status"], "ok");
    // The test's clock is a day behind.
    let token = renewed["jwt"].as_str().unwrap();
    let second = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
    assert_ne!(second["sub"], first["sub"]);
    assert_eq!(second["exp"], renewed["exp"]);
    assert_eq!((&second["appliance_id"], &second["edition"]), (&json!(APPLIANCE), &json!("pro")));
    let fresh = service.check_in_with(&credential, &second["sub"]).await.granted();
    assert_eq!(fresh["status"], "no_change");
    let lost = service.check_in_with(&credential, &first["sub"]).await.granted();
    assert_eq!(lost, renewed, "whoever lost the answer gets it again");
}

#[tokio::test]
async fn a_license_that_has_ended_is_told_and_a_reissued_code_brings_it_back() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let (credential, _grant) = licensed(&service, &minted).await;
    assert!(service.store().end_license(minted.tenant_id).unwrap());
    assert!(!service.store().end_license(minted.tenant_id).unwrap(), "once");
    assert_eq!(service.check_in(&credential).await.granted(), json!({"status": "revoked"}));

    let reissued = service.store().reissue(&TenantRef::Id(minted.tenant_id), SignedDuration::from_hours(1)).unwrap();
    assert_eq!(service.check_in(&credential).await.granted()["status"], "ok");
    service.store().end_license(minted.tenant_id).unwrap();
    let answer = service.register(reissued.code.expose(), APPLIANCE).await;
    assert_eq!(answer.refused(), (404, "invalid_claim_code".to_owned()), "no code of it licenses another appliance");
}

#[tokio::test]
async fn a_revoked_appliance_gets_nothing_more() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let (credential, _grant) = licensed(&service, &minted).await;
    assert_eq!(service.store().revoke_appliance(OTHER_APPLIANCE).unwrap(), 0);
    service.check_in(&credential).await.granted();
    assert_eq!(service.store().revoke_appliance(APPLIANCE).unwrap(), 1);
    assert_eq!(service.check_in(&credential).await.refused(), (401, "revoked_appliance".to_owned()));
    let replay = service.register(minted.code.expose(), APPLIANCE).await;
    assert_eq!(replay.refused(), (404, "invalid_claim_code".to_owned()), "a revoked license is not handed out again");
}

/// As earlier appliances do, without a body; or with one that says the rest.
#[tokio::test]
async fn the_credential_may_be_a_bearer_token() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let (credential, grant) = licensed(&service, &minted).await;
    let check_in = || service.request(Method::POST, "/check-in").bearer_auth(&credential);
    assert_eq!(Answer::of(check_in()).await.granted()["jwt"], grant["first_jwt"]);
    let license = said(&service, &minted, &grant["first_jwt"])["sub"].clone();
    let answer = Answer::of(check_in().json(&json!({"current_license_sub": license}))).await;
    assert_eq!(answer.granted()["status"], "no_change");
    let without = Answer::of(service.request(Method::POST, "/check-in").json(&json!({}))).await;
    assert_eq!(without.refused(), (401, "unauthorized".to_owned()));
    let nothing = Answer::of(service.request(Method::POST, "/check-in")).await;
    assert_eq!(nothing.refused(), (415, "unsupported_media_type".to_owned()));
}

#[tokio::test]
async fn a_credential_is_needed_and_an_install_code_is_none() {
    let service = Fixture::new().await;
    let minted = service.mint();
    for credential in ["", minted.code.expose(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = service.check_in(credential).await;
        assert_eq!(answer.refused(), (401, "unauthorized".to_owned()));
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn a_token_is_as_old_as_the_services_clock_says() {
    let shift = |config: &mut Config| config.clock_offset = SignedDuration::from_hours(24);
    let service = Fixture::with(shift).await;
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    // The service lives a day ahead, so the token is not valid yet for anybody else; its text says from when on.
    let token = grant["first_jwt"].as_str().unwrap();
    let issued = jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(token).unwrap().claims["iat"].as_i64();
    let ahead = issued.unwrap() - jiff::Timestamp::now().as_second();
    assert!((86_000..=86_400).contains(&ahead), "{ahead}");
}

#[tokio::test]
async fn a_credential_outlives_a_restart() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    let Fixture { running, directory, client } = service;
    running.stop().await;
    let again = Fixture { running: start_in(directory.path(), |_| {}).await, client, directory };
    again.check_in(grant["appliance_credential"].as_str().unwrap()).await.granted();
}
