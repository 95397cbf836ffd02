//! How somebody comes to the setup from another computer, while it is not done.

use super::{SecretText, plain_text};

/// What lets somebody in over SSH, and by what they know the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Made anew at each start of the machine.
    pub password: SecretText,
    /// Of the host's key, as `ssh` asks whether it is right.
    pub fingerprint: String,
}

impl Invitation {
    /// Reads the two lines that `firstlight-remote.service` leaves.
    #[must_use]
    pub fn read(text: &SecretText) -> Option<Self> {
        let mut lines = text.expose().lines().map(str::trim).filter(|line| !line.is_empty());
        let (password, fingerprint) = (lines.next()?, lines.next()?);
        Some(Self { password: password.into(), fingerprint: plain_text(fingerprint, 80) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_it_invites_nobody() {
        let read = |text: &str| Invitation::read(&text.into());
        assert_eq!(read(""), None);
        assert_eq!(read("abcd-efgh\n"), None);
        let whole = read("abcd-efgh\nSHA256:x\u{1b}[0m\n").expect("both lines");
        assert_eq!((whole.password.expose(), whole.fingerprint.as_str()), ("abcd-efgh", "SHA256:x[0m"));
        assert!(!format!("{whole:?}").contains("abcd"));
    }
}
