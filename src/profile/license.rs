//! Section `[license]`: the license service and its install codes.

use std::{path::PathBuf, time::Duration};

use serde_json::json;
use url::Url;

use super::{
    kinds::{boolean, one_of, path, seconds, text, url, whole},
    setting::{Form, Setting, Visit, section, table},
};
use crate::{
    values::{CodeFormat, TokenAudience},
    words::phrase,
};

section! {
    /// The license service.
    pub struct License {
        /// The license service's base address. Always `https`.
        pub url: Url = https().needed(phrase!("profile-license-hint"), "https://license.example"),
        /// Authorities trusted besides the system's roots (PEM).
        pub ca_file: Option<PathBuf> = path("ca-file").optional("/etc/firstlight/license-ca.pem"),
        /// The public keys that may have signed license tokens: PEM, a JSON Web Key Set, or a folder of such files.
        pub token_key_file: Option<PathBuf> = path("token-key-file").optional("/etc/firstlight/token.pub"),
        /// Whether a license token must name its tenant (`aud`): `required`, or `if-present`.
        pub token_audience: TokenAudience =
            one_of("token-audience", AUDIENCES, phrase!("profile-audiences")).or("required"),
        /// Whether a grant without a token that one of these keys has signed is refused, the free edition's too.
        pub signed_grants: bool = signed_grants(token_key_file.as_ref(), token_audience),
        /// For each request.
        pub timeout: Duration = seconds("timeout-seconds").or(20),
        /// The most attempts while the service cannot answer.
        pub attempts: u32 = whole("attempts", 1..=20).or(4),
        /// How far this machine's clock may be off.
        pub clock_skew: Duration = seconds("clock-skew-seconds").or(300),
        /// What install codes look like.
        pub code: CodeFormat = table("code", code),
    }
}

impl License {
    /// Which service this is: its address, however it ends.
    pub fn service(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

fn https() -> Form<Url> {
    let is_plain =
        |url: &Url| url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none();
    url("url", "^https://", is_plain, phrase!("profile-license-url"))
}

const AUDIENCES: &[(&str, TokenAudience)] =
    &[("required", TokenAudience::Required), ("if-present", TokenAudience::IfPresent)];

/// What would be refused for every code is refused in the profile.
fn signed_grants(keys: Option<&Option<PathBuf>>, audience: Option<TokenAudience>) -> impl Setting<bool> {
    let without_keys = keys == Some(&None);
    move |visit: &mut Visit<'_, '_>| {
        let signed = boolean("signed-grants").or(false)(visit)?;
        if signed && without_keys {
            visit.wrong("signed-grants", phrase!("profile-signed-keys"));
        } else if signed && audience == Some(TokenAudience::IfPresent) {
            visit.wrong("signed-grants", phrase!("profile-signed-audience"));
        }
        Some(signed)
    }
}

fn code(visit: &mut Visit<'_, '_>) -> Option<CodeFormat> {
    let alphabet = text("alphabet", json!({}), |text| Ok(text.to_owned())).or("23456789ABCDEFGHJKMNPQRSTUVWXYZ");
    let alphabet = visit.setting("Upper-case letters and digits, each once.", alphabet);
    let length = visit.setting("The characters of a code.", whole("length", 4..=64).or(8));
    let group = visit.setting("The characters of a group; 0 for none.", whole("group", 0..=64).or(4));
    let format = CodeFormat::new(&alphabet?, length?, group?);
    format.map_err(|error| visit.wrong("alphabet", error)).ok()
}
