//! What people recognise a certificate by.

use jiff::Timestamp;
use serde::Serialize;

use super::certificate::Certificate;
use crate::{
    values::Fingerprint,
    words::{Phrase, phrase},
};

/// What people recognise a certificate by; all of it is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// Whom it is for.
    pub subject: String,
    /// Who has signed it.
    pub issuer: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// From when on it is valid.
    pub valid_from: Timestamp,
    /// Until when it is.
    pub valid_until: Timestamp,
    /// Of its DER.
    pub sha256: Fingerprint,
}

impl Shown {
    /// Looks at a certificate.
    pub fn of(certificate: &Certificate) -> Self {
        let (subject, issuer) = certificate.subject_and_issuer();
        let (valid_from, valid_until) = certificate.period().unwrap_or_default();
        let (names, sha256) = (certificate.told_names(), Fingerprint::of(certificate.der()));
        Self { subject, issuer, names, valid_from, valid_until, sha256 }
    }

    /// The same as one sentence.
    pub fn phrase(&self) -> Phrase {
        let Self { subject, issuer, .. } = self;
        phrase!("own-told" { subject, issuer, until: self.valid_until.to_string(), fingerprint: self.fingerprint() })
    }

    /// The same line by line.
    pub fn lines(&self) -> Vec<Phrase> {
        let Self { subject, issuer, names, valid_from: from, valid_until: until, .. } = self;
        let mut lines = vec![phrase!("shown-subject" { subject }), phrase!("shown-issuer" { issuer })];
        if !names.is_empty() {
            lines.push(phrase!("shown-names" { names: names.join(", ") }));
        }
        lines.push(phrase!("shown-period" { from: from.to_string(), until: until.to_string() }));
        lines.push(phrase!("shown-fingerprint" { fingerprint: self.fingerprint() }));
        lines
    }

    /// In groups, so that no line of a narrow log begins within one.
    fn fingerprint(&self) -> String {
        self.sha256.groups(8).join(" ")
    }
}
