//! `POST /register-tenant` and `POST /install-codes/reissue`: the vendor's back office makes tenants and replaces lost codes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Refusal, Service, body, downloads};
use crate::edition::Edition;
use crate::mail;
use crate::store::{Mail, Minted, NewCode, TenantRef, Twins};

#[derive(Deserialize)]
pub(super) struct NewTenant {
    #[serde(alias = "company")]
    company_name: String,
    #[serde(alias = "contact")]
    contact_email: String,
    edition: Edition,
}

#[derive(Deserialize)]
pub(super) struct Reissue {
    tenant_id: Option<Uuid>,
    #[serde(alias = "contact")]
    contact_email: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Registered {
    tenant_id: Uuid,
    #[serde(flatten)]
    issued: Issued,
}

#[derive(Serialize)]
pub(super) struct Issued {
    install_code: String,
    download_url: String,
    expires_at: Timestamp,
}

pub(super) async fn register(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Registered>, Refusal> {
    service.require_admin(&headers)?;
    let tenant: NewTenant = body::read(request).await?;
    service.with_store(move |service| make_tenant(service, tenant)).await.map(Json)
}

pub(super) async fn reissue(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Issued>, Refusal> {
    service.require_admin(&headers)?;
    let wanted: Reissue = body::read(request).await?;
    let tenant = match (wanted.tenant_id, wanted.contact_email) {
        (Some(id), None) => TenantRef::Id(id),
        (None, Some(contact)) => TenantRef::Contact(contact),
        _ => return Err(Refusal::Malformed("Name the tenant by tenant_id or by contact_email, not both.".to_owned())),
    };
    service.with_store(move |service| replace_code(service, &tenant)).await.map(Json)
}

fn make_tenant(service: &Service, tenant: NewTenant) -> Result<Registered, Refusal> {
    let request = NewCode {
        company: tenant.company_name,
        contact_email: tenant.contact_email,
        edition: tenant.edition,
        expires_in: service.code_lifetime,
    };
    let minted = service.store.mint_mailed(&request, Twins::Refused, |minted| Some(announcement(service, minted)))?;
    Ok(Registered { tenant_id: minted.tenant_id, issued: issued(service, &minted) })
}

fn replace_code(service: &Service, tenant: &TenantRef) -> Result<Issued, Refusal> {
    let mail = |minted: &Minted| Some(announcement(service, minted));
    let minted = service.store.reissue_mailed(tenant, service.code_lifetime, mail)?;
    Ok(issued(service, &minted))
}

fn announcement(service: &Service, minted: &Minted) -> Mail {
    mail::announce(minted, &downloads::presign(service, minted))
}

fn issued(service: &Service, minted: &Minted) -> Issued {
    Issued {
        install_code: minted.code.expose().to_owned(),
        download_url: downloads::presign(service, minted),
        expires_at: minted.expires_at,
    }
}
