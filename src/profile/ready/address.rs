//! An address that is asked once the appliance is up, and what of it is known only then.

use url::{Host, Url};

use crate::{
    values,
    words::{Phrase, phrase},
};

/// What stands for a part of the appliance's address, and how that is written.
type Part = (&'static str, fn(&values::Address) -> String);

/// What of the appliance's address can stand in a text: all of it, or a part.
const PARTS: [Part; 6] = [
    ("{hostname}", |address| address.host().in_url()),
    ("{host}", |address| address.host().in_url()),
    ("{url}", |address| address.to_string()),
    ("{origin}", values::Address::origin),
    ("{scheme}", |address| address.scheme().to_string()),
    ("{port}", |address| address.port().to_string()),
];

/// What stands for the administrator's e-mail address.
pub(super) const EMAIL: &str = "{email}";
/// What stands for the administrator's password.
pub(super) const PASSWORD: &str = "{password}";

/// An `http` or `https` address; `{origin}` and the like in it stand for parts of the appliance's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeUrl(String);

impl ProbeUrl {
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

    /// The address itself; `None` when it needs the appliance's own, and that is not known.
    pub fn of(&self, own: Option<&values::Address>) -> Option<Url> {
        Url::parse(&filled(&self.0, own)?).ok()
    }

    /// What stands in it that needs the appliance's own address.
    pub(super) fn needs(&self) -> Option<&'static str> {
        needs(&self.0)
    }

    /// Whether it says where it is by a name.
    pub(super) fn has_name(&self) -> bool {
        self.anywhere().is_some_and(|url| url.domain().is_some())
    }

    /// Whether it is asked over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.anywhere().is_some_and(|url| url.scheme() == "https")
    }

    /// The address of some appliance.
    fn anywhere(&self) -> Option<Url> {
        let some = "https://appliance.example".parse().ok();
        self.of(some.as_ref())
    }
}

/// A text with the appliance's address in it, unless it needs one that is not known.
pub(super) fn filled(text: &str, own: Option<&values::Address>) -> Option<String> {
    match own {
        Some(own) => Some(PARTS.iter().fold(text.to_owned(), |text, (part, of)| text.replace(part, &of(own)))),
        None => Some(text.to_owned()).filter(|text| needs(text).is_none()),
    }
}

/// What stands in a text that needs the appliance's own address.
pub(super) fn needs(text: &str) -> Option<&'static str> {
    PARTS.iter().map(|(part, _)| *part).find(|part| text.contains(part))
}

/// Whether a text has something in it that only a login may send.
pub(super) fn is_for_login(text: &str) -> bool {
    text.contains(EMAIL) || text.contains(PASSWORD)
}
