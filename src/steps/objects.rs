//! The contents of both Secrets: pure, from grant and answers to data.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use super::questions;
use crate::{
    answers::{Answers, fields},
    profile::{PasswordForm, Profile, SecretName, SecretSpec, keys},
    values::{ApplianceId, Entitlement, Grant, Password, SecretText, TenantId},
    world::SecretData,
};

/// Argon2id with 7 MiB, 5 passes and 1 lane: one of the minimum settings that OWASP's
/// Password Storage Cheat Sheet lists as equal. The one with the least memory, because
/// a first boot may leave little.
const PARAMETERS: (u32, u32, u32) = (7 * 1024, 5, 1);

/// Both Secrets, as they are in the cluster (`None`: not there) or as they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) tenant: Option<SecretData>,
    pub(super) license: Option<SecretData>,
}

impl Pair {
    /// The tenant that the cluster belongs to: in canonical form when it is a tenant id, else as it stands.
    ///
    /// A profile that renames the key must not hide what an earlier one wrote under the contract's name.
    pub(super) fn tenant_id(&self, profile: &Profile) -> Option<String> {
        let data = self.tenant.as_ref()?;
        let id = data.get(profile.secrets.tenant.key(keys::TENANT_ID)).or_else(|| data.get(keys::TENANT_ID))?;
        let id = id.expose().trim();
        let canonical = id.parse::<TenantId>().map_or_else(|_foreign| id.to_owned(), |id| id.to_string());
        Some(canonical).filter(|id| !id.is_empty())
    }

    /// Whether both hold everything that a bootstrap reads, so that no grant is needed.
    pub(super) fn is_complete(&self, profile: &Profile) -> bool {
        let (Some(tenant), Some(license)) = (&self.tenant, &self.license) else { return false };
        let has = |data: &SecretData, key: &str| data.get(key).is_some_and(|value| !value.is_empty());
        let tenant_key = |key| has(tenant, profile.secrets.tenant.key(key));
        let license_key = |key| has(license, profile.secrets.license.key(key));
        let paid = license
            .get(profile.secrets.license.key(keys::INSTALL_EDITION))
            .is_some_and(|value| value.expose() == "pro");
        let mut wanted = vec![keys::EDITION_CHOICE, keys::INSTALL_EDITION, keys::APPLIANCE_ID];
        if paid {
            wanted.extend([keys::LICENSE_TOKEN, keys::APPLIANCE_CREDENTIAL, keys::CHECK_IN_URL]);
        }
        let rows = fields::rows(profile).into_iter();
        let answered = rows.filter(|row| !row.optional).filter_map(|row| row.key);
        answered.chain([keys::TENANT_ID, password_key(profile)]).all(tenant_key) && wanted.into_iter().all(license_key)
    }
}

/// The key under which the password travels.
pub(super) const fn password_key(profile: &Profile) -> &'static str {
    match profile.secrets.admin_password {
        PasswordForm::Argon2id => keys::PASSWORD_HASH,
        PasswordForm::Plaintext => keys::PASSWORD,
    }
}

/// The tenant Secret. `present` is what the cluster has: without a grant its id and name are kept.
pub(super) fn tenant_data(
    profile: &Profile,
    answers: &Answers,
    grant: Option<&Grant>,
    present: Option<&SecretData>,
    password: SecretText,
) -> SecretData {
    let spec = &profile.secrets.tenant;
    let kept = |key: &str| present.and_then(|data| data.get(spec.key(key)).cloned());
    let public = &answers.public;
    let id = grant.map(|grant| SecretText::new(grant.tenant_id.to_string())).or_else(|| kept(keys::TENANT_ID));
    let granted_name = grant.and_then(|grant| grant.company_name.as_ref());
    let name = public.tenant_name.as_ref().or(granted_name).map(|name| name.as_str().into());
    let mut data = filled(
        spec,
        [
            (keys::TENANT_ID, id),
            (keys::TENANT_NAME, name.or_else(|| kept(keys::TENANT_NAME))),
            (password_key(profile), Some(password)),
        ],
    );
    data.extend(filled(spec, public.keys.iter().map(|(key, answer)| (*key, Some(answer.as_str().into())))));
    data.extend(questions::secret_data(profile, answers, SecretName::Tenant));
    data
}

/// The license Secret. `present` is what the cluster has: without a grant that is kept, but for the answers in it.
pub(super) fn license_data(
    profile: &Profile,
    answers: &Answers,
    granted: Option<(&Grant, &ApplianceId)>,
    present: Option<&SecretData>,
) -> Option<SecretData> {
    let spec = &profile.secrets.license;
    let mut data = if let Some((grant, appliance)) = granted {
        granted_license(spec, grant, appliance)
    } else {
        let present = present?;
        filled(spec, keys::LICENSE.map(|key| (key, present.get(spec.key(key)).cloned())))
    };
    data.extend(questions::secret_data(profile, answers, SecretName::License));
    Some(data)
}

fn granted_license(spec: &SecretSpec, grant: &Grant, appliance: &ApplianceId) -> SecretData {
    let mut values = vec![
        (keys::EDITION_CHOICE, Some("ee".into())),
        (keys::INSTALL_EDITION, Some(grant.entitlement.edition().as_str().into())),
        (keys::APPLIANCE_ID, Some(appliance.as_str().into())),
    ];
    if let Entitlement::Pro { token, credential, check_in_url } = &grant.entitlement {
        values.extend([
            (keys::LICENSE_TOKEN, Some(token.clone())),
            (keys::APPLIANCE_CREDENTIAL, Some(credential.clone())),
            (keys::CHECK_IN_URL, Some(check_in_url.as_str().into())),
        ]);
    }
    filled(spec, values)
}

/// An empty value is left out, not written empty (contract).
fn filled(spec: &SecretSpec, values: impl IntoIterator<Item = (&'static str, Option<SecretText>)>) -> SecretData {
    let values = values.into_iter().filter_map(|(key, value)| Some((spec.key(key).to_owned(), value?)));
    values.filter(|(_, value)| !value.is_empty()).collect()
}

/// Both Secrets with values that mean nothing, for the server-side dry run.
pub(super) fn placeholders(profile: &Profile) -> Pair {
    let data = |spec: &SecretSpec, keys: &[&'static str], of: SecretName| {
        let mut data = filled(spec, keys.iter().map(|key| (*key, Some("rehearsal".into()))));
        data.extend(questions::keys(profile, of).map(|key| (key.to_owned(), "rehearsal".into())));
        Some(data)
    };
    let answered = fields::rows(profile).into_iter().filter_map(|row| row.key);
    let tenant: Vec<_> = answered.chain([keys::TENANT_ID, keys::TENANT_NAME, password_key(profile)]).collect();
    Pair {
        tenant: data(&profile.secrets.tenant, &tenant, SecretName::Tenant),
        license: data(&profile.secrets.license, &keys::LICENSE, SecretName::License),
    }
}

/// Whether `present` is what `password` travels as already.
pub(super) fn is_password(form: PasswordForm, password: &Password, present: &SecretText) -> bool {
    match form {
        PasswordForm::Plaintext => password.expose() == present.expose(),
        PasswordForm::Argon2id => PasswordHash::new(present.expose())
            .is_ok_and(|hash| Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok()),
    }
}

/// The password as it travels, hashed with a new salt where it is hashed.
///
/// # Errors
/// When the operating system gives no random salt.
pub(super) fn travelling_password(
    form: PasswordForm,
    password: &Password,
) -> Result<SecretText, argon2::password_hash::Error> {
    if form == PasswordForm::Plaintext {
        return Ok(password.expose().into());
    }
    let (memory, passes, lanes) = PARAMETERS;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, lanes, None)?);
    Ok(SecretText::new(argon2.hash_password(password.expose().as_bytes())?.to_string()))
}
