//! The service's own certificates: a certificate authority that stays, and a leaf that is made at every start.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::clock::later;
use crate::state::{StateDir, StateError};

/// The names that every leaf has; a service that is reached by others gets them through [`crate::Config::names`].
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// From when to when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first instant.
    pub not_before: Timestamp,
    /// The last instant.
    pub not_after: Timestamp,
}

impl Validity {
    /// Valid from a day ago (clients' clocks run late) until `days` from now.
    #[must_use]
    pub fn days_from(now: Timestamp, days: i64) -> Self {
        Self {
            not_before: later(now, SignedDuration::from_hours(-24)),
            not_after: later(now, SignedDuration::from_hours(24 * days)),
        }
    }
}

/// The certificates could not be had.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file.
    #[error("failed to keep the certificate authority")]
    File(#[source] StateError),
    /// The authority, at the first start.
    #[error("failed to make the certificate authority")]
    MakeAuthority(#[source] rcgen::Error),
    /// The authority that is there.
    #[error("failed to read the certificate authority in `ca.key` and `ca.pem`")]
    ReadAuthority(#[source] rcgen::Error),
    /// The leaf.
    #[error("failed to make the server certificate")]
    MakeLeaf(#[source] rcgen::Error),
    /// A validity that no certificate can express.
    #[error("failed to express a validity as calendar dates")]
    Validity(#[source] time::error::ComponentRange),
    /// Handing them to the TLS library.
    #[error("failed to use the server certificate for TLS")]
    Tls(#[source] rustls::Error),
}

impl From<StateError> for CertificateError {
    fn from(source: StateError) -> Self {
        Self::File(source)
    }
}

/// The certificate authority of a state directory.
#[derive(Debug)]
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Reads the authority, or makes one named `name` at the first start (10 years, signs leaves only).
    pub(crate) fn load(state: &StateDir, name: &str, now: Timestamp) -> Result<Self, CertificateError> {
        let key = Zeroizing::new(state.private(&state.ca_key(), || {
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
                .map(|pair| pair.serialize_pem())
                .map_err(CertificateError::MakeAuthority)
        })?);
        let key = KeyPair::from_pem(&key).map_err(CertificateError::ReadAuthority)?;
        let certificate = state.public(&state.ca_certificate(), || {
            let params = authority_params(name, Validity::days_from(now, 3650))?;
            params.self_signed(&key).map(|certificate| certificate.pem()).map_err(CertificateError::MakeAuthority)
        })?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).map_err(CertificateError::ReadAuthority)?;
        Ok(Self { issuer })
    }

    /// Makes a leaf and the TLS configuration that presents it.
    pub(crate) fn server_config(
        &self,
        names: &[String],
        validity: Validity,
    ) -> Result<Arc<ServerConfig>, CertificateError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CertificateError::MakeLeaf)?;
        let leaf = leaf_params(names, validity)?.signed_by(&key, &self.issuer).map_err(CertificateError::MakeLeaf)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // The provider is named, not looked up: a library must not depend on what its process installed.
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key))
            .map_err(CertificateError::Tls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn authority_params(name: &str, validity: Validity) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = dates(validity)?;
    Ok(params)
}

fn leaf_params(names: &[String], validity: Validity) -> Result<CertificateParams, CertificateError> {
    let mut all: Vec<String> = LOCAL_NAMES.map(str::to_owned).to_vec();
    all.extend(names.iter().filter(|name| !LOCAL_NAMES.contains(&name.as_str())).cloned());
    let mut params = CertificateParams::new(all).map_err(CertificateError::MakeLeaf)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, "license service");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = dates(validity)?;
    Ok(params)
}

fn dates(validity: Validity) -> Result<(OffsetDateTime, OffsetDateTime), CertificateError> {
    let date =
        |moment: Timestamp| OffsetDateTime::from_unix_timestamp(moment.as_second()).map_err(CertificateError::Validity);
    Ok((date(validity.not_before)?, date(validity.not_after)?))
}
