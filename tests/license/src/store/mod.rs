//! The database: tenants, codes, grants, licenses, idempotency keys, outgoing mail.
//!
//! Every operation takes a connection of its own from a small pool, and every write is one `BEGIN IMMEDIATE` transaction. So the
//! rules (a code is claimed once, a key belongs to one code) are kept by `SQLite` between threads and between processes alike:
//! there is no lock in this program that a second program, such as `license-service mint`, would not know about.

mod claims;
mod codes;
mod licenses;
mod outbox;
mod schema;

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use thiserror::Error;
use tokio::sync::Notify;
use uuid::Uuid;

pub use self::claims::Replays;
pub(crate) use self::claims::{Attempt, Grant, Refusal};
pub(crate) use self::codes::{CODE_LIFETIME, Twins};
pub use self::codes::{Minted, NewCode, TenantRef};
pub(crate) use self::licenses::{CheckIn, Standing};
pub use self::outbox::{Mail, Message};
use crate::clock::{Clock, whole_second};
use crate::secrets::{KeyError, SealError, ServerKey};
use crate::state::{StateDir, StateError, touch_private};

/// How long a writer waits for another one. A transaction takes milliseconds; this is for a machine that is badly out of breath.
const BUSY: Duration = Duration::from_secs(20);

/// The database of one state directory. Cheap to clone; clones share the connections and the counter.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    key: ServerKey,
    clock: Clock,
    register_requests: AtomicU64,
    mail_waiting: Notify,
}

/// Something the database could not do, or would not.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file of the state directory.
    #[error("failed to prepare the state directory")]
    State(#[source] StateError),
    /// The server key.
    #[error("failed to load the server key")]
    Key(#[source] KeyError),
    /// Opening the database.
    #[error("failed to open the database `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// A statement.
    #[error("failed to {doing}")]
    Query {
        /// What was being done, as it follows "failed to".
        doing: &'static str,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The system's random source.
    #[error("failed to draw a code from the system's random source")]
    Random(#[source] getrandom::Error),
    /// Sealing or opening a message of the outbox.
    #[error("failed to keep a message in the outbox")]
    Seal(#[source] SealError),
    /// The contact is no mail address.
    #[error("`contact_email` is not a mail address")]
    Contact,
    /// The company has no usable name.
    #[error("`company_name` is empty, longer than 200 characters, or has control characters")]
    Company,
    /// The tenant is not known.
    #[error("no such tenant")]
    UnknownTenant,
    /// Several tenants share the contact.
    #[error("several tenants have this contact; name one by `tenant_id`")]
    AmbiguousContact,
    /// The tenant is registered already.
    #[error("this company is registered under this contact already; reissue its code instead")]
    TenantExists,
}

impl Store {
    /// Opens the database of a state directory, making what is missing. A running service does not mind.
    ///
    /// # Errors
    /// When the directory, the key or the database can't be used.
    pub fn open(state: &StateDir, clock: Clock) -> Result<Self, StoreError> {
        let key = ServerKey::load(state).map_err(StoreError::Key)?;
        let path = state.database();
        // SQLite would create the file by the umask, and gives its journals the mode of the database.
        touch_private(&path).map_err(StoreError::State)?;
        let inner = Inner {
            path,
            idle: Mutex::new(Vec::new()),
            key,
            clock,
            register_requests: AtomicU64::new(0),
            mail_waiting: Notify::new(),
        };
        let store = Self { inner: Arc::new(inner) };
        store.write("prepare the database", |transaction| Ok(schema::prepare(transaction)?))?;
        Ok(store)
    }

    /// How many `POST /register` reached this service since it started, whatever came of them.
    #[must_use]
    pub fn register_requests(&self) -> u64 {
        self.inner.register_requests.load(Ordering::SeqCst)
    }

    /// Counts one `POST /register`.
    pub(crate) fn count_register_request(&self) {
        self.inner.register_requests.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until a message was queued by this process.
    pub(crate) async fn mail_waiting(&self) {
        self.inner.mail_waiting.notified().await;
    }

    pub(crate) fn key(&self) -> &ServerKey {
        &self.inner.key
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// One read, on a connection of its own: all its statements see the same moment, and no writer waits for it.
    fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let result = connection.transaction().and_then(|transaction| work(&transaction));
        let result = result.map_err(|source| StoreError::Query { doing, source });
        self.put_back(connection);
        result
    }

    /// One transaction that holds the write lock from its first statement: what it reads cannot change before it commits, and an
    /// error of any kind leaves nothing behind.
    fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection()?;
        let result = in_transaction(&mut connection, work).map_err(|undone| match undone {
            Undone::Sqlite(source) => StoreError::Query { doing, source },
            Undone::Refused(error) => error,
        });
        self.put_back(connection);
        result
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        if let Some(idle) = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(idle);
        }
        let open = || {
            let connection = Connection::open(&self.inner.path)?;
            connection.busy_timeout(BUSY)?;
            // The journal stays SQLite's default: changing a new database to a write-ahead log fails, without waiting, when two
            // programs open it at once, and nothing here is busy enough to need one. With this journal a transaction is
            // committed by removing it, and `full` does not wait until the folder has lost its name: after a power cut the
            // journal is back, and takes an answered claim back with it.
            connection.pragma_update(None, "synchronous", "extra")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        };
        open().map_err(|source| StoreError::Open { path: self.inner.path.clone(), source })
    }

    fn put_back(&self, connection: Connection) {
        self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// Why a transaction was rolled back.
enum Undone {
    /// The database failed.
    Sqlite(rusqlite::Error),
    /// We would not.
    Refused(StoreError),
}

impl From<rusqlite::Error> for Undone {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Undone>,
) -> Result<T, Undone> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

/// Reads a column that holds a UUID as text.
fn uuid_column(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    let text: String = row.get(column)?;
    Uuid::parse_str(&text).map_err(|error| unreadable(error.into()))
}

/// Reads a column that holds a name of one of our enums.
fn named_column<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| unreadable(error.into()))
}

/// Reads a column that holds seconds since the epoch.
fn time_column(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(whole_second)
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;
    use crate::clock::Clock;

    #[test]
    fn many_programs_may_open_an_empty_directory_at_once() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        let barrier = Barrier::new(8);
        let tenants: Vec<Uuid> = thread::scope(|scope| {
            let open = || {
                barrier.wait();
                Store::open(&state, Clock::default()).unwrap().mint(&NewCode::default()).unwrap().tenant_id
            };
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let store = Store::open(&state, Clock::default()).unwrap();
        for tenant in tenants {
            assert_eq!(store.revoke_unclaimed(tenant).unwrap(), 1);
        }
    }

    #[test]
    fn a_failed_transaction_leaves_nothing_behind() {
        let temporary = tempfile::tempdir().unwrap();
        let store = Store::open(&StateDir::open(temporary.path()).unwrap(), Clock::default()).unwrap();
        let minted = store.mint(&NewCode::default()).unwrap();
        let refused: Result<(), StoreError> = store.write("try", |transaction| {
            transaction.execute("UPDATE codes SET revoked_at = 1", [])?;
            Err(StoreError::UnknownTenant.into())
        });
        assert!(matches!(refused, Err(StoreError::UnknownTenant)));
        assert_eq!(store.revoke_unclaimed(minted.tenant_id).unwrap(), 1, "the code was not revoked before");
    }
}
