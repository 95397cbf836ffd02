//! The name of a unit of systemd.

use std::fmt;

use crate::words::{Phrase, phrase};

/// The full name of a unit that can be started (systemd.unit(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitName(String);

impl UnitName {
    /// The same for editors, but for the length.
    pub const PATTERN: &str =
        r"^[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\-]+)?\.(service|socket|target|timer|path|mount|automount)$";

    /// The longest name.
    pub const MAX: usize = 255;

    /// The kinds of units that somebody starts: devices and scopes are made by others.
    const KINDS: [&str; 7] = ["service", "socket", "target", "timer", "path", "mount", "automount"];

    /// Reads a name with its suffix; a template needs an instance.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let is_part = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '\\' | '-');
            !part.is_empty() && part.chars().all(allowed)
        };
        let (name, kind) = text.rsplit_once('.').unwrap_or((text, ""));
        let is_name = match name.split_once('@') {
            Some((template, instance)) => is_part(template) && is_part(instance),
            None => is_part(name),
        };
        if is_name && Self::KINDS.contains(&kind) && text.len() <= Self::MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(phrase!("profile-unit"))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn names() {
        let longest = format!("{}.service", "a".repeat(UnitName::MAX - ".service".len()));
        let pattern = Regex::new(UnitName::PATTERN).expect("a pattern");
        for (text, good) in [
            ("gateway.service", true),
            ("queue@1.service", true),
            ("serial-getty@ttyS0.service", true),
            ("dev-disk-by\\x2dlabel.mount", true),
            ("a.b.service", true),
            ("appliance.target", true),
            ("renew.timer", true),
            (longest.as_str(), true),
            ("", false),
            ("gateway", false),
            (".service", false),
            ("gateway.", false),
            ("gateway.Service", false),
            ("queue@.service", false),
            ("@1.service", false),
            ("queue@1@2.service", false),
            ("gate way.service", false),
            ("gateway.service\n", false),
            ("--user.service/x", false),
            ("gätéway.service", false),
            ("sda.device", false),
            ("init.scope", false),
            ("*.service", false),
        ] {
            assert_eq!(UnitName::parse(text).is_ok(), good, "{text:?}");
            assert_eq!(pattern.is_match(text), good, "{text:?} for editors");
        }
        assert!(UnitName::parse(&format!("a{longest}")).is_err(), "one too long");
    }
}
