//! `POST /register-tenant`, `POST /install-codes/reissue` and the link they give.

use jiff::SignedDuration;
use license_service::NewCode;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{APPLIANCE, Answer, Fixture, OTHER_APPLIANCE};

fn acme() -> Value {
    json!({"company_name": "Acme", "contact_email": "it@acme.example", "edition": "pro"})
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap()
}

#[tokio::test]
async fn a_tenant_is_registered_and_its_code_works() {
    let service = Fixture::new().await;
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let grant = service.register(text(&tenant, "install_code"), APPLIANCE).await.granted();
    assert_eq!(grant["tenant_id"], tenant["tenant_id"]);
    assert_eq!(grant["company_name"], "Acme");
    assert_eq!(grant["contact_email"], "it@acme.example");
    let expires: jiff::Timestamp = text(&tenant, "expires_at").parse().unwrap();
    let days = expires.duration_since(jiff::Timestamp::now()).as_hours() / 24;
    assert!((29..=30).contains(&days));
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_tenant() {
    let service = Fixture::new().await;
    service.back_office("/register-tenant", acme()).await.granted();
    let mut again = acme();
    again["contact_email"] = json!("IT@acme.example");
    let answer = service.back_office("/register-tenant", again).await;
    assert_eq!(answer.refused(), (409, "tenant_exists".to_owned()));
}

#[tokio::test]
async fn the_paid_editions_old_name_is_understood() {
    let service = Fixture::new().await;
    let mut request = acme();
    request["edition"] = json!("premium");
    let tenant = service.back_office("/register-tenant", request).await.granted();
    let grant = service.register(text(&tenant, "install_code"), APPLIANCE).await.granted();
    assert_eq!(grant["edition"], "pro");
}

#[tokio::test]
async fn a_reissued_code_replaces_the_unclaimed_ones_and_keeps_tenant_and_edition() {
    let service = Fixture::new().await;
    for (edition, fields) in [("pro", 7), ("essentials", 4)] {
        let contact = format!("it@{edition}.example");
        let request = json!({"company_name": edition, "contact_email": contact, "edition": edition});
        let tenant = service.back_office("/register-tenant", request).await.granted();
        let by_mail = json!({"contact_email": contact.to_uppercase()});
        let second = service.back_office("/install-codes/reissue", by_mail).await.granted();
        let by_id = json!({"tenant_id": tenant["tenant_id"]});
        let third = service.back_office("/install-codes/reissue", by_id).await.granted();
        assert!(third["download_url"].is_string() && third["expires_at"].is_string() && third["tenant_id"].is_null());
        for revoked in [&tenant, &second] {
            let answer = service.register(text(revoked, "install_code"), APPLIANCE).await;
            assert_eq!(answer.refused(), (409, "superseded_claim_code".to_owned()));
        }
        let grant = service.register(text(&third, "install_code"), APPLIANCE).await.granted();
        assert_eq!(grant["tenant_id"], tenant["tenant_id"]);
        assert_eq!(grant["edition"], edition);
        assert_eq!(grant.as_object().unwrap().len(), fields);
    }
}

/// Also when it has expired: that there is a newer one is what helps. But what was revoked by itself stays unknown.
#[tokio::test]
async fn an_expired_code_is_superseded_too_and_a_revoked_one_is_not() {
    let service = Fixture::new().await;
    let expired = NewCode { expires_in: SignedDuration::ZERO, ..NewCode::default() };
    let (expired, revoked) = (service.store().mint(&expired).unwrap(), service.mint());
    assert!(service.store().revoke_code(&revoked.code).unwrap());
    for (minted, refusal) in [(expired, (409, "superseded_claim_code")), (revoked, (404, "invalid_claim_code"))] {
        service.back_office("/install-codes/reissue", json!({"tenant_id": minted.tenant_id})).await.granted();
        let answer = service.register(minted.code.expose(), APPLIANCE).await;
        assert_eq!(answer.refused(), (refusal.0, refusal.1.to_owned()));
    }
}

#[tokio::test]
async fn a_reinstalled_appliance_gets_its_tenant_back_and_a_credential_of_its_own() {
    let service = Fixture::new().await;
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let first = service.register(text(&tenant, "install_code"), APPLIANCE).await.granted();
    let reissued =
        service.back_office("/install-codes/reissue", json!({"tenant_id": tenant["tenant_id"]})).await.granted();
    let second = service.register(text(&reissued, "install_code"), OTHER_APPLIANCE).await.granted();
    assert_eq!(first["tenant_id"], second["tenant_id"]);
    assert_ne!(first["appliance_credential"], second["appliance_credential"]);
    service.check_in(text(&first, "appliance_credential")).await.granted();
}

#[tokio::test]
async fn a_tenant_must_be_named_clearly() {
    let service = Fixture::new().await;
    let (first, _second) = (service.mint(), service.mint());
    let id = first.tenant_id;
    for (body, refusal) in [
        (json!({}), (400, "malformed_request")),
        (json!({"tenant_id": id, "contact_email": "it@company.example"}), (400, "malformed_request")),
        (json!({"tenant_id": "7"}), (400, "malformed_request")),
        (json!({"contact_email": "it@company.example"}), (409, "ambiguous_contact")),
        (json!({"contact_email": "nobody@company.example"}), (404, "unknown_tenant")),
    ] {
        let answer = service.back_office("/install-codes/reissue", body.clone()).await;
        assert_eq!(answer.refused(), (refusal.0, refusal.1.to_owned()), "{body}");
    }
    service.register(first.code.expose(), APPLIANCE).await.granted();
}

#[tokio::test]
async fn a_tenant_without_a_name_an_address_or_a_known_edition_is_refused() {
    let service = Fixture::new().await;
    for (field, value) in [
        ("company_name", " ".to_owned()),
        ("company_name", "a\u{7}b".to_owned()),
        ("company_name", "x".repeat(201)),
        ("contact_email", "nobody".to_owned()),
        ("contact_email", "a@b.example\r\nBcc: c@d.example".to_owned()),
        ("edition", "ultimate".to_owned()),
    ] {
        let mut body = acme();
        body[field] = json!(value);
        let answer = service.back_office("/register-tenant", body).await;
        assert_eq!(answer.refused(), (400, "malformed_request".to_owned()), "{field} {value:?}");
    }
    assert!(service.store().outbox().unwrap().is_empty());
}

#[tokio::test]
async fn only_the_back_office_gets_in() {
    let service = Fixture::new().await;
    for path in ["/register-tenant", "/install-codes/reissue"] {
        let bare = service.request(Method::POST, path).json(&acme());
        assert_eq!(Answer::of(bare).await.refused(), (401, "unauthorized".to_owned()));
        let wrong = service.request(Method::POST, path).bearer_auth("AAAA").json(&acme());
        assert_eq!(Answer::of(wrong).await.refused(), (401, "unauthorized".to_owned()));
    }
}

#[tokio::test]
async fn a_link_works_as_it_is_and_not_otherwise() {
    let service = Fixture::new().await;
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let link = text(&tenant, "download_url");
    let page = Answer::of(service.client.get(link)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.starts_with("This is a placeholder"));
    assert!(!page.text.contains(text(&tenant, "install_code")));

    let (path, query) = link.split_once('?').unwrap();
    let (expires, signature) = query.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
    let later = expires.parse::<i64>().unwrap() + 1;
    for altered in [
        path.to_owned(),
        format!("{path}?expires={expires}"),
        format!("{path}?expires=soon&signature={signature}"),
        format!("{path}?expires={later}&signature={signature}"),
        format!("{path}x?expires={expires}&signature={signature}"),
        format!("{path}?expires={expires}&signature=AAAA{}", &signature[4..]),
    ] {
        let answer = Answer::of(service.client.get(&altered)).await;
        assert_eq!(answer.refused(), (403, "invalid_link".to_owned()), "{altered}");
    }
}

#[tokio::test]
async fn a_link_ends() {
    let service = Fixture::with(|config| config.link_lifetime = SignedDuration::ZERO).await;
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let answer = Answer::of(service.client.get(text(&tenant, "download_url"))).await;
    assert_eq!(answer.refused(), (410, "expired_link".to_owned()));
}
