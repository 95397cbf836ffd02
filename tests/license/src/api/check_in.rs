//! `POST /check-in`: an appliance says that it is there, and renews its license.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Json;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Refusal, Service, bearer, body};
use crate::store::{CheckIn, Standing};

#[derive(Deserialize, Default)]
pub(super) struct Presented {
    appliance_credential: Option<Zeroizing<String>>,
    current_license_sub: Option<String>,
}

/// How the appliance stands, and what it gets.
#[derive(Serialize, Default)]
pub(super) struct Told {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

pub(super) async fn check_in(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Told>, Refusal> {
    let bearer = bearer(&headers).map(|token| Zeroizing::new(token.to_owned()));
    // Appliances that present the credential as bearer token send no body.
    let bare = bearer.is_some() && !headers.contains_key(header::CONTENT_TYPE);
    let presented = if bare { Presented::default() } else { body::read(request).await? };
    let credential = presented.appliance_credential.or(bearer).ok_or(Refusal::Unauthorized)?;
    let current = presented.current_license_sub;
    service.with_store(move |service| tell(service, &credential, current.as_deref())).await.map(Json)
}

fn tell(service: &Service, credential: &str, current: Option<&str>) -> Result<Told, Refusal> {
    let check_in = CheckIn { credential, current, lifetime: service.token_lifetime };
    match service.store.check_in(&check_in)? {
        Standing::Licensed(license) => {
            let jwt = Some(service.tokens.sign(&license)?);
            Ok(Told { status: "ok", jwt, exp: Some(license.expires()) })
        }
        Standing::NoChange => Ok(Told { status: "no_change", ..Told::default() }),
        Standing::Ended => Ok(Told { status: "revoked", ..Told::default() }),
        Standing::Revoked => Err(Refusal::RevokedAppliance),
        Standing::Unknown => Err(Refusal::Unauthorized),
    }
}
