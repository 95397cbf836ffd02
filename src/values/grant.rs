//! What the license service grants for a code: hostile until parsed.

use serde::Deserialize;
use url::Url;

use super::{Line, Received, SecretText, TenantId, TenantIdError, Unreadable};
use crate::words::said;

/// A parsed grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The tenant this appliance belongs to from now on.
    pub tenant_id: TenantId,
    /// The name the service knows the tenant by, when it is one line of printable text.
    pub company_name: Option<Line>,
    /// To whom the service sent the code, when that is one line of printable text.
    pub contact: Option<Line>,
    /// What comes with a paid edition.
    pub entitlement: Entitlement,
    /// What the service has signed: the license token of a paid edition; a free one may have such a token too.
    pub signed: Option<SecretText>,
}

/// The edition, with what only a paid one has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entitlement {
    /// The free edition: no license token, no credential, no check-in.
    Essentials,
    /// The paid edition; `premium` is its old name.
    Pro {
        /// The first license token (a JWT, RFC 7519).
        token: SecretText,
        /// What the appliance checks in with.
        credential: SecretText,
        /// Where it checks in.
        check_in_url: Url,
    },
}

impl Entitlement {
    /// The edition: the value of `INSTALL_EDITION`.
    pub const fn edition(&self) -> &'static str {
        match self {
            Self::Essentials => "essentials",
            Self::Pro { .. } => "pro",
        }
    }
}

/// An edition this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEdition(String);

said! { UnknownEdition: Self(edition) => "edition-unknown" { edition } }

/// Why an answer is not a grant. No variant quotes a secret.
#[derive(Debug)]
pub enum GrantError {
    /// Nothing in which a grant could be looked for.
    Unreadable(Unreadable),
    /// Not a JSON object with the fields of a grant.
    Form,
    /// The tenant id is no UUID.
    TenantId(TenantIdError),
    /// An edition that did not exist when this version was made.
    Edition(UnknownEdition),
    /// A paid edition lacks one of its parts.
    Missing(&'static str),
    /// The check-in address is no `https` URL.
    CheckInUrl,
}

impl GrantError {
    /// Whether a later version may make a grant of what this one cannot: what is damaged, or was never a grant, stays so.
    #[must_use]
    pub const fn may_be_read_later(&self) -> bool {
        !matches!(self, Self::Unreadable(why) if !why.may_be_read_later())
    }
}

said! { GrantError:
    Self::Unreadable(why) => "grant-unreadable" { why: why.phrase() },
    Self::Form => "grant-form",
    Self::TenantId(error) => "grant-tenant" because Ours(error),
    Self::Edition(error) => "grant-edition" because Ours(error),
    Self::Missing(part) => "grant-missing" { part: *part },
    Self::CheckInUrl => "grant-check-in",
}

#[derive(Deserialize)]
struct Wire {
    tenant_id: String,
    edition: Option<String>,
    /// Only told, as the address: in whatever form they come, they are no reason to refuse.
    company_name: Option<serde_json::Value>,
    contact_email: Option<serde_json::Value>,
    first_jwt: Option<SecretText>,
    appliance_credential: Option<SecretText>,
    check_in_url: Option<String>,
}

impl Grant {
    /// What is secret in an answer, be it a grant or not.
    pub fn secrets_in(received: &Received) -> Vec<SecretText> {
        let object = received.object().unwrap_or_default();
        let answer: serde_json::Value = serde_json::from_str(object.expose()).unwrap_or_default();
        let parts = ["first_jwt", "appliance_credential"].into_iter();
        parts.filter_map(|part| Some(answer.get(part)?.as_str()?.into())).collect()
    }

    /// The grant that came with a 200.
    ///
    /// # Errors
    /// When there is none in it that this version can use.
    pub fn of(received: &Received) -> Result<Self, GrantError> {
        Self::parse(received.object().map_err(GrantError::Unreadable)?.expose())
    }

    /// Parses the body of a 200 answer to `/register`. Unknown fields are ignored.
    ///
    /// # Errors
    /// When it is not a grant this version can use.
    pub fn parse(body: &str) -> Result<Self, GrantError> {
        let wire: Wire = serde_json::from_str(body).map_err(|_quotes_values| GrantError::Form)?;
        let tenant_id = wire.tenant_id.trim().parse().map_err(GrantError::TenantId)?;
        let edition = wire.edition.map(|edition| edition.trim().to_ascii_lowercase());
        let entitlement = match edition.as_deref() {
            Some("essentials") => Entitlement::Essentials,
            // Refusing would waste the code (contract); what comes with a paid edition says that it is one.
            None if wire.appliance_credential.is_none() => Entitlement::Essentials,
            None | Some("premium" | "pro") => Entitlement::Pro {
                token: part(wire.first_jwt.clone(), "first_jwt")?,
                credential: part(wire.appliance_credential, "appliance_credential")?,
                check_in_url: check_in_url(wire.check_in_url.as_deref())?,
            },
            Some(other) => return Err(GrantError::Edition(UnknownEdition(super::plain_text(other, 40)))),
        };
        let line = |told: Option<serde_json::Value>| Line::parse(&super::plain_text(told?.as_str()?, Line::MAX)).ok();
        let (company_name, contact) = (line(wire.company_name), line(wire.contact_email));
        let signed = wire.first_jwt.filter(|token| !token.is_empty());
        Ok(Self { tenant_id, company_name, contact, entitlement, signed })
    }
}

fn part(part: Option<SecretText>, name: &'static str) -> Result<SecretText, GrantError> {
    part.filter(|part| !part.is_empty()).ok_or(GrantError::Missing(name))
}

fn check_in_url(text: Option<&str>) -> Result<Url, GrantError> {
    let text = text.ok_or(GrantError::Missing("check_in_url"))?;
    Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host()).ok_or(GrantError::CheckInUrl)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66";

    fn body(fields: &str) -> String {
        format!("{{\"tenant_id\": \"{ID}\", {fields}}}")
    }

    #[test]
    fn an_unknown_edition_is_named() {
        let error = Grant::parse(&body("\"edition\": \"gold\\u001b\"")).expect_err("unknown");
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("the edition `gold` is not known to this version of firstlight"));
    }

    #[test]
    fn grants() {
        let free = Grant::parse(&body("\"edition\": \"essentials\", \"news\": 1")).expect("essentials");
        assert_eq!((free.entitlement, free.signed, free.contact), (Entitlement::Essentials, None, None));
        let free =
            "\"edition\": \"essentials\", \"first_jwt\": \"a.b.c\", \"contact_email\": \" it@acme.example\\u0007\"";
        let free = Grant::parse(&body(free)).expect("essentials");
        assert_eq!(free.signed, Some("a.b.c".into()));
        assert_eq!(free.contact.map(|contact| contact.to_string()).as_deref(), Some("it@acme.example"));
        let paid = body(
            "\"edition\": \"premium\", \"company_name\": \"Acme\\u001b[31m\", \"first_jwt\": \"a.b.c\", \"appliance_credential\": \"x\", \"check_in_url\": \"https://l.example/c\"",
        );
        for free in
            [r#""edition": null"#, r#""edition": " Essentials""#, r#""news": 1, "company_name": {"en": "Acme"}"#]
        {
            assert_eq!(Grant::parse(&body(free)).expect(free).entitlement, Entitlement::Essentials);
        }
        let paid = Grant::parse(&paid).expect("premium");
        assert_eq!(paid.entitlement.edition(), "pro");
        assert_eq!(paid.company_name.map(|name| name.to_string()).as_deref(), Some("Acme[31m"));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        for (body, message) in [
            ("<html>".to_owned(), "the license service's answer is not a grant"),
            ("{}".to_owned(), "the license service's answer is not a grant"),
            (
                "{\"tenant_id\": \"x\", \"edition\": \"essentials\"}".to_owned(),
                "the license service's answer names no usable tenant",
            ),
            (body("\"edition\": \"gold\""), "the license service granted an edition that is not usable here"),
            (body("\"edition\": \"pro\""), "the license service granted a paid edition without `first_jwt`"),
            (
                body(
                    "\"edition\": \"pro\", \"first_jwt\": \"t\", \"appliance_credential\": \"c\", \"check_in_url\": \"http://l\"",
                ),
                "the license service's `check_in_url` is not an https address",
            ),
        ] {
            assert_eq!(Grant::parse(&body).expect_err(&body).to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(body in any::<String>()) {
            let _ = Grant::parse(&body);
        }
    }
}
