//! License tokens: JSON web tokens, signed with Ed25519 or on P-256.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::later;
use crate::edition::Edition;
use crate::state::{StateDir, StateError};

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenAlgorithm {
    /// Ed25519 (RFC 8037): the same license has the same token, byte for byte.
    #[default]
    EdDsa,
    /// ECDSA on P-256 (RFC 7518 section 3.4), with `kid` in the header, as services have that change their keys. Its signatures
    /// are random, so the same license has tokens that say the same and differ in the signature.
    Es256,
}

/// What is said in a token besides the license itself, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenForm {
    /// How it is signed.
    pub algorithm: TokenAlgorithm,
    /// Whether it says in `aud` which tenant it is for. There are services that leave it out.
    pub audience: bool,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self { algorithm: TokenAlgorithm::default(), audience: true }
    }
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Uuid>,
    iat: i64,
    nbf: i64,
    exp: i64,
    edition: Edition,
    appliance_id: &'a str,
}

/// The key that signs tokens.
pub(crate) struct TokenKey {
    key: EncodingKey,
    header: Header,
    audience: bool,
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
    #[error("failed to read the token key as one of its kind")]
    Parse(#[source] rcgen::Error),
    /// Handing it to the token library.
    #[error("failed to use the token key for signing")]
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

    fn claims(&self, audience: bool) -> Claims<'_> {
        let issued_at = self.issued_at.as_second();
        Claims {
            iss: ISSUER,
            sub: self.id,
            aud: audience.then_some(self.tenant_id),
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
    pub(crate) fn load(state: &StateDir, form: TokenForm) -> Result<Self, TokenKeyError> {
        let curve = match form.algorithm {
            TokenAlgorithm::EdDsa => &PKCS_ED25519,
            TokenAlgorithm::Es256 => &PKCS_ECDSA_P256_SHA256,
        };
        let pem = Zeroizing::new(state.private(&state.token_key(form.algorithm.suffix()), || {
            KeyPair::generate_for(curve).map(|pair| pair.serialize_pem()).map_err(TokenKeyError::Make)
        })?);
        let pair = KeyPair::from_pkcs8_pem_and_sign_algo(&pem, curve).map_err(TokenKeyError::Parse)?;
        let public = state.token_public_key(form.algorithm.suffix());
        state.public(&public, || Ok::<_, TokenKeyError>(pair.public_key_pem()))?;
        let (key, header) = match form.algorithm {
            TokenAlgorithm::EdDsa => (EncodingKey::from_ed_pem(pem.as_bytes()), Header::new(Algorithm::EdDSA)),
            TokenAlgorithm::Es256 => {
                let kid = Some(thumbprint(pair.public_key_raw()));
                (EncodingKey::from_ec_pem(pem.as_bytes()), Header { kid, ..Header::new(Algorithm::ES256) })
            }
        };
        Ok(Self { key: key.map_err(TokenKeyError::Use)?, header, audience: form.audience })
    }

    /// Makes the token of a license.
    pub(crate) fn sign(&self, license: &License) -> Result<String, SignError> {
        jsonwebtoken::encode(&self.header, &license.claims(self.audience), &self.key).map_err(SignError)
    }
}

impl TokenAlgorithm {
    /// What the names of its files end with: each algorithm has a key of its own.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::EdDsa => "",
            Self::Es256 => "-es256",
        }
    }
}

/// The name of a P-256 key (RFC 7638): follows from the key alone. `point` is 4, x and y (SEC 1 section 2.3.3).
fn thumbprint(point: &[u8]) -> String {
    let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    let key = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, key.as_bytes()))
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
        let first = TokenKey::load(&state, TokenForm::default()).unwrap().sign(&license).unwrap();
        let second = TokenKey::load(&state, TokenForm::default()).unwrap().sign(&license).unwrap();
        assert_eq!(first, second);
    }
}
