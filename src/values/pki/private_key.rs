//! Private keys: made, read in whatever form they are in, and written in the form that is wanted.

use std::fmt;

use pem::{EncodeConfig, LineEnding, Pem};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use x509_parser::asn1_rs::{Any, FromDer, Sequence};

use super::spec::IssueError;
use crate::values::SecretText;

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// ECDSA on the curve P-256 (FIPS 186-5).
    P256,
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 4096 bits. Making one takes seconds.
    Rsa4096,
}

/// How a key is written as PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// `PRIVATE KEY` (RFC 5208).
    Pkcs8,
    /// `RSA PRIVATE KEY` (RFC 8017, appendix A.1.2).
    Pkcs1,
}

/// A private key with its public half.
pub struct PrivateKey(KeyPair);

impl PrivateKey {
    /// Makes a new one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, IssueError> {
        let pair = match algorithm {
            KeyAlgorithm::P256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
            KeyAlgorithm::Rsa2048 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            KeyAlgorithm::Rsa4096 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096),
        };
        pair.map(Self).map_err(IssueError)
    }

    /// Reads a key as PEM, in any form that OpenSSL writes without a password; what stands around it is passed over.
    pub fn read(text: &SecretText) -> Option<Self> {
        let der = PrivateKeyDer::from_pem_slice(text.expose().as_bytes()).ok()?;
        KeyPair::try_from(&der).ok().map(Self)
    }

    /// The key as PEM.
    pub fn pem(&self, form: KeyForm) -> SecretText {
        let pkcs1 = Some(form).filter(|form| *form == KeyForm::Pkcs1).and_then(|_| inner(self.0.serialized_der()));
        let (tag, der) = match pkcs1 {
            Some(der) => ("RSA PRIVATE KEY", der),
            None => ("PRIVATE KEY", self.0.serialized_der()),
        };
        SecretText::new(encoded(tag, der))
    }

    /// The public half, as a certificate has it (`SubjectPublicKeyInfo`).
    pub(super) fn public(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    pub(super) const fn pair(&self) -> &KeyPair {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(redacted)")
    }
}

/// A block of PEM (RFC 7468).
pub(super) fn encoded(tag: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(tag, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

/// The key that PKCS #8 is wrapped around.
fn inner(pkcs8: &[u8]) -> Option<&[u8]> {
    let (_, sequence) = Sequence::from_der(pkcs8).ok()?;
    let std::borrow::Cow::Borrowed(content) = sequence.content else { return None };
    let (rest, _version) = Any::from_der(content).ok()?;
    let (rest, _algorithm) = Any::from_der(rest).ok()?;
    let (_, key) = Any::from_der(rest).ok()?;
    Some(key.data)
}
