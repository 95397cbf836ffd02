//! `POST /register`: an appliance trades its install code for its identity.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::response::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Refusal, Service, body};
use crate::code::ClaimCode;
use crate::edition::Edition;
use crate::store::{Attempt, Grant};

/// The header by which a client marks attempts as one.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

#[derive(Deserialize)]
pub(super) struct Registration {
    claim_code: String,
    appliance_id: String,
    /// The tenant that the appliance belongs to already: a code of another one is refused before it is used up.
    tenant_id: Option<Uuid>,
}

/// The answer. An essentials edition has no license, so those fields are absent.
#[derive(Serialize)]
pub(super) struct Granted {
    tenant_id: Uuid,
    edition: Edition,
    company_name: String,
    contact_email: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    license: Option<License>,
}

#[derive(Serialize)]
struct License {
    first_jwt: String,
    appliance_credential: String,
    check_in_url: String,
}

pub(super) async fn register(
    State(service): State<Arc<Service>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Granted>, Refusal> {
    service.store.count_register_request();
    let key = idempotency_key(&headers)?;
    let registration: Registration = body::read(request).await?;
    check_appliance_id(&registration.appliance_id)?;
    // A right code is refused with the others: who has reached the limit would learn from an exception which ones are right.
    let counted = service.limiter.as_ref().map(|limiter| limiter.count(peer.ip())).transpose();
    let counted = counted.map_err(Refusal::TooManyWrongCodes)?;
    let judged = move |service: &Service| {
        let granted = redeem(service, &registration, key.as_deref());
        if let Some(counted) = counted.filter(|_| !matches!(granted, Err(Refusal::InvalidCode))) {
            counted.forgive();
        }
        granted
    };
    service.with_store(judged).await.map(Json)
}

fn redeem(service: &Service, registration: &Registration, key: Option<&str>) -> Result<Granted, Refusal> {
    // What is no code is told apart from an unknown one by nobody: both are mistyped.
    let code = ClaimCode::parse(&registration.claim_code).map_err(|_not_a_code| Refusal::InvalidCode)?;
    let attempt = Attempt {
        code: &code,
        appliance_id: &registration.appliance_id,
        tenant_id: registration.tenant_id,
        idempotency_key: key,
        token_lifetime: service.token_lifetime,
        replays: service.replays,
    };
    let grant = service.store.claim(&attempt)??;
    let license = match grant.edition {
        Edition::Essentials => None,
        Edition::Pro => Some(license(service, &grant)?),
    };
    Ok(Granted {
        tenant_id: grant.tenant_id,
        edition: grant.edition,
        company_name: grant.company_name,
        contact_email: grant.contact_email,
        license,
    })
}

/// Made from the grant alone (no clock, no random source), so a replay has the same token and credential, byte for byte.
fn license(service: &Service, grant: &Grant) -> Result<License, Refusal> {
    Ok(License {
        first_jwt: service.tokens.sign(&grant.first_license())?,
        appliance_credential: service.store.key().credential(grant.id).to_string(),
        check_in_url: format!("{}/check-in", service.public_url),
    })
}

/// `appliance-` and 16 hexadecimal digits, lower case.
fn check_appliance_id(text: &str) -> Result<(), Refusal> {
    let digits = text.strip_prefix("appliance-").unwrap_or_default();
    let known = digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let refusal =
        || Refusal::Malformed("appliance_id is `appliance-` and 16 hexadecimal digits, lower case.".to_owned());
    known.then_some(()).ok_or_else(refusal)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let refusal = || Refusal::Malformed("Idempotency-Key is 1 to 200 visible ASCII characters.".to_owned());
    match value.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(refusal()),
    }
}
