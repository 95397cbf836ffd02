//! From a profile to the rows of its objects: the tenant's and the license's Secrets, which nothing else tells apart, and
//! what holds generated values and what is made of the address.

use super::objects::{Key, Known, Needed, Row, Rule, distinct, named};
use crate::{
    answers::{PublicAnswers, Told, fields},
    profile::{
        AddressSource, Destination, Generate, Holder, ObjectName, PasswordForm, Profile, Question, QuestionKind,
        Rotation, SecretName, SecretSpec, Target, keys,
    },
    values::{Entitlement, SecretText, TenantId, audience},
    words::{Phrase, phrase},
    world::{ObjectKind, ObjectRef, annotations},
};

/// The Secret that says where the appliance is reached, and from whom that is known, for `firstlight reconcile`: no secret, but
/// whoever may change it decides over what is made of it.
pub(super) const ENDPOINT: &str = "firstlight-endpoint";

/// Its keys.
pub(super) const ADDRESS: &str = "address";
pub(super) const SOURCE: &str = "source";

/// What stands there as the source of no address.
const NO_ADDRESS: &str = "none";

/// What the tenant's id is called among the values that are created only.
pub(super) const TENANT: &str = "tenant";

/// Every object of a profile, in the order in which they are written.
///
/// The tenant's comes first: of several who set up one cluster at the same time, only the one whose tenant it is
/// goes on to the license.
pub(super) fn rows(profile: &Profile) -> Vec<Row> {
    let row = |(which, spec): (SecretName, &SecretSpec)| {
        let mut keys = match which {
            SecretName::Tenant => tenant(profile),
            SecretName::License => license(spec),
        };
        keys.extend(in_secret(profile, which).map(|(question, key)| answered(question, key)));
        Row { object: ObjectRef::secret(&spec.name), whole: true, forced: false, keys }
    };
    secrets(profile).map(row).into()
}

/// The objects that hold what an appliance alone has: values that are made once for it, and what is made of where it is
/// reached. Only these keys of them are ours.
pub(super) fn of_appliance(profile: &Profile) -> Vec<Row> {
    let mut rows = secret_rows(profile, &profile.generate, rule_of);
    for (target, text) in profile.endpoint.destinations() {
        let Some((object, key)) = key_of(target, profile) else { continue };
        let (text, adds) = (text.clone(), text.keep.is_some());
        let source = move |known: &Known<'_>, there: Option<&SecretText>| Some(text.fill(known.address?, there));
        add(&mut rows, object, Key::seeing(key, adds, source));
    }
    if let Some(object) = endpoint(profile) {
        let address = |known: &Known<'_>| Some(SecretText::new(known.address?.to_string()));
        let source = |known: &Known<'_>| {
            let source = known.source.unwrap_or(AddressSource::Answer);
            Some(known.address.map_or(NO_ADDRESS, |_| source.name()).into())
        };
        add(&mut rows, object.clone(), Key::new(ADDRESS, Rule::Refreshed, Needed::No, address));
        add(&mut rows, object, Key::new(SOURCE, Rule::Refreshed, Needed::No, source));
    }
    rows
}

/// Where it stands where the appliance is reached, if anything follows from that or from the time.
pub(super) fn endpoint(profile: &Profile) -> Option<ObjectRef> {
    let renewed = profile.generate.iter().any(|value| value.rotate == Rotation::Renewed);
    let object = ObjectRef::secret(ENDPOINT);
    (renewed || profile.endpoint.destinations().next().is_some()).then_some(object)
}

fn rule_of(value: &Generate) -> Rule {
    match value.rotate {
        Rotation::Never | Rotation::Manual => Rule::CreateOnly(value.id.clone()),
        Rotation::Renewed => Rule::Refreshed,
    }
}

/// The objects that hold these values; only these keys of them are ours.
pub(super) fn secret_rows<'a>(
    profile: &Profile,
    values: impl IntoIterator<Item = &'a Generate>,
    rule: impl Fn(&Generate) -> Rule,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for value in values {
        for (object, key) in value.targets.iter().filter_map(|target| key_of(target, profile)) {
            let id = value.id.clone();
            let source = move |known: &Known<'_>| known.generated?.get(&id).cloned();
            add(&mut rows, object, Key::new(key, rule(value), Needed::No, source));
        }
    }
    rows
}

fn add(rows: &mut Vec<Row>, object: ObjectRef, key: Key) {
    match rows.iter_mut().find(|row| row.object == object) {
        Some(row) => row.keys.push(key),
        None => rows.push(Row { object, whole: false, forced: false, keys: vec![key] }),
    }
}

/// The object, and the key in it, to which a destination leads.
pub(super) fn key_of<'a>(destination: &'a Destination, profile: &Profile) -> Option<(ObjectRef, &'a str)> {
    let Destination::Key { holder, object: ObjectName { namespace, name }, key } = destination else { return None };
    let kind = match holder {
        Holder::Secret => ObjectKind::Secret,
        Holder::ConfigMap => ObjectKind::ConfigMap,
    };
    let namespace = namespace.clone().filter(|namespace| *namespace != profile.cluster.namespace);
    Some((ObjectRef { kind, namespace, name: name.clone() }, key))
}

/// Every object of a profile.
pub(super) fn objects(profile: &Profile) -> Vec<ObjectRef> {
    distinct(of_appliance(profile).into_iter().chain(rows(profile)).map(|row| row.object))
}

/// The namespaces of a profile's objects, that of the bootstrap first.
pub(super) fn namespaces(profile: &Profile) -> Vec<String> {
    let own = &profile.cluster.namespace;
    let of_objects = objects(profile).into_iter().map(|object| object.namespace.unwrap_or_else(|| own.clone()));
    distinct([own.clone()].into_iter().chain(of_objects))
}

fn secrets(profile: &Profile) -> [(SecretName, &SecretSpec); 2] {
    let secrets = &profile.secrets;
    [(SecretName::Tenant, &secrets.tenant), (SecretName::License, &secrets.license)]
}

fn tenant(profile: &Profile) -> Vec<Key> {
    let spec = &profile.secrets.tenant;
    let answers = fields::rows(profile).into_iter().filter_map(|row| Some((row.key?, row.optional)));
    let answers = answers.map(|(name, optional)| {
        let needed = if optional { Needed::No } else { Needed::Always };
        let said = move |known: &Known<'_>| Some(known.answers?.public.keys.get(name)?.as_str().into());
        Key::new(spec.key(name), Rule::FromAnswer, needed, said)
    });
    let password = spec.key(profile.secrets.admin_password.key());
    let tenant_id = Key::new(spec.key(keys::TENANT_ID), Rule::CreateOnly(TENANT.to_owned()), Needed::Always, |known| {
        known.granted.map(|granted| SecretText::new(granted.grant.tenant_id.to_string()))
    });
    let mut keys = vec![
        tenant_id.owned(TenantId::canonical),
        note_of_tenant(),
        // The code that made it, whatever codes come after.
        Key::new(annotations::CODE, Rule::CreateOnly("code".to_owned()), Needed::No, fingerprint),
        Key::new(spec.key(keys::TENANT_NAME), Rule::Refreshed, Needed::No, |known| {
            let granted = known.granted.and_then(|granted| granted.grant.company_name.as_ref());
            let answered = known.answers.and_then(|answers| answers.public.tenant_name.as_ref());
            answered.or(granted).map(|name| name.as_str().into())
        }),
    ];
    keys.extend(answers);
    // One that is there already keeps its salt: the second run changes nothing.
    let travelling = Key::new(password, Rule::FromAnswer, Needed::Always, |known| known.password?.get().cloned());
    let travelling =
        travelling.same_if(|present, known| known.password.is_some_and(|password| password.is(present))).hidden();
    keys.push(match profile.secrets.admin_password {
        PasswordForm::Argon2id | PasswordForm::Scrypt => travelling,
        PasswordForm::Plaintext => travelling.passing(),
    });
    keys
}

fn license(spec: &SecretSpec) -> Vec<Key> {
    type Paid<'a> = (&'a SecretText, &'a SecretText, &'a str);
    let paid = |name, part: fn(Paid<'_>) -> SecretText| {
        let needed = Needed::With(spec.key(keys::INSTALL_EDITION).to_owned(), "pro");
        Key::new(spec.key(name), Rule::FromGrant, needed, move |known| match &known.granted?.grant.entitlement {
            Entitlement::Pro { token, credential, check_in_url } => {
                Some(part((token, credential, check_in_url.as_str())))
            }
            Entitlement::Essentials => None,
        })
    };
    vec![
        note_of_tenant(),
        Key::new(annotations::CODE, Rule::FromGrant, Needed::No, fingerprint),
        Key::new(spec.key(keys::EDITION_CHOICE), Rule::FromGrant, Needed::Always, |_| Some("ee".into())),
        Key::new(spec.key(keys::INSTALL_EDITION), Rule::FromGrant, Needed::Always, |known| {
            Some(known.granted?.grant.entitlement.edition().into())
        }),
        Key::new(spec.key(keys::APPLIANCE_ID), Rule::FromGrant, Needed::Always, |known| {
            Some(known.granted?.appliance_id.as_str().into())
        }),
        paid(keys::LICENSE_TOKEN, |(token, _, _)| token.clone()).hidden().owned(audience),
        paid(keys::APPLIANCE_CREDENTIAL, |(_, credential, _)| credential.clone()).hidden(),
        paid(keys::CHECK_IN_URL, |(_, _, url)| url.into()),
    ]
}

/// The fingerprint of the code as it stands on objects: for every tenant another one.
fn fingerprint(known: &Known<'_>) -> Option<SecretText> {
    Some(SecretText::new(known.answers?.secret.install_code.fingerprint(known.tenant?.as_bytes())))
}

/// Says on an object whose it is, also to a profile that calls the key of the tenant's id something else.
fn note_of_tenant() -> Key {
    let tenant = |known: &Known<'_>| known.tenant.map(SecretText::from);
    Key::new(annotations::TENANT, Rule::CreateOnly(TENANT.to_owned()), Needed::No, tenant).owned(TenantId::canonical)
}

/// A key that the answer to a question of the vendor's becomes.
fn answered(question: &Question, name: &str) -> Key {
    let id = question.id.clone();
    let key = Key::new(name, Rule::FromAnswer, Needed::No, move |known| match known.answers?.public.told(&id) {
        Told::Shown(serde_json::Value::String(text)) => Some(text.as_str().into()),
        Told::Shown(other) => Some(SecretText::new(other.to_string())),
        Told::Secret => known.answers?.secret.questions.get(&id).cloned(),
        Told::Nothing => None,
    });
    if matches!(question.kind, QuestionKind::Secret(_)) { key.hidden() } else { key }
}

fn in_secret(profile: &Profile, of: SecretName) -> impl Iterator<Item = (&Question, &str)> {
    profile.questions.iter().filter_map(move |question| match &question.target {
        Target::SecretKey { secret, key } if *secret == of => Some((question, key.as_str())),
        _ => None,
    })
}

/// Which objects are written, one sentence for those of a kind in a namespace.
pub(super) fn describe(profile: &Profile) -> Vec<Phrase> {
    let objects: Vec<_> = rows(profile).into_iter().map(|row| row.object).collect();
    let groups = distinct(objects.iter().map(|object| (object.kind, object.namespace.as_ref())));
    let described = groups.into_iter().map(|(kind, namespace)| {
        let of_group = |object: &&ObjectRef| (object.kind, object.namespace.as_ref()) == (kind, namespace);
        let names: Vec<&String> = objects.iter().filter(of_group).map(|object| &object.name).collect();
        let (count, names, namespace) = (names.len(), named(names), namespace.unwrap_or(&profile.cluster.namespace));
        match kind {
            ObjectKind::Secret => phrase!("will-secrets" { count, names, namespace }),
            ObjectKind::ConfigMap => phrase!("will-config-maps" { count, names, namespace }),
        }
    });
    let tenant = &profile.secrets.tenant.name;
    let stays = profile.secrets.admin_password == PasswordForm::Plaintext && profile.bootstrap.is_none();
    described.chain(stays.then(|| phrase!("will-plaintext-stays" { secret: tenant }))).collect()
}

/// What becomes of the answers to the vendor's own questions, one sentence a line.
pub(super) fn describe_answers(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
    let lines = secrets(profile).into_iter().flat_map(|(which, spec)| {
        in_secret(profile, which).map(|(question, key)| {
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
