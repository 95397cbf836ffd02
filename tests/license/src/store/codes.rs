//! Codes: minting, reissuing, revoking.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, Transaction, named_params};
use uuid::Uuid;

use super::claims::find_code;
use super::licenses::attach_license;
use super::outbox::{Mail, enqueue};
use super::{Store, StoreError, Undone, named_column, uuid_column};
use crate::clock::later;
use crate::code::ClaimCode;
use crate::edition::Edition;

/// How long a code is good for when nobody says otherwise.
pub(crate) const CODE_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A new tenant and its first code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// The name the customer registers under.
    pub company: String,
    /// Where the code is mailed, and by which a lost one is reissued.
    pub contact_email: String,
    /// What the customer bought.
    pub edition: Edition,
    /// How long the code is good for; zero makes one that has expired already.
    pub expires_in: SignedDuration,
}

impl Default for NewCode {
    fn default() -> Self {
        Self {
            company: "Example Company".to_owned(),
            contact_email: "it@company.example".to_owned(),
            edition: Edition::Pro,
            expires_in: CODE_LIFETIME,
        }
    }
}

/// A code that was just made: this is the only time anybody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minted {
    /// The code.
    pub code: ClaimCode,
    /// Identifies the code where the code itself must not be named (links, logs).
    pub code_id: Uuid,
    /// The tenant it belongs to.
    pub tenant_id: Uuid,
    /// The name the tenant is registered under.
    pub company_name: String,
    /// The tenant's contact.
    pub contact_email: String,
    /// The tenant's edition.
    pub edition: Edition,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is no longer accepted.
    pub expires_at: Timestamp,
}

/// How a tenant is named by somebody who wants a new code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantRef {
    /// By its id.
    Id(Uuid),
    /// By its contact, in any case; refused when several tenants share it.
    Contact(String),
}

/// A tenant's row.
struct Tenant {
    id: Uuid,
    company: String,
    contact: String,
    edition: Edition,
}

/// Whether a tenant of the same company and contact may be made a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twins {
    /// From the shell and in tests.
    Allowed,
    /// Over the network, where a form is easily sent twice.
    Refused,
}

impl Store {
    /// Makes a tenant and its first code.
    ///
    /// # Errors
    /// When company or contact are not usable, or the database fails.
    pub fn mint(&self, request: &NewCode) -> Result<Minted, StoreError> {
        self.mint_mailed(request, Twins::Allowed, |_| None)
    }

    /// The same, with a mail queued in the same transaction.
    pub(crate) fn mint_mailed(
        &self,
        request: &NewCode,
        twins: Twins,
        mail: impl FnOnce(&Minted) -> Option<Mail>,
    ) -> Result<Minted, StoreError> {
        let company = checked_company(&request.company)?;
        let contact = checked_contact(&request.contact_email)?;
        self.with_fresh_code(request.expires_in, mail, |transaction| {
            if twins == Twins::Refused && is_registered(transaction, &company, &contact)? {
                return Err(StoreError::TenantExists.into());
            }
            let tenant = Tenant { id: Uuid::new_v4(), company, contact, edition: request.edition };
            insert_tenant(transaction, &tenant, self.now())?;
            Ok(tenant)
        })
    }

    /// Makes a new code for a tenant, which supersedes its unclaimed ones. The tenant stays, and is entitled again if it was not.
    ///
    /// # Errors
    /// When the tenant is not known or not the only one, or the database fails.
    pub fn reissue(&self, tenant: &TenantRef, expires_in: SignedDuration) -> Result<Minted, StoreError> {
        self.reissue_mailed(tenant, expires_in, |_| None)
    }

    /// The same, with a mail queued in the same transaction.
    pub(crate) fn reissue_mailed(
        &self,
        tenant: &TenantRef,
        expires_in: SignedDuration,
        mail: impl FnOnce(&Minted) -> Option<Mail>,
    ) -> Result<Minted, StoreError> {
        self.with_fresh_code(expires_in, mail, |transaction| {
            let mut found = find_tenants(transaction, tenant)?;
            let tenant = found.pop().ok_or(StoreError::UnknownTenant)?;
            if !found.is_empty() {
                return Err(StoreError::AmbiguousContact.into());
            }
            attach_license(transaction, tenant.id)?;
            Ok(tenant)
        })
    }

    /// Revokes the unclaimed codes of a tenant; returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_unclaimed(&self, tenant: Uuid) -> Result<usize, StoreError> {
        self.write("revoke a tenant's codes", |transaction| Ok(revoke_unclaimed(transaction, tenant, self.now())?))
    }

    /// Revokes one code unless it was claimed; returns whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_code(&self, code: &ClaimCode) -> Result<bool, StoreError> {
        self.write("revoke a code", |transaction| {
            let revoked = transaction.execute(
                "UPDATE codes SET revoked_at = :now WHERE code_digest = :digest AND claimed_at IS NULL AND revoked_at IS NULL",
                named_params! {":now": self.now().as_second(), ":digest": self.key().code_digest(code)},
            )?;
            Ok(revoked == 1)
        })
    }

    /// Finds or makes a tenant, draws a code for it, and stores the code with its mail, all in one transaction. It supersedes the
    /// codes of this tenant that nobody has claimed.
    fn with_fresh_code(
        &self,
        expires_in: SignedDuration,
        mail: impl FnOnce(&Minted) -> Option<Mail>,
        tenant: impl FnOnce(&Transaction<'_>) -> Result<Tenant, Undone>,
    ) -> Result<Minted, StoreError> {
        let minted = self.write("store a code", |transaction| {
            let tenant = tenant(transaction)?;
            let now = self.now();
            let minted = Minted {
                code: self.unused_code(transaction)?,
                code_id: Uuid::new_v4(),
                tenant_id: tenant.id,
                company_name: tenant.company,
                contact_email: tenant.contact,
                edition: tenant.edition,
                issued_at: now,
                expires_at: later(now, expires_in),
            };
            insert_code(transaction, &minted, &self.key().code_digest(&minted.code), now)?;
            supersede_others(transaction, &minted, now)?;
            if let Some(mail) = mail(&minted) {
                let sealed = self.key().seal(&mail.to_sealed_text()).map_err(StoreError::Seal)?;
                enqueue(transaction, &mail, &sealed, now)?;
            }
            Ok(minted)
        })?;
        self.inner.mail_waiting.notify_one();
        Ok(minted)
    }

    /// A code that no other one equals. Nobody can take it before the transaction ends, which holds the write lock.
    fn unused_code(&self, transaction: &Transaction<'_>) -> Result<ClaimCode, Undone> {
        loop {
            let code = ClaimCode::random().map_err(StoreError::Random)?;
            if find_code(transaction, &self.key().code_digest(&code))?.is_none() {
                return Ok(code);
            }
        }
    }
}

fn insert_tenant(transaction: &Transaction<'_>, tenant: &Tenant, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO tenants (tenant_id, company_name, contact_email, edition, created_at)
             VALUES (:tenant, :company, :contact, :edition, :now)",
            named_params! {
                ":tenant": tenant.id.to_string(),
                ":company": tenant.company,
                ":contact": tenant.contact,
                ":edition": tenant.edition.as_str(),
                ":now": now.as_second(),
            },
        )
        .map(drop)
}

fn insert_code(transaction: &Transaction<'_>, minted: &Minted, digest: &[u8], now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT INTO codes (code_id, code_digest, tenant_id, created_at, expires_at)
             VALUES (:code, :digest, :tenant, :now, :expires)",
            named_params! {
                ":code": minted.code_id.to_string(),
                ":digest": digest,
                ":tenant": minted.tenant_id.to_string(),
                ":now": now.as_second(),
                ":expires": minted.expires_at.as_second(),
            },
        )
        .map(drop)
}

/// Whoever types one of the older codes is told that there is a newer one; a code that was revoked for another reason stays
/// unknown.
fn supersede_others(transaction: &Transaction<'_>, minted: &Minted, now: Timestamp) -> rusqlite::Result<()> {
    transaction
        .execute(
            "UPDATE codes SET revoked_at = :now, superseded_by = :code
             WHERE tenant_id = :tenant AND code_id <> :code AND claimed_at IS NULL AND revoked_at IS NULL",
            named_params! {
                ":now": now.as_second(),
                ":code": minted.code_id.to_string(),
                ":tenant": minted.tenant_id.to_string(),
            },
        )
        .map(drop)
}

pub(super) fn revoke_unclaimed(transaction: &Transaction<'_>, tenant: Uuid, now: Timestamp) -> rusqlite::Result<usize> {
    transaction.execute(
        "UPDATE codes SET revoked_at = :now WHERE tenant_id = :tenant AND claimed_at IS NULL AND revoked_at IS NULL",
        named_params! {":now": now.as_second(), ":tenant": tenant.to_string()},
    )
}

fn find_tenants(transaction: &Transaction<'_>, tenant: &TenantRef) -> rusqlite::Result<Vec<Tenant>> {
    let (condition, value) = match tenant {
        TenantRef::Id(id) => ("tenant_id = :value", id.to_string()),
        TenantRef::Contact(contact) => ("contact_email = :value COLLATE NOCASE", contact.trim().to_owned()),
    };
    let sql = format!("SELECT tenant_id, company_name, contact_email, edition FROM tenants WHERE {condition} LIMIT 2");
    let mut statement = transaction.prepare_cached(&sql)?;
    let rows = statement.query_map(named_params! {":value": value}, |row| {
        Ok(Tenant {
            id: uuid_column(row, "tenant_id")?,
            company: row.get("company_name")?,
            contact: row.get("contact_email")?,
            edition: named_column(row, "edition")?,
        })
    })?;
    rows.collect()
}

fn is_registered(transaction: &Transaction<'_>, company: &str, contact: &str) -> rusqlite::Result<bool> {
    transaction
        .query_row(
            "SELECT 1 FROM tenants WHERE contact_email = :contact COLLATE NOCASE AND company_name = :company COLLATE NOCASE",
            named_params! {":contact": contact, ":company": company},
            |_| Ok(()),
        )
        .optional()
        .map(|found| found.is_some())
}

fn checked_company(text: &str) -> Result<String, StoreError> {
    let name = text.trim();
    let usable = !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    usable.then(|| name.to_owned()).ok_or(StoreError::Company)
}

fn checked_contact(text: &str) -> Result<String, StoreError> {
    let address = text.trim();
    let parsed = address.len() <= 254 && address.parse::<lettre::Address>().is_ok();
    parsed.then(|| address.to_owned()).ok_or(StoreError::Contact)
}
