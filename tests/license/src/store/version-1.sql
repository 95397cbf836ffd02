-- The tables as version 1 made them, for the test that takes them over.
CREATE TABLE tenants (
    tenant_id     TEXT    NOT NULL PRIMARY KEY,
    company_name  TEXT    NOT NULL,
    contact_email TEXT    NOT NULL,
    edition       TEXT    NOT NULL CHECK (edition IN ('premium', 'essentials')),
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX tenants_by_contact ON tenants (contact_email COLLATE NOCASE);

CREATE TABLE codes (
    code_id     TEXT    NOT NULL PRIMARY KEY,
    code_digest BLOB    NOT NULL UNIQUE,
    tenant_id   TEXT    NOT NULL REFERENCES tenants,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER,
    claimed_at  INTEGER,
    CHECK (revoked_at IS NULL OR claimed_at IS NULL)
) STRICT;
CREATE INDEX codes_by_tenant ON codes (tenant_id);

CREATE TABLE grants (
    grant_id          TEXT    NOT NULL PRIMARY KEY,
    code_id           TEXT    NOT NULL UNIQUE REFERENCES codes,
    appliance_id      TEXT    NOT NULL,
    edition           TEXT    NOT NULL CHECK (edition IN ('premium', 'essentials')),
    issued_at         INTEGER NOT NULL,
    token_lifetime    INTEGER NOT NULL,
    credential_digest BLOB    UNIQUE,
    revoked_at        INTEGER,
    CHECK ((credential_digest IS NULL) = (edition = 'essentials'))
) STRICT;
CREATE INDEX grants_by_appliance ON grants (appliance_id);

CREATE TABLE idempotency_keys (
    key_digest BLOB NOT NULL PRIMARY KEY,
    code_id    TEXT NOT NULL REFERENCES codes
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    message_id   INTEGER NOT NULL PRIMARY KEY,
    recipient    TEXT    NOT NULL,
    sealed       BLOB,
    queued_at    INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER,
    CHECK ((sealed IS NULL) = (delivered_at IS NOT NULL))
) STRICT;
PRAGMA user_version = 1;
