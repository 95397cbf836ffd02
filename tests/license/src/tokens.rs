//! License tokens: JSON web tokens, signed with Ed25519.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ED25519};
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::later;
use crate::edition::Edition;
use crate::state::{StateDir, StateError};

/// What an appliance is entitled to; a token is its proof.
#[derive(Debug)]
pub(crate) struct License {
    pub(crate) id: Uuid,
    pub(crate) appliance_id: String,
    pub(crate) tenant_id: Uuid,
    pub(crate) edition: Edition,
    pub(crate) issued_at: Timestamp,
    pub(crate) lifetime: SignedDuration,
}

/// What a token says. The field order is the order on the wire: a replayed token must be the same bytes.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: Uuid,
    aud: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    edition: Edition,
    appliance_id: &'a str,
}

/// The key that signs tokens.
pub(crate) struct TokenKey {
    key: EncodingKey,
}

/// The signing key could not be had.
#[derive(Debug, Error)]
pub enum TokenKeyError {
    /// The file.
    #[error("failed to keep the token key")]
    File(#[source] StateError),
    /// Making a new one.
    #[error("failed to make the token key")]
    Make(#[source] rcgen::Error),
    /// Reading the one that is there.
    #[error("failed to read `token.key` as an Ed25519 key")]
    Parse(#[source] rcgen::Error),
    /// Handing it to the token library.
    #[error("failed to use `token.key` for signing")]
    Use(#[source] jsonwebtoken::errors::Error),
}

/// A token could not be signed.
#[derive(Debug, Error)]
#[error("failed to sign a token")]
pub(crate) struct SignError(#[source] jsonwebtoken::errors::Error);

impl From<StateError> for TokenKeyError {
    fn from(source: StateError) -> Self {
        Self::File(source)
    }
}

impl License {
    /// From when on a token of it is worth nothing, in seconds since the epoch.
    pub(crate) fn expires(&self) -> i64 {
        later(self.issued_at, self.lifetime).as_second()
    }

    fn claims(&self) -> Claims<'_> {
        let issued_at = self.issued_at.as_second();
        Claims {
            iss: ISSUER,
            sub: self.id,
            aud: self.tenant_id,
            iat: issued_at,
            nbf: issued_at,
            exp: self.expires(),
            edition: self.edition,
            appliance_id: &self.appliance_id,
        }
    }
}

/// Who issues the tokens. A name and not the service's address, which may change without making a token another one.
const ISSUER: &str = "license-service";

impl TokenKey {
    /// Reads the key, or makes it at the first start; its public half is written beside it.
    pub(crate) fn load(state: &StateDir) -> Result<Self, TokenKeyError> {
        let pem = Zeroizing::new(state.private(&state.token_key(), || {
            KeyPair::generate_for(&PKCS_ED25519).map(|pair| pair.serialize_pem()).map_err(TokenKeyError::Make)
        })?);
        let pair = KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &PKCS_ED25519).map_err(TokenKeyError::Parse)?;
        state.public(&state.token_public_key(), || Ok::<_, TokenKeyError>(pair.public_key_pem()))?;
        Ok(Self { key: EncodingKey::from_ed_pem(pem.as_bytes()).map_err(TokenKeyError::Use)? })
    }

    /// Makes the token of a license. Ed25519 is deterministic: the same license has the same token.
    pub(crate) fn sign(&self, license: &License) -> Result<String, SignError> {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &license.claims(), &self.key).map_err(SignError)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenKey(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_license_has_the_same_token_also_after_a_restart() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        let license = License {
            id: Uuid::new_v4(),
            appliance_id: "appliance-1f0c2d3e4b5a6978".to_owned(),
            tenant_id: Uuid::new_v4(),
            edition: Edition::Pro,
            issued_at: Timestamp::from_second(1_700_000_000).unwrap(),
            lifetime: SignedDuration::from_hours(1),
        };
        let first = TokenKey::load(&state).unwrap().sign(&license).unwrap();
        let second = TokenKey::load(&state).unwrap().sign(&license).unwrap();
        assert_eq!(first, second);
    }
}
