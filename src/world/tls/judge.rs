//! Who decides whether a server is the one that was asked for, and that what it showed is noted.

use std::sync::{Arc, OnceLock};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{
    chain::{Chain, when_valid},
    presented::{Presented, provider, system_roots, verifier},
};
use crate::values::Fingerprint;

/// Who decides.
#[derive(Debug)]
pub(super) enum Judge {
    /// This certificate and no other, whoever has signed it and whatever this machine's clock shows. That the server has its key
    /// is proved by its signature, as always.
    Pinned(Fingerprint),
    /// As rustls does: some authorities, and the system's.
    Authorities {
        /// Those that were named.
        named: Option<Arc<WebPkiServerVerifier>>,
        /// The system's. They are read only when the others do not suffice: there are more than a hundred of them, and most
        /// appliances pin their own.
        system: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
        /// Whether certificates are judged by a time at which they are valid, and not by the clock.
        any_time: bool,
    },
}

impl Judge {
    /// These authorities, and the system's.
    pub(super) fn authorities(named: Vec<CertificateDer<'static>>, any_time: bool) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(named);
        Self::Authorities { named: verifier(roots, &provider()), system: OnceLock::new(), any_time }
    }

    fn verdict(&self, shown: &Chain) -> Result<ServerCertVerified, rustls::Error> {
        let Chain { end_entity, intermediates, server_name, now } = shown;
        let refused = |why| Err(rustls::Error::InvalidCertificate(why));
        let (named, system) = match self {
            Self::Pinned(pin) if Fingerprint::of(end_entity) == *pin => return Ok(ServerCertVerified::assertion()),
            Self::Pinned(_) => return refused(CertificateError::ApplicationVerificationFailure),
            Self::Authorities { named, system, .. } => (named, system),
        };
        let ask = |verifier: &Arc<WebPkiServerVerifier>| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, &[], *now)
        };
        let verified = named.as_ref().map_or_else(|| refused(CertificateError::UnknownIssuer), ask);
        // Another set of roots could decide otherwise. Two authorities of one name show as a bad signature.
        if let Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) =
            verified
            && let Some(system) = system.get_or_init(|| verifier(system_roots(), &provider()))
        {
            return ask(system);
        }
        verified
    }
}

/// A client configuration that has a judge, and notes what a server presents.
pub(super) fn client_config(judge: Judge, presented: Presented) -> Result<ClientConfig, rustls::Error> {
    let provider = provider();
    let verifier = NotingVerifier { judge, provider: Arc::clone(&provider), presented };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

#[derive(Debug)]
struct NotingVerifier {
    judge: Judge,
    provider: Arc<CryptoProvider>,
    presented: Presented,
}

impl ServerCertVerifier for NotingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        // Nobody asks for one.
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let now = match self.judge {
            Judge::Authorities { any_time: true, .. } => when_valid(end_entity, now),
            _ => now,
        };
        let shown = Chain {
            end_entity: end_entity.clone().into_owned(),
            intermediates: intermediates.iter().map(|certificate| certificate.clone().into_owned()).collect(),
            server_name: server_name.to_owned(),
            now,
        };
        let verdict = self.judge.verdict(&shown);
        self.presented.note(shown);
        verdict
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

#[cfg(test)]
mod tests {
    use rustls::ClientConnection;

    use super::*;

    /// As much as arrives in one packet wherever TCP does (RFC 9293, 3.7.1).
    const ONE_PACKET: usize = 1220;

    #[test]
    fn the_greeting_fits_in_one_packet() {
        let judge = Judge::authorities(Vec::new(), false);
        let config = client_config(judge, Presented::default()).expect("a configuration");
        let name = "license-service.of-a-vendor-with-a-long-name.example".try_into().expect("a name");
        let mut connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let mut greeting = Vec::new();
        connection.write_tls(&mut greeting).expect("written");
        assert!(greeting.len() <= ONE_PACKET, "{} bytes", greeting.len());
    }
}
