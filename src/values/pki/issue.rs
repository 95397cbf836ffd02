//! What an authority signs.

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, SanType, SerialNumber,
};
use time::OffsetDateTime;

use super::{
    certificate::Certificate,
    private_key::{PrivateKey, encoded},
    spec::{AuthoritySpec, IssueError, Subject},
};
use crate::values::{Host, SecretText};

/// So much earlier than it is made a certificate is valid: the clocks of those who check it may be slow.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Who signs.
pub(super) struct Signer<'a> {
    pub(super) key: &'a PrivateKey,
    pub(super) certificate: &'a Certificate,
}

impl<'a> Signer<'a> {
    fn issuer(&self) -> Result<Issuer<'a, &'a rcgen::KeyPair>, IssueError> {
        Issuer::from_ca_cert_der(self.certificate.der(), self.key.pair()).map_err(IssueError)
    }
}

/// The certificate of an authority: signed by itself, or by the one above.
pub(super) fn authority(
    spec: &AuthoritySpec,
    key: &PrivateKey,
    above: Option<&Signer<'_>>,
    now: Timestamp,
) -> Result<SecretText, IssueError> {
    let mut params = params(&spec.subject, now, spec.days)?;
    params.is_ca = IsCa::Ca(match above {
        None => BasicConstraints::Unconstrained,
        // What it signs signs nothing.
        Some(_) => BasicConstraints::Constrained(0),
    });
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = match above {
        None => params.self_signed(key.pair()),
        Some(above) => {
            params.use_authority_key_identifier_extension = true;
            end_with(&mut params, above);
            params.signed_by(key.pair(), &above.issuer()?)
        }
    };
    Ok(Certificate::of(certificate.map_err(IssueError)?.der()).pem())
}

/// The certificate of a TLS server, with that of the authority behind it unless that is a root.
pub(super) fn leaf(
    names: &[Host],
    key: &PrivateKey,
    by: &Signer<'_>,
    (now, days): (Timestamp, u16),
) -> Result<SecretText, IssueError> {
    let mut params = params(&subject_of(names), now, days)?;
    be_of_server(&mut params, names)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    end_with(&mut params, by);
    let leaf = params.signed_by(key.pair(), &by.issuer()?).map_err(IssueError)?;
    let leaf = Certificate::of(leaf.der());
    let is_root = by.certificate.is_issued_by(by.certificate);
    Ok(if is_root { leaf } else { leaf.followed_by(by.certificate) }.pem())
}

/// What asks another authority for the certificate of a TLS server (PKCS #10, RFC 2986), as PEM.
pub(super) fn request(names: &[Host], key: &PrivateKey) -> Result<String, IssueError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name_of(&subject_of(names));
    be_of_server(&mut params, names)?;
    let request = params.serialize_request(key.pair()).map_err(IssueError)?;
    Ok(encoded("CERTIFICATE REQUEST", request.der()))
}

fn subject_of(names: &[Host]) -> Subject {
    let first = names.iter().find(|name| name.to_string().len() <= Subject::LONGEST_NAME);
    Subject { common_name: first.map(ToString::to_string), organization: None }
}

/// What there is about it that a TLS server of these names needs.
fn be_of_server(params: &mut CertificateParams, names: &[Host]) -> Result<(), IssueError> {
    let name = |host: &Host| match host {
        Host::Name(name) => Ok(SanType::DnsName(name.as_str().try_into()?)),
        Host::Ip(address) => Ok(SanType::IpAddress(*address)),
    };
    params.subject_alt_names = names.iter().map(name).collect::<Result<_, _>>().map_err(IssueError)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(())
}

/// A list on which nothing is revoked.
pub(super) fn crl(by: &Signer<'_>, number: u64, (now, days): (Timestamp, u16)) -> Result<SecretText, IssueError> {
    let list = CertificateRevocationListParams {
        this_update: date(now),
        next_update: date(later(now, days.into())),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: by.certificate.key_id().map_or(KeyIdMethod::Sha256, KeyIdMethod::PreSpecified),
    };
    let list = list.signed_by(&by.issuer()?).map_err(IssueError)?;
    Ok(SecretText::new(encoded("X509 CRL", list.der())))
}

fn params(subject: &Subject, now: Timestamp, days: u16) -> Result<CertificateParams, IssueError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name_of(subject);
    params.not_before = date(now.saturating_sub(BEFORE).unwrap_or(now));
    params.not_after = date(later(now, days.into()));
    // Its own would be the key's: a certificate that is made anew for a key would have that of the one before.
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(|_none| IssueError(rcgen::Error::RingUnspecified))?;
    // Positive, and not shorter (RFC 5280, section 4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

fn name_of(subject: &Subject) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, text) in [(DnType::OrganizationName, &subject.organization), (DnType::CommonName, &subject.common_name)]
    {
        if let Some(text) = text {
            name.push(kind, text.as_str());
        }
    }
    name
}

/// Nobody would take it any longer than its authority.
fn end_with(params: &mut CertificateParams, by: &Signer<'_>) {
    if let Some((_, to)) = by.certificate.period() {
        params.not_after = params.not_after.min(date(to));
    }
}

pub(super) fn later(moment: Timestamp, days: i64) -> Timestamp {
    moment.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

fn date(moment: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.as_second()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
