//! Everything the service answers instead of what was asked for: a status, a stable code, a sentence.

use std::error::Error;
use std::time::Duration;

use axum::http::{HeaderValue, header};

use super::{IntoResponse, Json, Response, StatusCode, json};
use crate::store::{self, StoreError};
use crate::tokens::SignError;

/// A refusal. Each has one code, one status and one sentence, whatever the endpoint.
#[derive(Debug)]
pub(crate) enum Refusal {
    InvalidCode,
    ExpiredCode,
    SupersededCode,
    OtherTenant,
    ConsumedCode,
    KeyReused,
    Malformed(String),
    NotJson,
    TooLarge,
    TooSlow,
    TooManyWrongCodes(Duration),
    Unauthorized,
    RevokedAppliance,
    UnknownTenant,
    AmbiguousContact,
    TenantExists,
    InvalidLink,
    ExpiredLink,
    NoSuchPath,
    NoSuchMethod,
    Internal,
}

/// The code of a refusal, left on the answer for the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code(pub(super) &'static str);

impl Refusal {
    /// Something failed that the client can't help. The cause goes to the log; no error of this crate holds a secret.
    pub(crate) fn internal(error: impl Error) -> Self {
        let mut causes = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(causes, "request failed");
        Self::Internal
    }

    /// What programs go by.
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidCode => (StatusCode::NOT_FOUND, "invalid_claim_code"),
            Self::ExpiredCode => (StatusCode::GONE, "expired_claim_code"),
            Self::SupersededCode => (StatusCode::CONFLICT, "superseded_claim_code"),
            Self::OtherTenant => (StatusCode::CONFLICT, "tenant_mismatch"),
            Self::ConsumedCode => (StatusCode::CONFLICT, "consumed_claim_code"),
            Self::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed_request"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::TooManyWrongCodes(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_wrong_codes"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::RevokedAppliance => (StatusCode::UNAUTHORIZED, "revoked_appliance"),
            Self::UnknownTenant => (StatusCode::NOT_FOUND, "unknown_tenant"),
            Self::AmbiguousContact => (StatusCode::CONFLICT, "ambiguous_contact"),
            Self::TenantExists => (StatusCode::CONFLICT, "tenant_exists"),
            Self::InvalidLink => (StatusCode::FORBIDDEN, "invalid_link"),
            Self::ExpiredLink => (StatusCode::GONE, "expired_link"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "no_such_path"),
            Self::NoSuchMethod => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        }
    }

    /// What people read: what is the matter, and what to do.
    fn sentence(&self) -> &str {
        match self {
            Self::InvalidCode => "This install code is not known. Check it for typing mistakes, or ask for a new one.",
            Self::ExpiredCode => "This install code has expired. Ask for a new one.",
            Self::SupersededCode => {
                "A newer install code was issued in the place of this one. Use the code of the newest mail."
            }
            Self::OtherTenant => {
                "This install code belongs to another tenant. It was not used up; use a code of this tenant."
            }
            Self::ConsumedCode => "This install code was used by another appliance. Ask for a new one.",
            Self::KeyReused => "This Idempotency-Key was sent with another install code. Use a new key for each code.",
            Self::Malformed(reason) => reason,
            Self::NotJson => "Send a body of type application/json.",
            Self::TooLarge => "The body is larger than 16 KiB.",
            Self::TooSlow => "The body did not arrive in time.",
            Self::TooManyWrongCodes(_) => "Too many wrong install codes came from this address. Try again later.",
            Self::Unauthorized => "The bearer token or credential is missing or wrong.",
            Self::RevokedAppliance => "The license of this appliance was revoked.",
            Self::UnknownTenant => "No such tenant is registered.",
            Self::AmbiguousContact => "Several tenants have this contact. Name one of them by tenant_id.",
            Self::TenantExists => {
                "This company is registered under this contact already. Reissue its install code instead."
            }
            Self::InvalidLink => "This link was altered. Ask for a new one.",
            Self::ExpiredLink => "This link has expired. Ask for a new one.",
            Self::NoSuchPath => "There is nothing at this address.",
            Self::NoSuchMethod => "This address does not take this method.",
            Self::Internal => "The license service failed to do this. Try again later.",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut response = (status, Json(json!({"code": code, "error": self.sentence()}))).into_response();
        response.extensions_mut().insert(Code(code));
        match self {
            Self::TooManyWrongCodes(wait) => {
                // Rounded up: a client that waits exactly this long must be let in.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Self::Unauthorized | Self::RevokedAppliance => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<store::Refusal> for Refusal {
    fn from(refusal: store::Refusal) -> Self {
        match refusal {
            // Which of the two is nobody's business who does not hold the code's mail.
            store::Refusal::Unknown | store::Refusal::Revoked => Self::InvalidCode,
            store::Refusal::Expired => Self::ExpiredCode,
            store::Refusal::Superseded => Self::SupersededCode,
            store::Refusal::OtherTenant => Self::OtherTenant,
            store::Refusal::Consumed => Self::ConsumedCode,
            store::Refusal::KeyReused => Self::KeyReused,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownTenant => Self::UnknownTenant,
            StoreError::AmbiguousContact => Self::AmbiguousContact,
            StoreError::TenantExists => Self::TenantExists,
            StoreError::Company | StoreError::Contact => Self::Malformed(format!("Refused: {error}.")),
            other => Self::internal(other),
        }
    }
}

impl From<SignError> for Refusal {
    fn from(error: SignError) -> Self {
        Self::internal(error)
    }
}
