//! What somebody names for this machine's way out, in the place of what the environment says.

use super::{
    ProxyCa, SecretText,
    proxy::{Proxies, proxy},
};
use crate::words::{Phrase, phrase};

/// What somebody has the way out of this machine lead through: a proxy, what is asked without it, and who signs for what stands
/// there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetProxy {
    /// `None` where it stays as it is.
    way: Option<Way>,
    ca: Option<ProxyCa>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Way {
    /// It may have a password in it, and is empty for none.
    url: SecretText,
    exceptions: String,
}

impl SetProxy {
    /// The longest URL, and the longest list of exceptions.
    pub const LONGEST: usize = 500;

    /// The variables that say it, for the URL and for the exceptions; after the first of each, those that say the same, and come before it
    /// or in the place of one that is empty.
    pub const VARIABLES: [&'static [&'static str]; 2] =
        [&["HTTPS_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"], &["NO_PROXY", "no_proxy"]];

    /// What stands in the place of a URL for no proxy any more.
    pub const NONE: &str = ProxyCa::NONE;

    /// The proxy under a URL, or [`Self::NONE`]; with an authority alone both may be empty, and the way stays as it is.
    ///
    /// # Errors
    /// Why it names none. The reason leaves open what it is about.
    pub fn new(url: &str, exceptions: &str, ca: Option<ProxyCa>) -> Result<Self, Phrase> {
        let (url, exceptions) = (url.trim(), exceptions.trim().to_owned());
        if url.is_empty() && exceptions.is_empty() && ca.is_some() {
            return Ok(Self { way: None, ca });
        }
        Self::check(url)?;
        let url = if url.eq_ignore_ascii_case(Self::NONE) { SecretText::default() } else { url.into() };
        let exceptions = if url.is_empty() { String::new() } else { exceptions };
        Ok(Self { way: Some(Way { url, exceptions }), ca })
    }

    /// Whether a text names a proxy, or none any more.
    ///
    /// # Errors
    /// Why it does not. The reason leaves open what it is about.
    pub fn check(url: &str) -> Result<(), Phrase> {
        let url = url.trim();
        if url.is_empty() {
            return Err(phrase!("value-empty" { what: Phrase::OPEN }));
        }
        if url.eq_ignore_ascii_case(Self::NONE) {
            return Ok(());
        }
        let name = Self::VARIABLES[0][0];
        let sound = proxy(url, name).map(drop);
        sound.map_err(|fault| phrase!("proxy-url" { what: Phrase::OPEN, fault: fault.phrase() }))
    }

    /// What each of the variables is to be; `None` where they stay as they are.
    #[must_use]
    pub fn values(&self) -> Option<[SecretText; 2]> {
        let Way { url, exceptions } = self.way.as_ref()?;
        Some([url.clone(), exceptions.as_str().into()])
    }

    /// What they say.
    #[must_use]
    pub fn proxies(&self) -> Option<Proxies> {
        let values = self.values()?;
        Some(Proxies::of(|name| {
            let which = Self::VARIABLES.iter().position(|names| names[0] == name)?;
            Some(values[which].expose().to_owned())
        }))
    }

    /// The password that it may have.
    #[must_use]
    pub fn password(&self) -> Option<SecretText> {
        let (_, password) = proxy(self.way.as_ref()?.url.expose(), "").ok()?.user?;
        Some(password).filter(|password| !password.is_empty())
    }

    /// Host and port, for messages; `None` where there is to be none, or it stays as it is.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        proxy(self.way.as_ref()?.url.expose(), "").ok().map(|proxy| proxy.shown())
    }

    /// Who is to be trusted for what is shown on the way.
    #[must_use]
    pub const fn ca(&self) -> Option<&ProxyCa> {
        self.ca.as_ref()
    }
}
