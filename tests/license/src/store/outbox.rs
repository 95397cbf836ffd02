//! The outbox: mails that are queued in the same transaction as the code they announce, so neither exists without the other.

use std::fmt;

use jiff::Timestamp;
use rusqlite::{Transaction, named_params};
use zeroize::Zeroizing;

use super::{Store, StoreError, time_column};

/// A mail to be queued.
pub struct Mail {
    /// Who gets it.
    pub to: String,
    /// Its subject: names no code, because subjects are shown and logged everywhere.
    pub subject: String,
    /// Its text.
    pub text: Zeroizing<String>,
}

/// A mail that waits in the outbox.
pub struct Message {
    /// Its number in the outbox.
    pub id: i64,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// What it says, and to whom.
    pub mail: Mail,
}

impl Mail {
    /// What is encrypted: the subject line, then the text.
    pub(super) fn to_sealed_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}\n{}", self.subject, self.text.as_str()))
    }

    fn from_sealed_text(to: String, text: &str) -> Self {
        let (subject, text) = text.split_once('\n').unwrap_or((text, ""));
        Self { to, subject: subject.to_owned(), text: Zeroizing::new(text.to_owned()) }
    }
}

impl Store {
    /// The mails that were not delivered yet, oldest first, readable.
    ///
    /// # Errors
    /// When the database fails, or does not belong to this server key.
    pub fn outbox(&self) -> Result<Vec<Message>, StoreError> {
        let rows: Vec<(i64, Timestamp, String, Vec<u8>)> = self.read("read the outbox", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT message_id, queued_at, recipient, sealed FROM outbox WHERE delivered_at IS NULL ORDER BY message_id",
            )?;
            let rows = statement.query_map([], |row| {
                Ok((row.get("message_id")?, time_column(row, "queued_at")?, row.get("recipient")?, row.get("sealed")?))
            })?;
            rows.collect()
        })?;
        rows.into_iter()
            .map(|(id, queued_at, to, sealed)| {
                let text = self.key().unseal(&sealed).map_err(StoreError::Seal)?;
                Ok(Message { id, queued_at, mail: Mail::from_sealed_text(to, &text) })
            })
            .collect()
    }

    /// Notes that a mail was handed over, and forgets what it said.
    pub(crate) fn mail_delivered(&self, id: i64) -> Result<(), StoreError> {
        self.write("note a delivered mail", |transaction| {
            transaction.execute(
                "UPDATE outbox SET delivered_at = :now, sealed = NULL WHERE message_id = :id AND delivered_at IS NULL",
                named_params! {":now": self.now().as_second(), ":id": id},
            )?;
            Ok(())
        })
    }

    /// Notes that handing a mail over failed.
    pub(crate) fn mail_failed(&self, id: i64) -> Result<(), StoreError> {
        self.write("note a failed delivery", |transaction| {
            let sql = "UPDATE outbox SET attempts = attempts + 1 WHERE message_id = :id";
            transaction.execute(sql, named_params! {":id": id})?;
            Ok(())
        })
    }
}

/// Queues a mail within the transaction that stores its code.
pub(super) fn enqueue(
    transaction: &Transaction<'_>,
    mail: &Mail,
    sealed: &[u8],
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO outbox (recipient, sealed, queued_at) VALUES (:to, :sealed, :now)",
            named_params! {":to": mail.to, ":sealed": sealed, ":now": now.as_second()},
        )
        .map(drop)
}

impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Message").field("id", &self.id).field("mail", &self.mail).finish_non_exhaustive()
    }
}
