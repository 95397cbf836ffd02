//! `POST /check-in`: renewing a license token.

use jiff::SignedDuration;
use license_service::Config;

use crate::support::{APPLIANCE, Fixture, OTHER_APPLIANCE, claims, start_in};

#[tokio::test]
async fn an_appliance_renews_its_token_until_it_is_revoked() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    let credential = grant["appliance_credential"].as_str().unwrap();

    let renewed = service.check_in(credential).await.granted();
    let tenant = minted.tenant_id.to_string();
    let claims = claims(renewed["jwt"].as_str().unwrap(), service.running.token_key_file(), &tenant);
    assert_eq!(claims["sub"], APPLIANCE);
    assert_eq!(claims["edition"], "pro");

    assert_eq!(service.store().revoke_appliance(OTHER_APPLIANCE).unwrap(), 0);
    service.check_in(credential).await.granted();
    assert_eq!(service.store().revoke_appliance(APPLIANCE).unwrap(), 1);
    assert_eq!(service.check_in(credential).await.refused(), (403, "revoked_credential".to_owned()));
    let replay = service.register(minted.code.expose(), APPLIANCE).await;
    assert_eq!(replay.refused(), (404, "invalid_claim_code".to_owned()), "a revoked license is not handed out again");
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
