//! Private keys: made, read in whatever form they are in, and written in the form that is wanted.

use std::fmt;

use pem::{EncodeConfig, LineEnding, Pem};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use x509_parser::asn1_rs::{Any, FromDer, Sequence};
use zeroize::Zeroizing;

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
    /// `EC PRIVATE KEY` (RFC 5915), of a key on P-256.
    Sec1,
}

/// What stands before the number of a key on P-256: a sequence of 119 bytes, version 1, a string of 32 bytes.
const SEC1_NUMBER: &[u8] = &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
/// What stands between that and its point: the curve's name, and how long the point is.
const SEC1_CURVE_AND_POINT: &[u8] =
    &[0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00];

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
        let pkcs8 = self.0.serialized_der();
        let text = match form {
            KeyForm::Pkcs8 => None,
            KeyForm::Pkcs1 => inner(pkcs8).map(|der| encoded("RSA PRIVATE KEY", der)),
            KeyForm::Sec1 => self.sec1().map(|der| encoded("EC PRIVATE KEY", &der)),
        };
        SecretText::new(text.unwrap_or_else(|| encoded("PRIVATE KEY", pkcs8)))
    }

    /// The key as SEC 1 has it. In PKCS #8 the curve stands beside it; alone it has to name that itself.
    fn sec1(&self) -> Option<Zeroizing<Vec<u8>>> {
        let (_, key) = Sequence::from_der(inner(self.0.serialized_der())?).ok()?;
        let std::borrow::Cow::Borrowed(content) = key.content else { return None };
        let (rest, _version) = Any::from_der(content).ok()?;
        let (_, number) = Any::from_der(rest).ok()?;
        let point = self.0.der_bytes();
        let is_p256 = number.data.len() == 32 && point.len() == 65;
        is_p256.then(|| Zeroizing::new([SEC1_NUMBER, number.data, SEC1_CURVE_AND_POINT, point].concat()))
    }

    /// The public half, as a certificate has it (`SubjectPublicKeyInfo`).
    pub(super) fn public(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    /// Whether it is another one, however either is written.
    pub fn is_same(&self, other: &Self) -> bool {
        self.public() == other.public()
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
