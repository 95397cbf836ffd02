//! An address that is asked once the appliance is up, and what of it is known only then.

use url::{Host, Url};

use crate::{
    profile::cluster::Endpoint,
    values::Hostname,
    words::{Phrase, phrase},
};

/// What stands for the administrator's e-mail address.
pub(super) const EMAIL: &str = "{email}";
/// What stands for the administrator's password.
pub(super) const PASSWORD: &str = "{password}";

/// An `http` or `https` address; `{hostname}` in it stands for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, Phrase> {
        let address = Self(text.to_owned());
        if is_for_login(text) {
            return Err(phrase!("profile-login-only"));
        }
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if address.anywhere().is_some_and(|url| is_web(&url)) { Ok(address) } else { Err(phrase!("profile-ready-url")) }
    }

    /// The same for what nobody may see on the way: it goes over TLS, or does not leave this machine.
    pub(super) fn parse_private(text: &str) -> Result<Self, Phrase> {
        let address = Self::parse(text)?;
        let is_private = |url: Url| {
            url.scheme() == "https"
                || match url.host() {
                    Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                    Some(Host::Ipv4(address)) => address.is_loopback(),
                    Some(Host::Ipv6(address)) => address.is_loopback(),
                    None => false,
                }
        };
        if address.anywhere().is_some_and(is_private) { Ok(address) } else { Err(phrase!("profile-login-plain")) }
    }

    /// The address itself; `None` when it needs a host name that was not given.
    pub fn of(&self, hostname: Option<&Hostname>) -> Option<Url> {
        Url::parse(&filled(&self.0, hostname)?).ok()
    }

    /// Whether the host name stands in it.
    pub(super) fn has_hostname(&self) -> bool {
        self.0.contains(Endpoint::HOSTNAME)
    }

    /// Whether it says where it is by a name.
    pub(super) fn has_name(&self) -> bool {
        self.anywhere().is_some_and(|url| url.domain().is_some())
    }

    /// Whether it is asked over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.anywhere().is_some_and(|url| url.scheme() == "https")
    }

    /// The address with some host name.
    fn anywhere(&self) -> Option<Url> {
        Url::parse(&self.0.replace(Endpoint::HOSTNAME, "appliance.example")).ok()
    }
}

/// A text with the host name in it, unless it needs one that was not given.
pub(super) fn filled(text: &str, hostname: Option<&Hostname>) -> Option<String> {
    match hostname {
        Some(hostname) => Some(text.replace(Endpoint::HOSTNAME, hostname.as_str())),
        None => Some(text.to_owned()).filter(|text| !text.contains(Endpoint::HOSTNAME)),
    }
}

/// Whether a text has something in it that only a login may send.
pub(super) fn is_for_login(text: &str) -> bool {
    text.contains(EMAIL) || text.contains(PASSWORD)
}
