//! The administrator's password as it travels to the bootstrap.

use argon2::password_hash::Error;
use tokio::sync::OnceCell;

use crate::{
    profile::PasswordForm,
    values::{Password, PasswordHash, SecretText, password_hash},
};

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
        let password = self.password.secret();
        match (self.form, PasswordHash::read(present)) {
            (PasswordForm::Plaintext, _) => password == present,
            (PasswordForm::Argon2id, Some(hash @ PasswordHash::Argon2id(_)))
            | (PasswordForm::Scrypt, Some(hash @ PasswordHash::Scrypt { .. })) => hash.is_of(password),
            // In another form it is no use to the chart.
            (PasswordForm::Argon2id | PasswordForm::Scrypt, _) => false,
        }
    }
}

fn travelling(form: PasswordForm, password: &Password) -> Result<SecretText, Error> {
    match form {
        PasswordForm::Plaintext => Ok(password.secret().clone()),
        PasswordForm::Argon2id => password_hash::argon2id(password.secret()),
        PasswordForm::Scrypt => password_hash::scrypt(password.secret(), getrandom::fill),
    }
}
