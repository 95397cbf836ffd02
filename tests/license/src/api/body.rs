//! Reading a request's body: JSON, of limited size, in limited time.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;

use super::{BODY_LIMIT, BODY_TIMEOUT, Refusal};

/// Reads the body as a `T`. Fields that `T` does not have are ignored.
pub(super) async fn read<T: DeserializeOwned>(mut request: Request) -> Result<T, Refusal> {
    if !is_json(&request) {
        return Err(Refusal::NotJson);
    }
    DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    let body = tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, &()))
        .await
        .map_err(|_elapsed| Refusal::TooSlow)?
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => Refusal::Malformed("The body ended before it was complete.".to_owned()),
        })?;
    // The reason may quote what was sent. It goes back to the sender, who knows it, and nowhere else.
    serde_json::from_slice(&body).map_err(|reason| Refusal::Malformed(format!("The body can't be used: {reason}.")))
}

fn is_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}
