//! `GET /downloads/…`: the presigned link that a customer gets together with the code.
//!
//! The signature covers the path and the expiry, so a link needs no row in the database and can't be prolonged. What it leads to
//! is a placeholder: this service has no image to give away, and says so.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::{Refusal, Service};
use crate::clock::later;
use crate::store::Minted;

/// What the link leads to, in the place of the vendor's image.
const PLACEHOLDER: &str = "\
This is a placeholder: the vendor's service sends the appliance image (an ISO file) from here.

With the image:
1. Boot the machine from it.
2. When it asks for the install code, type the code from the mail that brought this link.
   Dashes, blanks and case do not matter.
3. The code works once, and for one appliance. If it is lost or expired, ask for a new one:
   the appliance will belong to the same tenant.
";

#[derive(Deserialize)]
pub(super) struct Presigned {
    #[serde(default)]
    expires: i64,
    #[serde(default)]
    signature: String,
}

/// The link that goes with a code. The same code always has the same one.
pub(super) fn presign(service: &Service, minted: &Minted) -> String {
    let expires = later(minted.issued_at, service.link_lifetime).as_second();
    let signature = service.store.key().sign_link(&signed_text(&minted.code_id.to_string(), expires));
    format!("{}/downloads/{}?expires={expires}&signature={signature}", service.public_url, minted.code_id)
}

pub(super) async fn download(
    State(service): State<Arc<Service>>,
    Path(download): Path<String>,
    query: Result<Query<Presigned>, QueryRejection>,
) -> Result<impl IntoResponse, Refusal> {
    let Query(presigned) = query.map_err(|_unreadable| Refusal::InvalidLink)?;
    let text = signed_text(&download, presigned.expires);
    // First whether the link is ours: of a forged one, nothing is said but that.
    if !service.store.key().verify_link(&text, &presigned.signature) {
        return Err(Refusal::InvalidLink);
    }
    if presigned.expires <= service.store.now().as_second() {
        return Err(Refusal::ExpiredLink);
    }
    let disposition = "attachment; filename=\"appliance-image-placeholder.txt\"";
    let content_type = "text/plain; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, disposition)], PLACEHOLDER))
}

fn signed_text(download: &str, expires: i64) -> String {
    format!("/downloads/{download}?expires={expires}")
}
