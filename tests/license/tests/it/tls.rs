//! Certificates: names, issuer, validity, and what stays over a restart.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use license_service::Validity;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::parse_x509_certificate;

use crate::support::{Fixture, client, start_in};

#[tokio::test]
async fn the_service_answers_under_each_of_its_names() {
    let service = Fixture::new().await;
    let port = service.running.address().port();
    assert_eq!(service.running.url(), format!("https://127.0.0.1:{port}"));
    for name in ["localhost", "127.0.0.1"] {
        service.client.get(format!("https://{name}:{port}/")).send().await.unwrap();
    }
}

#[tokio::test]
async fn the_authority_has_the_name_it_was_given_and_keeps_it() {
    let service = Fixture::with(|config| config.ca_name = "Corporate Inspection CA".to_owned()).await;
    let before = fs::read(service.running.ca_pem_file()).unwrap();
    let der = CertificateDer::from_pem_slice(&before).unwrap();
    let (_rest, certificate) = parse_x509_certificate(&der).unwrap();
    assert_eq!(certificate.subject().to_string(), "CN=Corporate Inspection CA");
    assert!(certificate.is_ca());

    let Fixture { running, client, directory } = service;
    running.stop().await;
    let again = start_in(directory.path(), |config| config.ca_name = "Another CA".to_owned()).await;
    assert_eq!(fs::read(again.ca_pem_file()).unwrap(), before);
    client.get(again.url()).send().await.unwrap();
}

#[tokio::test]
async fn a_stranger_is_not_trusted() {
    let service = Fixture::with(|config| config.ca_name = "Corporate Inspection CA".to_owned()).await;
    let other = Fixture::new().await;
    let error = client(other.running.ca_pem_file()).get(service.running.url()).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
}

#[tokio::test]
async fn a_leaf_outside_its_validity_is_refused() {
    let now = Timestamp::now();
    let day = SignedDuration::from_hours(24);
    for (not_before, not_after, word) in
        [(now - 9 * day, now - day, "Expired"), (now + day, now + 9 * day, "NotValidYet")]
    {
        let validity = Validity { not_before, not_after };
        let service = Fixture::with(|config| config.leaf_validity = Some(validity)).await;
        let error = service.client.get(service.running.url()).send().await.unwrap_err();
        assert!(format!("{error:?}").contains(word), "{error:?}");
    }
}
