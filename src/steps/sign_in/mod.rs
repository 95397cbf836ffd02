//! Who may see and change what is finished from its own terminal: whoever signs in with the administrator's password, as it was
//! chosen at setup.
//!
//! What is finished is told by the cluster, as everything else: the bootstrap's mark on the tenant's Secret, or without a
//! bootstrap the Secrets themselves. Where the cluster cannot be asked nobody knows, and a first boot must not be locked; so
//! the rehearsal of a setup and a rotation ask once more before they tell or change anything.
//!
//! A try is counted, and durable, before its password is looked at: whoever cuts the power in between, or tries at two
//! consoles at once, has tried.

mod tries;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{bootstrap, objects::Objects, rows::rows};
use crate::{
    error::{ErrorId, Failure, Report},
    profile::{Profile, keys},
    values::{PasswordHash, SecretText, plain_text},
    words::{phrase, said},
    world::{Change, ClusterError, Host, World, annotations},
};
use tries::{Record, Turn};

/// The state file that counts wrong passwords.
const TRIES: &str = "sign-in.json";

/// Who may go on. In a recording it stands without the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "kebab-case")]
pub enum Admission {
    /// Everybody: the setup has not finished, or nobody can say so.
    Everybody,
    /// The administrator, who has to sign in.
    Administrator {
        /// The e-mail address.
        #[serde(skip)]
        email: Option<String>,
        /// How long has to be waited before.
        wait_seconds: u64,
    },
    /// Nothing is kept that a password could be compared with.
    Unknowable {
        /// Whether the system has asked who is there.
        logged_in: bool,
    },
}

/// What came of signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "attempt", rename_all = "kebab-case")]
pub enum Attempt {
    /// The password is right.
    Accepted,
    /// It is wrong.
    Wrong {
        /// How long has to be waited before the next one.
        wait_seconds: u64,
    },
    /// It was not looked at.
    TooEarly {
        /// How long has to be waited.
        wait_seconds: u64,
    },
    /// That could not be found out.
    Failed {
        /// Why not.
        report: Box<Report>,
    },
}

/// Nobody has signed in who may see or change this.
#[derive(Debug)]
enum NotSignedIn {
    /// It has to be done first.
    Yet,
    /// It cannot be done.
    Unknowable,
}

said! { NotSignedIn:
    Self::Yet => "sign-in-first",
    Self::Unknowable => "sign-in-unknowable",
}

impl Failure for NotSignedIn {
    fn id(&self) -> ErrorId {
        ErrorId::SignInNeeded
    }
}

/// What a password is compared with.
enum Kept {
    Hash(PasswordHash),
    Plain(SecretText),
    Nothing,
}

/// An appliance whose setup has finished.
struct Finished {
    email: Option<String>,
    kept: Kept,
}

impl Kept {
    /// Whether it is of this password. Takes a while.
    fn is_of(&self, password: &SecretText) -> bool {
        match self {
            Self::Hash(hash) => hash.is_of(password),
            Self::Plain(kept) => kept == password,
            Self::Nothing => false,
        }
    }
}

impl Finished {
    /// Looks at the cluster; `None` if the setup has not finished.
    async fn observe(profile: &Profile, world: &World) -> Result<Option<Self>, ClusterError> {
        let objects = Objects::observe(rows(profile), &world.cluster).await?;
        objects.hide(&world.redactor);
        // An open connection keeps what came through it last, in buffers of its own.
        world.look_anew().await;
        let has_run =
            || objects.value(annotations::BOOTSTRAP).is_some_and(|mark| bootstrap::has_run_by_mark(mark.expose()));
        let is_finished = match &profile.bootstrap {
            Some(_) => has_run(),
            None => objects.is_complete() && objects.all_present(),
        };
        Ok(is_finished.then(|| Self::of(profile, &objects)))
    }

    fn of(profile: &Profile, objects: &Objects) -> Self {
        // A profile that renames a key must not hide what an earlier one wrote under the contract's name.
        let value = |key: &str| objects.value(profile.secrets.tenant.key(key)).or_else(|| objects.value(key));
        let hash = value(keys::PASSWORD_HASH).and_then(PasswordHash::read).map(Kept::Hash);
        let plain = || value(keys::PASSWORD).cloned().map(Kept::Plain);
        let email = value(keys::EMAIL).map(|email| plain_text(email.expose(), 100));
        Self { email, kept: hash.or_else(plain).unwrap_or(Kept::Nothing) }
    }
}

/// Who may go on.
///
/// # Errors
/// When the cluster cannot be asked.
pub async fn admission(profile: &Profile, world: &World) -> Result<Admission, Report> {
    if world.gate.is_open() {
        return Ok(Admission::Everybody);
    }
    let Some(Finished { email, kept }) = Finished::observe(profile, world).await? else {
        return Ok(Admission::Everybody);
    };
    if matches!(kept, Kept::Nothing) {
        return Ok(Admission::Unknowable { logged_in: world.host.is_logged_in() });
    }
    let left = Record::read(world.host.read_state(TRIES)).left(&world.host.moment());
    Ok(Admission::Administrator { email, wait_seconds: seconds(left) })
}

/// Refuses what is finished to those who have not signed in.
///
/// # Errors
/// When somebody has to sign in first, or the cluster does not say whether.
pub(super) async fn admitted(profile: &Profile, world: &World) -> Result<(), Report> {
    match admission(profile, world).await {
        Ok(Admission::Everybody) => Ok(()),
        Ok(_) => Err(NotSignedIn::Yet.into()),
        // What may not be read cannot be told either, and which rights are missing is told by those who need them.
        Err(report) if report.id == ErrorId::KubernetesForbidden => Ok(()),
        Err(report) => Err(report),
    }
}

/// How long a cluster is asked that nothing waits for.
const PATIENCE: Duration = Duration::from_secs(3);

/// The same for what comes before a cluster is waited for: one that does not answer yet refuses nobody.
///
/// # Errors
/// When somebody has to sign in first.
pub async fn not_refused(profile: &Profile, world: &World) -> Result<(), Report> {
    let asked = tokio::time::timeout(PATIENCE, admission(profile, world)).await;
    match asked {
        Ok(Ok(Admission::Everybody) | Err(_)) | Err(_) => Ok(()),
        Ok(Ok(_)) => Err(NotSignedIn::Yet.into()),
    }
}

/// Signs in; what is finished is shown and may be changed from then on.
///
/// # Errors
/// When nobody can say whether the password is right.
pub async fn sign_in(profile: &Profile, world: &World, password: SecretText) -> Result<Attempt, Report> {
    world.redactor.hide(&password);
    // First: a cluster that does not answer is nobody's wrong password.
    let kept = Finished::observe(profile, world).await?.map(|finished| finished.kept);
    let attempt = match kept {
        None => Attempt::Accepted,
        Some(Kept::Nothing) if world.host.is_logged_in() => Attempt::Accepted,
        Some(Kept::Nothing) => return Err(NotSignedIn::Unknowable.into()),
        Some(kept) => {
            let host = Arc::clone(&world.host);
            // Hashing takes a while, and another console may be at the record.
            let attempted = spawn_blocking(move || attempt(&host, &kept, &password));
            attempted.await.map_err(|_panicked| Report::new(ErrorId::Defect, phrase!("sign-in-defect")))??
        }
    };
    if attempt == Attempt::Accepted {
        world.gate.open();
    }
    Ok(attempt)
}

fn attempt(host: &Host, kept: &Kept, password: &SecretText) -> Result<Attempt, Report> {
    let now = host.moment();
    let turn = host.change_state(TRIES, |text| {
        let turn = Record::read(text).turn(&now);
        let change = match &turn {
            Turn::Look(counted) | Turn::Wait(_, Some(counted)) => Change::Write(counted.text()),
            Turn::Wait(_, None) => Change::Nothing,
        };
        (turn, change)
    })?;
    let counted = match turn {
        Turn::Look(counted) => counted,
        Turn::Wait(left, _) => return Ok(Attempt::TooEarly { wait_seconds: seconds(left) }),
    };
    if !kept.is_of(password) {
        return Ok(Attempt::Wrong { wait_seconds: seconds(counted.pause()) });
    }
    // What stays of it makes a later wait longer, no more.
    let _ = host.change_state(TRIES, |_| ((), Change::Remove));
    Ok(Attempt::Accepted)
}

/// Whole seconds, so that nobody is told to come too early.
fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

impl From<Result<Attempt, Report>> for Attempt {
    fn from(attempted: Result<Self, Report>) -> Self {
        attempted.unwrap_or_else(|report| Self::Failed { report: Box::new(report) })
    }
}
