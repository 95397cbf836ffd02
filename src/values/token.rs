//! License tokens (JWT, RFC 7519): bound to the tenant, and signed when the profile pins a key.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation, dangerous::insecure_decode, decode};
use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};
use serde::Deserialize;
use x509_parser::{oid_registry::OID_EC_P256, prelude::FromDer, x509::SubjectPublicKeyInfo};

use super::{SecretText, TenantId};
use crate::words::said;

/// The public key that signs license tokens, from a PEM file.
#[derive(Debug, Clone)]
pub struct TokenKey {
    key: DecodingKey,
    algorithms: Vec<Algorithm>,
}

/// A PEM text that holds no Ed25519, P-256 or RSA public key.
#[derive(Debug)]
pub struct TokenKeyError;

said! { TokenKeyError: Self => "token-key-form" }

/// Why a license token is refused. No variant quotes it.
#[derive(Debug)]
pub enum TokenError {
    /// Not a JWT, or not signed by the pinned key.
    Signature,
    /// Not a JWT with the claims of a license token.
    Form,
    /// Issued for somebody else.
    Audience(TenantId),
    /// `exp` has passed, by this machine's clock.
    Expired,
    /// `nbf` has not come, by this machine's clock.
    Early,
}

said! { TokenError:
    Self::Signature => "token-signature",
    Self::Form => "token-form",
    Self::Audience(tenant) => "token-tenant" { tenant: tenant.to_string() },
    Self::Expired => "token-expired",
    Self::Early => "token-early",
}

#[derive(Deserialize)]
struct Claims {
    aud: Audience,
    exp: Option<i64>,
    nbf: Option<i64>,
}

/// RFC 7519 section 4.1.3 allows one audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl TokenKey {
    /// Parses a PEM public key.
    ///
    /// # Errors
    /// When it holds no key of a supported kind.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TokenKeyError> {
        if let Ok(key) = DecodingKey::from_ed_pem(pem) {
            return Ok(Self { key, algorithms: vec![Algorithm::EdDSA] });
        }
        if let Ok(key) = DecodingKey::from_ec_pem(pem) {
            // Any curve is parsed, but tokens of others are signed with algorithms that are not in the contract.
            if !is_p256(pem) {
                return Err(TokenKeyError);
            }
            return Ok(Self { key, algorithms: vec![Algorithm::ES256] });
        }
        let key = DecodingKey::from_rsa_pem(pem).map_err(|_not_rsa_either| TokenKeyError)?;
        Ok(Self { key, algorithms: vec![Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] })
    }
}

/// Whether a PEM public key lies on the curve of ES256 (RFC 5480 section 2.1.1.1).
fn is_p256(pem: &[u8]) -> bool {
    let Ok(der) = SubjectPublicKeyInfoDer::from_pem_slice(pem) else { return false };
    let parameters = SubjectPublicKeyInfo::from_der(&der).ok().and_then(|(_, key)| key.algorithm.parameters);
    parameters.is_some_and(|parameters| parameters.as_oid().is_ok_and(|curve| curve == OID_EC_P256))
}

/// Checks a license token: `aud` is the tenant; with a pinned `key` also its signature, `exp` and `nbf` at `now`.
///
/// # Errors
/// When the token is not to be used.
pub fn check_token(
    token: &SecretText,
    tenant: TenantId,
    key: Option<&TokenKey>,
    now: Timestamp,
    skew_seconds: i64,
) -> Result<(), TokenError> {
    let claims = match key {
        None => insecure_decode::<Claims>(token.expose()).map_err(|_quotes_it| TokenError::Form)?.claims,
        Some(key) => verified(token, key)?.claims,
    };
    let tenant_text = tenant.to_string();
    let meant = match &claims.aud {
        Audience::One(audience) => *audience == tenant_text,
        Audience::Several(audiences) => audiences.contains(&tenant_text),
    };
    if !meant {
        return Err(TokenError::Audience(tenant));
    }
    let now = now.as_second();
    if key.is_some() && claims.nbf.is_some_and(|nbf| nbf.saturating_sub(skew_seconds) > now) {
        return Err(TokenError::Early);
    }
    // Last: whoever gets this knows that all else is right.
    if key.is_some() && claims.exp.is_some_and(|exp| exp.saturating_add(skew_seconds) < now) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// The tenant that a token was issued for, as it says itself; `None` where it names none.
pub fn audience(token: &SecretText) -> Option<String> {
    #[derive(Deserialize)]
    struct Bound {
        aud: Audience,
    }
    let all = match insecure_decode::<Bound>(token.expose()).ok()?.claims.aud {
        Audience::One(audience) => vec![audience],
        Audience::Several(audiences) => audiences,
    };
    all.iter().find_map(|audience| audience.parse::<TenantId>().ok()).map(|tenant| tenant.to_string())
}

/// The signature alone: audience and times are compared by us, with the clock that was given.
fn verified(token: &SecretText, key: &TokenKey) -> Result<TokenData<Claims>, TokenError> {
    let mut validation = Validation::default();
    validation.algorithms.clone_from(&key.algorithms);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.required_spec_claims.clear();
    decode(token.expose(), &key.key, &validation).map_err(|_quotes_it| TokenError::Signature)
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};

    use super::*;

    #[test]
    fn kinds_of_keys() {
        for (kind, expected) in [
            (&PKCS_ED25519, Some(Algorithm::EdDSA)),
            (&PKCS_ECDSA_P256_SHA256, Some(Algorithm::ES256)),
            (&PKCS_RSA_SHA256, Some(Algorithm::RS256)),
            (&PKCS_ECDSA_P384_SHA384, None),
        ] {
            let pem = KeyPair::generate_for(kind).expect("a key pair").public_key_pem();
            let key = TokenKey::from_pem(pem.as_bytes());
            assert_eq!(key.as_ref().ok().map(|key| key.algorithms[0]), expected, "{kind:?}");
            if let Err(error) = key {
                assert_eq!(error.to_string(), "this is not the PEM of an Ed25519, P-256 or RSA public key");
            }
        }
    }
}
