//! The administrator's e-mail address.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};

use crate::words::{Phrase, phrase};

/// An e-mail address with a domain, as RFC 5321 allows it on the wire (no display name, no literal).
///
/// Its domain is in lower case: who signs in with it types it as it comes. What stands before the `@` is its host's to
/// compare (RFC 5321 section 2.4), and stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl FromStr for Email {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        if text.is_empty() {
            return Err(phrase!("email-empty"));
        }
        let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
        let address = EmailAddress::parse_with_options(text, options).map_err(|_form| phrase!("email-form"))?;
        Ok(Self(format!("{}@{}", address.local_part(), address.domain().to_ascii_lowercase())))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["kim@acme.example", " kim.admin+x@sub.acme.example "] {
            assert_eq!(good.parse::<Email>().expect(good).to_string(), good.trim());
        }
        for (given, kept) in [
            ("Kim@ACME.Example", "Kim@acme.example"),
            ("\"a@B\"@ACME.example", "\"a@B\"@acme.example"),
            ("kim@BÜCHER.example", "kim@bÜcher.example"),
        ] {
            assert_eq!(given.parse::<Email>().expect(given).to_string(), kept);
        }
        for bad in [
            "",
            "kim",
            "kim@",
            "@acme.example",
            "kim@acme",
            "Kim <kim@acme.example>",
            "a b@acme.example",
            "kim@[127.0.0.1]",
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
