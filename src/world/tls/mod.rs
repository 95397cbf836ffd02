//! TLS to the license service and the appliance: the system's roots, the profile's, and who signed what.

mod certificates;
mod chain;
mod presented;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

pub(super) use certificates::CertificatesError;
use certificates::certificates_in;
pub(super) use chain::CertificateFault;
use chain::Chain;
pub(super) use presented::Presented;
use presented::{provider, system_roots, verifier};

use crate::values::{Authority, pki::Certificate};

/// The authorities that a profile names besides the system's.
#[derive(Debug, Clone, Default)]
pub(super) struct Authorities {
    file: Option<PathBuf>,
    first: Vec<CertificateDer<'static>>,
    /// The appliance's own, and who signs for it besides.
    own: Vec<CertificateDer<'static>>,
}

impl Authorities {
    pub(super) fn of(file: &Path) -> Result<Self, CertificatesError> {
        Ok(Self { file: Some(file.to_owned()), first: certificates_in(file)?, own: Vec::new() })
    }

    /// The same, and the appliance's own.
    pub(super) fn with(&self, own: &[Certificate]) -> Self {
        Self { own: own.iter().map(|own| own.der().clone()).collect(), ..self.clone() }
    }

    /// A client configuration that trusts them and the system's roots, and notes what a server presents.
    pub(super) async fn client_config(&self, presented: Presented) -> Result<ClientConfig, rustls::Error> {
        let authorities = self.clone();
        aside(move || client_config(authorities.now(), presented)).await.flatten()
    }

    /// The one of them that signs for a server that was accepted, unless one of the system's does so too.
    pub(super) async fn behind(&self, presented: Presented) -> Result<Option<Authority>, rustls::Error> {
        let authorities = self.clone();
        aside(move || presented.authority(&authorities.now())).await
    }

    /// Whether nobody at all is trusted: neither they nor any authority of the system is there.
    pub(super) async fn are_none(&self) -> bool {
        let authorities = self.clone();
        aside(move || authorities.now().is_empty() && system_roots().is_empty()).await.unwrap_or(false)
    }

    /// As they are now: a wizard may stay open while somebody corrects the file. While it cannot be
    /// used, as when it is being written, those count that were read first.
    fn now(&self) -> Vec<CertificateDer<'static>> {
        let read = self.file.as_deref().and_then(|file| certificates_in(file).ok());
        let mut all = read.unwrap_or_else(|| self.first.clone());
        all.extend(self.own.iter().cloned());
        all
    }
}

/// Whom this machine trusts besides: the system's authorities.
pub(super) async fn trusted() -> Vec<Certificate> {
    let read = || rustls_native_certs::load_native_certs().certs.iter().filter_map(Certificate::read_der).collect();
    aside(read).await.unwrap_or_default()
}

/// Work that reads certificate files, on a thread that may wait for them.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, rustls::Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| rustls::Error::General(error.to_string()))
}

fn client_config(extra: Vec<CertificateDer<'static>>, presented: Presented) -> Result<ClientConfig, rustls::Error> {
    let provider = provider();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(extra);
    let verifier = NotingVerifier {
        extra: verifier(roots, &provider),
        system: OnceLock::new(),
        provider: Arc::clone(&provider),
        presented,
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// Decides as rustls does; what was presented is noted.
///
/// The system's roots are read only when the profile's do not suffice: there
/// are more than a hundred of them, and most appliances pin their own.
#[derive(Debug)]
struct NotingVerifier {
    extra: Option<Arc<WebPkiServerVerifier>>,
    system: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
    provider: Arc<CryptoProvider>,
    presented: Presented,
}

impl ServerCertVerifier for NotingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ask = |verifier: &Arc<WebPkiServerVerifier>| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let unknown = Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let mut verified = self.extra.as_ref().map_or(unknown, ask);
        // Another set of roots could decide otherwise. Two authorities of one name show as a bad signature.
        if let Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) =
            verified
            && let Some(system) = self.system.get_or_init(|| verifier(system_roots(), &self.provider))
        {
            verified = ask(system);
        }
        self.presented.note(Chain {
            end_entity: end_entity.clone().into_owned(),
            intermediates: intermediates.iter().map(|certificate| certificate.clone().into_owned()).collect(),
            server_name: server_name.to_owned(),
            now,
        });
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
