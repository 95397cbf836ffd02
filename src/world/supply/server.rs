//! Answers on a web server, over TLS.

use std::time::Duration;

use url::Url;

use super::failure::SupplyError;
use crate::{
    values::{Fingerprint, Method, Request, Response, SecretText},
    world::Prober,
};

/// How long it has for its answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks for them.
pub(super) async fn read(
    prober: &Prober,
    url: &Url,
    certificate: Option<Fingerprint>,
) -> Result<SecretText, SupplyError> {
    let request = Request {
        method: Method::Get,
        url: url.clone(),
        connect_to: None,
        headers: Vec::new(),
        bearer: None,
        content: None,
        patience: PATIENCE,
        reads_body: true,
    };
    let prober = Prober { authorities: prober.authorities.or_only(certificate), ways: prober.ways.clone() };
    let silent = |source| SupplyError::Silent { url: shown(url), source };
    let (response, _authority) = prober.ask(&request, &[]).await.map_err(silent)?;
    if response.status != 200 {
        return Err(SupplyError::Status { url: shown(url), status: response.status });
    }
    if response.body.expose().len() >= Response::MOST_BYTES {
        return Err(SupplyError::TooLong { url: shown(url) });
    }
    Ok(response.body)
}

/// The address as it may be shown: without what may let somebody in.
pub(super) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // A URL with a host can have these taken away.
    let _ = (shown.set_username(""), shown.set_password(None));
    shown.set_query(None);
    shown.set_fragment(None);
    format!("`{shown}`")
}
