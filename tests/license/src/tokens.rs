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

/// What a token says. The field order is the order on the wire: a replayed token must be the same bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) sub: &'a str,
    pub(crate) aud: Uuid,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) edition: Edition,
    pub(crate) appliance_id: &'a str,
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

impl<'a> Claims<'a> {
    /// The claims of a token for one appliance of one tenant.
    pub(crate) fn new(
        appliance_id: &'a str,
        tenant: Uuid,
        edition: Edition,
        issued: Timestamp,
        lifetime: SignedDuration,
    ) -> Self {
        let issued_at = issued.as_second();
        Self {
            iss: ISSUER,
            sub: appliance_id,
            aud: tenant,
            iat: issued_at,
            nbf: issued_at,
            exp: later(issued, lifetime).as_second(),
            edition,
            appliance_id,
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

    /// Signs. Ed25519 is deterministic: the same claims give the same token.
    pub(crate) fn sign(&self, claims: &Claims<'_>) -> Result<String, SignError> {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &self.key).map_err(SignError)
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
    fn the_same_claims_give_the_same_token_also_after_a_restart() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        let tenant = Uuid::new_v4();
        let issued = Timestamp::from_second(1_700_000_000).unwrap();
        let claims =
            Claims::new("appliance-1f0c2d3e4b5a6978", tenant, Edition::Pro, issued, SignedDuration::from_hours(1));
        let first = TokenKey::load(&state).unwrap().sign(&claims).unwrap();
        let second = TokenKey::load(&state).unwrap().sign(&claims).unwrap();
        assert_eq!(first, second);
    }
}
