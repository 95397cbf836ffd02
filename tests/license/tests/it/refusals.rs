//! What the service does not do, and how it says so.

use std::time::Duration;

use jiff::SignedDuration;
use license_service::WrongCodes;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{APPLIANCE, Answer, Fixture, OTHER_APPLIANCE};

#[tokio::test]
async fn bodies_that_are_no_registration_are_refused_and_counted() {
    let service = Fixture::new().await;
    let json = |body: &str| {
        service.request(Method::POST, "/register").header("content-type", "application/json").body(body.to_owned())
    };
    let valid = format!(r#"{{"claim_code": "22222222", "appliance_id": "{APPLIANCE}"}}"#);
    for (request, refusal) in [
        (json(""), (400, "malformed_request")),
        (json("{"), (400, "malformed_request")),
        (json("[]"), (400, "malformed_request")),
        (json(r#"{"claim_code": "22222222"}"#), (400, "malformed_request")),
        (json(r#"{"claim_code": 2, "appliance_id": "x"}"#), (400, "malformed_request")),
        (json(r#"{"claim_code": "22222222", "appliance_id": "appliance-XYZ"}"#), (400, "malformed_request")),
        (json(&valid).header("Idempotency-Key", ""), (400, "malformed_request")),
        (json(&valid).header("Idempotency-Key", "x".repeat(201)), (400, "malformed_request")),
        (json(&format!("{valid}{}", " ".repeat(20_000))), (413, "body_too_large")),
        (service.request(Method::POST, "/register").body(valid.clone()), (415, "unsupported_media_type")),
        (service.request(Method::GET, "/register"), (405, "method_not_allowed")),
        (service.request(Method::GET, "/nothing"), (404, "no_such_path")),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.refused(), (refusal.0, refusal.1.to_owned()));
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    assert_eq!(service.store().register_requests(), 10, "every POST /register, and nothing else");
}

#[tokio::test]
async fn fields_of_a_later_version_are_ignored() {
    let service = Fixture::new().await;
    let minted = service.mint();
    let body = json!({"claim_code": minted.code.expose(), "appliance_id": APPLIANCE, "serial": 7});
    Answer::of(service.request(Method::POST, "/register").json(&body)).await.granted();
}

#[tokio::test]
async fn an_address_that_guesses_has_to_wait_even_with_the_right_code() {
    let rule = WrongCodes { limit: 2, window: Duration::from_hours(1) };
    let service = Fixture::with(|config| config.wrong_codes = Some(rule)).await;
    let minted = service.mint();
    for code in ["22222222", "typo"] {
        let answer = service.register(code, APPLIANCE).await;
        assert_eq!(answer.refused(), (404, "invalid_claim_code".to_owned()));
    }
    let answer = service.register(minted.code.expose(), APPLIANCE).await;
    assert_eq!(answer.refused(), (429, "too_many_wrong_codes".to_owned()));
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    assert_eq!(service.store().claims().unwrap(), 0);
}

/// However many come at once: an attempt is counted before it is judged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_at_once_no_more_are_judged_than_may_be_wrong() {
    let rule = WrongCodes { limit: 20, window: Duration::from_hours(1) };
    let service = Fixture::with(|config| config.wrong_codes = Some(rule)).await;
    let guesses: Vec<_> =
        (0..300).map(|_| tokio::spawn(Answer::of(service.registration("22222222", APPLIANCE)))).collect();
    let mut judged = 0;
    for guess in guesses {
        let (status, code) = guess.await.unwrap().refused();
        judged += u32::from(status == 404);
        assert!(matches!(code.as_str(), "invalid_claim_code" | "too_many_wrong_codes"), "{code}");
    }
    assert_eq!(judged, 20);
}

#[tokio::test]
async fn who_has_a_right_code_may_send_it_as_often_as_they_like() {
    let rule = WrongCodes { limit: 1, window: Duration::from_hours(1) };
    let service = Fixture::with(|config| config.wrong_codes = Some(rule)).await;
    let minted = service.mint();
    for _ in 0..3 {
        service.register(minted.code.expose(), APPLIANCE).await.granted();
        let used = service.register(minted.code.expose(), OTHER_APPLIANCE).await;
        assert_eq!(used.refused(), (409, "consumed_claim_code".to_owned()));
    }
}

#[tokio::test]
async fn the_root_tells_the_time_of_the_service() {
    for offset in [SignedDuration::ZERO, SignedDuration::from_hours(-30)] {
        let service = Fixture::with(|config| config.clock_offset = offset).await;
        for method in [Method::GET, Method::HEAD] {
            let answer = Answer::of(service.request(method, "/")).await;
            assert_eq!(answer.status, StatusCode::OK);
            let date = answer.headers["date"].to_str().unwrap();
            let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).unwrap();
            let skew = date.duration_since(jiff::Timestamp::now()).as_secs() - offset.as_secs();
            assert!((-120..=0).contains(&skew), "{skew}");
        }
    }
}
