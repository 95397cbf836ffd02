//! A file of variables and their values, as systemd reads it (systemd.exec(5), `EnvironmentFile=`).

use std::{mem, ops::Range};

use zeroize::Zeroizing;

use super::SecretText;

/// The text of such a file. Somebody may have edited it: what is not assigned stays as it is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Assignments(SecretText);

/// What a value may have in it without quotation marks, to systemd and to a shell.
const PLAIN: &str = "-_+/=.:@%,~";

/// What has to be escaped within double quotation marks, to both.
const ESCAPED: &str = "\"\\`$";

/// One assignment.
struct Assignment {
    name: String,
    value: Zeroizing<String>,
    /// Where it stands, its line's end included.
    place: Range<usize>,
}

/// Where a reader is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    BeforeName,
    Name,
    BeforeValue,
    Value,
    Escape,
    Single,
    Double,
    DoubleEscape,
    Comment,
}

impl Assignments {
    /// What stands in a file.
    pub const fn new(text: SecretText) -> Self {
        Self(text)
    }

    /// The value of a variable: that of its last assignment, as to systemd.
    pub fn get(&self, name: &str) -> Option<SecretText> {
        let found = self.all().into_iter().rfind(|assignment| assignment.name == name);
        found.map(|mut assignment| SecretText::new(mem::take(&mut assignment.value)))
    }

    /// The text with these assigned: in the place of the last assignment that is there, or at the end. `None` if what is
    /// there does not end, such as at a quotation mark that nobody closes.
    pub fn with(&self, assigned: &[(&str, &SecretText)]) -> Option<SecretText> {
        let mut all = self.clone();
        for (name, value) in assigned {
            // A line that goes on in the next one ends with an empty one.
            let tried = ["", "\n"].map(|end| Self(all.with_one(name, value, end)));
            all = tried.into_iter().find(|tried| tried.get(name).as_ref() == Some(value))?;
        }
        Some(all.0)
    }

    /// Whether something can be assigned behind what is there.
    pub fn ends(&self) -> bool {
        self.with(&[("A", &SecretText::default())]).is_some()
    }

    fn with_one(&self, name: &str, value: &SecretText, end: &str) -> SecretText {
        let text = self.0.expose();
        let line = Zeroizing::new(format!("{name}={}\n", &*quoted(value)));
        let place = self.all().into_iter().rfind(|assignment| assignment.name == name);
        let place = place.map_or(text.len()..text.len(), |assignment| assignment.place);
        let (before, behind) = (&text[..place.start], &text[place.end..]);
        let line_break = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        let mut changed = String::with_capacity(text.len() + line.len() + 2);
        changed.extend([before, line_break, end, line.as_str(), behind]);
        SecretText::new(changed)
    }

    /// Every assignment in order.
    fn all(&self) -> Vec<Assignment> {
        let text = self.0.expose();
        let (mut all, mut reader, mut start) = (Vec::new(), Reader::default(), 0);
        for (at, character) in text.char_indices().chain([(text.len(), '\n')]) {
            if reader.state == State::BeforeName {
                start = at;
            }
            if reader.takes(character) {
                let (name, value) = reader.assignment();
                let end = (at + character.len_utf8()).min(text.len());
                all.push(Assignment { name, value, place: start..end });
            }
        }
        all
    }
}

/// Reads character by character.
#[derive(Default)]
struct Reader {
    state: State,
    name: String,
    value: Zeroizing<String>,
    /// How much of the value stays although blanks end it: what was quoted or escaped.
    kept: usize,
}

impl Reader {
    /// Takes the next character; gives whether an assignment ends with it.
    fn takes(&mut self, character: char) -> bool {
        use State::{BeforeName, BeforeValue, Comment, Double, DoubleEscape, Escape, Name, Single, Value};
        let is_end = character == '\n';
        self.state = match self.state {
            BeforeName if matches!(character, '#' | ';') => Comment,
            BeforeName if character.is_whitespace() => BeforeName,
            BeforeName => {
                self.name = character.to_string();
                Name
            }
            Name | Comment if is_end => BeforeName,
            Name if character == '=' => BeforeValue,
            Name => {
                self.name.push(character);
                Name
            }
            Comment => Comment,
            BeforeValue | Value if is_end => {
                self.state = BeforeName;
                return true;
            }
            BeforeValue | Value if character == '\\' => Escape,
            BeforeValue if character == '\'' => Single,
            BeforeValue if character == '"' => Double,
            BeforeValue if character.is_whitespace() => BeforeValue,
            BeforeValue | Value => {
                self.value.push(character);
                Value
            }
            Escape => self.keeps((!is_end).then_some(character), Value),
            Single if character == '\'' => BeforeValue,
            Double if character == '"' => BeforeValue,
            Double if character == '\\' => DoubleEscape,
            DoubleEscape if is_end => Double,
            DoubleEscape if !ESCAPED.contains(character) => {
                self.value.push('\\');
                self.keeps(Some(character), Double)
            }
            DoubleEscape => self.keeps(Some(character), Double),
            quoted @ (Single | Double) => self.keeps(Some(character), quoted),
        };
        false
    }

    fn keeps(&mut self, character: Option<char>, next: State) -> State {
        self.value.extend(character);
        self.kept = self.value.len();
        next
    }

    /// What was read. As in a shell, `export` may stand before the name.
    fn assignment(&mut self) -> (String, Zeroizing<String>) {
        let mut value = Zeroizing::new(mem::take(&mut *self.value));
        let length = self.kept + value[self.kept..].trim_end().len();
        value.truncate(length);
        self.kept = 0;
        let name = self.name.trim();
        (name.strip_prefix("export ").unwrap_or(name).trim().to_owned(), value)
    }
}

/// A value as systemd and a shell read it back.
fn quoted(value: &SecretText) -> Zeroizing<String> {
    let value = value.expose();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
    if value.chars().all(is_plain) {
        return Zeroizing::new(value.to_owned());
    }
    let mut quoted = Zeroizing::new(String::with_capacity(2 * value.len() + 2));
    quoted.push('"');
    for character in value.chars() {
        if ESCAPED.contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_lines_stay_as_they_are() {
        let url = "URL=\"postgres://a?b&c\"\n";
        for (before, after) in [
            ("", "KEY=new\n"),
            ("A=1", "A=1\nKEY=new\n"),
            ("# KEY=old\r\nA = 1\r\n", "# KEY=old\r\nA = 1\r\nKEY=new\n"),
            ("KEY=\"old\"\nMY_KEY=x\n", "KEY=new\nMY_KEY=x\n"),
            ("KEY=1\n\nKEY = 2\nZ=3\n", "KEY=1\n\nKEY=new\nZ=3\n"),
            ("KEY=a\\\nb\nZ=3\n", "KEY=new\nZ=3\n"),
            ("MOTD=\"hello\nKEY=theirs\"\n", "MOTD=\"hello\nKEY=theirs\"\nKEY=new\n"),
        ] {
            let assigned = [("KEY", &"new".into()), ("URL", &"postgres://a?b&c".into())];
            let written = Assignments::new(before.into()).with(&assigned).expect("it ends");
            assert_eq!(written.expose(), format!("{after}{url}"), "{before:?}");
            let again = Assignments::new(written);
            assert_eq!(assigned.map(|(name, _)| again.get(name)), assigned.map(|(_, value)| Some(value.clone())));
        }
    }

    /// As systemd 252 reads them.
    #[test]
    fn what_is_assigned() {
        for (text, value) in [
            ("KEY=a", Some("a")),
            (" KEY = \"a b\" \n", Some("a b")),
            ("KEY='a'\nKEY=b\n", Some("b")),
            ("KEY=", Some("")),
            ("KEY=a=b", Some("a=b")),
            ("KEY=a b \n", Some("a b")),
            ("KEY=a\\\nb\n", Some("ab")),
            ("KEY='a'\"b\"c\n", Some("abc")),
            ("KEY=\"pa\\$\\$w0rd\\\"x\\n\"", Some("pa$$w0rd\"x\\n")),
            ("KEY=\"a\nb\"\n", Some("a\nb")),
            ("MOTD=\"x\nKEY=theirs\"\n", None),
            ("#KEY=a\n;KEY=b\nMYKEY=c\nKEYS=d", None),
            ("KEY\nA=1", None),
            // Not to systemd, but to a shell that reads the file.
            ("export KEY=a", Some("a")),
        ] {
            assert_eq!(Assignments::new(text.into()).get("KEY"), value.map(SecretText::from), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(before in "[A-Z=#'\"\\\\\\r\\n ]{0,60}", value in "[ -~]{0,40}") {
            let value = SecretText::from(value.as_str());
            let once = Assignments::new(before.as_str().into()).with(&[("KEY", &value)]);
            // What a quotation mark opens that nobody closes takes everything behind it.
            let closed = Assignments::new(format!("{before}\n\nPROBE=1\n").as_str().into()).get("PROBE").is_some();
            prop_assert_eq!(once.is_some(), closed);
            if let Some(once) = once {
                let again = Assignments::new(once.clone());
                prop_assert_eq!(again.get("KEY"), Some(value.clone()));
                prop_assert_eq!(again.with(&[("KEY", &value)]), Some(once));
            }
        }
    }
}
