//! License tokens of the other forms that services give them.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use license_service::{Config, TokenAlgorithm};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::support::{APPLIANCE, Fixture, claims, start_in};

fn es256(config: &mut Config) {
    config.token_form.algorithm = TokenAlgorithm::Es256;
}

/// What a token says whose signature holds by the published P-256 key.
fn es256_claims(service: &Fixture, token: &Value) -> Value {
    let key = DecodingKey::from_ec_pem(&fs::read(service.running.token_key_file()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_aud = false;
    decode::<Value>(token.as_str().unwrap(), &key, &validation).unwrap().claims
}

/// The name of the published key, put together as RFC 7638 says. A key on P-256 ends with x and y.
fn name_of_key(service: &Fixture) -> String {
    let der = SubjectPublicKeyInfoDer::from_pem_file(service.running.token_key_file()).unwrap();
    let (x, y) = der[der.len() - 64..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    let key = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes()))
}

#[tokio::test]
async fn tokens_on_p256_name_their_key() {
    let service = Fixture::with(es256).await;
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    let header = decode_header(grant["first_jwt"].as_str().unwrap()).unwrap();
    assert_eq!((header.alg, header.kid), (Algorithm::ES256, Some(name_of_key(&service))));
    let said = es256_claims(&service, &grant["first_jwt"]);
    assert_eq!(said["aud"], minted.tenant_id.to_string());

    let again = service.register(minted.code.expose(), APPLIANCE).await.granted();
    assert_eq!(es256_claims(&service, &again["first_jwt"]), said);
    let renewed = service.check_in(grant["appliance_credential"].as_str().unwrap()).await.granted();
    assert_eq!(es256_claims(&service, &renewed["jwt"]), said);
}

#[tokio::test]
async fn a_token_may_leave_out_whom_it_is_for() {
    let service = Fixture::with(|config| config.token_form.audience = false).await;
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    let token = grant["first_jwt"].as_str().unwrap();
    let said = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
    let fields: Vec<&str> = said.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["appliance_id", "edition", "exp", "iat", "iss", "nbf", "sub"]);
}

/// Each algorithm has a key of its own: whoever tries the other one and goes back finds the pinned one as it was.
#[tokio::test]
async fn another_algorithm_leaves_the_first_key_alone() {
    let Fixture { running, directory, client } = Fixture::new().await;
    let pinned = running.token_key_file().to_owned();
    let before = fs::read(&pinned).unwrap();
    running.stop().await;
    let other = start_in(directory.path(), es256).await;
    assert_ne!(other.token_key_file(), pinned);
    other.stop().await;

    let service = Fixture { running: start_in(directory.path(), |_| {}).await, directory, client };
    assert_eq!((service.running.token_key_file(), fs::read(&pinned).unwrap()), (pinned.as_path(), before));
    let minted = service.mint();
    let grant = service.register(minted.code.expose(), APPLIANCE).await.granted();
    claims(grant["first_jwt"].as_str().unwrap(), &pinned, &minted.tenant_id.to_string());
}
