//! A certificate of somebody's own: read from the files that people are given, judged with what is there, and put in the place of
//! the one that the appliance's authority signs.

use std::{path::Path, sync::Arc};

use tokio::task::spawn_blocking;

use super::{files::Values, present::Present};
use crate::{
    answers::{
        OwnCertificate,
        fields::{CERTIFICATE, CERTIFICATE_KEY, CERTIFICATE_PASSWORD},
    },
    engine::Failed,
    error::{ErrorId, Report},
    profile::{Generate, Profile},
    values::{
        ValueFormat,
        pki::{
            Certificate, Issuing, KeyForm, LeafSpec, Material, PrivateKey,
            own::{Bundle, Fault, Files, Own, Part, Unreadable, Wanted},
        },
    },
    words::{Phrase, Say, phrase},
    world::{HostError, Opened, World},
};

/// What lies in the files, and whom this machine trusts.
#[derive(Debug)]
pub(in crate::steps) struct Lying {
    path: String,
    bundle: Bundle,
    trusted: Vec<Certificate>,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Put<'a> {
    /// What people recognise it by.
    pub(super) told: Phrase,
    /// Who has signed it, if that came along.
    pub(super) root: Option<Certificate>,
    /// The values that are others now.
    pub(super) changed: Vec<&'a Generate>,
}

/// Where the certificate of the appliance's own authority goes.
pub(super) fn root_of(profile: &Profile) -> Option<&Generate> {
    profile.generate.iter().find(|value| value.format.material().is_some_and(Material::is_root))
}

/// Where the certificate that the appliance shows goes, and what that is like.
pub(super) fn leaf_of(profile: &Profile) -> Option<(&Generate, &LeafSpec)> {
    profile.generate.iter().find_map(|value| match &value.format {
        ValueFormat::Pki(Material::Leaf(spec)) => Some((value, spec)),
        _ => None,
    })
}

/// Where its key goes, and how it is written.
pub(super) fn key_of<'a>(profile: &'a Profile, spec: &LeafSpec) -> Option<(&'a Generate, KeyForm)> {
    let key = profile.generate.iter().find(|value| value.id == spec.key)?;
    match key.format {
        ValueFormat::Pki(Material::Key(_, form)) => Some((key, form)),
        _ => None,
    }
}

/// Whether the appliance's own authority has signed the certificate that it shows, if that is known.
pub(super) fn is_ours(profile: &Profile, values: &Values) -> bool {
    let Some((leaf, spec)) = leaf_of(profile) else { return true };
    let read = |id: &str| values.get(id).and_then(Certificate::read);
    read(&leaf.id).zip(read(spec.above.1)).is_none_or(|(leaf, above)| leaf.is_issued_by(&above))
}

impl Lying {
    /// Reads the files, if there are any.
    pub(super) async fn read(own: Option<OwnCertificate>, world: &World) -> Result<Option<Self>, Failed> {
        match own {
            Some(own) => Self::of(own, world).await.map(Some),
            None => Ok(None),
        }
    }

    async fn of(own: OwnCertificate, world: &World) -> Result<Self, Failed> {
        own.password.iter().for_each(|password| world.redactor.hide(password));
        let (host, path) = (Arc::clone(&world.host), own.files.file.display().to_string());
        // What a password is stretched with takes a while.
        let reading = spawn_blocking(move || read(&own, |path| Opened::at(&host.path(path))));
        let read = reading.await.map_err(|_panicked| Report::new(ErrorId::Defect, phrase!("own-form")))?;
        let trusted = world.prober.trusted().await;
        Ok(Self { path, bundle: read.map_err(Failed)?, trusted })
    }

    /// Judges it with what is there: everything that is wrong, one report each.
    pub(super) fn judged(
        &self,
        (profile, values): (&Profile, &Values),
        issuing: &Issuing<'_>,
    ) -> Result<Own<'_>, Failed> {
        let leaf = leaf_of(profile).and_then(|(_, spec)| Some((spec, key_of(profile, spec)?)));
        let Some((spec, (key, form))) = leaf else {
            return Err(none_shown().into());
        };
        let names = spec.names(issuing).unwrap_or_default();
        let there = values.get(&key.id).and_then(PrivateKey::read);
        let Self { trusted, .. } = self;
        let wanted = Wanted { names: &names, key: there.as_ref(), form, trusted, now: issuing.now };
        self.bundle.judged(&wanted).map_err(|faults| Failed(faults.iter().map(|fault| self.unfit(fault)).collect()))
    }

    fn unfit(&self, fault: &Fault) -> Report {
        let message = phrase!("own-unfit" { path: &self.path, why: fault.phrase() });
        Report {
            hint: fault.hint(),
            about: Some(about(fault.part()).to_owned()),
            ..Report::new(ErrorId::CertificateUnfit, message)
        }
    }

    /// Puts it among the values that are to be there.
    pub(super) fn put<'a>(
        &self,
        present: &Present<'a>,
        values: &mut Values,
        issuing: &Issuing<'_>,
    ) -> Result<Put<'a>, Failed> {
        let profile = present.profile();
        let own = self.judged((profile, values), issuing)?;
        let mut placed = Vec::new();
        if let Some((leaf, spec)) = leaf_of(profile) {
            if let Some((key, given, form)) =
                key_of(profile, spec).and_then(|(key, form)| Some((key, own.key()?, form)))
            {
                // However it is written, it is that key.
                let is_there = values.get(&key.id).and_then(PrivateKey::read).is_some_and(|there| there.is_same(given));
                if !is_there {
                    values.insert(key.id.clone(), given.pem(form));
                }
                placed.push(key);
            }
            let ours = root_of(profile).and_then(|root| Certificate::read(values.get(&root.id)?));
            values.insert(leaf.id.clone(), own.pem(ours.as_ref()));
            placed.push(leaf);
        }
        placed.retain(|value| present.lacks_copies(values, |other| other == *value));
        Ok(Put { told: own.told(), root: own.root().cloned(), changed: placed })
    }
}

/// What is in the files, or everything that keeps them from being read.
fn read(own: &OwnCertificate, open: impl Fn(&Path) -> Result<Opened, HostError>) -> Result<Bundle, Vec<Report>> {
    let OwnCertificate { files, password } = own;
    let opened = |part, path: &Path| {
        let opened = open(path).and_then(|opened| Ok((opened.bytes()?, opened)));
        opened.map_err(|error| told_of(part, error))
    };
    let file = opened(Part::File, &files.file);
    let key_file = files.key_file.as_deref().map(|path| opened(Part::KeyFile, path)).transpose();
    let (file, key_file) = match (file, key_file) {
        (Ok(file), Ok(key_file)) => (file, key_file),
        (file, key_file) => return Err(file.err().into_iter().chain(key_file.err()).collect()),
    };
    let read = Bundle::read(&Files {
        file: &file.0,
        key_file: key_file.as_ref().map(|(bytes, _)| &bytes[..]),
        password: password.as_ref(),
    });
    let bundle =
        read.map_err(|wrong| wrong.into_iter().map(|(part, why)| unread(own, part, why)).collect::<Vec<_>>())?;
    let exposed = bundle.exposed().iter().filter_map(|part| {
        let opened = if *part == Part::File { Some(&file.1) } else { key_file.as_ref().map(|(_, opened)| opened) };
        opened?.check_private().err().map(|error| told_of(*part, error))
    });
    let exposed: Vec<Report> = exposed.collect();
    if exposed.is_empty() { Ok(bundle) } else { Err(exposed) }
}

fn unread(own: &OwnCertificate, part: Part, why: Unreadable) -> Report {
    let path = own.files.key_file.as_ref().filter(|_| part == Part::KeyFile).unwrap_or(&own.files.file);
    let message = phrase!("own-unreadable" { path: path.display().to_string(), why: why.phrase() });
    let hint = if part == Part::Password { phrase!("own-password-hint") } else { phrase!("own-file-hint") };
    Report { hint, about: Some(about(part).to_owned()), ..Report::new(ErrorId::CertificateUnfit, message) }
}

fn told_of(part: Part, error: HostError) -> Report {
    Report { about: Some(about(part).to_owned()), ..error.into() }
}

/// The path of the answer.
const fn about(part: Part) -> &'static str {
    match part {
        Part::File => CERTIFICATE,
        Part::KeyFile => CERTIFICATE_KEY,
        Part::Password => CERTIFICATE_PASSWORD,
    }
}

/// What can be found out of one beforehand; gives it, and what people recognise it by.
pub(super) async fn rehearse(
    own: OwnCertificate,
    (profile, issuing): (&Profile, &Issuing<'_>),
    world: &World,
) -> Result<(Lying, Phrase), Failed> {
    let lying = Lying::of(own, world).await?;
    let present = Present::observe(profile, issuing.address, world).await?;
    // What is wrong with what is there is a finding of its own.
    let values = present.values(issuing, world).await.unwrap_or_default();
    let told = lying.judged((profile, &values), issuing)?.told();
    Ok((lying, phrase!("rehearse-certificate" { own: told })))
}

/// A profile without a certificate that could be another one.
pub(super) fn none_shown() -> Report {
    let report = Report::new(ErrorId::Usage, phrase!("own-no-leaf"));
    Report { hint: phrase!("own-no-leaf-hint"), ..report }
}

/// Nothing that an address or a certificate belongs to.
pub(super) fn not_set_up() -> Report {
    let report = Report::new(ErrorId::Usage, phrase!("own-not-set-up"));
    Report { hint: phrase!("own-not-set-up-hint"), ..report }
}
