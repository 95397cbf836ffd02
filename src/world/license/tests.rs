//! What a refusal means, by its status and its code.

use super::*;
use crate::error::{ErrorId, Failure};

#[test]
fn what_a_refusal_means() {
    let profile = crate::profile::Profile::built_in();
    let license = License::new(&profile.license, Authorities::default(), None, Ways::default());
    let unavailable = (ErrorId::LicenseUnavailable, true);
    let refused = (ErrorId::LicenseRefused, false);
    let sentence = "This tenant is suspended.";
    for (status, code, expected) in [
        (404, Some("invalid_claim_code"), (ErrorId::CodeUnknown, false)),
        (410, Some("expired_claim_code"), (ErrorId::CodeExpired, false)),
        (409, Some("consumed_claim_code"), (ErrorId::CodeUsed, false)),
        (409, Some("superseded_claim_code"), (ErrorId::CodeSuperseded, false)),
        (400, Some("malformed_request"), refused),
        (401, Some("unauthorized"), refused),
        (403, Some("not_here"), refused),
        (404, Some("no_such_path"), refused),
        (422, Some("idempotency_key_reused"), refused),
        (408, Some("request_timeout"), unavailable),
        (425, Some("too_early"), unavailable),
        (429, Some("too_many_wrong_codes"), unavailable),
        (429, None, unavailable),
        (408, None, unavailable),
        (500, Some("internal_error"), unavailable),
        (503, None, unavailable),
        // Why, and no code of it.
        (403, Some(sentence), refused),
        (404, Some(sentence), refused),
        (503, Some(sentence), unavailable),
        // A page: something else in its place.
        (403, None, (ErrorId::LicenseBlocked, false)),
        (413, None, (ErrorId::LicenseBlocked, false)),
        (404, None, (ErrorId::LicenseUrl, false)),
        (405, None, (ErrorId::LicenseUrl, false)),
    ] {
        let body = code.map(|code| ErrorBody { code: String::new(), error: code.to_owned(), tenant_id: None });
        let error = license.refused(StatusCode::from_u16(status).expect("a status"), body.as_ref(), None);
        assert_eq!((error.id(), error.again().is_some()), expected, "{status} {code:?}");
        if code == Some(sentence) {
            assert!(crate::error::Report::from(error).message.to_string().contains(sentence), "{status}");
        }
    }
}

#[test]
fn when_to_ask_again_is_said_in_seconds_or_as_a_time() {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    for (said, seconds) in [
        ("120", Some(120)),
        (" 120 ", Some(120)),
        ("Thu, 01 Jan 2026 00:02:00 GMT", Some(120)),
        ("Wed, 31 Dec 2025 23:59:00 GMT", None),
        ("0", None),
        ("-1", None),
        ("soon", None),
    ] {
        assert_eq!(pause(said, now), seconds.map(Duration::from_secs), "{said}");
    }
}

#[test]
fn a_code_in_the_place_of_the_sentence_is_one() {
    for (code, error, found) in [
        ("invalid_claim_code", "No such code.", Some("invalid_claim_code")),
        ("", "superseded_claim_code", Some("superseded_claim_code")),
        ("", "No such code.", None),
        ("", "", None),
    ] {
        let body = ErrorBody { code: code.to_owned(), error: error.to_owned(), tenant_id: None };
        assert_eq!(body.code(), found, "{code} {error}");
    }
}
