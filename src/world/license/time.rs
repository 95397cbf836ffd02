//! What the license service's clock shows, for a machine whose own cannot be believed.

use jiff::Timestamp;
use reqwest::{Method, header::CACHE_CONTROL};

use super::{Clock, License, LicenseError, clock_of};
use crate::world::tls::Presented;

impl License {
    /// What its clock shows, if it says that and can be believed.
    ///
    /// No certificate can be judged by a clock that is wrong. Here it is judged by a time at which it is valid, and then, with all
    /// that signs for it, by the time that was told: whoever can tell a wrong one has certificates for it. No time is before this
    /// program was built.
    ///
    /// # Errors
    /// When no connection can be made, or something else answers.
    pub async fn time(&self) -> Result<Option<Timestamp>, LicenseError> {
        let presented = Presented::default();
        let config = self.authorities.at_any_time().client_config(presented.clone()).await;
        let client = self.made(config.map_err(|source| LicenseError::Tls { host: self.host(), source })?)?;
        let asked = client.request(Method::HEAD, self.base.clone()).header(CACHE_CONTROL, "no-cache").send().await;
        let response = match asked {
            Ok(response) => response,
            Err(error) => return Err(self.failed(error).await),
        };
        let told = clock_of(&response);
        let Some(told) = told.filter(|told| *told >= Clock.built()) else { return Ok(None) };
        Ok(self.authorities.accept_at(&presented, told).await.then_some(told))
    }
}
