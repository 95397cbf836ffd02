//! HTTP addresses that answer once the appliance is up.

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use url::Url;

use super::tls::{Authorities, Presented};
use crate::{values::Authority, words::said};

/// Asks addresses of `[[ready]]`, trusting the profile's authorities besides the system's.
#[derive(Debug)]
pub struct Prober {
    pub(super) authorities: Authorities,
}

/// Why an address does not count as ready.
#[derive(Debug)]
pub enum ProbeError {
    /// It answered with an error status.
    Status(u16),
    /// It did not answer.
    Silent(reqwest::Error),
    /// No client could be made.
    Tls(rustls::Error),
}

said! { ProbeError:
    Self::Status(status) => "machine-probe-status" { status },
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
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(ProbeError::Silent)?;
        let response = client.get(url.clone()).send().await.map_err(|error| ProbeError::Silent(error.without_url()))?;
        let status = response.status().as_u16();
        if status >= 400 {
            return Err(ProbeError::Status(status));
        }
        self.authorities.behind(presented).await.map_err(ProbeError::Tls)
    }
}
