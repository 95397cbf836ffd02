//! The Secrets of a profile and their keys: the tenant's and the license's.

use super::rules::{Key, Known, Needed, Row, Rule};
use crate::{
    answers::{PublicAnswers, Told, fields},
    profile::{PasswordForm, Profile, Question, QuestionKind, SecretName, SecretSpec, Target, keys},
    values::{Entitlement, SecretText},
    words::{Phrase, phrase},
};

/// Every Secret of a profile, in the order in which they are written.
///
/// The tenant's comes first: of several who set up one cluster at the same time, only the one whose tenant it is
/// goes on to the license.
pub(in crate::steps) fn rows(profile: &Profile) -> Vec<Row> {
    let of = [(SecretName::Tenant, &profile.secrets.tenant), (SecretName::License, &profile.secrets.license)];
    let row = |(which, spec): (SecretName, &SecretSpec)| {
        let keys = match which {
            SecretName::Tenant => tenant(profile),
            SecretName::License => license(spec),
        };
        let answered = in_secret(profile, which).map(|(question, key)| answered(question, key));
        Row { name: spec.name.clone(), keys: keys.into_iter().chain(answered).collect() }
    };
    of.into_iter().map(row).collect()
}

/// The key under which the password travels.
pub(in crate::steps) fn password_key(profile: &Profile) -> &str {
    profile.secrets.tenant.key(match profile.secrets.admin_password {
        PasswordForm::Argon2id => keys::PASSWORD_HASH,
        PasswordForm::Plaintext => keys::PASSWORD,
    })
}

fn key(
    name: &str,
    rule: Rule,
    needed: Needed,
    source: impl Fn(&Known<'_>) -> Option<SecretText> + Send + Sync + 'static,
) -> Key {
    Key { name: name.to_owned(), rule, needed, source: Box::new(source), hidden: false }
}

fn hidden(key: Key) -> Key {
    Key { hidden: true, ..key }
}

fn tenant(profile: &Profile) -> Vec<Key> {
    let spec = &profile.secrets.tenant;
    let answers = fields::rows(profile).into_iter().filter_map(|row| Some((row.key?, row.optional)));
    let answers = answers.map(|(name, optional)| {
        let needed = if optional { Needed::No } else { Needed::Always };
        let said = move |known: &Known<'_>| Some(known.answers.public.keys.get(name)?.as_str().into());
        key(spec.key(name), Rule::FromAnswer, needed, said)
    });
    let mut keys = vec![
        key(spec.key(keys::TENANT_ID), Rule::Kept, Needed::Always, |known| {
            known.granted.map(|(grant, _)| SecretText::new(grant.tenant_id.to_string()))
        }),
        key(spec.key(keys::TENANT_NAME), Rule::Kept, Needed::No, |known| {
            let granted = known.granted.and_then(|(grant, _)| grant.company_name.as_ref());
            known.answers.public.tenant_name.as_ref().or(granted).map(|name| name.as_str().into())
        }),
    ];
    keys.extend(answers);
    keys.push(hidden(key(password_key(profile), Rule::FromAnswer, Needed::Always, |known| {
        Some(known.password.clone())
    })));
    keys
}

fn license(spec: &SecretSpec) -> Vec<Key> {
    type Paid<'a> = (&'a SecretText, &'a SecretText, &'a str);
    let paid = |name, part: fn(Paid<'_>) -> SecretText| {
        let needed = Needed::With(spec.key(keys::INSTALL_EDITION).to_owned(), "pro");
        key(spec.key(name), Rule::FromGrant, needed, move |known| match &known.granted?.0.entitlement {
            Entitlement::Pro { token, credential, check_in_url } => {
                Some(part((token, credential, check_in_url.as_str())))
            }
            Entitlement::Essentials => None,
        })
    };
    vec![
        key(spec.key(keys::EDITION_CHOICE), Rule::FromGrant, Needed::Always, |_| Some("ee".into())),
        key(spec.key(keys::INSTALL_EDITION), Rule::FromGrant, Needed::Always, |known| {
            Some(known.granted?.0.entitlement.edition().into())
        }),
        key(spec.key(keys::APPLIANCE_ID), Rule::FromGrant, Needed::Always, |known| {
            Some(known.granted?.1.as_str().into())
        }),
        hidden(paid(keys::LICENSE_TOKEN, |(token, _, _)| token.clone())),
        hidden(paid(keys::APPLIANCE_CREDENTIAL, |(_, credential, _)| credential.clone())),
        paid(keys::CHECK_IN_URL, |(_, _, url)| url.into()),
    ]
}

/// A key that the answer to a question of the vendor's becomes.
fn answered(question: &Question, name: &str) -> Key {
    let id = question.id.clone();
    let secret = matches!(question.kind, QuestionKind::Secret(_));
    let key = key(name, Rule::FromAnswer, Needed::No, move |known| match known.answers.public.told(&id) {
        Told::Shown(serde_json::Value::String(text)) => Some(text.as_str().into()),
        Told::Shown(other) => Some(SecretText::new(other.to_string())),
        Told::Secret => known.answers.secret.questions.get(&id).cloned(),
        Told::Nothing => None,
    });
    Key { hidden: secret, ..key }
}

fn in_secret(profile: &Profile, of: SecretName) -> impl Iterator<Item = (&Question, &str)> {
    profile.questions.iter().filter_map(move |question| match &question.target {
        Target::SecretKey { secret, key } if *secret == of => Some((question, key.as_str())),
        _ => None,
    })
}

/// What becomes of the answers to the vendor's own questions, one sentence a line.
pub(super) fn describe_answers(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
    let of = [(SecretName::Tenant, &profile.secrets.tenant), (SecretName::License, &profile.secrets.license)];
    let lines = of.into_iter().flat_map(|(secret, spec)| {
        in_secret(profile, secret).map(|(question, key)| {
            let (secret, label) = (&spec.name, question.label.to_string());
            match answers.told(&question.id) {
                Told::Shown(shown) => phrase!("will-key" { key, secret, question: label, answer: shown.to_string() }),
                Told::Secret => phrase!("will-key-hidden" { key, secret, question: label }),
                // Also said because it takes away what an earlier run may have put there.
                Told::Nothing => phrase!("will-key-none" { key, secret, question: label }),
            }
        })
    });
    lines.collect()
}
