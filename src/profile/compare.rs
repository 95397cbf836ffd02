//! Reads all questions, and compares them: one id or one target for two things.

use super::{
    cluster::{Bootstrap, Cluster, overlap},
    destination::Destination,
    endpoint::Endpoint,
    endpoint_target::EndpointPlace,
    generate::{Generate, is_of_setup},
    keys,
    pki::Pki,
    question::{Question, Target, rules},
    secrets::{SecretName, Secrets},
    setting::{Setting, Visit, described_tables},
};
use crate::{document::Section, values::pki::LeafName, words::phrase};

/// The most questions that a profile may have. More would not be a wizard.
const MOST_QUESTIONS: u8 = 64;

/// A section whose question is compared with the others before it is finished.
type Asked<'a> = (Section<'a>, Option<Question>);

/// What the questions are compared with; `None` what is not sound itself.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    pub(super) secrets: Option<&'a Secrets>,
    pub(super) cluster: Option<&'a Cluster>,
    pub(super) generate: Option<&'a [Generate]>,
    pub(super) bootstrap: Option<&'a Option<Bootstrap>>,
    pub(super) endpoint: Option<&'a Endpoint>,
    pub(super) pki: Option<&'a Pki>,
}

/// The questions; what their answers become must not be something else's already.
pub(super) fn questions(others: Others<'_>) -> impl Setting<Vec<Question>> {
    let read_all = move |root: &mut Section<'_>| {
        let asked = root.sections("question").into_iter().map(|mut section| {
            let question = Question::visit(&mut Visit::Read(&mut section));
            (section, question)
        });
        let asked: Vec<Asked<'_>> = asked.collect();
        if let Some((section, _)) = asked.get(usize::from(MOST_QUESTIONS)) {
            section.report(section.placed().problem(phrase!("profile-questions" { most: MOST_QUESTIONS })));
        }
        compare_values(root, &asked, others.bootstrap, others.endpoint);
        compare_keys(&asked, others.secrets);
        compare_targets(root, others);
        compare_names(root, others);
        let finished = asked.into_iter().filter_map(|(section, question)| {
            section.finish();
            question
        });
        Some(finished.collect())
    };
    move |visit: &mut Visit<'_, '_>| {
        let asked = visit.key(|| described_tables("question", false, Question::visit), read_all);
        visit.schema(|schema| {
            schema["maxItems"] = MOST_QUESTIONS.into();
            rules(&mut schema["items"]);
        });
        asked
    }
}

fn compare_values(
    root: &Section<'_>,
    asked: &[Asked<'_>],
    bootstrap: Option<&Option<Bootstrap>>,
    endpoint: Option<&Endpoint>,
) {
    let set = bootstrap.and_then(Option::as_ref).into_iter().flat_map(|bootstrap| bootstrap.values.keys());
    let mut values: Vec<&str> = set.map(String::as_str).collect();
    let mut compare = |section: &Section<'_>, key: &[&str], path| {
        if matches!(bootstrap, Some(None)) {
            section.wrong_at(key, phrase!("profile-value-unread"));
        }
        if let Some(other) = values.iter().find(|other| overlap(other, path)) {
            section.wrong_at(key, phrase!("profile-value-taken" { other: *other }));
        }
        values.push(path);
    };
    if let Some(Endpoint { value: Some(path), .. }) = endpoint {
        compare(root, &["endpoint", "value"], path);
    }
    for (name, target) in endpoint.into_iter().flat_map(|endpoint| &endpoint.targets) {
        if let EndpointPlace::Value(path) = &target.place {
            compare(root, &["endpoint", "targets", name], path);
        }
    }
    for (section, question) in asked {
        if let Some(Question { target: Target::Value(path), .. }) = question {
            compare(section, &["value"], path);
        }
    }
}

/// What is made of the address must not go where something else goes.
fn compare_targets(root: &Section<'_>, others: Others<'_>) {
    let Others { secrets, cluster, generate, endpoint, .. } = others;
    let own = cluster.map_or("", |cluster| cluster.namespace.as_str());
    let generated = generate.into_iter().flatten().flat_map(|value| &value.targets);
    let mut taken: Vec<Destination> = generated.map(|target| target.within(own)).collect();
    for (name, target) in endpoint.into_iter().flat_map(|endpoint| &endpoint.targets) {
        let EndpointPlace::Destination(destination) = &target.place else { continue };
        let (key, destination) = (["endpoint", "targets", name], destination.within(own));
        if taken.contains(&destination) {
            root.wrong_at(&key, phrase!("profile-place-taken"));
        } else if is_of_setup(&destination, secrets) {
            root.wrong_at(&key, phrase!("profile-place-of-setup"));
        }
        taken.push(destination);
    }
}

/// A certificate for an address that nobody will ever know is none.
fn compare_names(root: &Section<'_>, Others { endpoint, pki, .. }: Others<'_>) {
    let leaf = pki.and_then(|pki| pki.leaf.as_ref());
    let needs_address = leaf.is_some_and(|leaf| leaf.names.contains(&LeafName::Host));
    if needs_address && endpoint.is_some_and(|endpoint| !endpoint.may_be_known()) {
        root.wrong_at(&["pki", "leaf", "names"], phrase!("profile-leaf-unasked"));
    }
}

fn compare_keys(asked: &[Asked<'_>], secrets: Option<&Secrets>) {
    let mut ids: Vec<String> = Vec::new();
    let mut keys: Vec<(SecretName, &str)> = Vec::new();
    if let Some(Secrets { tenant, license, .. }) = secrets {
        let both = keys::TENANT.map(|key| (SecretName::Tenant, tenant, key)).into_iter();
        let both = both.chain(keys::LICENSE.map(|key| (SecretName::License, license, key)));
        keys.extend(both.flat_map(|(secret, spec, key)| [(secret, key), (secret, spec.key(key))]));
    }
    for (section, question) in asked {
        let Some(question) = question else { continue };
        for id in question.keys() {
            if ids.contains(&id) {
                section.wrong("id", phrase!("profile-id-taken" { id: &id }));
            }
            ids.push(id);
        }
        if let Target::SecretKey { secret, key } = &question.target {
            if keys.contains(&(*secret, key)) {
                section.wrong("secret-key", phrase!("profile-key-taken" { key }));
            }
            keys.push((*secret, key));
        }
    }
}
