//! Licenses: what an appliance that checks in gets, and what ends it.
//!
//! A grant begins with the license of its first token. Each later one is noted before it is handed out, so that an appliance can
//! say which one it has.

use jiff::SignedDuration;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params};
use uuid::Uuid;

use super::codes::revoke_unclaimed;
use super::{Store, StoreError, named_column, time_column, uuid_column};
use crate::edition::Edition;
use crate::secrets::credential_digest;
use crate::tokens::License;

/// A license is renewed once this part of its lifetime is over: of 31 days, after one.
const FRESH_PART: i32 = 31;

/// One check-in.
#[derive(Debug)]
pub(crate) struct CheckIn<'a> {
    pub(crate) credential: &'a str,
    /// The license that the appliance has, by the `sub` of its token.
    pub(crate) current: Option<&'a str>,
    /// How long a new license is good for.
    pub(crate) lifetime: SignedDuration,
}

/// What an appliance that checks in gets.
#[derive(Debug)]
pub(crate) enum Standing {
    /// This license.
    Licensed(License),
    /// Nothing: the license that it has is the one that it would get.
    NoChange,
    /// Nothing: the tenant's license has ended. What the appliance has stays good until it expires.
    Ended,
    /// Nothing ever again: the appliance itself was revoked.
    Revoked,
    /// The credential is not one of ours.
    Unknown,
}

/// Whom a credential belongs to.
struct Holder {
    grant: String,
    /// The license it was given last.
    license: License,
    /// The tenant's edition of today, unlike that of a license or of a replayed first token.
    edition: Edition,
    ended: bool,
    revoked: bool,
}

impl Store {
    /// Says what an appliance gets, and notes a new license before anybody hears of it.
    pub(crate) fn check_in(&self, check_in: &CheckIn<'_>) -> Result<Standing, StoreError> {
        match self.read("look up a credential", |connection| self.standing(connection, check_in))? {
            Some(standing) => Ok(standing),
            None => self.write("issue a license", |transaction| Ok(self.renew(transaction, check_in)?)),
        }
    }

    /// Revokes the credentials of an appliance; returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_appliance(&self, appliance_id: &str) -> Result<usize, StoreError> {
        self.write("revoke an appliance", |transaction| {
            Ok(transaction.execute(
                "UPDATE grants SET revoked_at = :now WHERE appliance_id = :appliance AND revoked_at IS NULL",
                named_params! {":now": self.now().as_second(), ":appliance": appliance_id},
            )?)
        })
    }

    /// Ends the license of a tenant, and with it its unclaimed codes: its appliances get no further tokens until a code is
    /// reissued. Returns whether it had one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_license(&self, tenant: Uuid) -> Result<bool, StoreError> {
        self.write("end a license", |transaction| {
            revoke_unclaimed(transaction, tenant, self.now())?;
            let ended = transaction.execute(
                "UPDATE tenants SET license_ended_at = :now WHERE tenant_id = :tenant AND license_ended_at IS NULL",
                named_params! {":now": self.now().as_second(), ":tenant": tenant.to_string()},
            )?;
            Ok(ended == 1)
        })
    }

    /// What an appliance gets without anything being written; nothing when it gets a new license.
    fn standing(&self, connection: &Connection, check_in: &CheckIn<'_>) -> rusqlite::Result<Option<Standing>> {
        let Some(holder) = find_holder(connection, check_in.credential)? else { return Ok(Some(Standing::Unknown)) };
        let license = &holder.license;
        let age = self.now().duration_since(license.issued_at);
        let fresh = !age.is_negative()
            && age < check_in.lifetime / FRESH_PART
            && license.lifetime == check_in.lifetime
            && license.edition == holder.edition;
        Ok(match holder {
            Holder { revoked: true, .. } => Some(Standing::Revoked),
            Holder { ended: true, .. } => Some(Standing::Ended),
            _ if !fresh => None,
            Holder { license, .. } if check_in.current == Some(license.id.to_string().as_str()) => {
                Some(Standing::NoChange)
            }
            // It may have lost the answer, and gets the same once more.
            Holder { license, .. } => Some(Standing::Licensed(license)),
        })
    }

    fn renew(&self, transaction: &Transaction<'_>, check_in: &CheckIn<'_>) -> rusqlite::Result<Standing> {
        // Another check-in of the same appliance may have been faster.
        if let Some(standing) = self.standing(transaction, check_in)? {
            return Ok(standing);
        }
        let Some(holder) = find_holder(transaction, check_in.credential)? else { return Ok(Standing::Unknown) };
        let license = License {
            id: Uuid::new_v4(),
            edition: holder.edition,
            issued_at: self.now(),
            lifetime: check_in.lifetime,
            ..holder.license
        };
        note(transaction, &holder.grant, &license)?;
        Ok(Standing::Licensed(license))
    }
}

/// The tenant is entitled again.
pub(super) fn attach_license(transaction: &Transaction<'_>, tenant: Uuid) -> rusqlite::Result<()> {
    let sql = "UPDATE tenants SET license_ended_at = NULL WHERE tenant_id = :tenant";
    transaction.execute(sql, named_params! {":tenant": tenant.to_string()}).map(drop)
}

/// Of each grant, the last license is enough: the first one follows from the grant.
fn note(transaction: &Transaction<'_>, grant: &str, license: &License) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO licenses (grant_id, license_id, edition, issued_at, lifetime)
             VALUES (:grant, :license, :edition, :issued, :lifetime)",
            named_params! {
                ":grant": grant,
                ":license": license.id.to_string(),
                ":edition": license.edition.as_str(),
                ":issued": license.issued_at.as_second(),
                ":lifetime": license.lifetime.as_secs(),
            },
        )
        .map(drop)
}

fn find_holder(connection: &Connection, credential: &str) -> rusqlite::Result<Option<Holder>> {
    connection
        .query_row(
            "SELECT grants.grant_id AS grant_id, appliance_id, codes.tenant_id AS tenant_id,
                    tenants.edition AS edition_of_today, license_ended_at IS NOT NULL AS ended,
                    grants.revoked_at IS NOT NULL AS revoked,
                    coalesce(licenses.license_id, grants.grant_id) AS license_id,
                    coalesce(licenses.edition, grants.edition) AS edition,
                    coalesce(licenses.issued_at, grants.issued_at) AS issued_at,
                    coalesce(licenses.lifetime, grants.token_lifetime) AS lifetime
             FROM grants JOIN codes USING (code_id) JOIN tenants USING (tenant_id) LEFT JOIN licenses USING (grant_id)
             WHERE credential_digest = :digest",
            named_params! {":digest": credential_digest(credential)},
            |row| {
                Ok(Holder {
                    grant: row.get("grant_id")?,
                    license: read_license(row)?,
                    edition: named_column(row, "edition_of_today")?,
                    ended: row.get("ended")?,
                    revoked: row.get("revoked")?,
                })
            },
        )
        .optional()
}

fn read_license(row: &Row<'_>) -> rusqlite::Result<License> {
    Ok(License {
        id: uuid_column(row, "license_id")?,
        appliance_id: row.get("appliance_id")?,
        tenant_id: uuid_column(row, "tenant_id")?,
        edition: named_column(row, "edition")?,
        issued_at: time_column(row, "issued_at")?,
        lifetime: SignedDuration::from_secs(row.get("lifetime")?),
    })
}
