//! Section `[endpoint.targets]`: a text that is made of the address, and where it goes.

use std::{collections::BTreeMap, fmt};

use serde_json::json;

use super::{
    cluster::overlap,
    destination::Destination,
    kinds::{map, one_of, text, value_keys},
    setting::{Form, Setting, Visit, described, object, section},
};
use crate::{
    document::{Given, Section},
    values::{Address, AddressTemplate, SecretText},
    words::{Phrase, phrase},
};

/// A text that is made of the address, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointTarget {
    /// Where it goes.
    pub place: EndpointPlace,
    /// The text.
    pub text: EndpointText,
}

/// Where a text goes that is made of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointPlace {
    /// A Helm value, by its dotted path.
    Value(String),
    /// A key of an object, or a variable of a file.
    Destination(Destination),
}

section! {
    /// What goes to a place.
    pub struct EndpointText {
        /// What is made of the address.
        pub text: AddressTemplate = template().needed(hint(), EXAMPLE),
        /// The place is a list with this between its texts, `,`, `;` or a blank: the text joins those that are there, unless it
        /// is one of them. Earlier ones stay, as does what somebody else has written; only of those with an IP address, which
        /// may be another machine's by now, no more than ten.
        pub keep: Option<char> = one_of("keep", SEPARATORS, phrase!("profile-separators")).optional(","),
    }
}

const EXAMPLE: &str = "{origin}/auth/callback";

fn hint() -> Phrase {
    phrase!("profile-target-text-hint" { example: EXAMPLE })
}

const SEPARATORS: &[(&str, char)] = &[(",", ','), (";", ';'), (" ", ' ')];

fn template() -> Form<AddressTemplate> {
    text("text", json!({"minLength": 1}), sound_template)
}

fn sound_template(text: &str) -> Result<AddressTemplate, Phrase> {
    let template = AddressTemplate::parse(text)?;
    if template.is_empty() { Err(phrase!("profile-list-empty")) } else { Ok(template) }
}

/// `is_known` if there can be an address at all.
pub(super) fn targets(is_known: bool) -> impl Setting<BTreeMap<String, EndpointTarget>> {
    move |visit: &mut Visit<'_, '_>| {
        let example = json!({
            "value:web.host": "{host}",
            "secret:gateway-env/PUBLIC_URL": "{origin}/v1",
            "secret:gateway-env/REDIRECT_URIS": {"text": EXAMPLE, "keep": ","},
        });
        let targets = map("targets", &["string"], example, read_targets)(visit);
        visit.schema(|schema| {
            let table = object(&described(EndpointText::visit));
            schema["additionalProperties"] = json!({"anyOf": [{"type": "string"}, table]});
            schema["propertyNames"] = json!({"pattern": "^(value|secret|configmap|file):"});
        });
        let targets = targets?;
        if !targets.is_empty() && !is_known {
            visit.wrong("targets", phrase!("profile-targets-unasked"));
        }
        Some(targets)
    }
}

fn read_targets(section: &mut Section<'_>) -> BTreeMap<String, EndpointTarget> {
    let mut targets = BTreeMap::new();
    for (name, given) in section.texts_or_tables("targets") {
        let at = given.placed();
        let place = EndpointPlace::parse(&name).and_then(|place| place.unless_taken(&targets));
        let place = place.map_err(|reason| section.report(at.problem(reason))).ok();
        let Some((place, text)) = place.zip(EndpointText::read(given, section)) else { continue };
        match place.refusal(&text) {
            None => drop(targets.insert(name, EndpointTarget { place, text })),
            Some(reason) => section.report(at.problem(reason)),
        }
    }
    targets
}

impl EndpointText {
    /// A text alone, or a table with it.
    fn read(given: Given<'_>, section: &Section<'_>) -> Option<Self> {
        match given {
            Given::Text(given) => {
                let text = sound_template(&given.value).map_err(|reason| section.report(given.problem(reason)));
                Some(Self { text: text.ok()?, keep: None })
            }
            Given::Table(mut table) => {
                let text = Self::visit(&mut Visit::Read(&mut table));
                table.finish();
                text
            }
        }
    }

    /// The text for this address, where this is there.
    pub fn fill(&self, address: &Address, present: Option<&SecretText>) -> SecretText {
        SecretText::new(match (self.keep, present) {
            (Some(separator), Some(list)) => self.text.fill_list(address, list.expose(), separator),
            _ => self.text.fill(address),
        })
    }
}

impl EndpointPlace {
    fn parse(text: &str) -> Result<Self, Phrase> {
        match text.strip_prefix("value:") {
            Some(path) if value_keys(path).is_some() => Ok(Self::Value(path.to_owned())),
            Some(_) => Err(phrase!("profile-value-path")),
            None => Destination::parse(text).map(Self::Destination).map_err(|_form| phrase!("profile-endpoint-target")),
        }
    }

    /// The place, unless another Helm value is this one, or within it, or the other way round.
    fn unless_taken(self, others: &BTreeMap<String, EndpointTarget>) -> Result<Self, Phrase> {
        let taken = |other: &EndpointTarget| match (&self, &other.place) {
            (Self::Value(path), Self::Value(other)) => overlap(path, other).then(|| other.clone()),
            _ => None,
        };
        let other = others.values().find_map(taken);
        other.map_or(Ok(self), |other| Err(phrase!("profile-value-taken" { other })))
    }

    /// Why a text cannot stand there as it is. A variable has one line, in quotation marks if need be.
    fn refusal(&self, EndpointText { text, keep }: &EndpointText) -> Option<Phrase> {
        let has = |refused: &dyn Fn(char) -> bool| text.literals().any(|literal| literal.contains(refused));
        match (self, keep) {
            (Self::Value(_), Some(_)) => Some(phrase!("profile-target-value-list")),
            (_, Some(separator)) if has(&|c| c == *separator || c.is_whitespace() || c.is_control()) => {
                Some(phrase!("profile-target-list" { separator: separator.to_string() }))
            }
            (Self::Destination(Destination::Variable { .. }), _) if has(&|c| c == '\'' || c.is_control()) => {
                Some(phrase!("profile-target-line"))
            }
            _ => None,
        }
    }
}

/// As the profile writes it.
impl fmt::Display for EndpointPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(path) => write!(f, "value:{path}"),
            Self::Destination(destination) => destination.fmt(f),
        }
    }
}
