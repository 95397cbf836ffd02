//! What kube has against a kubeconfig, a credential plugin or an answer: what it is about and where, and no word of it.

use std::{error::Error, fmt};

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
    /// The value of a key of the kubeconfig.
    Key(&'static str),
    /// The plugin failed, with this status.
    PluginFailed { plugin: Phrase, status: String },
    /// What the plugin answered.
    PluginAnswer { plugin: Phrase, misread: Misread },
    /// Anything else.
    Untold,
}

said! { Unusable:
    Self::Misread(misread) => (misread),
    Self::Key(key) => "kubernetes-key-unusable" { key: *key },
    Self::PluginFailed { plugin, status } => "kubernetes-plugin-failed" { plugin, status },
    Self::PluginAnswer { plugin, misread } => "kubernetes-plugin-answer" { plugin } because Ours(misread),
    Self::Untold => "kubernetes-untold",
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

/// An error of kube's as it may be told, with the plugin that the kubeconfig names.
pub(super) fn of_kube(error: kube::Error, plugin: &Phrase) -> Carried {
    let quoting = find_source::<AuthError>(&error).and_then(|error| of_plugin(error, plugin));
    let quoting = quoting.or_else(|| {
        let json = find_source::<serde_json::Error>(&error).map(Misread::from);
        let pem = || find_source::<rustls::pki_types::pem::Error>(&error).map(Misread::from);
        json.or_else(pem).map(Unusable::Misread)
    });
    if let Some(quoting) = quoting {
        return quoting.into();
    }
    match error {
        kube::Error::InferKubeconfig(error) => of_kubeconfig(error),
        // Its name may hold a password.
        kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => {
            Unusable::Key("proxy-url").into()
        }
        kube::Error::HyperError(_)
        | kube::Error::Service(_)
        | kube::Error::HttpError(_)
        | kube::Error::ReadEvents(_)
        | kube::Error::FromUtf8(_)
        | kube::Error::LinesCodecMaxLineLengthExceeded
        | kube::Error::RustlsTls(_)
        | kube::Error::TlsRequired
        | kube::Error::Auth(_) => Checked(error).into(),
        _ => Unusable::Untold.into(),
    }
}

/// What is said in place of what a credential plugin, or kube about it, wrote; `None` if that quotes nothing.
fn of_plugin(error: &AuthError, plugin: &Phrase) -> Option<Unusable> {
    let answer = |misread| Some(Unusable::PluginAnswer { plugin: plugin.clone(), misread });
    match error {
        // It may have written a token, and failed all the same.
        AuthError::AuthExecRun { out, .. } => {
            Some(Unusable::PluginFailed { plugin: plugin.clone(), status: out.status.to_string() })
        }
        AuthError::AuthExecParse(error) => answer(Misread::from(&**error)),
        AuthError::ParseTokenKey(error) => answer(Misread::from(error)),
        AuthError::MalformedTokenExpirationDate(_) => answer(Misread::Somewhere),
        AuthError::AuthExec(_) | AuthError::AuthExecSerialize(_) => Some(Unusable::Untold),
        AuthError::InvalidBasicAuth(_)
        | AuthError::InvalidBearerToken(_)
        | AuthError::UnrefreshableTokenResponse
        | AuthError::ExecPluginFailed
        | AuthError::AuthExecStart(_)
        | AuthError::ReadTokenFile(..)
        | AuthError::MissingCommand
        | AuthError::ExecMissingClusterInfo
        | AuthError::NoValidNativeRootCA(_) => None,
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
