//! TLS to the license service and the appliance: the system's roots, the profile's, and who signed what.

mod authority;
mod roots;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{
        CertificateDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
};
use x509_parser::prelude::{FromDer, X509Certificate};

pub(super) use authority::Accepted;
use authority::Chain;
use roots::{name_of, provider, system_roots, verifier};

/// Who issued the certificate that was refused last: the name that tells an operator of an intercepting proxy.
#[derive(Debug, Clone, Default)]
pub(super) struct Presented(Arc<Mutex<Option<String>>>);

impl Presented {
    /// The issuer, made safe to show.
    pub(super) fn issuer(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, certificate: &CertificateDer<'_>) {
        let issuer = X509Certificate::from_der(certificate).ok().map(|(_, parsed)| name_of(parsed.issuer()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = issuer;
    }
}

/// The authorities that a profile names besides the system's.
#[derive(Debug, Clone, Default)]
pub(super) struct Authorities {
    file: Option<PathBuf>,
    first: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// Those of a PEM file.
    pub(super) fn of(file: PathBuf) -> Result<Self, pem::Error> {
        let first = certificates_in(&file)?;
        Ok(Self { file: Some(file), first })
    }

    /// As they are now: a wizard may stay open while somebody corrects the file. While it cannot be
    /// used, as when it is being written, those count that were read first.
    pub(super) fn now(&self) -> Vec<CertificateDer<'static>> {
        let read = self.file.as_deref().and_then(|file| certificates_in(file).ok());
        read.unwrap_or_else(|| self.first.clone())
    }
}

/// Reads the certificates of a PEM file.
fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    if certificates.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(certificates) }
}

/// A client configuration that trusts `extra` and the system's roots, and notes the issuer of what it refuses,
/// and if somebody wants to know, what it accepts.
pub(super) fn client_config(
    extra: &[CertificateDer<'static>],
    presented: Presented,
    accepted: Option<Accepted>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = provider();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(extra.iter().cloned());
    let verifier = NotingVerifier {
        extra: verifier(roots, &provider),
        system: OnceLock::new(),
        provider: Arc::clone(&provider),
        presented,
        accepted,
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// Decides as rustls does; a refusal is noted.
///
/// The system's roots are read only when the profile's do not suffice: there
/// are more than a hundred of them, and most appliances pin their own.
#[derive(Debug)]
struct NotingVerifier {
    extra: Option<Arc<WebPkiServerVerifier>>,
    system: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
    provider: Arc<CryptoProvider>,
    presented: Presented,
    accepted: Option<Accepted>,
}

impl NotingVerifier {
    fn system(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        self.system.get_or_init(|| verifier(system_roots(), &self.provider)).as_ref()
    }
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
        if is_untrusted(&verified)
            && let Some(system) = self.system()
        {
            verified = ask(system);
        }
        if verified.is_err() {
            // The last certificate sent names the authority nearest to the root.
            self.presented.note(intermediates.last().unwrap_or(end_entity));
        }
        if let Some(accepted) = &self.accepted {
            accepted.note(verified.is_ok().then(|| Chain {
                end_entity: end_entity.clone().into_owned(),
                intermediates: intermediates.iter().map(|certificate| certificate.clone().into_owned()).collect(),
                server_name: server_name.to_owned(),
                now,
            }));
        }
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

/// Whether another set of roots could decide otherwise. Two authorities of one name show as a bad signature.
fn is_untrusted(verified: &Result<ServerCertVerified, rustls::Error>) -> bool {
    matches!(
        verified,
        Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature))
    )
}
