//! Section `[endpoint]`: where the appliance is reached.

use serde_json::json;
use url::Url;

use super::{
    kinds::{boolean, text, value_path},
    setting::{Setting, Visit, section, table},
};
use crate::{
    values::Hostname,
    words::{Phrase, phrase},
};

section! {
    /// Where the appliance is reached.
    pub struct Endpoint {
        /// Whether the host name of the appliance is asked for.
        pub ask: bool = boolean("ask").or(false),
        /// Whether it may stay without an answer.
        pub optional: bool = boolean("optional").or(false),
        /// The public address; `{hostname}` in it stands for the answer.
        pub url: Option<String> = address(ask == Some(true)),
        /// The Helm value that the host name becomes, by its dotted path.
        pub value: Option<String> = value(ask == Some(true)),
    }
}

pub(super) fn endpoint(visit: &mut Visit<'_, '_>) -> Option<Endpoint> {
    let endpoint = table("endpoint", Endpoint::visit)(visit);
    visit.schema(|schema| {
        schema["dependentSchemas"] = json!({"value": {"required": ["ask"], "properties": {"ask": {"const": true}}}});
    });
    endpoint
}

fn address(ask: bool) -> impl Setting<Option<String>> {
    let check = move |url: &str| -> Result<String, Phrase> {
        let hostname = Endpoint::HOSTNAME;
        match Url::parse(&url.replace(hostname, "appliance.example")) {
            Ok(_) if url.contains(hostname) && !ask => Err(phrase!("profile-url-unasked" { hostname })),
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(url.to_owned()),
            _ => Err(phrase!("profile-endpoint-url" { hostname })),
        }
    };
    text("url", json!({"pattern": "^https?://"}), check).optional("https://{hostname}/")
}

fn value(ask: bool) -> impl Setting<Option<String>> {
    move |visit: &mut Visit<'_, '_>| {
        let value = value_path("value").optional("ingress.host")(visit)?;
        if value.is_some() && !ask {
            visit.wrong("value", phrase!("profile-value-unasked"));
        }
        Some(value)
    }
}

impl Endpoint {
    /// Stands for the host name in the address.
    pub const HOSTNAME: &str = "{hostname}";

    /// The public address; `None` when it is not known, or needs a host name that was not given.
    pub fn address(&self, hostname: Option<&Hostname>) -> Option<String> {
        let url = self.url.as_ref()?;
        match hostname {
            Some(hostname) => Some(url.replace(Self::HOSTNAME, hostname.as_str())),
            None => Some(url.clone()).filter(|url| !url.contains(Self::HOSTNAME)),
        }
    }
}
