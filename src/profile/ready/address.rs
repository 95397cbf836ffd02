//! An address that is asked once the appliance is up, and what of it is known only then.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{
    profile::endpoint::Endpoint,
    values::{Address, AddressTemplate},
    words::{Phrase, phrase},
};

/// How an address begins, for editors.
pub(super) const BEGINNING: &str = r"^(https?://|\{(url|origin|scheme)\})";
/// What stands for the administrator's e-mail address.
pub(super) const EMAIL: &str = "{email}";
/// What stands for the administrator's password.
pub(super) const PASSWORD: &str = "{password}";

/// A text in which `{origin}` and the like stand for parts of the appliance's own address, and `{hostname}` for its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    template: AddressTemplate,
    /// What stands in it that needs the appliance's own address.
    needs: Option<&'static str>,
}

impl OwnText {
    pub(super) fn parse(text: &str) -> Result<Self, Phrase> {
        let template = AddressTemplate::parse(&text.replace(Endpoint::HOSTNAME, "{host}"))?;
        let named = Some(Endpoint::HOSTNAME).filter(|hostname| text.contains(hostname));
        let needs = named.or_else(|| template.placeholder());
        Ok(Self { template, needs })
    }

    /// The text itself; `None` when it needs the appliance's own address, and that is not known.
    pub fn of(&self, own: Option<&Address>) -> Option<String> {
        match own {
            Some(own) => Some(self.template.fill(own)),
            None => self.needs.is_none().then(|| self.template.literals().collect()),
        }
    }

    /// What stands in it that needs the appliance's own address.
    pub(super) const fn needs(&self) -> Option<&'static str> {
        self.needs
    }
}

/// An `http` or `https` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeUrl(OwnText);

impl ProbeUrl {
    pub(super) fn parse(text: &str) -> Result<Self, Phrase> {
        if is_for_login(text) {
            return Err(phrase!("profile-login-only"));
        }
        let address = Self(OwnText::parse(text)?);
        let is_web = |url: &Option<Url>| {
            url.as_ref().is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if address.anywhere().iter().all(is_web) { Ok(address) } else { Err(phrase!("profile-ready-url")) }
    }

    /// The same for what nobody may see on the way: it [can be](is_private) such an address.
    pub(super) fn parse_private(text: &str) -> Result<Self, Phrase> {
        let address = Self::parse(text)?;
        let mut anywhere = address.anywhere().into_iter().flatten();
        if anywhere.any(|url| is_private(&url, None)) { Ok(address) } else { Err(phrase!("profile-login-plain")) }
    }

    /// The address itself; `None` when it needs the appliance's own, and that is not known.
    pub fn of(&self, own: Option<&Address>) -> Option<Url> {
        Url::parse(&self.0.of(own)?).ok()
    }

    /// What stands in it that needs the appliance's own address.
    pub(super) const fn needs(&self) -> Option<&'static str> {
        self.0.needs()
    }

    /// Whether it says where it is by a name.
    pub(super) fn has_name(&self) -> bool {
        self.anywhere().iter().flatten().all(|url| url.domain().is_some())
    }

    /// Whether it is asked over TLS, whatever the appliance's own address is.
    pub(super) fn is_tls(&self) -> bool {
        self.anywhere().iter().flatten().all(|url| url.scheme() == "https")
    }

    /// The address of some appliances: of one with TLS, and of one without.
    fn anywhere(&self) -> [Option<Url>; 2] {
        ["https://appliance.example", "http://appliance.example"].map(|some| self.of(some.parse().ok().as_ref()))
    }
}

/// Whether nobody sees on the way what is sent there: it goes over TLS, or does not leave this machine. `connect_to` is
/// where its name leads in the place of what it resolves to.
pub fn is_private(url: &Url, connect_to: Option<IpAddr>) -> bool {
    let is_here = match (url.host(), connect_to) {
        (Some(Host::Domain(_)), Some(address)) => address.is_loopback(),
        (Some(Host::Domain(name)), None) => name == "localhost" || name.ends_with(".localhost"),
        (Some(Host::Ipv4(address)), _) => address.is_loopback(),
        (Some(Host::Ipv6(address)), _) => address.is_loopback(),
        (None, _) => false,
    };
    url.scheme() == "https" || is_here
}

/// Whether a text has something in it that only a login may send.
pub(super) fn is_for_login(text: &str) -> bool {
    text.contains(EMAIL) || text.contains(PASSWORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_appliances_own_address() {
        let [plain, tls, six] = ["http://192.168.1.50:3000", "https://a.example", "http://[2001:db8::1]"]
            .map(|text| text.parse().expect("one"));
        for (text, own, expected) in [
            ("{origin}/v1", &plain, "http://192.168.1.50:3000/v1"),
            ("{url}/", &tls, "https://a.example/"),
            ("{scheme}://{host}:8443/", &six, "http://[2001:db8::1]:8443/"),
            ("https://api.{hostname}/", &tls, "https://api.a.example/"),
            ("http://127.0.0.1:{port}/health", &plain, "http://127.0.0.1:3000/health"),
        ] {
            let parsed = ProbeUrl::parse(text).expect(text);
            assert_eq!(parsed.of(Some(own)).map(String::from).as_deref(), Some(expected), "{text}");
            assert_eq!(parsed.of(None), None, "{text}");
        }
        for text in ["{host}", "{origin", "ftp://{host}/", "{path}/", "https://a/{password}"] {
            ProbeUrl::parse(text).expect_err(text);
        }
        assert_eq!(
            ProbeUrl::parse("http://a/").expect("fixed").of(None).map(String::from).as_deref(),
            Some("http://a/")
        );
    }

    #[test]
    fn what_does_not_leave_this_machine_in_the_open() {
        let here = Some([127, 0, 0, 1].into());
        for (url, connect_to, expected) in [
            ("https://a.example/", None, true),
            ("http://127.0.0.1:3000/", None, true),
            ("http://[::1]/", None, true),
            ("http://x.localhost/", None, true),
            ("http://a.example/", here, true),
            ("http://a.example/", None, false),
            ("http://localhost/", Some([192, 0, 2, 1].into()), false),
            ("http://192.0.2.1/", here, false),
        ] {
            assert_eq!(is_private(&Url::parse(url).expect(url), connect_to), expected, "{url} {connect_to:?}");
        }
        ProbeUrl::parse_private("{origin}/login").expect("with TLS it is");
        ProbeUrl::parse_private("http://{host}/login").expect_err("never");
    }
}
