//! The tables, and the constraints that keep the rules whatever program writes.

use rusqlite::{Connection, Result};

/// The version of the tables below, kept in the database's `user_version`.
const VERSION: i64 = 2;

/// Times are seconds since the epoch. Digests are keyed (see the `secrets` module), so no row of these tables can be redeemed.
const TABLES: &str = "
CREATE TABLE tenants (
    tenant_id        TEXT    NOT NULL PRIMARY KEY,
    company_name     TEXT    NOT NULL,
    contact_email    TEXT    NOT NULL,
    edition          TEXT    NOT NULL CHECK (edition IN ('pro', 'essentials')),
    created_at       INTEGER NOT NULL,
    license_ended_at INTEGER
) STRICT;
CREATE INDEX tenants_by_contact ON tenants (contact_email COLLATE NOCASE);

CREATE TABLE codes (
    code_id       TEXT    NOT NULL PRIMARY KEY,
    code_digest   BLOB    NOT NULL UNIQUE,
    tenant_id     TEXT    NOT NULL REFERENCES tenants,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    claimed_at    INTEGER,
    superseded_by TEXT    REFERENCES codes,
    CHECK (revoked_at IS NULL OR claimed_at IS NULL),
    CHECK (superseded_by IS NULL OR revoked_at IS NOT NULL)
) STRICT;
CREATE INDEX codes_by_tenant ON codes (tenant_id);

CREATE TABLE grants (
    grant_id          TEXT    NOT NULL PRIMARY KEY,
    code_id           TEXT    NOT NULL UNIQUE REFERENCES codes,
    appliance_id      TEXT    NOT NULL,
    edition           TEXT    NOT NULL CHECK (edition IN ('pro', 'essentials')),
    issued_at         INTEGER NOT NULL,
    token_lifetime    INTEGER NOT NULL,
    credential_digest BLOB    UNIQUE,
    revoked_at        INTEGER,
    CHECK ((credential_digest IS NULL) = (edition = 'essentials'))
) STRICT;
CREATE INDEX grants_by_appliance ON grants (appliance_id);

CREATE TABLE licenses (
    grant_id   TEXT    NOT NULL PRIMARY KEY REFERENCES grants,
    license_id TEXT    NOT NULL UNIQUE,
    edition    TEXT    NOT NULL CHECK (edition IN ('pro', 'essentials')),
    issued_at  INTEGER NOT NULL,
    lifetime   INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    key_digest BLOB NOT NULL PRIMARY KEY,
    code_id    TEXT NOT NULL REFERENCES codes
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_code ON idempotency_keys (code_id);
";

/// The table that is the same in every version so far.
const OUTBOX: &str = "
CREATE TABLE outbox (
    message_id   INTEGER NOT NULL PRIMARY KEY,
    recipient    TEXT    NOT NULL,
    sealed       BLOB,
    queued_at    INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER,
    CHECK ((sealed IS NULL) = (delivered_at IS NOT NULL))
) STRICT;
";

/// The tables of version 1 step aside, with their references among each other.
const SET_VERSION_1_ASIDE: &str = "
DROP INDEX tenants_by_contact;
DROP INDEX codes_by_tenant;
DROP INDEX grants_by_appliance;
ALTER TABLE tenants RENAME TO tenants_1;
ALTER TABLE codes RENAME TO codes_1;
ALTER TABLE grants RENAME TO grants_1;
ALTER TABLE idempotency_keys RENAME TO idempotency_keys_1;
";

/// Version 1 called the paid edition `premium`, and did not know which code superseded which.
const TAKE_OVER_VERSION_1: &str = "
INSERT INTO tenants (tenant_id, company_name, contact_email, edition, created_at)
    SELECT tenant_id, company_name, contact_email, iif(edition = 'premium', 'pro', edition), created_at FROM tenants_1;
INSERT INTO codes (code_id, code_digest, tenant_id, created_at, expires_at, revoked_at, claimed_at)
    SELECT code_id, code_digest, tenant_id, created_at, expires_at, revoked_at, claimed_at FROM codes_1;
INSERT INTO grants (grant_id, code_id, appliance_id, edition, issued_at, token_lifetime, credential_digest, revoked_at)
    SELECT grant_id, code_id, appliance_id, iif(edition = 'premium', 'pro', edition), issued_at, token_lifetime,
           credential_digest, revoked_at FROM grants_1;
INSERT INTO idempotency_keys (key_digest, code_id) SELECT key_digest, code_id FROM idempotency_keys_1;
DROP TABLE idempotency_keys_1;
DROP TABLE grants_1;
DROP TABLE codes_1;
DROP TABLE tenants_1;
";

/// Makes the tables in an empty database, and brings those of an earlier version up to this one.
pub(super) fn prepare(connection: &Connection) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let steps: &[&str] = match version {
        0 => &[TABLES, OUTBOX],
        1 => &[SET_VERSION_1_ASIDE, TABLES, TAKE_OVER_VERSION_1],
        _ => return Ok(()),
    };
    steps.iter().try_for_each(|step| connection.execute_batch(step))?;
    connection.pragma_update(None, "user_version", VERSION)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use crate::clock::Clock;
    use crate::code::ClaimCode;
    use crate::edition::Edition;
    use crate::secrets::{ServerKey, credential_digest};
    use crate::state::StateDir;
    use crate::store::{Attempt, CheckIn, Replays, Standing, Store, TenantRef};

    use super::*;

    #[test]
    fn what_an_earlier_version_granted_stays_granted() {
        let temporary = tempfile::tempdir().unwrap();
        let state = StateDir::open(temporary.path()).unwrap();
        let key = ServerKey::load(&state).unwrap();
        let code = ClaimCode::parse("K7QPM2RX").unwrap();
        let (tenant, grant) = (Uuid::new_v4(), Uuid::new_v4());
        let old = Connection::open(state.database()).unwrap();
        old.execute_batch(include_str!("version-1.sql")).unwrap();
        let id = tenant.to_string();
        old.execute("INSERT INTO tenants VALUES (?1, 'Acme', 'it@acme.example', 'premium', 0)", [&id]).unwrap();
        let digest = key.code_digest(&code);
        old.execute("INSERT INTO codes VALUES ('c', ?1, ?2, 0, 1, NULL, 1)", (digest, &id)).unwrap();
        let credential = credential_digest(&key.credential(grant));
        let columns = (grant.to_string(), credential);
        old.execute("INSERT INTO grants VALUES (?1, 'c', 'a', 'premium', 1, 60, ?2, NULL)", columns).unwrap();
        let digest = key.idempotency_digest("key");
        old.execute("INSERT INTO idempotency_keys VALUES (?1, 'c')", [digest]).unwrap();
        drop(old);

        let store = Store::open(&state, Clock::default()).unwrap();
        let attempt = Attempt {
            code: &code,
            appliance_id: "another",
            idempotency_key: Some("key"),
            token_lifetime: SignedDuration::ZERO,
            replays: Replays::ByKey,
            tenant_id: None,
        };
        let replayed = store.claim(&attempt).unwrap().unwrap();
        assert_eq!((replayed.id, replayed.tenant_id, replayed.edition), (grant, tenant, Edition::Pro));
        let credential = key.credential(grant);
        let check_in = CheckIn { credential: &credential, current: None, lifetime: SignedDuration::from_hours(1) };
        let Standing::Licensed(license) = store.check_in(&check_in).unwrap() else { unreachable!("not licensed") };
        assert_eq!((license.tenant_id, license.edition), (tenant, Edition::Pro));
        assert_eq!(store.reissue(&TenantRef::Id(tenant), SignedDuration::ZERO).unwrap().edition, Edition::Pro);
    }
}
