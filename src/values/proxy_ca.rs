//! The authority of whoever opens TLS on this machine's way out, as somebody names it.

use std::{path::PathBuf, str::FromStr};

use super::{Fingerprint, plain_text};
use crate::words::{Phrase, phrase};

/// The authority that signs for what stands between this machine and the license service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyCa {
    /// The one with this fingerprint among those that are shown on the way.
    Shown(Fingerprint),
    /// The one in this file, as PEM.
    File(PathBuf),
    /// Nobody any more.
    Nobody,
}

impl ProxyCa {
    /// The longest text that names one.
    pub const LONGEST: usize = 500;

    /// What names nobody.
    pub const NONE: &str = "none";
}

impl FromStr for ProxyCa {
    type Err = Phrase;

    /// A path, or a fingerprint as people have it from a browser, from `openssl x509 -fingerprint -sha256` or from `sha256sum`:
    /// with colons, spaces, or nothing between its pairs, and perhaps with its name before it; or [`Self::NONE`]. The
    /// reason leaves open what it is about.
    fn from_str(text: &str) -> Result<Self, Phrase> {
        let text = text.trim();
        if text.starts_with('/') {
            return Ok(Self::File(text.into()));
        }
        if text.eq_ignore_ascii_case(Self::NONE) {
            return Ok(Self::Nobody);
        }
        let digits = text.rsplit_once('=').map_or(text, |(_, digits)| digits);
        let digits: Vec<char> = digits.chars().filter(|between| *between != ':' && !between.is_whitespace()).collect();
        let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
        let wrong = |_| phrase!("proxy-ca-form" { what: Phrase::OPEN, text: plain_text(text, 100) });
        Fingerprint::try_from(pairs.join(":")).map(Self::Shown).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_known_however_it_was_copied() {
        let fingerprint = Fingerprint::of(b"abc");
        let text = fingerprint.to_string();
        for copied in [
            text.clone(),
            text.to_lowercase(),
            text.replace(':', ""),
            text.replace(':', " "),
            format!(" {} \n", fingerprint.groups(16).join(" ")),
            format!("sha256 Fingerprint={text}"),
        ] {
            assert_eq!(copied.parse(), Ok(ProxyCa::Shown(fingerprint)), "{copied}");
        }
        assert_eq!(" /media/ca.pem ".parse(), Ok(ProxyCa::File("/media/ca.pem".into())));
        assert_eq!(" None".parse(), Ok(ProxyCa::Nobody));
        for wrong in ["", "ca.pem", &text[3..], &format!("{text}:00"), &text.replace("BA", "+A"), "=", "ä"] {
            wrong.parse::<ProxyCa>().expect_err(wrong);
        }
    }
}
