//! Whether a certificate of somebody's own will do: everything that is wrong with it, and not only the first.

use jiff::{SignedDuration, Timestamp};

use super::read::{Bundle, Part, Unreadable};
use crate::{
    values::{
        Host, SecretText,
        pki::{
            Shown,
            certificate::{Certificate, KeyKind},
            private_key::{KeyForm, PrivateKey},
        },
    },
    words::{Phrase, phrase, said},
};

/// So long before its end it is told that there will be one.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What it has to be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The names and addresses that it has to be for; nothing while nobody knows them.
    pub names: &'a [Host],
    /// The key that is there, which it is for if none came with it.
    pub key: Option<&'a PrivateKey>,
    /// How the key is written.
    pub form: KeyForm,
    /// Whom this machine trusts.
    pub trusted: &'a [Certificate],
    /// What the clock shows.
    pub now: Timestamp,
}

/// Which certificate of a file is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The one for the server.
    Own,
    /// One of those above it, by its name.
    Above(String),
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The key that came with it is not known here.
    Unreadable(Part),
    /// It is not for the key that came with it.
    OtherKey(Part),
    /// No key came with it, and it is not for the one that is there.
    NotForKeyHere,
    /// No key came with it, and there is none.
    NoKey,
    /// The key of one is too short.
    ShortKey(Whose, usize),
    /// The key of one is of a kind that browsers or others do not take.
    KindOfKey(Whose),
    /// What reads the key takes no other form than this one.
    FormOfKey(KeyForm),
    /// It is that of an authority.
    Authority,
    /// A server may not show it.
    NotOfServer,
    /// It has no names, and should have these.
    Nameless(Vec<String>),
    /// It lacks names: these, and has those.
    Names(Vec<String>, Vec<String>),
    /// The time of one has passed.
    Expired(Whose, Timestamp),
    /// The time of one has not come.
    NotYetValid(Whose, Timestamp),
    /// One was signed in a way in which others can sign too.
    WeakDigest(Whose, &'static str),
    /// Who has signed one is not there, by its name.
    NoIssuer(Whose, String),
}

said! { Fault:
    Self::Unreadable(_) => (&Unreadable::Key),
    Self::OtherKey(_) => "own-other-key",
    Self::NotForKeyHere => "own-not-for-key-here",
    Self::NoKey => "own-no-key",
    Self::ShortKey(whose, bits) => "own-short-key" { whose: whose.phrase(), bits: *bits },
    Self::KindOfKey(whose) => "own-kind-of-key" { whose: whose.phrase() },
    Self::FormOfKey(form) => "own-form-of-key" { form: name_of(*form) },
    Self::Authority => "own-authority",
    Self::NotOfServer => "own-not-of-server",
    Self::Nameless(lacks) => "own-nameless" { lacks: listed(lacks) },
    Self::Names(lacks, has) => "own-names" { lacks: listed(lacks), has: listed(has) },
    Self::Expired(whose, at) => "own-expired" { whose: whose.phrase(), at: at.to_string() },
    Self::NotYetValid(whose, at) => "own-not-yet-valid" { whose: whose.phrase(), at: at.to_string() },
    Self::WeakDigest(whose, digest) => "own-weak-digest" { whose: whose.phrase(), digest: *digest },
    Self::NoIssuer(whose, issuer) => "own-no-issuer" { whose: whose.phrase(), issuer },
}

impl Fault {
    /// What of the answers it is about.
    pub const fn part(&self) -> Part {
        match self {
            Self::Unreadable(part) | Self::OtherKey(part) => *part,
            _ => Part::File,
        }
    }

    /// What helps.
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Unreadable(_) | Self::ShortKey(..) | Self::KindOfKey(_) => phrase!("own-key-hint"),
            Self::OtherKey(_) | Self::NoKey => phrase!("own-other-key-hint"),
            Self::NotForKeyHere => phrase!("own-not-for-key-here-hint"),
            Self::FormOfKey(_) => phrase!("own-form-of-key-hint"),
            Self::Authority | Self::NotOfServer => phrase!("own-server-hint"),
            Self::Nameless(_) | Self::Names(..) => phrase!("own-names-hint"),
            Self::Expired(..) => phrase!("own-expired-hint"),
            Self::NotYetValid(..) => phrase!("own-not-yet-valid-hint"),
            Self::WeakDigest(..) => phrase!("own-weak-digest-hint"),
            Self::NoIssuer(_, issuer) => phrase!("own-no-issuer-hint" { issuer }),
        }
    }
}

impl Whose {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Own => phrase!("own-itself"),
            Self::Above(name) => phrase!("own-above" { name }),
        }
    }
}

const fn name_of(form: KeyForm) -> &'static str {
    match form {
        KeyForm::Pkcs8 => "pkcs8",
        KeyForm::Pkcs1 => "pkcs1",
        KeyForm::Sec1 => "sec1",
    }
}

fn listed(names: &[String]) -> Phrase {
    let quoted = names.iter().map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ").into()
}

/// A certificate that will do, those above it up to the root, and its key if that came with it.
#[derive(Debug)]
pub struct Own<'a> {
    chain: Certificate,
    root: Option<Certificate>,
    key: Option<&'a PrivateKey>,
    ends_soon: bool,
}

impl Own<'_> {
    /// As a server shows it: with all that are between it and the root, in their order. Who trusts the root has it.
    pub fn chain(&self) -> &Certificate {
        &self.chain
    }

    /// The root, where it came along.
    pub fn root(&self) -> Option<&Certificate> {
        self.root.as_ref()
    }

    /// The key that came with it.
    pub const fn key(&self) -> Option<&PrivateKey> {
        self.key
    }

    /// The chain as it is written. Where nothing stands between it and the root, and that is not the `known` one, it goes with
    /// it: a later run has nothing else to know it by.
    pub fn pem(&self, known: Option<&Certificate>) -> SecretText {
        match &self.root {
            Some(root) if self.chain.each().count() == 1 && Some(root) != known => {
                self.chain.clone().followed_by(root).pem()
            }
            _ => self.chain.pem(),
        }
    }

    /// What people recognise it by.
    pub fn told(&self) -> Phrase {
        let told = Shown::of(&self.chain).phrase();
        if self.ends_soon { phrase!("own-ends-soon" { told }) } else { told }
    }
}

/// A certificate, those above it without the root, and the root; or who is missing.
struct Chain {
    all: Vec<Certificate>,
    root: Option<Certificate>,
    missing: Option<String>,
}

impl Chain {
    fn of(leaf: &Certificate, others: &[Certificate], trusted: &[Certificate]) -> Self {
        let (mut all, mut root) = (vec![leaf.clone()], None);
        let missing = loop {
            let Some(top) = all.last() else { break None };
            if top.may_be_issued_by(top) {
                if all.len() > 1 {
                    root = all.pop();
                }
                break None;
            }
            let signs =
                |other: &&Certificate| other.is_authority() && top.may_be_issued_by(other) && !all.contains(other);
            match others.iter().find(signs) {
                Some(issuer) => all.push(issuer.clone()),
                None if trusted.iter().any(|other| top.may_be_issued_by(other)) => break None,
                None => break Some(top.subject_and_issuer().1),
            }
        };
        Self { all, root, missing }
    }
}

impl Bundle {
    /// Judges what was read.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn judged(&self, wanted: &Wanted<'_>) -> Result<Own<'_>, Vec<Fault>> {
        let key = match &self.key {
            Some((_, given)) => given.as_ref(),
            None => wanted.key,
        };
        let of_key = key.and_then(|key| self.certificates.iter().find(|one| one.is_of(key)));
        let of_server = || self.certificates.iter().find(|one| !one.is_authority());
        let Some(leaf) = of_key.or_else(of_server).or(self.certificates.first()) else { return Err(Vec::new()) };
        let chain = Chain::of(leaf, &self.certificates, wanted.trusted);
        let mut faults = self.faults_of_key(leaf, wanted);
        faults.extend(faults_of(leaf, wanted));
        for (index, one) in chain.all.iter().enumerate() {
            let whose = || if index == 0 { Whose::Own } else { Whose::Above(one.subject_and_issuer().0) };
            faults.extend(faults_of_each(one, whose, wanted.now));
        }
        if let (Some(issuer), Some(top)) = (&chain.missing, chain.all.last()) {
            let is_own = chain.all.len() == 1;
            let whose = if is_own { Whose::Own } else { Whose::Above(top.subject_and_issuer().0) };
            faults.push(Fault::NoIssuer(whose, issuer.clone()));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let ends = chain.all.iter().filter_map(|one| Some(one.period()?.1)).min();
        let ends_soon = ends.is_some_and(|end| end.duration_since(wanted.now) < SOON);
        let all = chain.all.into_iter().reduce(|first, next| first.followed_by(&next));
        let Some(all) = all else { return Err(Vec::new()) };
        let key = self.key.as_ref().and_then(|(_, key)| key.as_ref());
        Ok(Own { chain: all, root: chain.root, key, ends_soon })
    }

    fn faults_of_key(&self, leaf: &Certificate, wanted: &Wanted<'_>) -> Vec<Fault> {
        let kind = leaf.key_kind();
        let mut faults = Vec::new();
        let is_known = matches!(kind, KeyKind::Rsa(KeyKind::SHORTEST..) | KeyKind::P256 | KeyKind::P384);
        faults.extend(match (&self.key, wanted.key) {
            // What is told of the certificate says why, if its key is of a kind that nobody takes.
            (Some((part, None)), _) => is_known.then_some(Fault::Unreadable(*part)),
            (Some((part, Some(key))), _) => (!leaf.is_of(key)).then_some(Fault::OtherKey(*part)),
            (None, Some(key)) => (!leaf.is_of(key)).then_some(Fault::NotForKeyHere),
            (None, None) => Some(Fault::NoKey),
        });
        let fits = match wanted.form {
            KeyForm::Pkcs8 => true,
            KeyForm::Pkcs1 => matches!(kind, KeyKind::Rsa(_)),
            KeyForm::Sec1 => kind == KeyKind::P256,
        };
        faults.extend((!fits).then_some(Fault::FormOfKey(wanted.form)));
        faults
    }
}

/// What is wrong with that of the server alone.
fn faults_of(leaf: &Certificate, wanted: &Wanted<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if leaf.is_authority() {
        faults.push(Fault::Authority);
    } else if !leaf.is_of_server() {
        faults.push(Fault::NotOfServer);
    }
    let lacks = wanted.names.iter().filter(|name| !leaf.names(name)).map(ToString::to_string).collect::<Vec<_>>();
    if !lacks.is_empty() {
        let has = leaf.told_names();
        faults.push(if has.is_empty() { Fault::Nameless(lacks) } else { Fault::Names(lacks, has) });
    }
    faults
}

/// What can be wrong with every one that a server shows.
fn faults_of_each(one: &Certificate, whose: impl Fn() -> Whose, now: Timestamp) -> Vec<Fault> {
    let of_key = match one.key_kind() {
        KeyKind::Rsa(bits) if bits < KeyKind::SHORTEST => Some(Fault::ShortKey(whose(), bits)),
        KeyKind::Other(_) => Some(Fault::KindOfKey(whose())),
        _ => None,
    };
    let of_time = match one.period() {
        Some((_, to)) if to <= now => Some(Fault::Expired(whose(), to)),
        Some((from, _)) if from > now => Some(Fault::NotYetValid(whose(), from)),
        _ => None,
    };
    // Nobody looks at what it says of itself.
    let signed = Some(one).filter(|one| !one.says_it_is_issued_by(one));
    let of_digest = signed.and_then(Certificate::weak_digest).map(|digest| Fault::WeakDigest(whose(), digest));
    of_key.into_iter().chain(of_time).chain(of_digest).collect()
}
