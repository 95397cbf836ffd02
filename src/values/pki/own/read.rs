//! What is in the files that people are given with a certificate: PEM, DER or PKCS #12 (RFC 7292).

use p12_keystore::{Pkcs12Archive, error::Error as ArchiveError};
use pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5::pbes2::Kdf};
use rustls::pki_types::CertificateDer;
use x509_parser::asn1_rs::{Any, FromDer, Tag};

use crate::{
    values::{
        SecretText,
        pki::{
            certificate::Certificate,
            private_key::{PrivateKey, encoded},
        },
    },
    words::said,
};

/// More rounds than anybody's program makes a key of a password with; a file that asks for more would never be read.
const MOST_ROUNDS: u32 = 1_000_000;

/// What stands before a block of PEM.
const PEM: &[u8] = b"-----BEGIN ";

/// What a file is that only has certificates in it (RFC 2315): `signedData`.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The files, as they are.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// The certificate, perhaps with others and with its key.
    pub file: &'a [u8],
    /// Its key, where that is not there.
    pub key_file: Option<&'a [u8]>,
    /// What opens them.
    pub password: Option<&'a SecretText>,
}

/// What of that something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file with the certificate.
    File,
    /// The file with the key.
    KeyFile,
    /// The password.
    Password,
}

/// Why a file says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing of it is known.
    Form,
    /// A block of PEM does not end, or is none.
    Pem,
    /// It is PKCS #7.
    SignedData,
    /// It is PKCS #12, and broken or not as the standard has it.
    Archive,
    /// It is encrypted, and nobody has said with what.
    NoPassword,
    /// It is encrypted with another password.
    OtherPassword,
    /// It is encrypted in a way that is not known here.
    Encryption,
    /// There is no certificate in it.
    NoCertificate,
    /// A certificate in it is none.
    Certificate,
    /// There is no key in it.
    NoKey,
    /// There are several keys in it.
    SeveralKeys,
    /// The key in it is of a kind that is not known here, or broken.
    Key,
}

said! { Unreadable:
    Self::Form => "own-form",
    Self::Pem => "own-pem",
    Self::SignedData => "own-signed-data",
    Self::Archive => "own-archive",
    Self::NoPassword => "own-no-password",
    Self::OtherPassword => "own-other-password",
    Self::Encryption => "own-encryption",
    Self::NoCertificate => "own-no-certificate",
    Self::Certificate => "own-certificate",
    Self::NoKey => "own-no-key-in-file",
    Self::SeveralKeys => "own-several-keys",
    Self::Key => "own-key",
}

/// What was in them.
#[derive(Debug)]
pub struct Bundle {
    /// The certificates, each alone, in the order of the file.
    pub(super) certificates: Vec<Certificate>,
    /// The key, if there is one, with the file that it is in; none of a kind that is not known here: what is wrong with the
    /// certificates may be the reason.
    pub(super) key: Option<(Part, Option<PrivateKey>)>,
    /// Whether a key lies there as it is, so that nobody else may read the file.
    exposed: Vec<Part>,
}

/// What one file holds.
#[derive(Default)]
struct Content {
    certificates: Vec<Certificate>,
    keys: Vec<Option<PrivateKey>>,
    is_exposed: bool,
}

impl Bundle {
    /// Reads the files. Takes a while where a password is stretched.
    ///
    /// # Errors
    /// Everything that cannot be read.
    pub fn read(files: &Files<'_>) -> Result<Self, Vec<(Part, Unreadable)>> {
        let mut wrong = Vec::new();
        let mut read = |part, bytes: &[u8]| {
            let content = content(bytes, files.password).map_err(|why| (part_of(part, why), why));
            let content = content.and_then(|content| match (part, content.keys.len(), content.certificates.len()) {
                (_, 2.., _) => Err((part, Unreadable::SeveralKeys)),
                (Part::File, _, 0) => Err((part, Unreadable::NoCertificate)),
                (Part::KeyFile, 0, _) => Err((part, Unreadable::NoKey)),
                _ => Ok(content),
            });
            content.map_err(|unread| wrong.push(unread)).ok()
        };
        let (file, key_file) = (read(Part::File, files.file), files.key_file.map(|bytes| read(Part::KeyFile, bytes)));
        let (Some(mut file), Some(key_file)) = (file, key_file.map_or(Some(None), |read| read.map(Some))) else {
            // One password opens both.
            wrong.dedup_by_key(|(part, why)| (*part == Part::Password).then_some(*why));
            return Err(wrong);
        };
        let exposed =
            [(Part::File, file.is_exposed), (Part::KeyFile, key_file.as_ref().is_some_and(|one| one.is_exposed))];
        let exposed = exposed.into_iter().filter_map(|(part, is_exposed)| is_exposed.then_some(part)).collect();
        let part = if key_file.is_some() { Part::KeyFile } else { Part::File };
        let key = key_file.map_or_else(|| file.keys.pop(), |mut key_file| key_file.keys.pop());
        Ok(Self { certificates: file.certificates, key: key.map(|key| (part, key)), exposed })
    }

    /// The files that nobody else may read: a key lies in them as it is.
    pub fn exposed(&self) -> &[Part] {
        &self.exposed
    }
}

/// What is to be changed.
const fn part_of(part: Part, why: Unreadable) -> Part {
    match why {
        Unreadable::NoPassword | Unreadable::OtherPassword => Part::Password,
        _ => part,
    }
}

fn content(bytes: &[u8], password: Option<&SecretText>) -> Result<Content, Unreadable> {
    if bytes.windows(PEM.len()).any(|window| window == PEM) {
        return blocks(bytes, password);
    }
    // What has an end only where it ends is PKCS #12 of an old program.
    if bytes.starts_with(&[0x30, 0x80]) {
        return archive(bytes, password);
    }
    let first = Any::from_der(bytes).ok().and_then(|(_, outer)| Some((outer.tag(), Any::from_der(outer.data).ok()?.1)));
    match first {
        Some((Tag::Sequence, first)) if first.tag() == Tag::Integer && first.data == [3] => archive(bytes, password),
        Some((Tag::Sequence, first)) if first.tag() == Tag::Oid && first.data == SIGNED_DATA => {
            Err(Unreadable::SignedData)
        }
        Some((Tag::Sequence, first)) if first.tag() == Tag::Integer => {
            Ok(Content { keys: vec![key(bytes)], is_exposed: true, ..Content::default() })
        }
        Some((Tag::Sequence, _)) => Ok(Content { certificates: vec![certificate(bytes)?], ..Content::default() }),
        _ => Err(Unreadable::Form),
    }
}

/// What is in blocks of PEM; what stands around them, and what else there is, is passed over.
fn blocks(bytes: &[u8], password: Option<&SecretText>) -> Result<Content, Unreadable> {
    let mut content = Content::default();
    let blocks = pem::parse_many(bytes).map_err(|_quotes_it| Unreadable::Pem)?;
    let begun = bytes.windows(PEM.len()).filter(|window| *window == PEM).count();
    if blocks.len() != begun {
        return Err(Unreadable::Pem);
    }
    for block in &blocks {
        match block.tag() {
            "CERTIFICATE" | "X509 CERTIFICATE" => content.certificates.push(certificate(block.contents())?),
            "PKCS7" => return Err(Unreadable::SignedData),
            "ENCRYPTED PRIVATE KEY" => content.keys.push(encrypted_key(block.contents(), password)?),
            tag if tag.ends_with("PRIVATE KEY") && block.headers().iter().next().is_some() => {
                return Err(Unreadable::Encryption);
            }
            tag @ ("PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY") => {
                content.keys.push(PrivateKey::read(&SecretText::new(encoded(tag, block.contents()))));
                content.is_exposed = true;
            }
            tag if tag.ends_with("PRIVATE KEY") => {
                content.keys.push(None);
                content.is_exposed = true;
            }
            _ => {}
        }
    }
    Ok(content)
}

fn certificate(der: &[u8]) -> Result<Certificate, Unreadable> {
    Certificate::read_der(&CertificateDer::from(der)).ok_or(Unreadable::Certificate)
}

/// `None` of a kind that is not known here.
fn key(pkcs8: &[u8]) -> Option<PrivateKey> {
    PrivateKey::read(&SecretText::new(encoded("PRIVATE KEY", pkcs8)))
}

/// A key as PKCS #8 encrypts one (RFC 5958, section 3).
fn encrypted_key(der: &[u8], password: Option<&SecretText>) -> Result<Option<PrivateKey>, Unreadable> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_form| Unreadable::Encryption)?;
    let stretched = info.encryption_algorithm.pbes2().map(|parameters| &parameters.kdf);
    if !matches!(stretched, Some(Kdf::Pbkdf2(parameters)) if parameters.iteration_count <= MOST_ROUNDS) {
        return Err(Unreadable::Encryption);
    }
    let password = password.ok_or(Unreadable::NoPassword)?;
    let opened = info.decrypt(password.expose()).map_err(|_why| Unreadable::OtherPassword)?;
    Ok(key(opened.as_bytes()))
}

/// What is in a file of PKCS #12.
fn archive(bytes: &[u8], password: Option<&SecretText>) -> Result<Content, Unreadable> {
    // One without a password is encrypted with an empty one.
    let opened = Pkcs12Archive::from_pkcs12(bytes, password.map_or("", SecretText::expose));
    let opened = opened.map_err(|error| match error {
        ArchiveError::MacError(_) | ArchiveError::UnpadError | ArchiveError::Pkcs5Error(_) if password.is_none() => {
            Unreadable::NoPassword
        }
        ArchiveError::MacError(_) | ArchiveError::UnpadError => Unreadable::OtherPassword,
        ArchiveError::UnsupportedEncryptionScheme
        | ArchiveError::UnsupportedMacAlgorithm
        | ArchiveError::InvalidParameters
        | ArchiveError::Pkcs5Error(_) => Unreadable::Encryption,
        _ => Unreadable::Archive,
    })?;
    let certificates = opened.certs.iter().map(|bag| certificate(bag.cert.as_der()));
    let keys: Vec<_> = opened.keys.iter().map(|bag| key(bag.key.as_der())).collect();
    // Without a password everybody can open it.
    let is_exposed = password.is_none() && !keys.is_empty();
    Ok(Content { certificates: certificates.collect::<Result<_, _>>()?, keys, is_exposed })
}
