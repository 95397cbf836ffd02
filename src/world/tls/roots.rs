//! What verifies with which roots, and what somebody is called in a certificate.

use std::sync::Arc;

use rustls::{RootCertStore, client::WebPkiServerVerifier, crypto::CryptoProvider};
use x509_parser::prelude::X509Name;

use crate::values::plain_text;

/// What somebody is called in a certificate, made safe to show.
pub(super) fn name_of(somebody: &X509Name<'_>) -> String {
    let name = somebody.iter_common_name().chain(somebody.iter_organization()).find_map(|name| name.as_str().ok());
    plain_text(&name.map_or_else(|| somebody.to_string(), str::to_owned), 80)
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

/// `None` when there are no roots to trust.
pub(super) fn verifier(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()
}

pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // A store with a broken entry still has the others.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
