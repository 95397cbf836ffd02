//! What belongs to an appliance's own authority: what each part is made of, whether one that is there will do, and a new one.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use x509_parser::{
    parse_x509_crl,
    prelude::{FromDer, X509Certificate},
};

use super::{
    certificate::Certificate,
    issue::{self, Signer, later},
    private_key::{KeyAlgorithm, KeyForm, PrivateKey},
    spec::{AuthoritySpec, CrlSpec, IssueError, LeafName, LeafSpec},
};
use crate::{
    values::{Address, Host, SecretText},
    words::said,
};

/// The longest time before its end in which a certificate or a list is replaced.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A part of an authority. The others that it is made of are named by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// A private key.
    Key(KeyAlgorithm, KeyForm),
    /// The certificate of an authority: made once.
    Authority(AuthoritySpec),
    /// The certificate of a TLS server: replaced when its time or its names have passed.
    Leaf(LeafSpec),
    /// A list of what is revoked: nothing.
    Crl(CrlSpec),
}

/// Why a certificate that is there will not do, although it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PkiFault {
    /// It is for another key.
    OtherKey,
    /// Another authority has signed it.
    OtherIssuer,
    /// Its time has passed.
    Expired(Timestamp),
    /// Its time has not come.
    NotYetValid(Timestamp),
}

said! { PkiFault:
    Self::OtherKey => "pki-other-key",
    Self::OtherIssuer => "pki-other-issuer",
    Self::Expired(at) => "pki-expired" { at: at.to_string() },
    Self::NotYetValid(at) => "pki-not-yet-valid" { at: at.to_string() },
}

/// What is known when something is made or judged.
#[derive(Debug, Clone, Copy)]
pub struct Issuing<'a> {
    /// What the clock shows.
    pub now: Timestamp,
    /// Where the appliance is reached.
    pub address: Option<&'a Address>,
    /// The address of the interface of the default route.
    pub interface: Option<std::net::IpAddr>,
}

impl Material {
    /// The ids of what it is made of, the certificates of those above it not among them: those can be made anew, keys cannot.
    pub fn named(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (own, above) = match self {
            Self::Key(..) => (None, None),
            Self::Authority(spec) => (Some(spec.key), spec.above),
            Self::Leaf(spec) => (Some(spec.key), Some(spec.above)),
            Self::Crl(spec) => (None, Some(spec.above)),
        };
        own.into_iter().chain(above.map(|(key, _)| key))
    }

    /// How many others have to be made before it.
    pub const fn depth(&self) -> u8 {
        match self {
            Self::Key(..) => 0,
            Self::Authority(AuthoritySpec { above: None, .. }) => 1,
            Self::Authority(_) => 2,
            Self::Leaf(_) | Self::Crl(_) => 3,
        }
    }

    /// Whether it is the certificate of an authority.
    pub const fn is_authority(&self) -> bool {
        matches!(self, Self::Authority(_))
    }

    /// Whether it is the certificate of the authority at the top.
    pub const fn is_root(&self) -> bool {
        matches!(self, Self::Authority(AuthoritySpec { above: None, .. }))
    }

    /// Whether nobody may see it.
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::Key(..))
    }

    /// Whether a text is one of these at all.
    pub fn is(&self, text: &SecretText) -> bool {
        match self {
            Self::Key(..) => PrivateKey::read(text).is_some(),
            Self::Authority(_) => Certificate::read(text).is_some_and(|certificate| certificate.is_authority()),
            Self::Leaf(_) => Certificate::read(text).is_some(),
            Self::Crl(_) => crl(text).is_some(),
        }
    }

    /// The same text as others write it: blocks of PEM without anything around them.
    pub fn canonical(&self, text: &SecretText) -> Option<SecretText> {
        match self {
            Self::Authority(_) | Self::Leaf(_) => Some(Certificate::read(text)?.pem()),
            Self::Key(..) | Self::Crl(_) => None,
        }
    }

    /// Why one that is there will not do; `other` gives what it is made of.
    pub fn fault<'o>(
        &self,
        text: &SecretText,
        other: impl Fn(&str) -> Option<&'o SecretText>,
        now: Timestamp,
    ) -> Option<PkiFault> {
        let (key, above) = match self {
            Self::Authority(spec) => (spec.key, spec.above),
            Self::Leaf(spec) => (spec.key, Some(spec.above)),
            Self::Key(..) | Self::Crl(_) => return None,
        };
        let certificate = Certificate::read(text)?;
        let is_of_key = other(key).and_then(PrivateKey::read).is_some_and(|key| certificate.is_of(&key));
        let issuer = above.map(|(_, above)| other(above).and_then(Certificate::read));
        let is_issued = issuer.is_none_or(|issuer| issuer.is_some_and(|issuer| certificate.is_issued_by(&issuer)));
        let (from, to) = certificate.period()?;
        match () {
            () if !is_of_key => Some(PkiFault::OtherKey),
            () if !is_issued => Some(PkiFault::OtherIssuer),
            () if to <= now => Some(PkiFault::Expired(to)),
            () if from > now => Some(PkiFault::NotYetValid(from)),
            () => None,
        }
    }

    /// Whether one that is there is to be replaced: it will not do, or not for long, or not under every name.
    pub fn has_passed<'o>(
        &self,
        text: &SecretText,
        other: impl Fn(&str) -> Option<&'o SecretText>,
        issuing: &Issuing<'_>,
    ) -> bool {
        match self {
            Self::Key(..) | Self::Authority(AuthoritySpec { above: None, .. }) => false,
            // What else is wrong with it is told.
            Self::Authority(AuthoritySpec { above: Some((_, above)), .. }) => {
                let period = Certificate::read(text).and_then(|certificate| certificate.period());
                period.is_some_and(|period| is_to_be_renewed(period, other(above), issuing.now))
            }
            Self::Leaf(spec) => self.leaf_has_passed(spec, text, other, issuing),
            Self::Crl(spec) => {
                let issuer = other(spec.above.1).and_then(Certificate::read);
                crl(text).zip(issuer).is_none_or(|((der, to), issuer)| {
                    // Somebody keeps it who has something to revoke.
                    let is_kept =
                        parse_x509_crl(&der).is_ok_and(|(_, list)| list.iter_revoked_certificates().count() > 0);
                    let period = (later(to, -i64::from(spec.days)), to);
                    !is_kept && (!is_list_of(&der, &issuer, issuing.now) || is_near(period, issuing.now))
                })
            }
        }
    }

    fn leaf_has_passed<'o>(
        &self,
        spec: &LeafSpec,
        text: &SecretText,
        other: impl Fn(&str) -> Option<&'o SecretText>,
        issuing: &Issuing<'_>,
    ) -> bool {
        let Some((certificate, period)) = Certificate::read(text).and_then(|one| Some((one.clone(), one.period()?)))
        else {
            return true;
        };
        let names = spec.names(issuing).unwrap_or_default();
        if !certificate.is_of_server() || !names.iter().all(|name| certificate.names(name)) {
            return true;
        }
        let issuer = other(spec.above.1);
        match self.fault(text, &other, issuing.now) {
            // Somebody else has signed it, such as a company's own authority, and sees to its time. One of our own authority's
            // name is of a root that is gone.
            Some(PkiFault::OtherIssuer) => {
                let issuer = issuer.and_then(Certificate::read);
                period.1 <= issuing.now || issuer.is_none_or(|issuer| certificate.says_it_is_issued_by(&issuer))
            }
            Some(_) => true,
            None => is_to_be_renewed(period, issuer, issuing.now),
        }
    }

    /// Makes a new one after the one `before`; `None` when something that it is made of is not known. Keys are made by
    /// [`PrivateKey::generate`]: that may take long.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issue<'o>(
        &self,
        other: impl Fn(&str) -> Option<&'o SecretText>,
        issuing: &Issuing<'_>,
        before: Option<&SecretText>,
    ) -> Result<Option<SecretText>, IssueError> {
        let key = |id: &str| other(id).and_then(PrivateKey::read);
        let signer =
            |(id, certificate): (&str, &str)| Some((key(id)?, other(certificate).and_then(Certificate::read)?));
        match self {
            Self::Key(..) => Ok(None),
            Self::Authority(spec) => {
                let above = spec.above.map(signer);
                let (Some(own), false) = (key(spec.key), matches!(above, Some(None))) else { return Ok(None) };
                let above = above.flatten();
                let above = above.as_ref().map(|(key, certificate)| Signer { key, certificate });
                issue::authority(spec, &own, above.as_ref(), issuing.now).map(Some)
            }
            Self::Leaf(spec) => {
                // Without an address one that is there is signed anew for what it is for.
                let of_before = || before.and_then(Certificate::read).map(|before| before.hosts());
                let names = spec.names(issuing).or_else(of_before).filter(|names| !names.is_empty());
                let known = (key(spec.key), signer(spec.above), names);
                let (Some(own), Some((key, certificate)), Some(names)) = known else { return Ok(None) };
                let by = Signer { key: &key, certificate: &certificate };
                issue::leaf(&names, &own, &by, (issuing.now, spec.days)).map(Some)
            }
            Self::Crl(spec) => {
                let Some((key, certificate)) = signer(spec.above) else { return Ok(None) };
                let by = Signer { key: &key, certificate: &certificate };
                issue::crl(&by, number_after(before, issuing.now), (issuing.now, spec.days)).map(Some)
            }
        }
    }
}

impl LeafSpec {
    /// What asks another authority for one of this key; the names are those of the one `before` while nobody knows the address.
    /// `None` without any.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn request(
        &self,
        key: &PrivateKey,
        before: Option<&Certificate>,
        issuing: &Issuing<'_>,
    ) -> Result<Option<String>, IssueError> {
        let names = self.names(issuing).or_else(|| before.map(Certificate::hosts)).filter(|names| !names.is_empty());
        names.map(|names| issue::request(&names, key)).transpose()
    }

    /// The names that it has to have, each once; `None` while one of them is not known.
    pub fn names(&self, issuing: &Issuing<'_>) -> Option<Vec<Host>> {
        let mut names: Vec<Host> = Vec::new();
        for name in &self.names {
            let name = match name {
                LeafName::Host => issuing.address?.host().clone(),
                // A machine without a default route has none: nobody comes that way.
                LeafName::Interface => match issuing.interface {
                    Some(address) => Host::Ip(address),
                    None => continue,
                },
                LeafName::Fixed(host) => host.clone(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        (!names.is_empty()).then_some(names)
    }
}

/// What a text has to be, in the words of the field.
impl fmt::Display for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(..) => "PEM private key",
            Self::Authority(_) => "PEM certificate of a CA",
            Self::Leaf(_) => "PEM certificate",
            Self::Crl(_) => "PEM X.509 CRL",
        })
    }
}

/// Whether the end comes soon; of what is not valid for long, when two thirds of its time have passed.
fn is_near((from, to): (Timestamp, Timestamp), now: Timestamp) -> bool {
    to.duration_since(now) < RENEWED_BEFORE.min(to.duration_since(from) / 3)
}

/// Whether the end comes soon, and a new one would last longer: nothing lasts longer than what has signed it.
fn is_to_be_renewed(period: (Timestamp, Timestamp), above: Option<&SecretText>, now: Timestamp) -> bool {
    let above = above.and_then(Certificate::read).and_then(|above| above.period());
    is_near(period, now) && above.is_none_or(|(_, end)| period.1 < end)
}

/// The DER of a list, and when the next one is due.
fn crl(text: &SecretText) -> Option<(Vec<u8>, Timestamp)> {
    let block = pem::parse(text.expose()).ok().filter(|block| block.tag() == "X509 CRL")?;
    let der = block.into_contents();
    let to = {
        let (_, list) = parse_x509_crl(&der).ok()?;
        Timestamp::from_second(list.next_update()?.timestamp()).ok()?
    };
    Some((der, to))
}

/// A number that is greater than that of the list before, and than any that is lost: the clock's, if that is right.
fn number_after(before: Option<&SecretText>, now: Timestamp) -> u64 {
    let of_now = u64::try_from(now.as_second()).unwrap_or_default();
    let number = |der: &[u8]| {
        let (_, list) = parse_x509_crl(der).ok()?;
        u64::try_from(list.crl_number()?).ok()
    };
    let last = before.and_then(crl).and_then(|(der, _)| number(&der));
    last.map_or(of_now, |last| of_now.max(last.saturating_add(1)))
}

/// Whether a list is of this authority, and no clock that was fast has made it: nobody would take it yet.
fn is_list_of(der: &[u8], issuer: &Certificate, now: Timestamp) -> bool {
    let Ok((_, list)) = parse_x509_crl(der) else { return false };
    if list.last_update().timestamp() > now.as_second() {
        return false;
    }
    let Ok((_, issuer)) = X509Certificate::from_der(issuer.der()) else { return false };
    list.issuer().as_raw() == issuer.subject().as_raw() && list.verify_signature(issuer.public_key()).is_ok()
}
