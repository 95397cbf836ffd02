//! The page on which somebody signs in who wants to see or change an appliance that has been set up.
//!
//! The password is no answer: it goes out with the request and is held nowhere else.

use std::time::Duration;

use crate::{
    error::Report,
    field::{Field, FieldKind},
    setup::{Admission, Attempt},
    values::{PasswordRules, SecretText},
    wizard::{
        keys::Context,
        notice::Notice,
        own::page::{OwnPage, Reaction},
        page::Page,
        port::Request,
    },
    words::{TextId, id},
};

/// What became of the password that was typed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signing {
    /// None was.
    NotYet,
    /// There was none.
    Empty,
    /// The field did not take all of it.
    Refused(Notice),
    /// It is being compared.
    Checking,
    /// It is wrong.
    Wrong,
    /// It was not looked at.
    TooEarly,
    /// Nobody can say.
    Failed(Box<Report>),
}

/// Signing in.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// Who may go on; `None` while that is being asked.
    admission: Option<Admission>,
    password: Field,
    /// What became of it.
    pub(crate) signing: Signing,
    /// The time until a password is looked at again.
    wait: Duration,
    /// The page that it stands before.
    pub(in crate::wizard) before: Page,
    /// Whether there is nothing behind it: the program goes on without the wizard.
    pub(in crate::wizard) alone: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            admission: None,
            password: empty(),
            signing: Signing::NotYet,
            wait: Duration::ZERO,
            before: Page::Welcome,
            alone: false,
        }
    }
}

fn empty() -> Field {
    Field::new(FieldKind::Masked, PasswordRules::MAX_LENGTH)
}

impl SignIn {
    /// Who may go on, as far as that is known.
    pub(crate) const fn admission(&self) -> Option<&Admission> {
        self.admission.as_ref()
    }

    /// The time until a password is looked at again, in whole seconds.
    pub(crate) fn wait(&self) -> Option<u64> {
        Some(self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0)).filter(|seconds| *seconds > 0)
    }

    /// Asks anew who may go on, for the page that it stands before.
    pub(in crate::wizard) fn look(&mut self, before: Page) {
        *self = Self { before, alone: self.alone, ..Self::default() };
    }

    /// Takes in who may go on; gives whether that is everybody.
    pub(in crate::wizard) fn told(&mut self, admission: Admission) -> bool {
        if let Admission::Administrator { wait_seconds, .. } = &admission {
            self.wait = Duration::from_secs(*wait_seconds);
        }
        self.admission = Some(admission);
        self.admission == Some(Admission::Everybody)
    }

    /// Takes in what came of it; gives whether somebody has signed in.
    pub(in crate::wizard) fn tried(&mut self, attempt: Attempt) -> bool {
        self.signing = match attempt {
            Attempt::Accepted => Signing::NotYet,
            Attempt::Wrong { wait_seconds } => {
                self.wait = Duration::from_secs(wait_seconds);
                Signing::Wrong
            }
            Attempt::TooEarly { wait_seconds } => {
                self.wait = Duration::from_secs(wait_seconds);
                Signing::TooEarly
            }
            Attempt::Failed { report } => Signing::Failed(report),
        };
        self.signing == Signing::NotYet
    }

    /// Lets time pass.
    pub(in crate::wizard) const fn tick(&mut self, elapsed: Duration) {
        self.wait = self.wait.saturating_sub(elapsed);
    }

    /// Whether the answer to a password is still to come, or to who may go on.
    pub(crate) fn is_awaited(&self) -> bool {
        self.signing == Signing::Checking || self.admission.is_none()
    }

    const fn asks_for_password(&self) -> bool {
        matches!(self.admission, Some(Admission::Administrator { .. }))
    }

    fn ask(&mut self, password: SecretText) -> Reaction {
        self.signing = Signing::Checking;
        Reaction::Ask(Request::SignIn(password))
    }
}

impl OwnPage for SignIn {
    /// It is part of no way: it stands before all of it.
    fn is_shown(&self) -> bool {
        false
    }

    fn context(&self) -> Context {
        match self.admission {
            Some(Admission::Unknowable { logged_in: true }) => Context::LoggedIn,
            Some(Admission::Unknowable { logged_in: false }) => Context::Closed,
            Some(Admission::Administrator { .. } | Admission::Everybody) | None => Context::SignIn,
        }
    }

    fn fields(&self) -> usize {
        usize::from(self.field().is_some())
    }

    // What is typed while nothing is asked for would stand half in it.
    fn field(&self) -> Option<(TextId, &Field)> {
        self.asks_for_password().then_some((id!("sign-in-password"), &self.password))
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        self.asks_for_password().then_some(&mut self.password)
    }

    fn has_changed(&mut self) {
        if self.signing != Signing::Checking {
            self.signing = Signing::NotYet;
        }
    }

    fn refused(&mut self, why: Notice) {
        if self.signing != Signing::Checking {
            self.signing = Signing::Refused(why);
        }
    }

    fn enter(&mut self) -> Reaction {
        match self.admission {
            _ if self.is_awaited() => Reaction::Stay,
            Some(Admission::Unknowable { logged_in: true }) => self.ask(SecretText::default()),
            Some(Admission::Administrator { .. }) if self.password.is_empty() => {
                self.signing = Signing::Empty;
                Reaction::Stay
            }
            Some(Admission::Administrator { .. }) if self.wait > Duration::ZERO => {
                // It would not be looked at; what was typed stays for when it will be.
                self.signing = Signing::TooEarly;
                Reaction::Stay
            }
            Some(Admission::Administrator { .. }) => {
                let password = SecretText::from(self.password.text());
                self.password = empty();
                self.ask(password)
            }
            Some(Admission::Unknowable { logged_in: false } | Admission::Everybody) | None => Reaction::Stay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorId;

    fn administrator(wait_seconds: u64) -> SignIn {
        let mut sign_in = SignIn::default();
        let email = Some("kim@acme.example".to_owned());
        assert!(!sign_in.told(Admission::Administrator { email, wait_seconds }));
        sign_in
    }

    /// What was sent.
    fn sent(reaction: &Reaction) -> Option<&str> {
        match reaction {
            Reaction::Ask(Request::SignIn(password)) => Some(password.expose()),
            _ => None,
        }
    }

    #[test]
    fn a_password_is_sent_once_and_held_no_longer() {
        let mut sign_in = administrator(0);
        assert!(matches!(sign_in.enter(), Reaction::Stay) && sign_in.signing == Signing::Empty);
        sign_in.password.paste("correct horse").expect("there is room");
        assert_eq!(sent(&sign_in.enter()), Some("correct horse"));
        assert!(sign_in.password.is_empty());
        sign_in.password.paste("typed on").expect("there is room");
        assert!(matches!(sign_in.enter(), Reaction::Stay), "the answer is awaited");
        assert!(sign_in.tried(Attempt::Accepted));
        assert!(!format!("{sign_in:?}").contains("typed on"));
    }

    #[test]
    fn nothing_is_typed_into_a_field_that_is_not_there_yet() {
        let mut sign_in = SignIn::default();
        assert!(sign_in.field_mut().is_none() && sign_in.fields() == 0);
        assert!(matches!(sign_in.enter(), Reaction::Stay));
        let administrator = Admission::Administrator { email: None, wait_seconds: 0 };
        assert!(!sign_in.told(administrator));
        assert!(sign_in.field_mut().is_some_and(|field| field.is_empty()) && sign_in.fields() == 1);
    }

    #[test]
    fn what_comes_too_early_is_not_sent_and_stays() {
        let mut sign_in = administrator(2);
        sign_in.password.paste("correct horse").expect("there is room");
        assert!(matches!(sign_in.enter(), Reaction::Stay) && sign_in.signing == Signing::TooEarly);
        sign_in.has_changed();
        assert_eq!(sign_in.signing, Signing::NotYet);
        sign_in.tick(Duration::from_millis(1500));
        assert_eq!(sign_in.wait(), Some(1));
        sign_in.tick(Duration::from_secs(1));
        assert_eq!(sign_in.wait(), None);
        assert_eq!(sent(&sign_in.enter()), Some("correct horse"));
        assert!(!sign_in.tried(Attempt::Wrong { wait_seconds: 8 }));
        assert_eq!((sign_in.wait(), &sign_in.signing), (Some(8), &Signing::Wrong));
    }

    #[test]
    fn where_nothing_can_be_compared_the_login_counts() {
        for logged_in in [false, true] {
            let mut sign_in = SignIn::default();
            sign_in.told(Admission::Unknowable { logged_in });
            assert_eq!(sent(&sign_in.enter()), logged_in.then_some(""));
            assert_eq!(sign_in.fields(), 0);
        }
        let mut sign_in = SignIn::default();
        assert!(matches!(sign_in.enter(), Reaction::Stay), "nobody knows yet who may go on");
        assert!(sign_in.told(Admission::Everybody));
        let report = Box::new(Report::new(ErrorId::StateUnwritable, "no".into()));
        assert!(!sign_in.tried(Attempt::Failed { report }), "what nobody can say is no yes");
    }
}
