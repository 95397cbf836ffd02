//! The server key, and what is derived from it: digests of codes, appliance credentials, signatures of links, the seal of the
//! outbox. The database alone is therefore worth nothing to a thief: it holds no code, no credential and no token.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::code::ClaimCode;
use crate::state::{StateDir, StateError};

/// What a derived value is for. The label is part of what is hashed, so a value made for one purpose is useless for another.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Code,
    IdempotencyKey,
    Credential,
    Link,
    Outbox,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Code => b"code\0",
            Self::IdempotencyKey => b"idempotency-key\0",
            Self::Credential => b"credential\0",
            Self::Link => b"link\0",
            Self::Outbox => b"outbox\0",
        }
    }
}

/// The server's secret key.
pub(crate) struct ServerKey {
    key: hmac::Key,
}

/// The server key could not be had.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file.
    #[error("failed to keep the server's keys")]
    File(#[source] StateError),
    /// The system's random source.
    #[error("failed to draw a key from the system's random source")]
    Random(#[source] getrandom::Error),
    /// The file is there, but it is no key of ours.
    #[error("`server.key` is not 32 bytes in base64url")]
    Malformed,
}

impl From<StateError> for KeyError {
    fn from(source: StateError) -> Self {
        Self::File(source)
    }
}

/// A sealed text did not open: the database and `server.key` do not belong together.
#[derive(Debug, Error)]
#[error("failed to open a sealed message")]
pub struct SealError;

impl ServerKey {
    /// Reads the key, or draws it at the first start.
    pub(crate) fn load(state: &StateDir) -> Result<Self, KeyError> {
        let text = Zeroizing::new(state.private(&state.server_key(), random_token)?);
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map(Zeroizing::new).unwrap_or_default();
        if bytes.len() != 32 {
            return Err(KeyError::Malformed);
        }
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) })
    }

    /// The digest under which a code is stored.
    pub(crate) fn code_digest(&self, code: &ClaimCode) -> [u8; 32] {
        self.derive(Purpose::Code, code.expose().as_bytes())
    }

    /// The digest under which a client's idempotency key is stored.
    pub(crate) fn idempotency_digest(&self, key: &str) -> [u8; 32] {
        self.derive(Purpose::IdempotencyKey, key.as_bytes())
    }

    /// The credential of a grant. Derived, so that a replay gets the same one although only its digest is stored.
    pub(crate) fn credential(&self, grant: Uuid) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.derive(Purpose::Credential, grant.as_bytes())))
    }

    /// The signature of a link.
    pub(crate) fn sign_link(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(Purpose::Link, text.as_bytes()))
    }

    /// Whether `signature` is the signature of a link, in constant time.
    pub(crate) fn verify_link(&self, text: &str, signature: &str) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        let text = [Purpose::Link.label(), text.as_bytes()].concat();
        hmac::verify(&self.key, &text, &signature).is_ok()
    }

    /// Encrypts a text for the database.
    pub(crate) fn seal(&self, text: &str) -> Result<Vec<u8>, SealError> {
        let mut sealed = text.as_bytes().to_vec();
        let key = self.sealing_key()?;
        let nonce = key.seal_in_place_append_tag(Aad::empty(), &mut sealed).map_err(|_unspecified| SealError)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Decrypts a text from the database.
    pub(crate) fn unseal(&self, sealed: &[u8]) -> Result<Zeroizing<String>, SealError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let key = self.sealing_key()?;
        let text = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), rest.as_mut())
            .map_err(|_unspecified| SealError)?;
        std::str::from_utf8(text).map(|text| Zeroizing::new(text.to_owned())).map_err(|_not_text| SealError)
    }

    fn sealing_key(&self) -> Result<RandomizedNonceKey, SealError> {
        let key = Zeroizing::new(self.derive(Purpose::Outbox, b""));
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map_err(|_unspecified| SealError)
    }

    fn derive(&self, purpose: Purpose, text: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(purpose.label());
        context.update(text);
        let mut derived = [0; 32];
        derived.copy_from_slice(context.sign().as_ref());
        derived
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerKey(********)")
    }
}

/// 32 random bytes in base64url: a key, or a bearer token.
pub(crate) fn random_token() -> Result<String, KeyError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(KeyError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The digest under which a credential is stored. A plain one is enough: 256 random bits cannot be searched.
pub(crate) fn credential_digest(credential: &str) -> [u8; 32] {
    let mut stored = [0; 32];
    stored.copy_from_slice(digest::digest(&digest::SHA256, credential.as_bytes()).as_ref());
    stored
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (tempfile::TempDir, ServerKey) {
        let temporary = tempfile::tempdir().unwrap();
        let key = ServerKey::load(&StateDir::open(temporary.path()).unwrap()).unwrap();
        (temporary, key)
    }

    #[test]
    fn the_key_survives_a_restart_and_differs_between_services() {
        let (temporary, first) = key();
        let again = ServerKey::load(&StateDir::open(temporary.path()).unwrap()).unwrap();
        let (_other_temporary, other) = key();
        let grant = Uuid::new_v4();
        assert_eq!(first.credential(grant), again.credential(grant));
        assert_ne!(first.credential(grant), other.credential(grant));
        assert_eq!(URL_SAFE_NO_PAD.decode(first.credential(grant).as_bytes()).unwrap().len(), 32);
    }

    #[test]
    fn a_damaged_key_file_is_named_and_not_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        std::fs::write(state.server_key(), "too short").unwrap();
        assert!(matches!(ServerKey::load(&state), Err(KeyError::Malformed)));
        assert_eq!(std::fs::read_to_string(state.server_key()).unwrap(), "too short");
    }

    #[test]
    fn a_seal_opens_with_its_own_key_only() {
        let (_temporary, key) = key();
        let (_other_temporary, other) = self::key();
        let sealed = key.seal("your code is K7QP-M2RX").unwrap();
        assert_eq!(key.unseal(&sealed).unwrap().as_str(), "your code is K7QP-M2RX");
        assert!(other.unseal(&sealed).is_err());
        assert!(key.unseal(&sealed[..8]).is_err());
        assert!(!sealed.windows(4).any(|window| window == b"K7QP"));
    }

    #[test]
    fn a_link_signature_covers_every_byte() {
        let (_temporary, key) = key();
        let signature = key.sign_link("/downloads/a|100");
        assert!(key.verify_link("/downloads/a|100", &signature));
        assert!(!key.verify_link("/downloads/a|101", &signature));
        assert!(!key.verify_link("/downloads/a|100", "AAAA"));
        assert!(!key.verify_link("/downloads/a|100", "not base64!"));
    }
}
