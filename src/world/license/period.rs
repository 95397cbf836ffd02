//! A certificate that is not valid at the time that the clock shows: which of the two is wrong; pure.

use jiff::{SignedDuration, Timestamp};
use rustls::{CertificateError, pki_types::UnixTime};

/// No program is in use for longer, so the time is not later than this after it was built.
const IN_USE: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// Nobody leaves a service with an expired certificate for longer.
const UNNOTICED: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How a certificate is not valid by what the clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// It is not valid yet.
    NotYet,
    /// It has expired.
    Expired,
}

/// How the certificate is not valid, if the clock is to blame: by a time that is plausible it would be. Judged by what
/// the clock shows (`now`) and by when this program was `built`.
pub(super) fn by_the_clock(error: &CertificateError, now: Timestamp, built: Timestamp) -> Option<Invalid> {
    let time = |time: &UnixTime| i64::try_from(time.as_secs()).ok().and_then(|time| Timestamp::from_second(time).ok());
    let (invalid, clock) = match error {
        CertificateError::NotValidYet => (Invalid::NotYet, true),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let latest = built.checked_add(IN_USE).unwrap_or(Timestamp::MAX);
            (Invalid::NotYet, time(not_before).is_some_and(|from| from <= latest))
        }
        CertificateError::Expired => (Invalid::Expired, false),
        CertificateError::ExpiredContext { not_after, .. } => {
            let until = time(not_after);
            (Invalid::Expired, until.is_some_and(|until| until >= built && now.duration_since(until) > UNNOTICED))
        }
        _ => return None,
    };
    (clock || now < built).then_some(invalid)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_is_to_blame() {
        let unix = |text: &str| {
            let time = text.parse::<Timestamp>().expect("a time").as_second();
            UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(time).expect("after 1970")))
        };
        let built = "2026-06-01T00:00:00Z";
        let expired = |until| CertificateError::ExpiredContext { time: unix(until), not_after: unix(until) };
        let future = |from| CertificateError::NotValidYetContext { time: unix(from), not_before: unix(from) };
        let (late, early, certificate) = (Some(Invalid::Expired), Some(Invalid::NotYet), None);
        for (now, error, expected) in [
            // A clock that was reset: before the build nothing it shows counts.
            ("1970-01-01T00:00:00Z", future("2026-05-01T00:00:00Z"), early),
            ("2020-01-01T00:00:00Z", expired("2019-01-01T00:00:00Z"), late),
            ("2020-01-01T00:00:00Z", CertificateError::Expired, late),
            // A clock that is behind, and a certificate for nobody alive.
            ("2026-07-01T00:00:00Z", future("2026-09-01T00:00:00Z"), early),
            ("2026-07-01T00:00:00Z", future("2090-01-01T00:00:00Z"), certificate),
            ("2026-07-01T00:00:00Z", CertificateError::NotValidYet, early),
            // A certificate that somebody forgot to renew, and a clock that is years ahead.
            ("2026-07-01T00:00:00Z", expired("2026-06-25T00:00:00Z"), certificate),
            ("2027-05-01T00:00:00Z", expired("2026-06-25T00:00:00Z"), certificate),
            ("2038-01-19T00:00:00Z", expired("2026-09-01T00:00:00Z"), late),
            // It had expired before this program was built: no plausible time makes it valid.
            ("2028-01-01T00:00:00Z", expired("2026-05-31T00:00:00Z"), certificate),
            ("2026-07-01T00:00:00Z", CertificateError::Expired, certificate),
            ("1970-01-01T00:00:00Z", CertificateError::UnknownIssuer, None),
        ] {
            let judged = by_the_clock(&error, now.parse().expect("a time"), built.parse().expect("a time"));
            assert_eq!(judged, expected, "{now}: {error:?}");
        }
    }
}
