//! What is to be said of a value, from the copies of it that are there, and when it is its turn; pure.

use std::io;

use crate::{
    engine::Outcome,
    error::{ErrorId, Failure, Report},
    profile::{Generate, Profile, Rotation},
    steps::{
        objects::{distinct, listed, named},
        rows::key_of,
    },
    values::{
        SecretText,
        pki::{IssueError, Material, PkiFault},
        short_digest,
    },
    words::{Phrase, phrase, said},
    world::{HostError, ObjectRef},
};

/// What came of one look: somebody else may have written something after it, and then another look decides.
pub(super) type Looked<T> = Result<T, Report>;

/// What is wrong with the values of an appliance.
#[derive(Debug)]
pub(in crate::steps) enum IdentityError {
    /// The copies of a value are not the same: each with its digest.
    Differ { id: String, rotate: Rotation, copies: Vec<(String, Option<String>)> },
    /// Copies are not what the profile says that they look like.
    Malformed { id: String, targets: Vec<String>, format: String },
    /// There is none, and data that was written with it.
    Lost { id: String, data: Vec<String>, targets: Vec<String> },
    /// What was written was not read back.
    NotPersisted { id: String },
    /// Another program has written a file at the same time, again and again.
    FileChanged { path: String },
    /// A file of another program cannot be used.
    File(HostError),
    /// A certificate of an authority is there and will not do.
    Faulty { id: String, targets: Vec<String>, fault: PkiFault },
    /// What the authority that is there has signed will not do.
    Unsignable { id: String },
    /// Nothing could be made or signed.
    Issue(IssueError),
    /// No store of authorities is known here.
    NoTrustStore,
    /// There are no random bytes.
    Random(io::Error),
}

said! { IdentityError:
    Self::Differ { id, copies, .. } => "identity-differ" {
        id,
        copies: listed(copies.iter().map(|(target, digest)| match digest {
            Some(digest) => phrase!("identity-copy" { target, digest }),
            None => format!("`{target}`").into(),
        })),
    },
    Self::Malformed { id, targets, format } => "identity-malformed" { id, targets: named(targets), format },
    Self::FileChanged { path } => "identity-file-changed" { path },
    Self::Lost { id, data, .. } => "identity-lost" { id, data: named(data) },
    Self::NotPersisted { id } => "identity-not-persisted" { id },
    Self::File(error) => (error),
    Self::Faulty { id, targets, fault } => "identity-faulty" { id, targets: named(targets), fault: fault.phrase() },
    Self::Unsignable { id } => "identity-unsignable" { id },
    Self::Issue(error) => (error),
    Self::NoTrustStore => "identity-no-trust-store",
    Self::Random(error) => "identity-random" because theirs(error),
}

/// Why a value is not replaced.
#[derive(Debug)]
pub(in crate::steps) enum RotationError {
    /// The profile has none of this id.
    Unknown { id: String, known: Vec<String> },
    /// It, or one that is made of it, is never replaced.
    Never { id: String, never: String },
    /// Every run replaces it in its time.
    Renewed { id: String },
    /// It is nowhere.
    Absent { id: String },
}

said! { RotationError:
    Self::Unknown { id, .. } => "rotation-unknown" { id },
    Self::Never { id, never } => "rotation-never" { id, never },
    Self::Renewed { id } => "rotation-renewed" { id },
    Self::Absent { id } => "rotation-absent" { id },
}

impl Failure for RotationError {
    fn id(&self) -> ErrorId {
        ErrorId::Usage
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::Unknown { known, .. } if known.is_empty() => phrase!("rotation-none-hint"),
            Self::Unknown { known, .. } => phrase!("rotation-unknown-hint" { known: named(known) }),
            Self::Never { .. } => phrase!("rotation-never-hint"),
            Self::Renewed { .. } => phrase!("rotation-renewed-hint"),
            Self::Absent { .. } => phrase!("rotation-absent-hint"),
        })
    }
}

impl Failure for IdentityError {
    fn id(&self) -> ErrorId {
        match self {
            Self::Differ { .. } => ErrorId::CopiesDiffer,
            Self::Malformed { .. } => ErrorId::ValueMalformed,
            Self::Lost { .. } => ErrorId::KeyLost,
            Self::NotPersisted { .. } => ErrorId::NotPersisted,
            Self::Faulty { .. } | Self::Unsignable { .. } | Self::Issue(_) => ErrorId::CertificateFaulty,
            Self::File(_) | Self::FileChanged { .. } | Self::NoTrustStore => ErrorId::FileUnusable,
            Self::Random(_) => ErrorId::Defect,
        }
    }

    fn hint(&self) -> Option<Phrase> {
        match self {
            Self::Differ { id, rotate: Rotation::Manual, .. } => Some(phrase!("identity-differ-hint" { id })),
            Self::NotPersisted { .. } => Some(phrase!("identity-not-persisted-hint")),
            Self::Malformed { targets, .. } => Some(phrase!("identity-malformed-hint" { targets: named(targets) })),
            Self::File(error) => error.hint(),
            Self::Lost { targets, .. } => Some(phrase!("identity-lost-hint" { targets: named(targets) })),
            Self::Faulty { fault: PkiFault::OtherKey | PkiFault::OtherIssuer, .. } => {
                Some(phrase!("identity-pair-hint"))
            }
            Self::Faulty { fault: PkiFault::Expired(_), .. } => Some(phrase!("identity-expired-hint")),
            Self::Faulty { fault: PkiFault::NotYetValid(_), .. } => Some(phrase!("identity-not-yet-valid-hint")),
            Self::Unsignable { .. } | Self::Issue(_) => Some(phrase!("identity-unsignable-hint")),
            Self::NoTrustStore => Some(phrase!("identity-no-trust-store-hint")),
            _ => None,
        }
    }
}

/// The value that all copies of it have; `None` when there are none.
pub(super) fn common(value: &Generate, copies: &[(String, SecretText)]) -> Result<Option<SecretText>, IdentityError> {
    let id = value.id.clone();
    let malformed = copies.iter().filter(|(_, copy)| !value.format.is(copy)).map(|(target, _)| target.clone());
    let malformed: Vec<String> = malformed.collect();
    if !malformed.is_empty() {
        return Err(IdentityError::Malformed { id, targets: malformed, format: value.format.to_string() });
    }
    if distinct(copies.iter().map(|(_, copy)| copy)).len() > 1 {
        // What somebody may have chosen could be guessed by it.
        let digest = |copy| value.format.is_random().then(|| short_digest(copy));
        let copies = copies.iter().map(|(target, copy)| (target.clone(), digest(copy))).collect();
        return Err(IdentityError::Differ { id, rotate: value.rotate, copies });
    }
    Ok(copies.first().map(|(_, copy)| copy.clone()))
}

/// What was done about what an appliance alone has.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Whether something was set up before this run; not known before the first look.
    pub(super) was_set_up: Option<bool>,
    /// Whether it was noted that something has to be started again.
    pub(super) announced: bool,
    /// The ids of the values that were made.
    pub(super) made: Vec<String>,
    /// The ids of those that are renewed in their time, and were now.
    pub(super) signed: Vec<String>,
    /// What people recognise the certificate of somebody's own by, if there is one.
    pub(super) own: Option<Phrase>,
    /// Whether it was written.
    pub(super) placed: bool,
    /// Whether a copy of another value was missing.
    pub(super) restored: bool,
    /// How many values there are.
    pub(super) count: usize,
    /// The places to which the address was written.
    pub(super) moved: Vec<String>,
    /// The address, where something is made of it.
    pub(super) address: Option<String>,
}

impl Changes {
    /// The same for people.
    pub(super) fn outcome(self) -> Outcome {
        let Self { made, signed, own, placed, restored, count, moved, address, .. } = self;
        let changed = !made.is_empty() || !signed.is_empty() || placed || restored || !moved.is_empty();
        let of_values = if !made.is_empty() {
            Some(phrase!("identity-made" { names: named(made) }))
        } else if restored {
            Some(phrase!("identity-restored" { count }))
        } else {
            (count > 0 && signed.is_empty() && !placed).then(|| phrase!("identity-in-place" { count }))
        };
        let of_values =
            both(of_values, (!signed.is_empty()).then(|| phrase!("identity-signed" { names: named(signed) })));
        let of_own = own
            .map(|own| if placed { phrase!("identity-own-placed" { own }) } else { phrase!("identity-own" { own }) });
        let of_values = both(of_values, of_own);
        let of_address = address.map(|address| {
            if moved.is_empty() {
                phrase!("identity-address" { address })
            } else {
                phrase!("identity-address-written" { address, targets: named(moved) })
            }
        });
        let told = both(of_values, of_address).unwrap_or_else(|| phrase!("identity-address-unknown"));
        if changed { Outcome::Changed(told) } else { Outcome::Unchanged(told) }
    }
}

/// What a rehearsal has found of the places of the address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Places {
    /// There are none.
    None,
    /// Nobody knows the address yet.
    Open,
    /// In so many it is not as it should be.
    Lacking(usize),
}

/// What a rehearsal has found, for people; of values, how many are there and how many are not, if there are to be any.
pub(super) fn foreseen(values: Option<(usize, usize)>, places: Places) -> Phrase {
    let values = values.map(|(found, missing)| phrase!("rehearse-identity" { found, missing }));
    let address = match places {
        Places::None => None,
        Places::Open => Some(phrase!("identity-address-unknown")),
        Places::Lacking(0) => Some(phrase!("rehearse-address")),
        Places::Lacking(places) => Some(phrase!("rehearse-address-written" { places })),
    };
    both(values, address).unwrap_or(Phrase::nothing())
}

fn both(first: Option<Phrase>, second: Option<Phrase>) -> Option<Phrase> {
    match (first, second) {
        (Some(first), Some(second)) => Some(phrase!("identity-both" { first, second })),
        (first, second) => first.or(second),
    }
}

/// Whether it is the certificate of an authority that is written together with the keys that it is made with, or else nowhere as long
/// as only they are: an object is there whole or not at all.
pub(super) fn lies_with_its_keys(value: &Generate, keys: &[&Generate], profile: &Profile) -> bool {
    let objects = |of: &Generate| -> Vec<ObjectRef> {
        of.targets.iter().filter_map(|target| Some(key_of(target, profile)?.0)).collect()
    };
    let named: Vec<&Generate> =
        profile.generate.iter().filter(|other| value.format.named().any(|id| id == other.id)).collect();
    let due: Vec<ObjectRef> = keys.iter().flat_map(|key| objects(key)).collect();
    let mut beside = objects(value).into_iter().filter(|object| due.contains(object)).peekable();
    let is_authority = value.format.material().is_some_and(Material::is_authority);
    is_authority
        && beside.peek().is_some()
        && beside.all(|object| named.iter().all(|key| objects(key).contains(&object)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is there without its key can never be signed again.
    #[test]
    fn a_certificate_comes_with_its_keys_or_after_them() {
        let beside = |root: [&str; 2], issuing: [&str; 2]| -> Vec<String> {
            let text = format!(
                "[license]\nurl = 'https://license.example'\n\
                 [pki.root]\nkey = '{}'\ncertificate = [{}]\n[pki.intermediate]\nkey = '{}'\ncertificate = [{}]\n",
                root[0], root[1], issuing[0], issuing[1]
            );
            let profile = Profile::parse(&text).expect("a sound profile");
            let is_key = |value: &&Generate| value.format.material().is_some_and(Material::is_secret);
            let keys: Vec<&Generate> = profile.generate.iter().filter(is_key).collect();
            let beside = profile.generate.iter().filter(|value| lies_with_its_keys(value, &keys, &profile));
            beside.map(|value| value.id.clone()).collect()
        };
        let (root, issuing) = ("pki-root-certificate", "pki-intermediate-certificate");
        for (of_root, of_issuing, expected) in [
            (
                ["secret:a/root.key", "'secret:a/root.crt', 'configmap:web/ca.crt'"],
                ["secret:a/issuing.key", "'secret:a/issuing.crt'"],
                &[root, issuing][..],
            ),
            (["secret:a/root.key", "'secret:a/root.crt'"], ["secret:b/issuing.key", "'secret:b/issuing.crt'"], &[root]),
            (["secret:a/root.key", "'secret:b/root.crt'"], ["secret:b/issuing.key", "'secret:a/issuing.crt'"], &[]),
            (
                ["secret:a/root.key", "'secret:a/root.crt', 'secret:b/root.crt'"],
                ["secret:b/issuing.key", "'secret:b/issuing.crt'"],
                &[],
            ),
            (["file:/root.key", "'secret:b/root.crt'"], ["secret:b/issuing.key", "'secret:b/issuing.crt'"], &[]),
            (["file:/root.key", "'file:/root.crt'"], ["file:/issuing.key", "'file:/issuing.crt'"], &[]),
        ] {
            assert_eq!(beside(of_root, of_issuing), expected, "{of_root:?} {of_issuing:?}");
        }
    }
    use crate::profile::Profile;

    #[test]
    fn what_is_told() {
        let address = || Some("http://a:3000".to_owned());
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let in_place = Changes { count: 2, address: address(), ..Changes::default() };
        for (changes, told) in [
            (Changes::default(), "unchanged: no address is known"),
            (Changes { count: 1, ..Changes::default() }, "unchanged: the value is in place"),
            (
                Changes { address: address(), ..Changes::default() },
                "unchanged: the address `http://a:3000` is in place",
            ),
            (
                Changes { moved: list(&["secret:a/B", "file:/c#D"]), address: address(), ..Changes::default() },
                "changed: the address `http://a:3000` is written to `secret:a/B` and `file:/c#D`",
            ),
            (
                Changes { made: list(&["key"]), count: 1, ..Changes::default() },
                "changed: made `key`, once for this appliance",
            ),
            (Changes { signed: list(&["leaf"]), count: 3, ..Changes::default() }, "changed: signed `leaf`"),
            (
                Changes { made: list(&["key"]), signed: list(&["leaf", "crl"]), count: 3, ..Changes::default() },
                "changed: made `key`, once for this appliance; signed `leaf` and `crl`",
            ),
            (
                Changes { restored: true, ..in_place },
                "changed: missing copies are written again; all 2 values are kept; the address `http://a:3000` is in place",
            ),
        ] {
            let outcome = changes.outcome();
            let state = if outcome.is_change() { "changed" } else { "unchanged" };
            assert_eq!(format!("{state}: {}", outcome.summary()), told);
        }
        for (values, places, told) in [
            (Some((1, 2)), Places::None, "1 in place, 2 to be made"),
            (None, Places::Open, "no address is known"),
            (Some((0, 1)), Places::Lacking(0), "0 in place, 1 to be made; the address is in place"),
            (None, Places::Lacking(1), "the address is to be written to 1 place"),
            (None, Places::Lacking(3), "the address is to be written to 3 places"),
        ] {
            assert_eq!(foreseen(values, places).to_string(), told);
        }
    }

    #[test]
    fn copies() {
        let text = "[license]\nurl = 'https://license.example'\n[[generate]]\nid = 'key'\nformat = 'hex:16'\n\
                    targets = ['secret:a/KEY', 'secret:b/KEY', 'file:/etc/c#KEY']";
        let profile = Profile::parse(text).expect("a sound profile");
        let (one, two, bad) = ("000102030405060708090a0b0c0d0e0f", "100102030405060708090a0b0c0d0e0f", "short");
        for (present, expected) in [
            (&[][..], Ok(None)),
            (&[("secret:a/KEY", one)], Ok(Some(one))),
            (&[("secret:a/KEY", one), ("file:/etc/c#KEY", one)], Ok(Some(one))),
            (
                &[("secret:a/KEY", one), ("secret:b/KEY", two)],
                Err("the copies of `key` are not the same: `secret:a/KEY` (d65df89f) and `secret:b/KEY` (5329c8df)"),
            ),
            (
                &[("secret:a/KEY", bad), ("secret:b/KEY", bad)],
                Err("what is in `secret:a/KEY` and `secret:b/KEY` is no `key` of the form `hex:16`"),
            ),
        ] {
            let copies: Vec<_> = present.iter().map(|(target, copy)| ((*target).to_owned(), (*copy).into())).collect();
            let found = common(&profile.generate[0], &copies).map_err(|error| error.to_string());
            let found = found.as_ref().map(|found| found.as_ref().map(SecretText::expose)).map_err(String::as_str);
            assert_eq!(found, expected, "{present:?}");
        }
    }
}
