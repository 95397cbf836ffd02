//! The public keys that sign license tokens: PEMs, or a JSON Web Key Set (RFC 7517).

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};
use serde_json::Value;
use x509_parser::{oid_registry::OID_EC_P256, prelude::FromDer, x509::SubjectPublicKeyInfo};

use crate::words::said;

/// The keys that may have signed a license token.
#[derive(Debug, Clone, Default)]
pub struct TokenKeys(Vec<TokenKey>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct TokenKey {
    pub(super) key: DecodingKey,
    pub(super) algorithms: &'static [Algorithm],
    /// What a token's `kid` calls it; a PEM has no name.
    kid: Option<String>,
}

/// A text that holds no Ed25519, P-256 or RSA public key.
#[derive(Debug)]
pub enum TokenKeyError {
    /// It is no PEM of one, nor a JSON object.
    Form,
    /// It is a JSON object, but no set with one.
    Set,
    /// It is a folder with nothing in it.
    Empty,
}

said! { TokenKeyError:
    Self::Form => "token-key-form",
    Self::Set => "token-key-set",
    Self::Empty => "token-key-none",
}

const ED25519: &[Algorithm] = &[Algorithm::EdDSA];
const P256: &[Algorithm] = &[Algorithm::ES256];
const RSA: &[Algorithm] = &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256];

impl TokenKeys {
    /// Reads the keys in the text of a file.
    ///
    /// # Errors
    /// When it holds none of a supported kind.
    pub fn read(text: &str) -> Result<Self, TokenKeyError> {
        // As editors of another system save it.
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if !text.starts_with('{') {
            let begins: Vec<usize> = text.match_indices("-----BEGIN ").map(|(begin, _)| begin).collect();
            let ends = begins.iter().skip(1).copied().chain([text.len()]);
            let keys = begins.iter().zip(ends).map(|(begin, end)| TokenKey::from_pem(&text.as_bytes()[*begin..end]));
            let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
            return if keys.is_empty() { Err(TokenKeyError::Form) } else { Ok(Self(keys)) };
        }
        let set: Value = serde_json::from_str(text).map_err(|_quotes_it| TokenKeyError::Set)?;
        // Keys of other kinds, and for other uses, are passed over (RFC 7517 section 5).
        let keys: Vec<_> = set["keys"].as_array().into_iter().flatten().filter_map(TokenKey::from_jwk).collect();
        if keys.is_empty() { Err(TokenKeyError::Set) } else { Ok(Self(keys)) }
    }

    /// Adds those of another file.
    pub fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Those that may have signed a token that names its key so; all of them if none has this name.
    pub(super) fn called<'k>(&'k self, kid: Option<&str>) -> Vec<&'k TokenKey> {
        let called: Vec<_> = self.0.iter().filter(|key| kid.is_some() && key.kid.as_deref() == kid).collect();
        if called.is_empty() { self.0.iter().collect() } else { called }
    }
}

impl TokenKey {
    fn from_pem(pem: &[u8]) -> Result<Self, TokenKeyError> {
        let named = |key, algorithms| Self { key, algorithms, kid: None };
        if let Ok(key) = DecodingKey::from_ed_pem(pem) {
            return Ok(named(key, ED25519));
        }
        if let Ok(key) = DecodingKey::from_ec_pem(pem) {
            // Any curve is parsed, but tokens of others are signed with algorithms that are not in the contract.
            return if is_p256(pem) { Ok(named(key, P256)) } else { Err(TokenKeyError::Form) };
        }
        let key = DecodingKey::from_rsa_pem(pem).map_err(|_not_rsa_either| TokenKeyError::Form)?;
        Ok(named(key, RSA))
    }

    /// `None` for a key that signs no license tokens.
    fn from_jwk(jwk: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk.clone()).ok()?;
        // What is shared with the service, as an `oct` key is, would let whoever reads the profile sign.
        let algorithms = match &jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => ED25519,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => P256,
            AlgorithmParameters::RSA(_) => RSA,
            _ => return None,
        };
        let signs = !matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)));
        let key = DecodingKey::from_jwk(&jwk).ok().filter(|_| signs)?;
        Some(Self { key, algorithms, kid: jwk.common.key_id })
    }
}

/// Whether a PEM public key lies on the curve of ES256 (RFC 5480 section 2.1.1.1).
fn is_p256(pem: &[u8]) -> bool {
    let Ok(der) = SubjectPublicKeyInfoDer::from_pem_slice(pem) else { return false };
    let parameters = SubjectPublicKeyInfo::from_der(&der).ok().and_then(|(_, key)| key.algorithm.parameters);
    parameters.is_some_and(|parameters| parameters.as_oid().is_ok_and(|curve| curve == OID_EC_P256))
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
            for text in [pem.clone(), format!("\u{feff}{pem}"), pem.replace('\n', "\r\n")] {
                let keys = TokenKeys::read(&text);
                assert_eq!(keys.as_ref().ok().map(|keys| keys.0[0].algorithms[0]), expected, "{kind:?}");
                if let Err(error) = keys {
                    assert_eq!(error.to_string(), "this is not the PEM of an Ed25519, P-256 or RSA public key");
                }
            }
        }
    }

    #[test]
    fn several_keys_in_a_file() {
        let pem = |kind| KeyPair::generate_for(kind).expect("a key pair").public_key_pem();
        let (ed, ec, other) = (pem(&PKCS_ED25519), pem(&PKCS_ECDSA_P256_SHA256), pem(&PKCS_ECDSA_P384_SHA384));
        let private = KeyPair::generate_for(&PKCS_ED25519).expect("a key pair").serialize_pem();
        for (text, expected) in [
            (format!("# until March\n{ed}\n# from then on\n{ec}"), Some(2)),
            // None is passed over without a word.
            (format!("{ed}{other}"), None),
            (format!("{ed}{private}"), None),
            (private, None),
            ("MCowBQYDK2VwAyEA".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(TokenKeys::read(&text).ok().map(|keys| keys.0.len()), expected, "{text}");
        }
    }

    /// The example keys of RFC 7517 (appendix A.1) and RFC 8037 (appendix A.2), and what is passed over.
    #[test]
    fn sets_of_keys() {
        let ec = r#""kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM""#;
        let ed = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
        let read = |keys: &str| {
            let keys = TokenKeys::read(&format!("{{\"keys\": [{keys}]}}"));
            keys.map(|keys| keys.0.into_iter().map(|key| (key.algorithms[0], key.kid)).collect::<Vec<_>>())
                .map_err(|error| error.to_string())
        };
        let none =
            Err("this JSON holds no Ed25519, P-256 or RSA public key for signatures (`keys`, RFC 7517)".to_owned());
        let named = |name: &str| Some(name.to_owned());
        for (keys, expected) in [
            (format!("{{{ec}, \"kid\":\"1\"}}"), Ok(vec![(Algorithm::ES256, named("1"))])),
            (
                format!("{{{ed}, \"use\":\"sig\", \"alg\":\"EdDSA\"}}, {{{ec}, \"kid\":\"2\", \"more\":[1]}}"),
                Ok(vec![(Algorithm::EdDSA, None), (Algorithm::ES256, named("2"))]),
            ),
            (format!("{{{ec}, \"use\":\"enc\"}}"), none.clone()),
            (r#"{"kty":"oct","k":"c2VjcmV0"}"#.to_owned(), none.clone()),
            (format!(r#"{{"kty":"AKP","alg":"ML-DSA-44"}}, 7, {{{ed}}}"#), Ok(vec![(Algorithm::EdDSA, None)])),
            (ec.replace("P-256", "P-384").replacen('"', "{\"", 1) + "}", none.clone()),
            (String::new(), none.clone()),
            ("{".to_owned(), none.clone()),
        ] {
            assert_eq!(read(&keys), expected, "{keys}");
        }
    }
}
