//! Grants in every form in which they come: signed or not, packed, cut off, in other characters.

use std::{fs, io::Write};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use firstlight::error::ErrorId;
use flate2::{Compression, write::GzEncoder};
use insta::assert_snapshot;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::json;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
};

/// With a demand for signatures somebody on the way cannot choose the tenant; what he answered is kept all the same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_free_grant_that_nobody_signed() {
    let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials", "contact_email": "it@acme.example"}"#;
    let hostile = Hostile::start(Answer::json("200 OK", grant));
    let mut machine = Machine::new("unsigned").await;
    machine.use_hostile(&hostile);
    machine.set("license.signed-grants", true);
    assert_snapshot!(machine.run().await.failed(ErrorId::GrantUnusable).told(), @r"
    grant-unusable: the license service granted the free edition without a signed token (`first_jwt`), and the profile takes no grant without one (`license.signed-grants`)
      hint: the answer is kept in the journal, and nothing was set up: tell the vendor; either somebody on the way answered in the service's place, or the service does not sign what it grants
    ");
    machine.assert_no_secrets().await;
    // The vendor decides otherwise: what came for the code is in the journal.
    machine.set("license.signed-grants", false);
    let ended = machine.run().await;
    assert!(ended.done().stdout.contains("it@acme.example"), "it is not told whose code it was");
    assert_eq!(hostile.registrations().len(), 1, "the code was sent once");
}

/// The key that a token names is one of a folder, in a set; that the signature is right does not make it this tenant's.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_free_grant_that_a_pinned_key_has_signed() {
    let tenant = "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66";
    let [old, new] = [(), ()].map(|()| KeyPair::generate_for(&PKCS_ED25519).expect("a key pair"));
    let x = URL_SAFE_NO_PAD.encode(new.public_key_raw());
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "2027", "x": x}]}).to_string();
    let signing = EncodingKey::from_ed_pem(new.serialize_pem().as_bytes()).expect("a key");
    for (audience, refused) in [(tenant, None), ("00000000-0000-4000-8000-000000000000", Some(ErrorId::GrantUnusable))]
    {
        let header = Header { kid: Some("2027".to_owned()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &json!({"aud": audience}), &signing).expect("signed");
        let grant = json!({"tenant_id": tenant, "edition": "essentials", "first_jwt": token}).to_string();
        let hostile = Hostile::start(Answer::json("200 OK", &grant));
        let mut machine = Machine::new("signed").await;
        machine.use_hostile(&hostile);
        machine.write("/etc/firstlight/keys/2026.pem", &old.public_key_pem(), 0o644);
        machine.write("/etc/firstlight/keys/2027.json", &set, 0o644);
        machine.set("license.token-key-file", "/etc/firstlight/keys").set("license.signed-grants", true);
        let ended = machine.run().await;
        match refused {
            None => ended.done(),
            Some(id) => ended.failed(id),
        };
    }
}

/// What a service that is no clean one sends: it gives the grant once, and the next request gets a refusal.
const GRANT: &str =
    r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials", "company_name": "Müller"}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("in memory");
    encoder.finish().expect("in memory")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn a_grant_in_another_form_is_one() {
    let json = "200 OK\ncontent-type: application/json";
    let latin: Vec<u8> = GRANT.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect();
    for (name, answer) in [
        ("a mark", Answer::new(json, &format!("\u{feff}{GRANT}"))),
        ("gzip", Answer::of_bytes(&format!("{json}\ncontent-encoding: gzip"), &gzip(GRANT))),
        ("Latin-1", Answer::of_bytes(json, &latin)),
        ("300 KiB", Answer::new(json, &format!("{GRANT}{}", " ".repeat(300 << 10)))),
        ("a wrong length", Answer::Bytes(format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{GRANT}").into())),
        ("no edition", Answer::new(json, r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66"}"#)),
    ] {
        let hostile = Hostile::start(answer);
        let mut machine = Machine::new("form").await;
        machine.use_hostile(&hostile);
        let ended = machine.run().await;
        assert_eq!(ended.code, Some(0), "{name}: {}", ended.told());
        let tenant = machine.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
        assert_eq!(tenant["INITIAL_TENANT_ID"], "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "{name}");
    }
}

/// With a service that gives nothing twice: the journal is the only place where it still is.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes namespaces)"]
async fn what_came_for_a_code_is_in_the_journal_whatever_it_is() {
    let packed = [0xff, 0x00, 0x81, b'{', b'"', 0x1b];
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"tenant_id\": ".to_vec();
    for (answer, came) in [
        (Answer::of_bytes("200 OK\ncontent-encoding: br", &packed), packed.to_vec()),
        (Answer::Bytes(cut), b"{\"tenant_id\": ".to_vec()),
        (Answer::new("200 OK\ncontent-type: text/html", "<html>"), b"<html>".to_vec()),
        (Answer::new("200 OK", ""), Vec::new()),
        (Answer::Long(8 << 20), vec![b' '; 1 << 20]),
    ] {
        let hostile = Hostile::start(answer);
        let mut machine = Machine::new("came").await;
        machine.use_hostile(&hostile);
        let kept = || {
            let text = fs::read_to_string(machine.state().join("journal.json")).expect("the journal");
            let journal: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let answer = &journal["intents"][0]["answer"];
            let body = answer["body"].as_str().expect("a body");
            if answer["base64"] == true { STANDARD.decode(body).expect("base64") } else { body.into() }
        };
        // Before anything is made of it.
        assert_eq!(machine.cut_at("register.journalled").await.code, None);
        assert!(kept() == came, "{}", came.len());
        assert_eq!(machine.run().await.code, Some(23));
        // Whatever refuses it from now on, it is known that something has answered before.
        for (answer, id) in [
            (
                Answer::json("422 Unprocessable Content", r#"{"code": "key_reused", "error": "No."}"#),
                ErrorId::LicenseRefused,
            ),
            (Answer::new("404 Not Found\ncontent-type: text/html", "<html>"), ErrorId::LicenseUrl),
        ] {
            hostile.set(answer);
            let ended = machine.run().await;
            let told = ended.failed(id).told();
            assert!(told.contains("what came is kept in the journal"), "{told}");
            assert!(told.contains("the code has very probably been used up by this machine"), "{told}");
        }
        let used = r#"{"code": "consumed_claim_code", "error": "Used."}"#;
        hostile.set(Answer::json("409 Conflict", used));
        let ended = machine.run().await;
        let told = ended.failed(ErrorId::CodeUsed).told();
        assert!(told.contains("what came is kept in the journal"), "{told}");
        assert!(kept() == came, "it is still there");
    }
}
