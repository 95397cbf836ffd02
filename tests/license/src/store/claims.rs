//! Claims: a code becomes a grant, once; whoever made that claim gets the same grant as often as they ask.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params};
use uuid::Uuid;

use super::{Store, StoreError, named_column, time_column, uuid_column};
use crate::code::ClaimCode;
use crate::edition::Edition;
use crate::secrets::credential_digest;
use crate::tokens::License;

/// Who gets the grant of a claimed code again.
///
/// An appliance may lose the answer: its power may fail, or the line. Services differ in what they do about it, and a client
/// must cope with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replays {
    /// Whoever sends the `Idempotency-Key` that the code was claimed with. A code that was claimed without one is the claiming
    /// appliance's. So two clones of one disk image, which have one `appliance_id` but make their own keys, share no code.
    #[default]
    ByKey,
    /// The appliance that claimed the code; keys mean nothing.
    ByAppliance,
    /// Nobody: a lost answer is lost.
    Never,
}

/// One attempt to claim a code.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) code: &'a ClaimCode,
    pub(crate) appliance_id: &'a str,
    /// The tenant that the appliance belongs to already, if it does.
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) token_lifetime: SignedDuration,
    pub(crate) replays: Replays,
}

/// What is to be done about an attempt.
enum Verdict {
    /// It is refused, and nothing changes.
    Refused(Refusal),
    /// The claim that it repeats was answered with this.
    Granted(Grant),
    /// The code may be taken.
    Free(CodeRow),
}

/// What a claimed code gave, with everything the answer is made from: an answer to a replay is made from the same facts.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) id: Uuid,
    pub(crate) tenant_id: Uuid,
    pub(crate) company_name: String,
    pub(crate) contact_email: String,
    pub(crate) edition: Edition,
    pub(crate) appliance_id: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) token_lifetime: SignedDuration,
}

impl Grant {
    /// The license of the first token. Everything about it follows from the grant, so a replay gets the same one.
    pub(crate) fn first_license(&self) -> License {
        License {
            id: self.id,
            appliance_id: self.appliance_id.clone(),
            tenant_id: self.tenant_id,
            edition: self.edition,
            issued_at: self.issued_at,
            lifetime: self.token_lifetime,
        }
    }
}

/// Why a code was not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unknown,
    Revoked,
    Expired,
    Superseded,
    OtherTenant,
    Consumed,
    KeyReused,
}

/// A code's row.
pub(super) struct CodeRow {
    id: String,
    tenant_id: Uuid,
    expires_at: Timestamp,
    revoked: bool,
    superseded: bool,
    claimed: bool,
}

impl Store {
    /// How many codes were claimed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn claims(&self) -> Result<u64, StoreError> {
        self.read("count the claims", |connection| {
            connection.query_row("SELECT count(*) FROM grants", [], |row| row.get(0).map(i64::cast_unsigned))
        })
    }

    /// Claims a code, or returns the grant of the claim that this attempt repeats.
    ///
    /// Only a code that is free needs the write lock, and nobody has many of those: whoever guesses keeps nobody waiting.
    pub(crate) fn claim(&self, attempt: &Attempt<'_>) -> Result<Result<Grant, Refusal>, StoreError> {
        match self.read("look up a code", |connection| self.judge(connection, attempt))? {
            Verdict::Granted(grant) => Ok(Ok(grant)),
            Verdict::Refused(refusal) => Ok(Err(refusal)),
            Verdict::Free(_) => self.write("claim a code", |transaction| Ok(self.claim_within(transaction, attempt)?)),
        }
    }

    /// What is to be done about an attempt, from what the tables say now.
    fn judge(&self, connection: &Connection, attempt: &Attempt<'_>) -> rusqlite::Result<Verdict> {
        let refused = |refusal| Ok(Verdict::Refused(refusal));
        let Some(code) = find_code(connection, &self.key().code_digest(attempt.code))? else {
            return refused(Refusal::Unknown);
        };
        if attempt.tenant_id.is_some_and(|tenant| tenant != code.tenant_id) {
            return refused(Refusal::OtherTenant);
        }
        let owner = match self.key_of(attempt) {
            Some(key) => find_key_owner(connection, &key)?,
            None => None,
        };
        if owner.as_ref().is_some_and(|owner| *owner != code.id) {
            return refused(Refusal::KeyReused);
        }
        if !code.claimed {
            return Ok(match code {
                code if code.superseded => Verdict::Refused(Refusal::Superseded),
                code if code.revoked => Verdict::Refused(Refusal::Revoked),
                code if code.expires_at <= self.now() => Verdict::Refused(Refusal::Expired),
                code => Verdict::Free(code),
            });
        }
        let (grant, revoked) = find_grant(connection, &code.id)?;
        let repeats = match attempt.replays {
            Replays::ByKey => {
                owner.is_some() || (grant.appliance_id == attempt.appliance_id && !has_key(connection, &code.id)?)
            }
            Replays::ByAppliance => grant.appliance_id == attempt.appliance_id,
            Replays::Never => false,
        };
        if !repeats {
            return refused(Refusal::Consumed);
        }
        // An expiry since the claim does not matter, or a power cut could lose the grant; a revocation of the appliance does.
        Ok(if revoked { Verdict::Refused(Refusal::Revoked) } else { Verdict::Granted(grant) })
    }

    /// The digest of the attempt's key, in a service that knows what keys are.
    fn key_of(&self, attempt: &Attempt<'_>) -> Option<[u8; 32]> {
        let key = attempt.idempotency_key.filter(|_| attempt.replays == Replays::ByKey);
        key.map(|key| self.key().idempotency_digest(key))
    }

    fn claim_within(
        &self,
        transaction: &Transaction<'_>,
        attempt: &Attempt<'_>,
    ) -> rusqlite::Result<Result<Grant, Refusal>> {
        let code = match self.judge(transaction, attempt)? {
            Verdict::Free(code) => code,
            Verdict::Granted(grant) => return Ok(Ok(grant)),
            Verdict::Refused(refusal) => return Ok(Err(refusal)),
        };
        if !self.take(transaction, &code, attempt)? {
            return Ok(Err(Refusal::Consumed));
        }
        if let Some(key) = self.key_of(attempt) {
            remember_key(transaction, &key, &code.id)?;
        }
        find_grant(transaction, &code.id).map(|(grant, _)| Ok(grant))
    }

    /// The claim itself. The condition is in the statement, and one grant per code is a constraint of the table: each alone keeps
    /// a code from being used twice, also against a program that does not look first as we do.
    fn take(&self, transaction: &Transaction<'_>, code: &CodeRow, attempt: &Attempt<'_>) -> rusqlite::Result<bool> {
        let now = self.now().as_second();
        let taken = transaction.execute(
            "UPDATE codes SET claimed_at = :now
             WHERE code_id = :code AND claimed_at IS NULL AND revoked_at IS NULL AND expires_at > :now",
            named_params! {":now": now, ":code": code.id},
        )?;
        if taken != 1 {
            return Ok(false);
        }
        let grant = Uuid::new_v4();
        let digest = credential_digest(&self.key().credential(grant));
        transaction.execute(
            "INSERT INTO grants (grant_id, code_id, appliance_id, edition, issued_at, token_lifetime, credential_digest)
             SELECT :grant, code_id, :appliance, edition, :now, :lifetime, iif(edition = 'pro', :digest, NULL)
             FROM codes JOIN tenants USING (tenant_id) WHERE code_id = :code",
            named_params! {
                ":grant": grant.to_string(),
                ":code": code.id,
                ":appliance": attempt.appliance_id,
                ":now": now,
                ":lifetime": attempt.token_lifetime.as_secs(),
                ":digest": digest,
            },
        )?;
        Ok(true)
    }
}

/// The code with this digest.
pub(super) fn find_code(connection: &Connection, digest: &[u8]) -> rusqlite::Result<Option<CodeRow>> {
    connection
        .query_row(
            "SELECT code_id, tenant_id, expires_at, revoked_at IS NOT NULL AS revoked,
                    superseded_by IS NOT NULL AS superseded, claimed_at IS NOT NULL AS claimed
             FROM codes WHERE code_digest = :digest",
            named_params! {":digest": digest},
            |row| {
                Ok(CodeRow {
                    id: row.get("code_id")?,
                    tenant_id: uuid_column(row, "tenant_id")?,
                    expires_at: time_column(row, "expires_at")?,
                    revoked: row.get("revoked")?,
                    superseded: row.get("superseded")?,
                    claimed: row.get("claimed")?,
                })
            },
        )
        .optional()
}

/// Whether a code was claimed with a key.
fn has_key(connection: &Connection, code: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM idempotency_keys WHERE code_id = :code LIMIT 1";
    connection.query_row(sql, named_params! {":code": code}, |_| Ok(())).optional().map(|found| found.is_some())
}

/// The code that a key was used for.
fn find_key_owner(connection: &Connection, digest: &[u8]) -> rusqlite::Result<Option<String>> {
    connection
        .query_row(
            "SELECT code_id FROM idempotency_keys WHERE key_digest = :digest",
            named_params! {":digest": digest},
            |row| row.get(0),
        )
        .optional()
}

/// From now on this key stands for this code.
fn remember_key(transaction: &Transaction<'_>, digest: &[u8], code: &str) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO idempotency_keys (key_digest, code_id) VALUES (:key, :code)",
            named_params! {":key": digest, ":code": code},
        )
        .map(drop)
}

/// The grant of a claimed code, and whether it was revoked.
fn find_grant(connection: &Connection, code: &str) -> rusqlite::Result<(Grant, bool)> {
    connection.query_row(
        "SELECT grant_id, tenant_id, company_name, contact_email, grants.edition AS edition, appliance_id, issued_at,
                token_lifetime, grants.revoked_at IS NOT NULL AS revoked
         FROM grants JOIN codes USING (code_id) JOIN tenants USING (tenant_id) WHERE code_id = :code",
        named_params! {":code": code},
        |row| Ok((read_grant(row)?, row.get("revoked")?)),
    )
}

fn read_grant(row: &Row<'_>) -> rusqlite::Result<Grant> {
    Ok(Grant {
        id: uuid_column(row, "grant_id")?,
        tenant_id: uuid_column(row, "tenant_id")?,
        company_name: row.get("company_name")?,
        contact_email: row.get("contact_email")?,
        edition: named_column(row, "edition")?,
        appliance_id: row.get("appliance_id")?,
        issued_at: time_column(row, "issued_at")?,
        token_lifetime: SignedDuration::from_secs(row.get("token_lifetime")?),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::*;
    use crate::clock::Clock;
    use crate::state::StateDir;
    use crate::store::NewCode;

    /// A flood of guesses must keep nobody from the write lock, and a writer must not keep a replay waiting.
    #[test]
    fn only_a_free_code_waits_for_a_writer() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        let store = Store::open(&state, Clock::default()).unwrap();
        let mint = |expires_in| store.mint(&NewCode { expires_in, ..NewCode::default() }).unwrap().code;
        let (claimed, expired) = (mint(SignedDuration::from_hours(1)), mint(SignedDuration::ZERO));
        let attempt = |code, appliance_id| Attempt {
            code,
            appliance_id,
            idempotency_key: None,
            token_lifetime: SignedDuration::from_hours(1),
            replays: Replays::ByKey,
            tenant_id: None,
        };
        store.claim(&attempt(&claimed, "a")).unwrap().unwrap();

        let mut writer = Connection::open(state.database()).unwrap();
        let _held = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        let unknown = ClaimCode::parse("22222222").unwrap();
        assert_eq!(store.claim(&attempt(&unknown, "a")).unwrap().unwrap_err(), Refusal::Unknown);
        assert_eq!(store.claim(&attempt(&expired, "a")).unwrap().unwrap_err(), Refusal::Expired);
        assert_eq!(store.claim(&attempt(&claimed, "b")).unwrap().unwrap_err(), Refusal::Consumed);
        store.claim(&attempt(&claimed, "a")).unwrap().unwrap();
    }

    /// A program that forgets to look must be stopped by the tables.
    #[test]
    fn the_tables_themselves_refuse_a_second_grant_a_shared_key_and_a_license_for_the_free_edition() {
        let temporary = tempfile::tempdir().unwrap();
        let store = Store::open(&StateDir::open(temporary.path()).unwrap(), Clock::default()).unwrap();
        let (claimed, other) = (store.mint(&NewCode::default()).unwrap(), store.mint(&NewCode::default()).unwrap());
        let attempt = Attempt {
            code: &claimed.code,
            appliance_id: "appliance-1f0c2d3e4b5a6978",
            idempotency_key: Some("key"),
            token_lifetime: SignedDuration::from_hours(1),
            replays: Replays::ByKey,
            tenant_id: None,
        };
        store.claim(&attempt).unwrap().unwrap();
        let columns = "grants (grant_id, code_id, appliance_id, edition, issued_at, token_lifetime, credential_digest)";
        for statement in [
            format!("INSERT INTO {columns} VALUES ('x', '{}', 'a', 'pro', 0, 0, x'00')", claimed.code_id),
            format!("INSERT INTO {columns} VALUES ('x', '{}', 'a', 'essentials', 0, 0, x'00')", other.code_id),
            format!("INSERT INTO {columns} VALUES ('x', '{}', 'a', 'pro', 0, 0, NULL)", other.code_id),
            format!("INSERT INTO {columns} VALUES ('x', 'no such code', 'a', 'pro', 0, 0, x'00')"),
            format!("UPDATE codes SET revoked_at = 1 WHERE code_id = '{}'", claimed.code_id),
            format!("UPDATE idempotency_keys SET code_id = 'no such code' WHERE code_id = '{}'", claimed.code_id),
            "INSERT INTO idempotency_keys SELECT key_digest, code_id FROM idempotency_keys".to_owned(),
        ] {
            let refused = store.write("break a rule", |transaction| Ok(transaction.execute(&statement, [])?));
            let Err(StoreError::Query { source, .. }) = refused else { unreachable!("accepted: {statement}") };
            assert_eq!(source.sqlite_error_code(), Some(ErrorCode::ConstraintViolation), "{statement}");
        }
        assert_eq!(store.claims().unwrap(), 1);
    }
}
