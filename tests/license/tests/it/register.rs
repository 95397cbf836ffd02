//! `POST /register`: one code, one grant, however often and by whomever it is asked for.

use jiff::SignedDuration;
use license_service::{Edition, NewCode, Replays};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{APPLIANCE, Answer, Fixture, OTHER_APPLIANCE, claims, client, start_in};

fn keys(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_paid_code_becomes_a_licensed_identity() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let body = service.register(&minted.code.grouped().to_lowercase(), APPLIANCE).await.granted();
    let tenant = body["tenant_id"].as_str().unwrap();
    assert_eq!(tenant, minted.tenant_id.to_string());
    assert_eq!(body["edition"], "pro");
    assert_eq!(body["company_name"], "Example Company");
    assert_eq!(body["contact_email"], "it@company.example");
    assert_eq!(body["check_in_url"], format!("{}/check-in", service.running.url()));
    assert_eq!(body["appliance_credential"].as_str().unwrap().len(), 43);

    let claims = claims(body["first_jwt"].as_str().unwrap(), service.running.token_key_file(), tenant);
    assert_eq!(claims["appliance_id"], APPLIANCE);
    assert_eq!(claims["edition"], "pro");
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 30 * 24 * 3600);
}

#[tokio::test]
async fn an_essentials_code_becomes_an_identity_without_a_license() {
    let service = Fixture::new().await;
    let request = NewCode { edition: Edition::Essentials, ..NewCode::default() };
    let minted = service.store().mint(&request).unwrap();
    let body = service.register(minted.code.expose(), APPLIANCE).await.granted();
    assert_eq!(keys(&body), ["company_name", "contact_email", "edition", "tenant_id"]);
    assert_eq!(body["edition"], "essentials");
}

#[tokio::test]
async fn the_same_appliance_gets_the_same_bytes_again_and_another_one_gets_nothing() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let first = service.register(minted.code.expose(), APPLIANCE).await;
    let second = service.register(minted.code.expose(), APPLIANCE).await;
    assert_eq!((first.status, &first.text), (StatusCode::OK, &second.text));
    let other = service.register(minted.code.expose(), OTHER_APPLIANCE).await;
    assert_eq!(other.refused(), (409, "consumed_claim_code".to_owned()));
    assert_eq!(service.store().register_requests(), 3);
    assert_eq!(service.store().claims().unwrap(), 1);
}

#[tokio::test]
async fn the_same_key_gets_the_same_bytes_also_from_a_machine_with_a_new_id() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let key = "2b1f6c58-6a5e-4a35-9a0e-6d4f0d1f7c11";
    let first = service.register_with_key(minted.code.expose(), APPLIANCE, key).await;
    let second = service.register_with_key(minted.code.expose(), OTHER_APPLIANCE, key).await;
    assert_eq!(first.granted(), second.granted());
    assert_eq!(first.text, second.text);
    let stranger = service.register_with_key(minted.code.expose(), OTHER_APPLIANCE, "another-key").await;
    assert_eq!(stranger.refused(), (409, "consumed_claim_code".to_owned()));
}

/// Two clones of one disk image have one id, and each makes a key of its own.
#[tokio::test]
async fn clones_do_not_share_a_code() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let code = minted.code.expose();
    service.register_with_key(code, APPLIANCE, "key-of-one").await.granted();
    for clone in
        [service.register_with_key(code, APPLIANCE, "key-of-two").await, service.register(code, APPLIANCE).await]
    {
        assert_eq!(clone.refused(), (409, "consumed_claim_code".to_owned()));
    }
    service.register_with_key(code, APPLIANCE, "key-of-one").await.granted();
}

#[tokio::test]
async fn a_code_that_was_claimed_without_a_key_is_its_appliances() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let first = service.register(minted.code.expose(), APPLIANCE).await;
    let later = service.register_with_key(minted.code.expose(), APPLIANCE, "key").await;
    assert_eq!((first.status, &first.text), (StatusCode::OK, &later.text));
    let other = service.register_with_key(minted.code.expose(), OTHER_APPLIANCE, "key").await;
    assert_eq!(other.refused(), (409, "consumed_claim_code".to_owned()));
}

/// Services that clients meet: each row is what a second attempt gets after a claim with the key `one`.
#[tokio::test]
async fn three_kinds_of_services_repeat_an_answer_differently() {
    let consumed = (409, "consumed_claim_code".to_owned());
    for (replays, same_key, other_key, other_appliance) in [
        (Replays::ByKey, true, false, true),
        (Replays::ByAppliance, true, true, false),
        (Replays::Never, false, false, false),
    ] {
        let service = Fixture::with(|config| config.replays = replays).await;
        let minted = service.mint();
        let code = minted.code.expose();
        let first = service.register_with_key(code, APPLIANCE, "one").await;
        first.granted();
        for (appliance, key, again) in
            [(APPLIANCE, "one", same_key), (APPLIANCE, "two", other_key), (OTHER_APPLIANCE, "one", other_appliance)]
        {
            let answer = service.register_with_key(code, appliance, key).await;
            if again {
                assert_eq!(
                    (answer.status, &answer.text),
                    (StatusCode::OK, &first.text),
                    "{replays:?} {appliance} {key}"
                );
            } else {
                assert_eq!(answer.refused(), consumed, "{replays:?} {appliance} {key}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_stands_for_one_code() {
    let service = Fixture::new().await;
    let (first, second) = (service.mint(), service.mint());
    service.register_with_key(first.code.expose(), APPLIANCE, "key-1").await.granted();
    let reused = service.register_with_key(second.code.expose(), APPLIANCE, "key-1").await;
    assert_eq!(reused.refused(), (422, "idempotency_key_reused".to_owned()));
    service.register_with_key(second.code.expose(), APPLIANCE, "key-2").await.granted();
}

#[tokio::test]
async fn a_mistyped_code_leaves_its_key_free_for_the_right_one() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let wrong = service.register_with_key("22222222", APPLIANCE, "key").await;
    assert_eq!(wrong.refused(), (404, "invalid_claim_code".to_owned()));
    service.register_with_key(minted.code.expose(), APPLIANCE, "key").await.granted();
}

#[tokio::test]
async fn a_replay_survives_a_restart_an_expiry_and_the_passing_of_time() {
    let directory = tempfile::tempdir().unwrap();
    let public = |config: &mut license_service::Config| {
        // A service that moves to another port keeps its name.
        config.public_url = Some("https://license.example/".to_owned());
    };
    let first = start_in(directory.path(), public).await;
    let minted =
        first.store().mint(&NewCode { expires_in: SignedDuration::from_hours(1), ..NewCode::default() }).unwrap();
    let register = |url: String, ca: std::path::PathBuf| {
        let body = serde_json::json!({"claim_code": minted.code.expose(), "appliance_id": APPLIANCE});
        async move { Answer::of(client(&ca).post(format!("{url}/register")).json(&body)).await }
    };
    let local = |running: &license_service::Running| {
        (format!("https://{}", running.address()), running.ca_pem_file().to_owned())
    };
    let (url, ca) = local(&first);
    let before = register(url, ca).await;
    assert_eq!(before.granted()["check_in_url"], "https://license.example/check-in");
    first.stop().await;

    let later = start_in(directory.path(), |config| {
        public(config);
        config.clock_offset = SignedDuration::from_hours(48);
    })
    .await;
    let (url, ca) = local(&later);
    let after = register(url, ca).await;
    assert_eq!(before.text, after.text);
    assert_eq!(later.store().claims().unwrap(), 1);
    later.stop().await;
}

/// An appliance that belongs to a tenant says so, and loses no code of another one.
#[tokio::test]
async fn a_code_of_another_tenant_is_refused_and_not_consumed() {
    let service = Fixture::new().await;
    let (mine, theirs) = (service.mint(), service.mint());
    let register = async |tenant: &str| {
        let body = json!({"claim_code": theirs.code.expose(), "appliance_id": APPLIANCE, "tenant_id": tenant});
        Answer::of(service.request(Method::POST, "/register").json(&body)).await
    };
    let (mine, theirs) = (mine.tenant_id.to_string(), theirs.tenant_id.to_string());
    assert_eq!(register(&mine).await.refused(), (409, "tenant_mismatch".to_owned()));
    assert_eq!(register("tenant-1").await.refused(), (400, "malformed_request".to_owned()));
    assert_eq!(service.store().claims().unwrap(), 0);
    register(&theirs).await.granted();
    assert_eq!(register(&mine).await.refused(), (409, "tenant_mismatch".to_owned()), "nor is what it gave handed out");
}

#[tokio::test]
async fn an_expired_code_is_refused_and_not_consumed() {
    let service = Fixture::new().await;
    let request = NewCode { expires_in: SignedDuration::ZERO, ..NewCode::default() };
    let minted = service.store().mint(&request).unwrap();
    let answer = service.register(minted.code.expose(), APPLIANCE).await;
    assert_eq!(answer.refused(), (410, "expired_claim_code".to_owned()));
    assert_eq!(service.store().claims().unwrap(), 0);
}

#[tokio::test]
async fn an_unknown_a_mistyped_and_a_revoked_code_look_the_same() {
    let service = Fixture::new().await;
    let minted = service.mint();
    assert!(service.store().revoke_code(&minted.code).unwrap());
    assert!(!service.store().revoke_code(&minted.code).unwrap(), "once");
    let mut answers = Vec::new();
    for code in [minted.code.expose(), "22222222", "O0I1", ""] {
        let answer = service.register(code, APPLIANCE).await;
        assert_eq!(answer.refused(), (404, "invalid_claim_code".to_owned()), "{code}");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn a_consumed_code_can_not_be_revoked() {
    let service = Fixture::new().await;
    let minted = service.mint();
    service.register(minted.code.expose(), APPLIANCE).await.granted();
    assert!(!service.store().revoke_code(&minted.code).unwrap());
    assert_eq!(service.store().revoke_unclaimed(minted.tenant_id).unwrap(), 0);
    service.register(minted.code.expose(), APPLIANCE).await.granted();
}

/// Two services on one database, sixteen appliances at each, all at once: the database alone decides.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_appliances_at_two_services_exactly_one_wins() {
    let service = Fixture::new().await;
    let twin = start_in(service.directory.path(), |_| {}).await;
    let minted = service.mint();
    let urls = [service.running.url(), twin.url()];
    let attempts: Vec<_> = (0..32)
        .map(|number| {
            let appliance = format!("appliance-{number:016x}");
            let body = serde_json::json!({"claim_code": minted.code.expose(), "appliance_id": appliance});
            tokio::spawn(Answer::of(service.client.post(format!("{}/register", urls[number % 2])).json(&body)))
        })
        .collect();
    let (mut won, mut lost) = (0, 0);
    for attempt in attempts {
        let answer = attempt.await.unwrap();
        if answer.status == StatusCode::OK {
            won += 1;
        } else {
            assert_eq!(answer.refused(), (409, "consumed_claim_code".to_owned()));
            lost += 1;
        }
    }
    assert_eq!((won, lost), (1, 31));
    assert_eq!(service.store().claims().unwrap(), 1);
    assert_eq!(service.store().register_requests() + twin.store().register_requests(), 32);
    twin.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_impatient_appliance_gets_one_grant_from_many_attempts() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let attempts: Vec<_> = (0..16)
        .map(|_| {
            let attempt = service.registration(minted.code.expose(), APPLIANCE).header("Idempotency-Key", "one");
            tokio::spawn(Answer::of(attempt))
        })
        .collect();
    let mut bodies = Vec::new();
    for attempt in attempts {
        let answer = attempt.await.unwrap();
        answer.granted();
        bodies.push(answer.text);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(service.store().claims().unwrap(), 1);
}
