//! What Helm gets of the answers, the vendor's own questions among them: pure, from answers to values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    answers::{PublicAnswers, Told, fields::endpoint_path, question_path},
    error::Report,
    profile::{Answer, EndpointAnswer, Profile, Question, Target},
    words::{Phrase, phrase},
    world::HelmError,
};

/// The Helm values of the profile and the answers, by dotted path. None is a secret.
pub(super) fn values(profile: &Profile, answers: &PublicAnswers) -> BTreeMap<String, Value> {
    let mut values = profile.bootstrap.as_ref().map(|bootstrap| bootstrap.values.clone()).unwrap_or_default();
    values.extend(answered_values(profile, answers).into_iter().map(|(path, value)| (path.to_owned(), value)));
    values
}

/// The same while nothing is answered yet: with the profile's defaults; `None` when an answer is needed.
pub(super) fn values_without_answers(profile: &Profile) -> Option<BTreeMap<String, Value>> {
    let endpoint = &profile.endpoint;
    let becomes_one = endpoint.value.is_some() || endpoint.values().next().is_some();
    if endpoint.ask && !endpoint.optional && becomes_one {
        return None;
    }
    let mut values = profile.bootstrap.as_ref().map(|bootstrap| bootstrap.values.clone()).unwrap_or_default();
    values.extend(endpoint_values(profile, None).map(|(path, value)| (path.to_owned(), value)));
    for question in &profile.questions {
        let Target::Value(path) = &question.target else { continue };
        match &question.default {
            Some(default) => match question.kind.parse(&default.as_str().into()) {
                Ok(Answer::Public(value)) => drop(values.insert(path.clone(), value)),
                Ok(Answer::Secret(_)) | Err(_) => return None,
            },
            None if question.optional => {}
            None => return None,
        }
    }
    Some(values)
}

fn answered_values<'a>(profile: &'a Profile, answers: &PublicAnswers) -> Vec<(&'a str, Value)> {
    let questions = value_questions(profile).filter_map(|(question, path)| match answers.told(&question.id) {
        Told::Shown(value) => Some((path, value.clone())),
        Told::Nothing | Told::Secret => None,
    });
    endpoint_values(profile, answers.endpoint.as_ref()).chain(questions).collect()
}

/// Where the appliance is reached, and what is made of that.
fn endpoint_values<'a>(
    profile: &'a Profile,
    answer: Option<&EndpointAnswer>,
) -> impl Iterator<Item = (&'a str, Value)> {
    let endpoint = &profile.endpoint;
    let answered = endpoint.value.as_deref().zip(answer.map(|answer| answer.to_string().into()));
    let address = endpoint.address(answer);
    let made =
        endpoint.values().filter_map(move |(path, template)| Some((path, template.fill(address.as_ref()?).into())));
    answered.into_iter().chain(made)
}

fn value_questions(profile: &Profile) -> impl Iterator<Item = (&Question, &str)> {
    profile.questions.iter().filter_map(|question| match &question.target {
        Target::Value(path) => Some((question, path.as_str())),
        Target::SecretKey { .. } => None,
    })
}

/// Why Helm was of no use, and which answer that is about: the one that became a value which Helm names.
pub(super) fn blamed(profile: &Profile, error: HelmError) -> Report {
    let questions = value_questions(profile).map(|(question, path)| (path, question_path(&question.id)));
    let endpoint = &profile.endpoint;
    let of_endpoint = endpoint.value.as_deref().into_iter().chain(endpoint.values().map(|(path, _)| path));
    let of_endpoint = of_endpoint.filter(|_| endpoint.ask).map(|path| (path, endpoint_path(endpoint.kind).to_owned()));
    let named =
        |path: &str| matches!(&error, HelmError::Refused { values, .. } if values.iter().any(|value| value == path));
    let about = questions.chain(of_endpoint).find(|(path, _)| named(path)).map(|(_, answer)| answer);
    Report { about, ..error.into() }
}

/// What the `bootstrap` step does with the answers, one sentence a line.
pub(super) fn describe_values(profile: &Profile, answers: &PublicAnswers) -> Vec<Phrase> {
    let set = answered_values(profile, answers).into_iter();
    set.map(|(path, value)| phrase!("will-value" { path, answer: value.to_string() })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helm_refuses_is_about_the_answer_that_became_it() {
        let profile = include_str!("../../tests/answers/questions.toml");
        let profile = Profile::parse(profile).expect("a sound profile");
        let refused = |values: &[&str]| HelmError::Refused {
            action: "upgrade",
            said: "values do not fit".to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
        };
        for (question, path) in value_questions(&profile) {
            // A value of the vendor's own, although it comes first, is no answer.
            let report = blamed(&profile, refused(&["a.vendors", path]));
            assert_eq!(report.about, Some(question_path(&question.id)));
        }
        assert_eq!(blamed(&profile, refused(&["a.vendors"])).about, None);
    }
}
