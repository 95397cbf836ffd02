//! License tokens (JWT, RFC 7519): bound to the tenant, and signed when the profile pins keys.

use jiff::Timestamp;
use jsonwebtoken::{Validation, dangerous::insecure_decode, decode, decode_header};
use serde::Deserialize;

use super::{SecretText, TenantId, TokenKeys};
use crate::words::said;

/// Why a license token is refused. No variant quotes it.
#[derive(Debug)]
pub enum TokenError {
    /// Not a JWT, or not signed by a pinned key.
    Signature,
    /// Not a JWT with the claims of a license token.
    Form,
    /// It does not say for whom it was issued.
    NoAudience,
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
    Self::NoAudience => "token-no-tenant",
    Self::Audience(tenant) => "token-tenant" { tenant: tenant.to_string() },
    Self::Expired => "token-expired",
    Self::Early => "token-early",
}

#[derive(Deserialize)]
struct Claims {
    aud: Option<Audience>,
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

impl Audience {
    /// Those of them that are tenants.
    fn tenants(&self) -> Vec<TenantId> {
        let all = match self {
            Self::One(audience) => std::slice::from_ref(audience),
            Self::Several(audiences) => audiences,
        };
        all.iter().filter_map(|audience| audience.parse().ok()).collect()
    }
}

/// What a profile demands of license tokens.
#[derive(Debug, Clone, Copy)]
pub struct TokenRules<'k> {
    /// One of these must have signed it, if there are any.
    pub keys: Option<&'k TokenKeys>,
    /// Whether it must name its tenant.
    pub audience: TokenAudience,
    /// How far the clocks may be apart.
    pub skew_seconds: i64,
}

/// Whether a license token must name its tenant (`aud`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAudience {
    /// It must.
    Required,
    /// It may do without; if it does not, it must be the tenant's.
    IfPresent,
}

/// Checks a license token: `aud` is the tenant; with pinned keys also its signature, `exp` and `nbf` at `now`.
///
/// # Errors
/// When the token is not to be used.
pub fn check_token(
    token: &SecretText,
    tenant: TenantId,
    rules: TokenRules<'_>,
    now: Timestamp,
) -> Result<(), TokenError> {
    let claims = match rules.keys {
        None => insecure_decode::<Claims>(token.expose()).map_err(|_quotes_it| TokenError::Form)?.claims,
        Some(keys) => verified(token, keys)?,
    };
    let meant = match &claims.aud {
        Some(audience) => audience.tenants().contains(&tenant),
        None if rules.audience == TokenAudience::IfPresent => true,
        None => return Err(TokenError::NoAudience),
    };
    if !meant {
        return Err(TokenError::Audience(tenant));
    }
    let (now, skew) = (now.as_second(), rules.skew_seconds);
    if rules.keys.is_some() && claims.nbf.is_some_and(|nbf| nbf.saturating_sub(skew) > now) {
        return Err(TokenError::Early);
    }
    // Last: whoever gets this knows that all else is right.
    if rules.keys.is_some() && claims.exp.is_some_and(|exp| exp.saturating_add(skew) < now) {
        return Err(TokenError::Expired);
    }
    Ok(())
}

/// The tenant that a token was issued for, as it says itself; `None` where it names none, or several.
pub fn audience(token: &SecretText) -> Option<String> {
    #[derive(Deserialize)]
    struct Bound {
        aud: Audience,
    }
    match insecure_decode::<Bound>(token.expose()).ok()?.claims.aud.tenants().as_slice() {
        [tenant] => Some(tenant.to_string()),
        _ => None,
    }
}

/// The signature alone: audience and times are compared by us, with the clock that was given.
fn verified(token: &SecretText, keys: &TokenKeys) -> Result<Claims, TokenError> {
    let header = decode_header(token.expose()).map_err(|_quotes_it| TokenError::Signature)?;
    let mut validation =
        Validation { validate_aud: false, validate_exp: false, validate_nbf: false, ..Validation::default() };
    validation.required_spec_claims.clear();
    let claims = keys.called(header.kid.as_deref()).into_iter().find_map(|key| {
        validation.algorithms = key.algorithms.to_vec();
        decode::<Claims>(token.expose(), &key.key, &validation).ok()
    });
    claims.map(|decoded| decoded.claims).ok_or(TokenError::Signature)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, SignatureAlgorithm};
    use serde_json::{Value, json};

    use super::*;

    const TENANT: &str = "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66";

    /// One who signs.
    struct Signer {
        key: EncodingKey,
        algorithm: Algorithm,
        /// The public half: a PEM, and a JSON Web Key.
        pem: String,
        jwk: Value,
    }

    impl Signer {
        fn new(kind: &'static SignatureAlgorithm) -> Self {
            let pair = KeyPair::generate_for(kind).expect("a key pair");
            let (private, raw) = (pair.serialize_pem(), pair.public_key_raw());
            let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let (key, algorithm, jwk) = match () {
                () if kind == &PKCS_ED25519 => {
                    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": part(raw)});
                    (EncodingKey::from_ed_pem(private.as_bytes()), Algorithm::EdDSA, jwk)
                }
                () if kind == &PKCS_RSA_SHA256 => {
                    (EncodingKey::from_rsa_pem(private.as_bytes()), Algorithm::RS256, Value::Null)
                }
                () => {
                    let jwk = json!({"kty": "EC", "crv": "P-256", "x": part(&raw[1..33]), "y": part(&raw[33..])});
                    (EncodingKey::from_ec_pem(private.as_bytes()), Algorithm::ES256, jwk)
                }
            };
            Self { key: key.expect("a key"), algorithm, pem: pair.public_key_pem(), jwk }
        }

        fn sign(&self, kid: Option<&str>, claims: &Value) -> SecretText {
            let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm) };
            SecretText::new(encode(&header, claims, &self.key).expect("signed"))
        }

        /// The public half as a set of one, with this name.
        fn set(&self, kid: &str) -> TokenKeys {
            let mut jwk = self.jwk.clone();
            jwk["kid"] = kid.into();
            TokenKeys::read(&json!({"keys": [jwk]}).to_string()).expect("a set")
        }
    }

    fn said(token: &SecretText, keys: Option<&TokenKeys>, audience: TokenAudience) -> String {
        let (tenant, now) = (TENANT.parse().expect("an id"), Timestamp::from_second(1000).expect("a time"));
        let checked = check_token(token, tenant, TokenRules { keys, audience, skew_seconds: 10 }, now);
        checked.map_or_else(|error| format!("{error:?}"), |()| "good".to_owned())
    }

    #[test]
    fn whose_signature_counts() {
        let kinds = [&PKCS_ED25519, &PKCS_ECDSA_P256_SHA256, &PKCS_RSA_SHA256];
        let [ed, ec, rsa] = kinds.map(Signer::new);
        let stranger = Signer::new(&PKCS_ED25519);
        let claims = json!({"aud": TENANT});
        let mut pems = TokenKeys::default();
        for Signer { pem, .. } in [&ed, &ec, &rsa] {
            pems.add(TokenKeys::read(pem).expect("a key"));
        }
        let mut sets = ed.set("ed");
        sets.add(ec.set("ec"));
        sets.add(stranger.set("old"));
        for (signer, kid, keys, expected) in [
            // No name, or one that nobody has: each is tried.
            (&ed, None, &pems, "good"),
            (&ec, Some("whatever"), &pems, "good"),
            (&rsa, None, &pems, "good"),
            (&stranger, None, &pems, "Signature"),
            (&ed, Some("ed"), &sets, "good"),
            (&ec, None, &sets, "good"),
            (&ec, Some("2027"), &sets, "good"),
            (&rsa, Some("rsa"), &sets, "Signature"),
            // Who names a key has signed with it.
            (&ed, Some("ec"), &sets, "Signature"),
            (&ed, Some("old"), &sets, "Signature"),
        ] {
            let token = signer.sign(kid, &claims);
            assert_eq!(said(&token, Some(keys), TokenAudience::Required), expected, "{:?} {kid:?}", signer.algorithm);
        }
        // A public key is no shared secret.
        let shared = EncodingKey::from_secret(ed.pem.as_bytes());
        let forged = encode(&Header::new(Algorithm::HS256), &claims, &shared).expect("signed");
        assert_eq!(said(&SecretText::new(forged), Some(&pems), TokenAudience::Required), "Signature");
    }

    #[test]
    fn whose_token_it_is_and_when() {
        use TokenAudience::{IfPresent, Required};
        let signer = Signer::new(&PKCS_ED25519);
        let keys = TokenKeys::read(&signer.pem).expect("a key");
        for (claims, audience, expected) in [
            (json!({"aud": TENANT}), Required, "good"),
            (json!({"aud": [TENANT, "x"]}), Required, "good"),
            (json!({"aud": "x"}), Required, "Audience"),
            (json!({}), Required, "NoAudience"),
            (json!({"aud": null}), IfPresent, "good"),
            (json!({}), IfPresent, "good"),
            (json!({"aud": "x"}), IfPresent, "Audience"),
            (json!({"aud": []}), IfPresent, "Audience"),
            (json!({"aud": 7}), IfPresent, "Signature"),
            (json!({"aud": TENANT, "nbf": 1005}), Required, "good"),
            (json!({"aud": TENANT, "nbf": 1100}), Required, "Early"),
            (json!({"aud": TENANT, "exp": 900}), Required, "Expired"),
            // What has expired is still bound to its tenant.
            (json!({"aud": "x", "exp": 900}), Required, "Audience"),
        ] {
            let told = said(&signer.sign(None, &claims), Some(&keys), audience);
            assert!(told.starts_with(expected), "{claims}: {told}");
        }
        // Without keys the times are nobody's word.
        let token = signer.sign(None, &json!({"aud": TENANT, "nbf": 1100}));
        assert_eq!(said(&token, None, Required), "good");
    }
}
