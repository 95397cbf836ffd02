//! The hash of a password, in the forms in which a chart reads one. One that is found is hostile until it is judged: it says
//! itself how much memory and time it wants.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error, PasswordHasher, PasswordVerifier, phc},
};
use zeroize::Zeroizing;

use super::{SecretText, encoding::hex};

/// Argon2id with 7 MiB, 5 passes and 1 lane: one of the minimum settings that OWASP's
/// Password Storage Cheat Sheet lists as equal. The one with the least memory, because
/// a first boot may leave little.
const ARGON2ID: (u32, u32, u32) = (7 * 1024, 5, 1);

/// The most memory in KiB, passes and lanes of a hash that is compared at all. It is more than anybody recommends for a login
/// but the first choice of RFC 9106, whose 2 GiB no appliance has to spare.
const MOST: (u32, u32, u32) = (128 * 1024, 16, 16);

/// scrypt with N = 2^14, r = 8 and p = 1: 16 MiB. The form has no place for them, so they cannot be chosen here.
const SCRYPT: (u8, u32, u32) = (14, 8, 1);

const SALT_BYTES: usize = 32;
const KEY_BYTES: usize = 64;

/// A hash that was read. What it is of is known to nobody who does not know the password.
pub enum PasswordHash {
    /// A PHC string of Argon2.
    Argon2id(Box<phc::PasswordHash>),
    /// `salt_hex:hash_hex`, as Node's and Go's programs write it: a salt of 32 bytes and a key of 64.
    Scrypt {
        /// The salt.
        salt: [u8; SALT_BYTES],
        /// The key.
        key: Zeroizing<[u8; KEY_BYTES]>,
    },
}

impl PasswordHash {
    /// Reads a hash; `None` when it is in none of the forms, or wants more than a login may cost.
    pub fn read(text: &SecretText) -> Option<Self> {
        let text = text.expose();
        if let Some((salt, key)) = text.split_once(':') {
            return Some(Self::Scrypt { salt: bytes(salt)?, key: Zeroizing::new(bytes(key)?) });
        }
        let hash = phc::PasswordHash::new(text).ok().filter(|hash| hash.algorithm == Algorithm::Argon2id.ident())?;
        let costs = Params::try_from(&hash).ok()?;
        let (memory, passes, lanes) = MOST;
        let is_bearable = costs.m_cost() <= memory && costs.t_cost() <= passes && costs.p_cost() <= lanes;
        is_bearable.then(|| Self::Argon2id(Box::new(hash)))
    }

    /// Whether it is the hash of this password. Takes a while.
    #[must_use]
    pub fn is_of(&self, password: &SecretText) -> bool {
        let password = password.expose().as_bytes();
        match self {
            Self::Argon2id(hash) => Argon2::default().verify_password(password, &**hash).is_ok(),
            Self::Scrypt { salt, key } => derive(password, salt).is_ok_and(|derived| {
                // Every byte, wherever the first difference is.
                derived.iter().zip(key.iter()).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
            }),
        }
    }
}

/// Makes an Argon2id hash, with a new salt.
///
/// # Errors
/// When the operating system gives no random salt.
pub fn argon2id(password: &SecretText) -> Result<SecretText, Error> {
    let (memory, passes, lanes) = ARGON2ID;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, lanes, None)?);
    Ok(SecretText::new(argon2.hash_password(password.expose().as_bytes())?.to_string()))
}

/// Makes an scrypt hash with a new salt, from a source of random bytes.
///
/// # Errors
/// When there is no random salt.
pub fn scrypt<E>(password: &SecretText, random: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<SecretText, Error> {
    let mut salt = [0; SALT_BYTES];
    random(&mut salt).map_err(|_none| Error::RngFailure)?;
    let key = derive(password.expose().as_bytes(), &salt)?;
    Ok(SecretText::new(format!("{}:{}", hex(&salt), &*Zeroizing::new(hex(&*key)))))
}

fn derive(password: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, Error> {
    let (log_n, r, p) = SCRYPT;
    let params = scrypt::Params::new(log_n, r, p).map_err(|_these_are_sound| Error::ParamsInvalid)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    scrypt::scrypt(password, salt, &params, &mut *key).map_err(|_it_is_short| Error::OutputSize)?;
    Ok(key)
}

/// So many bytes in lower-case hexadecimal, and nothing else.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_of(hash: &str, password: &str) -> Option<bool> {
        Some(PasswordHash::read(&hash.into())?.is_of(&password.into()))
    }

    /// The third test vector of RFC 7914, section 12: the one with our N, r and p.
    #[test]
    fn keys_are_those_of_the_rfc() {
        let key = derive(b"pleaseletmein", b"SodiumChloride").expect("derived");
        assert_eq!(
            hex(&*key),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
             d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        );
    }

    /// The others of it hold for the library.
    #[test]
    fn the_library_is_that_of_the_rfc() {
        for (password, salt, (log_n, r, p), begins) in [
            ("", "", (4, 1, 1), "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"),
            ("password", "NaCl", (10, 8, 16), "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"),
        ] {
            let mut key = [0; KEY_BYTES];
            let params = scrypt::Params::new(log_n, r, p).expect("sound");
            scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut key).expect("derived");
            assert!(hex(&key).starts_with(begins), "{password}");
        }
    }

    #[test]
    fn what_is_made_is_known_again_and_nothing_else_is() {
        let password = "p$!`\"'\\ ü 李 12".into();
        let made = scrypt(&password, |salt| {
            salt.fill(0xab);
            Ok::<_, Error>(())
        });
        let made = made.expect("made");
        let (salt, key) = made.expose().split_once(':').expect("two parts");
        assert_eq!((salt, key.len()), ("ab".repeat(32).as_str(), 128));
        for hash in [made.clone(), argon2id(&password).expect("made")] {
            assert_eq!(is_of(hash.expose(), password.expose()), Some(true));
            assert_eq!(is_of(hash.expose(), "p$!`\"'\\ ü 李 1"), Some(false));
        }
        let none = scrypt(&password, |_| Err(Error::Internal));
        assert!(matches!(none, Err(Error::RngFailure)), "no salt of zeros");
        for unfit in [
            made.expose().to_uppercase(),
            made.expose().replace(':', ""),
            format!("{}0", made.expose()),
            format!("{}:", made.expose()),
            made.expose().chars().skip(2).collect(),
            made.expose().replacen("ab", "é", 1),
            "correct horse".to_owned(),
            String::new(),
        ] {
            assert_eq!(is_of(&unfit, password.expose()), None, "{unfit}");
        }
    }

    #[test]
    fn a_hash_that_wants_more_than_a_login_may_cost_is_not_computed() {
        let hash = |costs: &str| {
            format!("$argon2id$v=19${costs}$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g")
        };
        for (costs, reads) in [
            ("m=7168,t=5,p=1", true),
            ("m=131072,t=1,p=1", true),
            ("m=131073,t=1,p=1", false),
            ("m=4294967295,t=1,p=1", false),
            ("m=64,t=17,p=1", false),
            ("m=64,t=4294967295,p=1", false),
            ("m=2048,t=1,p=17", false),
            ("m=64,t=1,p=0", false),
        ] {
            assert_eq!(PasswordHash::read(&hash(costs).as_str().into()).is_some(), reads, "{costs}");
        }
        let weaker = hash("m=7168,t=5,p=1").replace("argon2id", "argon2d");
        assert!(PasswordHash::read(&weaker.as_str().into()).is_none());
    }
}
