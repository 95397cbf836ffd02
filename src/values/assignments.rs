//! A file of variables and their values, as systemd reads it (systemd.exec(5), `EnvironmentFile=`).

use std::mem;

use zeroize::Zeroizing;

use super::SecretText;

/// The text of such a file. Somebody may have edited it: lines of others stay as they are.
#[derive(Debug, Default)]
pub struct Assignments(SecretText);

/// What a value may have in it without quotation marks, to systemd and to a shell.
const PLAIN: &str = "-_+/=.:@%,~";

impl Assignments {
    /// What stands in a file.
    pub const fn new(text: SecretText) -> Self {
        Self(text)
    }

    /// The value of a variable: that of its last assignment, as to systemd.
    pub fn get(&self, name: &str) -> Option<SecretText> {
        let last = self.0.expose().lines().rev().find_map(|line| value_of(line, name));
        last.map(|value| SecretText::from(unquoted(value)))
    }

    /// The text with these assigned: in the place of the last assignment that is there, or at the end.
    pub fn with(&self, assigned: &[(&str, &SecretText)]) -> SecretText {
        let mut text = Zeroizing::new(self.0.expose().to_owned());
        for (name, value) in assigned {
            let line = Zeroizing::new(format!("{name}={}\n", &*quoted(value)));
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let place = lines.iter().rposition(|line| value_of(line, name).is_some());
            let (before, behind) = place.map_or((&lines[..], &lines[..0]), |at| (&lines[..at], &lines[at + 1..]));
            let line_break = if before.last().is_some_and(|last| !last.ends_with('\n')) { "\n" } else { "" };
            let parts = before.iter().copied().chain([line_break, line.as_str()]).chain(behind.iter().copied());
            let mut changed = Zeroizing::new(String::with_capacity(text.len() + line.len() + 1));
            changed.extend(parts);
            text = changed;
        }
        SecretText::new(mem::take(&mut text))
    }
}

/// What a line assigns to this variable.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (variable, value) = line.split_once('=')?;
    (variable.trim() == name).then(|| value.trim())
}

/// A value as it was meant.
fn unquoted(value: &str) -> &str {
    let within = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// A value as systemd and a shell read it back.
fn quoted(value: &SecretText) -> Zeroizing<String> {
    let value = value.expose();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    Zeroizing::new(if value.chars().all(is_plain) { value.to_owned() } else { format!("'{value}'") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_lines_stay_as_they_are() {
        for (before, after) in [
            ("", "KEY=new\nURL='postgres://a?b&c'\n"),
            ("A=1", "A=1\nKEY=new\nURL='postgres://a?b&c'\n"),
            ("# KEY=old\r\nA = 1\r\n", "# KEY=old\r\nA = 1\r\nKEY=new\nURL='postgres://a?b&c'\n"),
            ("KEY=\"old\"\nMY_KEY=x\n", "KEY=new\nMY_KEY=x\nURL='postgres://a?b&c'\n"),
            ("KEY=1\n\nKEY = 2\nZ=3\n", "KEY=1\n\nKEY=new\nZ=3\nURL='postgres://a?b&c'\n"),
        ] {
            let assigned = [("KEY", &"new".into()), ("URL", &"postgres://a?b&c".into())];
            let written = Assignments::new(before.into()).with(&assigned);
            assert_eq!(written.expose(), after, "{before:?}");
            let again = Assignments::new(written);
            assert_eq!(assigned.map(|(name, _)| again.get(name)), assigned.map(|(_, value)| Some(value.clone())));
        }
    }

    #[test]
    fn what_is_assigned() {
        for (text, value) in [
            ("KEY=a", Some("a")),
            (" KEY = \"a b\" \n", Some("a b")),
            ("KEY='a'\nKEY=b\n", Some("b")),
            ("KEY=", Some("")),
            ("KEY=a=b", Some("a=b")),
            ("#KEY=a\n;KEY=b\nMYKEY=c\nKEYS=d", None),
            ("export KEY=a", None),
        ] {
            assert_eq!(Assignments::new(text.into()).get("KEY"), value.map(SecretText::from), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(before in "[A-Z=#'\"\\r\\n ]{0,60}", value in "[ -&(-~]{1,40}") {
            let value = SecretText::from(value.trim());
            let once = Assignments::new(before.as_str().into()).with(&[("KEY", &value)]);
            let again = Assignments::new(once.clone());
            prop_assert_eq!(again.get("KEY"), Some(value.clone()));
            prop_assert_eq!(again.with(&[("KEY", &value)]), once);
        }
    }
}
