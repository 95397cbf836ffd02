//! The certificates that a server showed: who issued them, and which roots vouch for them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rustls::{
    CertificateError, NamedGroup, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, UnixTime},
};

use super::chain::{CertificateFault, Chain};
use crate::values::{
    Authority, Fingerprint,
    pki::{Certificate, authority_of},
};

/// What a server showed last, be it accepted or refused.
#[derive(Debug, Clone, Default)]
pub(in crate::world) struct Presented(Arc<Mutex<Option<Chain>>>);

impl Presented {
    pub(super) fn note(&self, chain: Chain) {
        *self.held() = Some(chain);
    }

    fn held(&self) -> MutexGuard<'_, Option<Chain>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was shown before.
    pub(in crate::world) fn clear(&self) {
        *self.held() = None;
    }

    /// Whether anything was shown.
    pub(in crate::world) fn is_any(&self) -> bool {
        self.held().is_some()
    }

    /// Whether it would be accepted at this time, by one of these authorities or of the system's: each certificate of it.
    pub(super) fn is_accepted_at(&self, extra: &[CertificateDer<'static>], time: Timestamp) -> bool {
        let Some(chain) = self.held().take() else { return false };
        let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time.as_second()).unwrap_or_default()));
        let chain = Chain { now, ..chain };
        let mut named = RootCertStore::empty();
        named.add_parsable_certificates(extra.iter().cloned());
        chain.leads_to(named) || chain.leads_to(system_roots())
    }

    /// The fingerprint of the server's own certificate.
    pub(in crate::world) fn fingerprint(&self) -> Option<Fingerprint> {
        self.held().as_ref().map(|chain| Fingerprint::of(&chain.end_entity))
    }

    /// What is wrong with the certificate, and whom the server was taken for, as a `subjectAltName` has it.
    pub(in crate::world) fn fault(&self, error: &CertificateError) -> Option<(CertificateFault, String)> {
        let held = self.held();
        let chain = held.as_ref()?;
        Some((chain.fault(error)?, chain.wanted()))
    }

    /// The authorities in it that each vouch for the server.
    pub(in crate::world) fn authorities(&self) -> Vec<Certificate> {
        self.held().as_ref().map(Chain::authorities).unwrap_or_default()
    }

    /// The one among `extra` that signs for the server, unless an authority of the system's does so too.
    ///
    /// Names prove nothing, so the certificates are verified again, with each authority on its own.
    pub(super) fn authority(&self, extra: &[CertificateDer<'static>]) -> Option<Authority> {
        let chain = self.held().take()?;
        let root = extra.iter().find(|root| {
            let mut alone = RootCertStore::empty();
            // What is no certificate signs nothing.
            alone.add_parsable_certificates([(*root).clone()]);
            chain.leads_to(alone)
        })?;
        // The browser has no profile, but about the same roots as the system.
        (!chain.leads_to(system_roots())).then(|| authority_of(root))
    }
}

impl Chain {
    /// The authorities that were shown and each vouch for the server, the one nearest to it first.
    pub(super) fn authorities(&self) -> Vec<Certificate> {
        let vouches = |der: &&CertificateDer<'static>| {
            let mut alone = RootCertStore::empty();
            alone.add_parsable_certificates([(*der).clone()]);
            self.leads_to(alone)
        };
        let read = self.intermediates.iter().filter(vouches).filter_map(Certificate::read_der);
        read.filter(Certificate::is_authority).collect()
    }

    fn leads_to(&self, roots: RootCertStore) -> bool {
        let Self { end_entity, intermediates, server_name, now } = self;
        verifier(roots, &provider())
            .is_some_and(|roots| roots.verify_server_cert(end_entity, intermediates, server_name, &[], *now).is_ok())
    }
}

/// For servers on other people's networks. On some of these a greeting that takes two packets does not arrive: a key share of that
/// length is offered, and sent to who asks for it.
pub(super) fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups.sort_by_key(|group| group.name() == NamedGroup::X25519MLKEM768);
    Arc::new(provider)
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

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    struct Signer {
        certificate: Certificate,
        issuer: Issuer<'static, KeyPair>,
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(["appliance.example".to_owned()]).expect("a host name");
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    /// An authority below another, or on its own.
    fn signer(name: &str, above: Option<&Signer>) -> Signer {
        let (mut params, key) = (params(name), KeyPair::generate().expect("a key"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = match above {
            Some(above) => params.signed_by(&key, &above.issuer),
            None => params.self_signed(&key),
        };
        Signer { certificate: certificate.expect("a certificate"), issuer: Issuer::new(params, key) }
    }

    fn presented(by: &Signer, intermediates: &[&Signer]) -> Presented {
        let key = KeyPair::generate().expect("a key");
        let leaf = params("appliance").signed_by(&key, &by.issuer).expect("a certificate");
        let presented = Presented::default();
        presented.note(Chain {
            end_entity: leaf.der().clone(),
            intermediates: intermediates.iter().map(|signer| signer.certificate.der().clone()).collect(),
            server_name: "appliance.example".try_into().expect("a host name"),
            now: UnixTime::now(),
        });
        presented
    }

    fn ders(signers: &[&Signer]) -> Vec<CertificateDer<'static>> {
        let broken = CertificateDer::from(b"no certificate".to_vec());
        let signers = signers.iter().map(|signer| signer.certificate.der().clone());
        [broken].into_iter().chain(signers).collect()
    }

    #[test]
    fn the_authority_that_signs_is_found_among_those_that_do_not() {
        let name = "Acme\u{202e} CA";
        let [other, namesake, right] =
            [("Other CA", None), (name, None), (name, None)].map(|(name, above)| signer(name, above));
        let below = signer("Acme Issuing CA", Some(&right));
        let known = ders(&[&other, &namesake, &right]);
        let wanted = Authority { name: "Acme CA".to_owned(), sha256: Fingerprint::of(right.certificate.der()) };
        for presented in [presented(&right, &[]), presented(&below, &[&below])] {
            assert_eq!(presented.authority(&known).as_ref(), Some(&wanted));
            assert_eq!(presented.authority(&known), None, "it is told once");
        }
    }

    /// Whoever shows another's certificate beside its own says nothing with that.
    #[test]
    fn of_what_is_shown_those_count_that_sign() {
        let [other, root] = ["Other CA", "Acme Root"].map(|name| signer(name, None));
        let below = signer("Acme Issuing CA", Some(&root));
        let names = |presented: Presented| -> Vec<String> {
            presented.authorities().iter().map(|authority| authority.authority().name).collect()
        };
        assert_eq!(names(presented(&below, &[&other, &below, &root])), ["Acme Issuing CA", "Acme Root"]);
        assert_eq!(names(presented(&below, &[&other, &root])), Vec::<String>::new(), "one between them is missing");
        assert_eq!(names(presented(&root, &[])), Vec::<String>::new());
    }

    /// A server's certificate may say that it is valid for longer than whoever has signed it may sign.
    #[test]
    fn what_is_shown_is_accepted_while_all_of_it_is_valid() {
        let year =
            |year: i16| jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).expect("a time").timestamp();
        let root = signer("Acme Root", None);
        let issuing = {
            let (mut params, key) = (params("Acme Issuing"), KeyPair::generate().expect("a key"));
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            (params.not_before, params.not_after) =
                (rcgen::date_time_ymd(2019, 1, 1), rcgen::date_time_ymd(2030, 1, 1));
            let certificate = params.signed_by(&key, &root.issuer).expect("a certificate");
            Signer { certificate, issuer: Issuer::new(params, key) }
        };
        let known = ders(&[&root]);
        for (time, accepted) in [(2018, false), (2025, true), (2060, false)] {
            // Of itself it is valid from 1975 to 4096.
            let shown = presented(&issuing, &[&issuing]);
            assert_eq!(shown.is_accepted_at(&known, year(time)), accepted, "{time}");
        }
        assert!(!presented(&issuing, &[&issuing]).is_accepted_at(&[], year(2025)), "nobody signs for it");
        assert!(!Presented::default().is_accepted_at(&known, year(2025)));
    }

    #[test]
    fn whom_the_profile_does_not_name_is_not_told() {
        let [signs, other] = ["Acme CA", "Other CA"].map(|name| signer(name, None));
        assert_eq!(presented(&signs, &[&signs]).authority(&ders(&[&other])), None);
        assert_eq!(presented(&signs, &[]).authority(&[]), None);
        assert_eq!(Presented::default().authority(&ders(&[&signs])), None);
    }
}
