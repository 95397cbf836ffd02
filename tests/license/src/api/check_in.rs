//! `POST /check-in`: an appliance renews its license token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Json;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Refusal, Service, bearer};
use crate::tokens::Claims;

#[derive(Serialize)]
pub(super) struct Renewed {
    jwt: String,
}

pub(super) async fn check_in(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Json<Renewed>, Refusal> {
    let credential = Zeroizing::new(bearer(&headers).ok_or(Refusal::Unauthorized)?.to_owned());
    service.with_store(move |service| renew(service, &credential)).await.map(Json)
}

fn renew(service: &Service, credential: &str) -> Result<Renewed, Refusal> {
    let holder = service.store.holder(credential)?.ok_or(Refusal::Unauthorized)?;
    if holder.revoked {
        return Err(Refusal::RevokedCredential);
    }
    // The edition is the tenant's of today, unlike that of a replayed first token.
    let now = service.store.now();
    let claims = Claims::new(&holder.appliance_id, holder.tenant_id, holder.edition, now, service.token_lifetime);
    Ok(Renewed { jwt: service.tokens.sign(&claims)? })
}
