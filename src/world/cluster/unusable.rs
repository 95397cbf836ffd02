//! What kube has against a kubeconfig, a credential plugin or an answer: what it is about and where, and no word of it.

use std::{error::Error, fmt, io, process::ExitStatus};

use kube::{
    client::AuthError,
    config::{KubeconfigError, LoadDataError},
};

use crate::{
    error::find_source,
    values::Misread,
    words::{Known, Phrase, Tellable, ours, said, theirs},
};

/// An error that is carried without its type.
pub(super) type Carried = Box<dyn Error + Send + Sync>;

/// What is said in place of an error of kube's that quotes what it read, a token perhaps.
#[derive(Debug)]
enum Unusable {
    /// A text is not understood.
    Misread(Misread),
    /// A kubeconfig that is no file.
    NoFile,
    /// The value of a key of the kubeconfig.
    Key(&'static str),
    /// The way to the API server leads through a proxy.
    Proxy,
    /// The plugin cannot be run.
    PluginStart { plugin: Phrase, error: io::Error },
    /// The plugin failed, with this status.
    PluginFailed { plugin: Phrase, status: String },
    /// What the plugin answered.
    PluginAnswer { plugin: Phrase, misread: Misread },
    /// Anything else.
    Untold,
}

said! { Unusable:
    Self::Misread(misread) => (misread),
    Self::NoFile => "machine-no-file",
    Self::Key(key) => "kubernetes-key-unusable" { key: *key },
    Self::Proxy => "kubernetes-proxy-unsupported",
    Self::PluginStart { plugin, error } => "kubernetes-plugin-start" { plugin } because theirs(error),
    Self::PluginFailed { plugin, status } => "kubernetes-plugin-failed" { plugin, status },
    Self::PluginAnswer { plugin, misread } => "kubernetes-plugin-answer" { plugin } because Ours(misread),
    Self::Untold => "kubernetes-untold",
}

impl Unusable {
    /// The credential plugin that is to blame.
    const fn plugin(&self) -> Option<&Phrase> {
        match self {
            Self::PluginStart { plugin, .. }
            | Self::PluginFailed { plugin, .. }
            | Self::PluginAnswer { plugin, .. } => Some(plugin),
            _ => None,
        }
    }
}

/// The credential plugin that is to blame.
pub(super) fn plugin_of(why: &Carried) -> Option<&Phrase> {
    why.downcast_ref().and_then(Unusable::plugin)
}

/// An error of kube's that was looked at: it quotes nothing.
#[derive(Debug)]
struct Checked<E>(E);

impl<E: Error + 'static> fmt::Display for Checked<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<E: Error + 'static> Error for Checked<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl<E: Error + 'static> Tellable for Checked<E> {}

/// What [`of_kube`] and [`of_kubeconfig`] make of an error.
pub(super) const KNOWN: &[Known] =
    &[ours::<Unusable>, theirs::<Checked<kube::Error>>, theirs::<Checked<KubeconfigError>>];

/// That what a key of the kubeconfig says is of no use.
pub(super) fn of_key(key: &'static str) -> Carried {
    Unusable::Key(key).into()
}

/// That what should be a kubeconfig is no file.
pub(super) fn of_no_file() -> Carried {
    Unusable::NoFile.into()
}

/// Whether that is what is wrong.
pub(super) fn is_no_file(why: &Carried) -> bool {
    matches!(why.downcast_ref(), Some(Unusable::NoFile))
}

/// That a credential plugin cannot be run.
pub(super) fn of_start(plugin: &Phrase, error: io::Error) -> Carried {
    Unusable::PluginStart { plugin: plugin.clone(), error }.into()
}

/// That a credential plugin failed. It may have written a token all the same: what it wrote is not told.
pub(super) fn of_exit(plugin: &Phrase, status: ExitStatus) -> Carried {
    Unusable::PluginFailed { plugin: plugin.clone(), status: status.to_string() }.into()
}

/// That what a credential plugin answered is of no use.
pub(super) fn of_answer(plugin: &Phrase, misread: Misread) -> Carried {
    Unusable::PluginAnswer { plugin: plugin.clone(), misread }.into()
}

/// An error of kube's as it may be told.
pub(super) fn of_kube(error: kube::Error) -> Carried {
    let json = find_source::<serde_json::Error>(&error).map(Misread::from);
    let pem = || find_source::<rustls::pki_types::pem::Error>(&error).map(Misread::from);
    if let Some(misread) = json.or_else(pem) {
        return Unusable::Misread(misread).into();
    }
    match error {
        kube::Error::InferKubeconfig(error) => of_kubeconfig(error),
        // Its name may hold a password.
        kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => {
            Unusable::Proxy.into()
        }
        kube::Error::HyperError(_)
        | kube::Error::Service(_)
        | kube::Error::HttpError(_)
        | kube::Error::ReadEvents(_)
        | kube::Error::FromUtf8(_)
        | kube::Error::LinesCodecMaxLineLengthExceeded
        | kube::Error::RustlsTls(_)
        | kube::Error::TlsRequired
        | kube::Error::Auth(AuthError::InvalidBearerToken(_) | AuthError::ReadTokenFile(..)) => Checked(error).into(),
        _ => Unusable::Untold.into(),
    }
}

/// An error about a kubeconfig as it may be told.
pub(super) fn of_kubeconfig(error: KubeconfigError) -> Carried {
    let unusable = match &error {
        KubeconfigError::Parse(error) => Unusable::Misread(Misread::from(&**error)),
        KubeconfigError::LoadCertificateAuthority(LoadDataError::DecodeBase64(_))
        | KubeconfigError::ParseCertificates(_) => Unusable::Key("certificate-authority-data"),
        KubeconfigError::LoadClientCertificate(LoadDataError::DecodeBase64(_)) => {
            Unusable::Key("client-certificate-data")
        }
        KubeconfigError::LoadClientKey(LoadDataError::DecodeBase64(_)) => Unusable::Key("client-key-data"),
        KubeconfigError::ParseClusterUrl(_) => Unusable::Key("server"),
        KubeconfigError::ParseProxyUrl(_) => Unusable::Key("proxy-url"),
        // The file's own names, of contexts and of other files.
        KubeconfigError::CurrentContextNotSet
        | KubeconfigError::KindMismatch
        | KubeconfigError::ApiVersionMismatch
        | KubeconfigError::LoadContext(_)
        | KubeconfigError::LoadClusterOfContext(_)
        | KubeconfigError::FindPath
        | KubeconfigError::ReadConfig(..)
        | KubeconfigError::MissingClusterUrl
        | KubeconfigError::LoadCertificateAuthority(_)
        | KubeconfigError::LoadClientCertificate(_)
        | KubeconfigError::LoadClientKey(_) => return Checked(error).into(),
    };
    unusable.into()
}
