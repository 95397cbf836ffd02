//! By what this machine's clock is set.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::words::{Phrase, phrase};

/// By what this machine's clock is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetClock {
    /// By what the license service's clock shows.
    LicenseService,
    /// By servers of NTP, from then on.
    Ntp,
    /// By hand.
    To(Timestamp),
}

impl SetClock {
    /// What an answers file may say.
    pub const NAMES: [&'static str; 2] = ["license-service", "ntp"];

    /// The one that an answers file names.
    ///
    /// # Errors
    /// When it names none.
    pub fn named(text: &str) -> Result<Self, Phrase> {
        match text.trim() {
            "license-service" => Ok(Self::LicenseService),
            "ntp" => Ok(Self::Ntp),
            _ => Err(phrase!("set-clock-form" { names: Self::NAMES.map(|name| format!("`{name}`")).join(", ") })),
        }
    }

    /// The one that somebody types: date and time as clocks show them in Greenwich (UTC), such as `2026-11-27 14:05`.
    ///
    /// # Errors
    /// When it is no such time.
    pub fn typed(text: &str) -> Result<Self, Phrase> {
        let text = text.trim().trim_end_matches("UTC").trim_end_matches('Z').trim();
        let text = text.replacen('T', " ", 1);
        let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
        let time = forms.into_iter().find_map(|form| DateTime::strptime(form, &text).ok());
        let time = time.and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
        time.map(Self::To).ok_or_else(|| phrase!("set-clock-time-form"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_typed_is_a_time_in_greenwich() {
        for (text, read) in [
            ("2026-11-27 14:05", Some("2026-11-27T14:05:00Z")),
            (" 2026-11-27 14:05:30 UTC ", Some("2026-11-27T14:05:30Z")),
            ("2026-11-27T14:05Z", Some("2026-11-27T14:05:00Z")),
            ("2026-11-27", None),
            ("14:05", None),
            ("2026-13-27 14:05", None),
            ("2026-11-27 14:05+01:00", None),
            ("", None),
        ] {
            let expected = read.map(|time| SetClock::To(time.parse().expect("a time")));
            assert_eq!(SetClock::typed(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_a_file_may_say_is_read() {
        assert_eq!(SetClock::NAMES.map(SetClock::named), [Ok(SetClock::LicenseService), Ok(SetClock::Ntp)]);
        assert!(SetClock::named("by hand").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in ".{0,40}") {
            let _ = SetClock::typed(&text);
        }

        #[test]
        fn any_time_is_read(seconds in 0_i64..4_000_000_000) {
            let time = Timestamp::from_second(seconds).expect("a time");
            prop_assert_eq!(SetClock::typed(&time.strftime("%Y-%m-%d %H:%M:%S").to_string()), Ok(SetClock::To(time)));
        }
    }
}
