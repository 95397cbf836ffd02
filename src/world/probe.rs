//! HTTP addresses that answer once the appliance is up.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect::Policy};
use url::Url;

use super::{
    proxy::{self, ProxyError},
    tls::{Authorities, Presented},
};
use crate::{
    values::{Authority, Proxies},
    words::said,
};

/// Asks addresses of `[[ready]]`, trusting the profile's authorities besides the system's.
#[derive(Debug)]
pub struct Prober {
    pub(super) authorities: Authorities,
    pub(super) proxies: Proxies,
}

/// Why an address does not count as ready.
#[derive(Debug)]
#[expect(missing_docs, reason = "a variant's own line tells of its fields")]
pub enum ProbeError {
    /// It answered with an error status.
    Status(u16),
    /// The answer by way of a proxy, its own or another's, was an error status.
    StatusOfProxy { status: u16, proxy: String },
    /// The proxy on the way does not let us through.
    Proxy(ProxyError),
    /// It did not answer.
    Silent(reqwest::Error),
    /// No client could be made.
    Tls(rustls::Error),
}

said! { ProbeError:
    Self::Status(status) => "machine-probe-status" { status },
    Self::StatusOfProxy { status, proxy } => "machine-probe-proxy" { status, proxy },
    Self::Proxy(error) => (error),
    Self::Silent(error) => "machine-probe-silent" because theirs(error),
    Self::Tls(error) => "machine-probe-tls" because theirs(error),
}

impl Prober {
    /// Asks once; any status below 400 counts as ready. Gives the authority of the profile that signs
    /// for an https address, unless one of the system does so too: a browser knows about the same ones as the system.
    ///
    /// # Errors
    /// When the address does not answer, or with an error.
    pub async fn ask(&self, url: &Url) -> Result<Option<Authority>, ProbeError> {
        let presented = Presented::default();
        let config = self.authorities.client_config(presented.clone()).await.map_err(ProbeError::Tls)?;
        let way = proxy::towards(&self.proxies, url).map_err(ProbeError::Proxy)?;
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(5));
        let client = proxy::by_way_of(client, way.as_ref()).and_then(ClientBuilder::build);
        let response = match client.map_err(ProbeError::Silent)?.get(url.clone()).send().await {
            Ok(response) => response,
            Err(error) => {
                if let Some(proxy) = way.filter(|_| error.is_connect() && url.scheme() == "https") {
                    proxy::ask(&proxy, url).await.map_err(ProbeError::Proxy)?;
                }
                return Err(ProbeError::Silent(error.without_url()));
            }
        };
        let status = response.status().as_u16();
        if status >= 400 {
            return Err(match way.filter(|_| url.scheme() == "http") {
                Some(proxy) => ProbeError::StatusOfProxy { status, proxy: proxy.shown() },
                None => ProbeError::Status(status),
            });
        }
        self.authorities.behind(presented).await.map_err(ProbeError::Tls)
    }
}
