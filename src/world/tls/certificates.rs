//! The certificates in a file, as OpenSSL takes them; what stands there in their place is told as what it is.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{RootCertStore, pki_types::CertificateDer};

use crate::{values::plain_text, words::said};

/// Why there are no certificates to be had from a file.
#[derive(Debug)]
pub(in crate::world) enum CertificatesError {
    /// It cannot be read.
    Read(io::Error),
    /// What begins on this line has no end.
    Unended(usize),
    /// What begins on this line cannot be used as an authority.
    Unusable(usize),
    /// Something else is in it, by its label.
    Label(String),
    /// There is none in it.
    None,
}

said! { CertificatesError:
    Self::Read(error) => "certificates-read" because theirs(error),
    Self::Unended(line) => "certificates-unended" { line: *line },
    Self::Unusable(line) => "certificates-unusable" { line: *line },
    Self::Label(label) => "certificates-label" { label },
    Self::None => "certificates-none",
}

/// Labels that OpenSSL reads as certificates.
const LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];
/// Labels of what holds certificates in another form, which would be missed without a word.
const OTHER_FORMS: [&str; 3] = ["TRUSTED CERTIFICATE", "PKCS7", "CMS"];

pub(super) fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificatesError> {
    parse(&fs::read(path).map_err(CertificatesError::Read)?)
}

fn parse(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificatesError> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let (mut certificates, mut others, mut open) = (Vec::new(), Vec::new(), None::<(&str, usize, String)>);
    for (number, line) in (1..).zip(text.split(['\n', '\r'])) {
        // As editors of another system save it, and as files that were put together have it in between.
        let line = line.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
        if let Some(label) = marker(line, "-----BEGIN ") {
            if let Some((_, line, _)) = open.replace((label, number, String::new())) {
                return Err(CertificatesError::Unended(line));
            }
        } else if marker(line, "-----END ").is_some() {
            match open.take() {
                Some((label, line, base64)) if LABELS.contains(&label) => {
                    certificates.push(certificate(line, &base64)?);
                }
                Some((label, ..)) => others.push(label),
                None => {}
            }
        } else if let Some((_, _, base64)) = &mut open {
            base64.push_str(line);
        }
    }
    if let Some((_, line, _)) = open {
        return Err(CertificatesError::Unended(line));
    }
    let label = others.iter().find(|label| certificates.is_empty() || OTHER_FORMS.contains(label));
    match label {
        Some(label) => Err(CertificatesError::Label(plain_text(label, 60))),
        None if !certificates.is_empty() => Ok(certificates),
        None => usable(bytes.to_vec().into()).map(|certificate| vec![certificate]).ok_or(CertificatesError::None),
    }
}

/// The label between such a beginning and the dashes.
fn marker<'l>(line: &'l str, beginning: &str) -> Option<&'l str> {
    line.strip_prefix(beginning)?.strip_suffix("-----")
}

fn certificate(line: usize, base64: &str) -> Result<CertificateDer<'static>, CertificatesError> {
    let der = STANDARD.decode(base64).ok().and_then(|der| usable(der.into()));
    der.ok_or(CertificatesError::Unusable(line))
}

/// A certificate that servers can be measured by.
fn usable(der: CertificateDer<'static>) -> Option<CertificateDer<'static>> {
    RootCertStore::empty().add(der.clone()).ok().map(|()| der)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How files come from other systems, from other tools and out of mails.
    #[test]
    fn files_of_certificates() {
        let made = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()]).expect("a certificate");
        let (pem, der) = (made.cert.pem(), made.cert.der().to_vec());
        let lines: Vec<&str> = pem.lines().collect();
        let labelled = |label: &str| pem.replace("CERTIFICATE", label);
        let key = made.signing_key.serialize_pem();
        let (unended, none) = ("the certificate that begins on line 1 has no end", "there is no certificate in it");
        let label = |label: &str| format!("it holds `{label}` where `CERTIFICATE` is wanted");
        let good = |count: usize| count.to_string();
        for (name, bytes, expected) in [
            ("as it is", pem.clone().into_bytes(), good(1)),
            ("with the ends of lines of another system", pem.replace('\n', "\r\n").into(), good(1)),
            ("with those of an old one", pem.replace('\n', "\r").into(), good(1)),
            ("without the last one", pem.trim_end().into(), good(1)),
            ("indented", pem.replace('\n', " \n  ").into(), good(1)),
            ("with words around", format!("Subject: CN=x\n{pem}\nsee above\n").into(), good(1)),
            ("with a mark of the byte order", format!("\u{feff}{pem}").into(), good(1)),
            ("several with marks", format!("\u{feff}{pem}\u{feff}{pem}{pem}").into(), good(3)),
            ("with its key", format!("{key}{pem}").into(), good(1)),
            ("with an old label", labelled("X509 CERTIFICATE").into(), good(1)),
            ("DER", der.clone(), good(1)),
            ("without its last line", lines[..lines.len() - 1].join("\n").into(), unended.into()),
            ("cut within", pem[..200].into(), unended.into()),
            ("one that is cut before another", format!("{}\n{pem}", lines[..3].join("\n")).into(), unended.into()),
            (
                "with a line missing",
                format!("\n{}\n{}", lines[..2].join("\n"), lines[3..].join("\n")).into(),
                "the certificate that begins on line 2 is damaged, or cannot be used as an authority".into(),
            ),
            ("a key alone", key.clone().into(), label("PRIVATE KEY")),
            ("trusted", labelled("TRUSTED CERTIFICATE").into(), label("TRUSTED CERTIFICATE")),
            ("PKCS #7 beside one", format!("{pem}{}", labelled("PKCS7")).into(), label("PKCS7")),
            ("a request", labelled("CERTIFICATE REQUEST").into(), label("CERTIFICATE REQUEST")),
            ("a web page", "<html>not found</html>".into(), none.into()),
            ("nothing", Vec::new(), none.into()),
            ("dashes of a word processor", pem.replace("-----", "—–—").into(), none.into()),
            ("DER that is cut", der[..100].to_vec(), none.into()),
        ] {
            let told = parse(&bytes).map_or_else(|error| error.to_string(), |found| good(found.len()));
            assert_eq!(told, expected, "{name}");
        }
    }
}
