//! Where a machine is given answers without anybody at its terminal, in the order in which it looks: the kernel's command
//! line, a systemd credential, a volume called `FIRSTLIGHT`, and cloud-init's `NoCloud`.

mod failure;
mod scrub;
mod server;
mod volume;

use std::{io, path::Path, sync::Arc};

pub use failure::SupplyError;
pub use scrub::{ScrubError, is_torn};
use volume::{Volume, Volumes, on_volume};

use super::{Host, Prober, files::Opened};
use crate::{
    values::{AnswersAt, KernelArguments, SecretText, answers_of_user_data, user_data_without_answers},
    words::{Phrase, phrase},
};

/// The kernel's command line, below the root.
const KERNEL: &str = "/proc/cmdline";
/// The credential (systemd.exec(5), `LoadCredential=`): also what firmware passes on (systemd.system-credentials(7)).
const CREDENTIAL: &str = "firstlight.answers";
/// What the volume for us is called. FAT has capitals alone where its tools do not look away.
const LABELS: [&str; 2] = ["FIRSTLIGHT", "firstlight"];
/// The answers on it.
const ANSWERS: &str = "answers.toml";
/// What the volume of `NoCloud` is called.
const CLOUD_LABELS: [&str; 2] = ["cidata", "CIDATA"];
/// The file on it that may be for us.
const USER_DATA: &str = "user-data";

/// Where answers are given to this machine.
#[derive(Debug)]
pub struct Supplies {
    host: Arc<Host>,
    volumes: Volumes,
    prober: Prober,
}

/// One place where there are some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Where the kernel's command line says; or why that will not do.
    Told(Result<AnswersAt, Phrase>),
    Credential,
    Volume(Volume),
    Cloud(Volume),
}

impl Supply {
    /// Where the kernel's command line says that they are, if it does.
    pub fn told(&self) -> Option<&AnswersAt> {
        if let Kind::Told(Ok(at)) = &self.0 { Some(at) } else { None }
    }

    /// Whether they lie where secrets can be taken out of them.
    pub fn is_here(&self) -> bool {
        matches!(
            self.0,
            Kind::Volume(_) | Kind::Cloud(_) | Kind::Told(Ok(AnswersAt::Volume { .. } | AnswersAt::File(_)))
        )
    }

    /// What it is called, to complete a sentence.
    pub fn name(&self) -> Phrase {
        match &self.0 {
            Kind::Told(Ok(AnswersAt::Server { url, .. })) => server::shown(url).into(),
            Kind::Told(Ok(AnswersAt::Volume { label, path })) => on_volume(label, path),
            Kind::Told(Ok(AnswersAt::File(path))) => format!("`{}`", path.display()).into(),
            Kind::Told(Err(_)) => phrase!("supply-kernel"),
            Kind::Credential => phrase!("supply-credential" { name: CREDENTIAL }),
            Kind::Volume(volume) => on_volume(&volume.label, ANSWERS.as_ref()),
            Kind::Cloud(volume) => on_volume(&volume.label, USER_DATA.as_ref()),
        }
    }
}

impl Supplies {
    pub(super) fn new(host: &Arc<Host>, search_path: &str, prober: Prober) -> Self {
        Self { host: Arc::clone(host), volumes: Volumes::new(host, search_path), prober }
    }

    /// Those that there are, in their order: the first one counts.
    pub async fn look(&self) -> Vec<Supply> {
        self.volumes.settle().await;
        let line = Opened::if_there(&self.host.path(KERNEL.as_ref())).ok().flatten();
        let line = line.and_then(|line| line.text().ok()).unwrap_or_default();
        let told = AnswersAt::of(&KernelArguments::of(line.expose())).map(Kind::Told);
        let credential = self.host.credential(CREDENTIAL).map(|_path| Kind::Credential);
        let volume = self.volumes.find(&LABELS).map(Kind::Volume);
        let cloud = self.volumes.find(&CLOUD_LABELS).map(Kind::Cloud);
        let mut found: Vec<Supply> = [told, credential, volume].into_iter().flatten().map(Supply).collect();
        if let Some(cloud) = cloud.map(Supply)
            // What cannot be looked at may be for us, and is told.
            && self.read(&cloud).await.transpose().is_some()
        {
            found.push(cloud);
        }
        found
    }

    /// The text of an answers file; `None` where there is none for us after all.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn read(&self, supply: &Supply) -> Result<Option<SecretText>, SupplyError> {
        match &supply.0 {
            Kind::Told(Err(why)) => Err(SupplyError::Told(why.clone())),
            Kind::Told(Ok(AnswersAt::Server { url, certificate })) => {
                server::read(&self.prober, url, *certificate).await.map(Some)
            }
            Kind::Told(Ok(AnswersAt::Volume { label, path })) => match self.volumes.find(&[label]) {
                Some(volume) => self.read_file(&volume, path).await.map(Some),
                None => Err(SupplyError::NoVolume { label: label.clone() }),
            },
            Kind::Told(Ok(AnswersAt::File(path))) => self.read_own(path, supply).map(Some),
            Kind::Credential => self.read_credential(supply).map(Some),
            Kind::Volume(volume) => self.read_file(volume, ANSWERS.as_ref()).await.map(Some),
            Kind::Cloud(volume) => {
                let text = self.read_file(volume, USER_DATA.as_ref()).await;
                if let Err(SupplyError::NoFile { .. }) = text {
                    // There are those without.
                    return Ok(None);
                }
                let label = &volume.label;
                let misread = |why| SupplyError::UserData { label: label.clone(), why };
                answers_of_user_data(&text?).transpose().map_err(misread)
            }
        }
    }

    /// Writes over the answers there what `without` makes of an answers file; `note` stands where there is nothing left of it.
    ///
    /// # Errors
    /// Why they are still there.
    pub async fn scrub(
        &self,
        supply: &Supply,
        note: &str,
        without: impl Fn(&str) -> Option<String>,
    ) -> Result<(), ScrubError> {
        let name = supply.name();
        let (volume, file): (Volume, &Path) = match &supply.0 {
            Kind::Volume(volume) => (volume.clone(), ANSWERS.as_ref()),
            Kind::Cloud(volume) => (volume.clone(), USER_DATA.as_ref()),
            Kind::Told(Ok(AnswersAt::Volume { label, path })) => match self.volumes.find(&[label]) {
                Some(volume) => (volume, path),
                None => return Err(ScrubError::Theirs { name }),
            },
            Kind::Told(Ok(AnswersAt::File(path))) => return scrub_file(&self.host.path(path), &name, &without),
            Kind::Told(_) | Kind::Credential => return Err(ScrubError::Theirs { name }),
        };
        let is_cloud = matches!(supply.0, Kind::Cloud(_));
        let without = |text: &str| match user_data_without_answers(&text.into(), note) {
            Some(left) if is_cloud => Some(left.expose().to_owned()),
            _ => without(text),
        };
        let Ok(mounted) = self.volumes.mount(&volume, true).await else { return Err(ScrubError::ReadOnly { name }) };
        let path = mounted.path(file).ok();
        let scrubbed = path.map(|path| scrub_file(&path, &name, &without));
        mounted.release().await;
        scrubbed.unwrap_or(Err(ScrubError::Theirs { name }))
    }

    async fn read_file(&self, volume: &Volume, file: &Path) -> Result<SecretText, SupplyError> {
        let mounted = self.volumes.mount(volume, false).await?;
        let text = mounted.read(file);
        mounted.release().await;
        text
    }

    /// A file of this machine, which nobody else may read.
    fn read_own(&self, path: &Path, supply: &Supply) -> Result<SecretText, SupplyError> {
        let unreadable = |source| SupplyError::Unreadable { name: supply.name(), source };
        let opened = Opened::at(&self.host.path(path)).map_err(unreadable)?;
        opened.check_private().map_err(unreadable)?;
        opened.text().map_err(unreadable)
    }

    fn read_credential(&self, supply: &Supply) -> Result<SecretText, SupplyError> {
        let unreadable = |source| SupplyError::Unreadable { name: supply.name(), source };
        let path = self.host.credential(CREDENTIAL).unwrap_or_default();
        Opened::at(&path).and_then(|opened| opened.text()).map_err(unreadable)
    }
}

fn scrub_file(path: &Path, name: &Phrase, without: &dyn Fn(&str) -> Option<String>) -> Result<(), ScrubError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem => ScrubError::ReadOnly { name: name.clone() },
        _ => ScrubError::Failed { name: name.clone(), source },
    };
    let text = Opened::at(path).and_then(|opened| opened.text());
    // It was read a while ago: who has changed it since has done something else with it.
    let left = text.ok().and_then(|text| without(text.expose())).map(SecretText::new);
    let left = left.ok_or_else(|| ScrubError::Theirs { name: name.clone() })?;
    scrub::overwrite(path, &left).map_err(failed)
}
