//! Array `[[generate]]`: values that are made once for each appliance.

use serde_json::json;

use super::{
    cluster::Cluster,
    destination::{Data, Destination, Holder, ObjectName},
    kinds::{id, line, list_of, one_of, text},
    secrets::Secrets,
    setting::{Setting, Visit, described_tables, section},
};
use crate::{
    document::Section,
    values::{Line, ValueFormat},
    words::{Phrase, phrase},
};

section! {
    /// A value that is made once for each appliance.
    pub struct Generate {
        /// What it is called in messages, by other values and by `firstlight rotate`.
        pub id: String = id("state-key"),
        /// What it looks like: `base64:N`, `base64url:N` and `hex:N` of N random bytes, `password:N` of N characters,
        /// `uuid`, or `url(…)`, an address in which `{hex:24}` and the like stand for a part that is made, and `{ID}` for
        /// another value.
        pub format: ValueFormat = text("format", json!({}), ValueFormat::parse)
            .needed(phrase!("profile-format-hint"), "base64:32"),
        /// Whether it may be replaced by a new one: `manual` if somebody asks for it, or `never`.
        pub rotate: Rotation = rotation(),
        /// What a new one makes useless, such as `all sessions`: said before it is made.
        pub invalidates: Option<Line> = line("invalidates").optional("all sessions; users sign in again"),
        /// Where a copy goes: `secret:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or
        /// `file:PATH#VARIABLE`.
        pub targets: Vec<Destination> = list_of("targets", Destination::of_secret)
            .needed(phrase!("profile-targets-hint"), json!(["secret:broker-env/STATE_KEY", "secret:gateway-env/STATE_KEY"])),
        /// What is there when data was written with it: `claim:NAME` (a `PersistentVolumeClaim`) or `path:PATH`. Then no new
        /// one is made, because the data could not be read with it.
        pub data: Vec<Data> = list_of("data", Data::parse).or(json!([])),
    }
}

section! {
    /// Files of other programs in which values are kept.
    pub struct Files {
        /// The mode of one that is made, as `chmod` takes it. One that is there keeps its own.
        pub mode: u32 = text("mode", json!({"pattern": "^0?[0-7]{3}$"}), mode).or("0640"),
        /// The group of one that is made.
        pub group: Option<String> = line("group").map(|group| group.as_str().to_owned()).optional("nexus"),
    }
}

fn mode(text: &str) -> Result<u32, Phrase> {
    let digits = text.strip_prefix('0').filter(|digits| digits.len() == 3).unwrap_or(text);
    let mode = Some(digits).filter(|digits| digits.len() == 3).and_then(|digits| u32::from_str_radix(digits, 8).ok());
    // What everybody may read or write is none of a secret's.
    mode.filter(|mode| mode & 0o607 == 0o600).ok_or_else(|| phrase!("profile-mode"))
}

/// Whether a value may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Data can be read with no other one.
    Never,
    /// When somebody asks for it.
    Manual,
    /// By a run, when what is there has passed or will not do: nothing depends on it but what is renewed with it.
    Renewed,
}

fn rotation() -> impl Setting<Rotation> {
    let names = &[("never", Rotation::Never), ("manual", Rotation::Manual)];
    one_of("rotate", names, phrase!("profile-rotations")).or("never")
}

/// The values; no two may have one id or one target, and a value that others are made of must be one of them.
pub(super) fn all<'a>(
    secrets: Option<&'a Secrets>,
    cluster: Option<&'a Cluster>,
    pki: Vec<Generate>,
) -> impl Setting<Vec<Generate>> + use<'a> {
    let read_all = move |root: &mut Section<'_>| {
        let sections = root.sections("generate").into_iter().map(|mut section| {
            let value = Generate::visit(&mut Visit::Read(&mut section)).map(|mut value| {
                if let Some(Cluster { namespace, .. }) = cluster {
                    value.targets.iter_mut().for_each(|target| *target = target.within(namespace));
                }
                value
            });
            (section, value)
        });
        let read: Vec<(Section<'_>, Option<Generate>)> = sections.collect();
        let ids = || read.iter().filter_map(|(_, value)| value.as_ref());
        for (number, (section, value)) in read.iter().enumerate() {
            let Some(value) = value else { continue };
            let before = || pki.iter().chain(read[..number].iter().filter_map(|(_, value)| value.as_ref()));
            if before().any(|other| other.id == value.id) {
                section.wrong("id", phrase!("profile-generate-twice" { id: &value.id }));
            }
            for other in value.format.named() {
                // Of addresses none is made of another: there is no order in which to make them.
                let known = ids().find(|known| known.id == other && !matches!(known.format, ValueFormat::Url(_)));
                match known {
                    None => section.wrong("format", phrase!("profile-generate-unknown" { id: other })),
                    // It could not be replaced without this one.
                    Some(known) if known.rotate == Rotation::Manual && value.rotate == Rotation::Never => {
                        section.wrong("format", phrase!("profile-generate-never" { id: other }));
                    }
                    Some(_) => {}
                }
            }
            if value.targets.is_empty() {
                section.wrong("targets", phrase!("profile-list-empty"));
            }
            for (place, target) in value.targets.iter().enumerate() {
                let taken =
                    value.targets[..place].contains(target) || before().any(|other| other.targets.contains(target));
                if taken {
                    section.wrong("targets", phrase!("profile-target-taken" { target: target.to_string() }));
                } else if is_of_setup(target, secrets) {
                    section.wrong("targets", phrase!("profile-target-of-setup" { target: target.to_string() }));
                }
            }
        }
        let finished = read.into_iter().filter_map(|(section, value)| {
            section.finish();
            value
        });
        let finished: Vec<Generate> = finished.collect();
        Some(finished.into_iter().chain(pki).collect())
    };
    move |visit: &mut Visit<'_, '_>| visit.key(|| described_tables("generate", false, Generate::visit), read_all)
}

/// Whether a target lies in one of the two Secrets, which are written as a whole from the grant and the answers.
pub(super) fn is_of_setup(target: &Destination, secrets: Option<&Secrets>) -> bool {
    let Some(Secrets { tenant, license, .. }) = secrets else { return false };
    match target {
        Destination::Key { holder: Holder::Secret, object: ObjectName { namespace, name }, .. } => {
            namespace.is_none() && [&tenant.name, &license.name].contains(&name)
        }
        _ => false,
    }
}
