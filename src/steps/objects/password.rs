//! The administrator's password as it travels to the bootstrap.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{Error, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::OnceCell;

use crate::{
    profile::PasswordForm,
    values::{Password, SecretText},
};

/// Argon2id with 7 MiB, 5 passes and 1 lane: one of the minimum settings that OWASP's
/// Password Storage Cheat Sheet lists as equal. The one with the least memory, because
/// a first boot may leave little.
const PARAMETERS: (u32, u32, u32) = (7 * 1024, 5, 1);

/// A password and what it travels as, which is made at most once, because hashing takes a while.
#[derive(Debug)]
pub struct Travelling {
    form: PasswordForm,
    password: Password,
    made: OnceCell<SecretText>,
}

impl Travelling {
    /// A password that has not travelled yet.
    #[must_use]
    pub fn new(form: PasswordForm, password: Password) -> Self {
        Self { form, password, made: OnceCell::new() }
    }

    /// What it travels as, with a new salt where it is hashed; the same at every call.
    ///
    /// # Errors
    /// When the operating system gives no random salt.
    pub async fn made(&self) -> Result<&SecretText, Error> {
        let hash = || async {
            let (form, password) = (self.form, self.password.clone());
            let hashing = tokio::task::spawn_blocking(move || travelling(form, &password));
            hashing.await.unwrap_or(Err(Error::Internal))
        };
        self.made.get_or_try_init(hash).await
    }

    /// What it travels as, once it has been [made](Self::made).
    pub(in crate::steps) fn get(&self) -> Option<&SecretText> {
        self.made.get()
    }

    /// Whether `present` is what it travels as already.
    pub(in crate::steps) fn is(&self, present: &SecretText) -> bool {
        let password = self.password.expose();
        match self.form {
            PasswordForm::Plaintext => password == present.expose(),
            PasswordForm::Argon2id => PasswordHash::new(present.expose())
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
        }
    }
}

fn travelling(form: PasswordForm, password: &Password) -> Result<SecretText, Error> {
    if form == PasswordForm::Plaintext {
        return Ok(password.expose().into());
    }
    let (memory, passes, lanes) = PARAMETERS;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, lanes, None)?);
    Ok(SecretText::new(argon2.hash_password(password.expose().as_bytes())?.to_string()))
}
