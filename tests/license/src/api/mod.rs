//! The HTTP interface: one file per group of endpoints.

mod body;
mod check_in;
mod downloads;
mod limit;
mod refusal;
mod register;
mod tenants;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::json;

use self::limit::Limiter;
pub(crate) use self::refusal::Refusal;
use crate::config::Config;
use crate::secrets::credential_digest;
use crate::store::{Replays, Store};
use crate::tokens::TokenKey;

/// What every handler works with.
#[derive(Debug)]
pub(crate) struct Service {
    store: Store,
    tokens: TokenKey,
    admin_digest: [u8; 32],
    public_url: String,
    code_lifetime: SignedDuration,
    token_lifetime: SignedDuration,
    link_lifetime: SignedDuration,
    replays: Replays,
    limiter: Option<Arc<Limiter>>,
}

impl Service {
    /// A service on an open store.
    pub(crate) fn new(config: &Config, store: Store, tokens: TokenKey, admin_token: &str, public_url: String) -> Self {
        Self {
            store,
            tokens,
            admin_digest: credential_digest(admin_token.trim()),
            public_url,
            code_lifetime: config.code_lifetime,
            token_lifetime: config.token_lifetime,
            link_lifetime: config.link_lifetime,
            replays: config.replays,
            limiter: config.wrong_codes.map(|rule| Arc::new(Limiter::new(rule))),
        }
    }

    /// Lets only the vendor's back office through.
    fn require_admin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = bearer(headers).ok_or(Refusal::Unauthorized)?;
        verify_slices_are_equal(&self.admin_digest, &credential_digest(token))
            .map_err(|_different| Refusal::Unauthorized)
    }

    /// Runs `work` on the database without holding up the connections.
    async fn with_store<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let service = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&service)).await.map_err(Refusal::internal)?
    }
}

/// How long a client may take to send a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest body that a request may have: four times the largest that makes sense.
const BODY_LIMIT: usize = 16 * 1024;

/// The endpoints of a service.
pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", get(hello))
        .route("/register", post(register::register))
        .route("/register-tenant", post(tenants::register))
        .route("/install-codes/reissue", post(tenants::reissue))
        .route("/check-in", post(check_in::check_in))
        .route("/downloads/{download}", get(downloads::download))
        .fallback(async || Refusal::NoSuchPath)
        .method_not_allowed_fallback(async || Refusal::NoSuchMethod)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), dress))
        .with_state(service)
}

/// `GET /`: that this is a license service, and (in `Date`) what time it is here.
async fn hello() -> Json<serde_json::Value> {
    Json(json!({"service": "license-service", "version": env!("CARGO_PKG_VERSION")}))
}

/// Dresses every answer: its date is the service's own clock, nothing of it may be cached, and one line is logged. The line names
/// the route and not the path, because a query may hold a signature.
async fn dress(
    State(service): State<Arc<Service>>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let code = response.extensions().get::<refusal::Code>().map_or("ok", |code| code.0);
    tracing::info!(%method, route, status = response.status().as_u16(), code);
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&service.store.now());
    if let Some(date) = date.ok().and_then(|date| HeaderValue::from_str(&date).ok()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
