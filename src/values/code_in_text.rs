//! The install code in a text around it, such as the line of an e-mail or the whole mail.
//!
//! Only where people paste is a code looked for in a text; an answers file holds the code alone.

use super::{
    CodeError, CodeFormat, InstallCode,
    install_code::{is_dash, is_noise},
};

/// How a code was found in what was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The text is the code and nothing else.
    Alone(InstallCode),
    /// It stands in a text.
    InText(InstallCode),
}

/// Why no code was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// The text is one word, and this keeps it from being a code.
    NoCode(CodeError),
    /// There is no code in the text.
    Nowhere,
    /// So many different ones could be meant.
    Several(usize),
}

/// How sure it is that what has the form of a code is one; the surest count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// The form without the dashes: in one piece, or with blanks between the groups.
    Form,
    /// Groups joined by dashes, but it could be words (`well-kept`) or a number (`2345-6789`).
    Groups,
    /// Groups joined by dashes that are neither words nor a number.
    Sure,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// One dash.
    Dash,
    /// One dash with blanks around it.
    WideDash,
    /// One blank that does not end the line.
    Blank,
    /// Anything else, and the ends of the text.
    Break,
}

impl CodeFormat {
    /// The one code in `text`: the text itself, or the one thing in it that stands alone and has the form of a code.
    ///
    /// Groups joined by dashes win over what merely has the right length, and a word in
    /// lower case without a digit (`password`) is no code unless it stands in groups.
    ///
    /// # Errors
    /// When there is none, or more than one could be meant.
    pub fn find(&self, text: &str) -> Result<Found, NotFound> {
        let error = match self.parse(text) {
            Ok(code) => return Ok(Found::Alone(code)),
            Err(error) => error,
        };
        let (words, joints) = words(text);
        let mut candidates: Vec<(Evidence, InstallCode)> = Vec::new();
        for start in 0..words.len() {
            for groups in [1, self.lengths().len()] {
                let Some(window) = words.get(start..start + groups) else { continue };
                let alone = joints[start] != Joint::Dash && joints[start + groups] != Joint::Dash;
                let found = self.candidate(window, &joints[start + 1..start + groups]).filter(|_| alone);
                candidates.extend(found.filter(|found| !candidates.contains(found)));
            }
        }
        let surest = candidates.iter().map(|(evidence, _)| *evidence).max();
        candidates.retain(|(evidence, _)| Some(*evidence) == surest);
        match candidates.len() {
            1 => candidates.pop().map(|(_, code)| Found::InText(code)).ok_or(NotFound::Nowhere),
            0 if text.split_whitespace().count() < 2 => Err(NotFound::NoCode(error)),
            0 => Err(NotFound::Nowhere),
            several => Err(NotFound::Several(several)),
        }
    }

    /// The lengths of a code's groups.
    fn lengths(&self) -> Vec<usize> {
        self.shape().split('-').map(str::len).collect()
    }

    /// The code that these words are, with these joints between them.
    fn candidate(&self, words: &[&str], joints: &[Joint]) -> Option<(Evidence, InstallCode)> {
        let letters = |word: &str| word.chars().filter(|character| !is_noise(*character)).count();
        let in_groups = words.iter().map(|word| letters(word)).eq(self.lengths());
        if !in_groups && words.len() > 1 {
            return None;
        }
        // `parse` finds out whether the length and every character are right.
        let code = self.parse(&zeroize::Zeroizing::new(words.concat())).ok()?;
        let has = |test: fn(char) -> bool| words.iter().any(|word| word.contains(test));
        let clear = match (has(|c| c.is_ascii_lowercase()), has(|c| c.is_ascii_uppercase())) {
            (true, true) => false,
            // Without a digit it is a word.
            (true, false) => has(|c| c.is_ascii_digit()),
            (false, true) => true,
            // It is a number, unless all codes are.
            (false, false) => !self.has_letters(),
        };
        let dashed = joints.first().is_some_and(|first| matches!(first, Joint::Dash | Joint::WideDash));
        let alike = joints.iter().all(|joint| Some(joint) == joints.first() && *joint != Joint::Break);
        let evidence = match (clear, dashed) {
            (true, true) => Evidence::Sure,
            (false, true) => Evidence::Groups,
            (true, false) => Evidence::Form,
            (false, false) => return None,
        };
        alike.then_some((evidence, code))
    }
}

/// The words of `text`, and what stands before each of them and behind the last one.
fn words(text: &str) -> (Vec<&str>, Vec<Joint>) {
    let part_of_word = |character: char| character.is_alphanumeric() || is_noise(character);
    let (mut words, mut joints, mut end) = (Vec::new(), vec![Joint::Break], 0);
    for piece in text.split(|character| !part_of_word(character)).filter(|piece| piece.contains(char::is_alphanumeric))
    {
        // Both point into `text`.
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        if !words.is_empty() {
            joints.push(joint(&text[end..start]));
        }
        end = start + piece.len();
        words.push(piece);
    }
    if !words.is_empty() {
        joints.push(Joint::Break);
    }
    (words, joints)
}

fn joint(between: &str) -> Joint {
    let mut characters = between.chars().filter(|character| !is_noise(*character));
    let ends_line = between.contains(['\n', '\r']);
    let (first, more) = (characters.next(), characters.next().is_some());
    let mut dashes = between.trim().chars().filter(|character| !is_noise(*character));
    let dash = dashes.next().is_some_and(is_dash) && dashes.next().is_none();
    match first {
        Some(_) if dash && !more => Joint::Dash,
        Some(_) if dash && !ends_line => Joint::WideDash,
        Some(first) if first.is_whitespace() && !more && !ends_line => Joint::Blank,
        _ => Joint::Break,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn format() -> CodeFormat {
        CodeFormat::new("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4).expect("sound")
    }

    /// As `parse` and `find` together understand `text`.
    fn found(format: &CodeFormat, text: &str) -> String {
        match format.find(text) {
            Ok(Found::Alone(code)) => format!("alone {}", code.expose()),
            Ok(Found::InText(code)) => format!("in text {}", code.expose()),
            Err(NotFound::NoCode(error)) => error.to_string(),
            Err(NotFound::Nowhere) => "nowhere".to_owned(),
            Err(NotFound::Several(count)) => format!("{count} of them"),
        }
    }

    #[test]
    fn codes_in_texts() {
        for (text, expected) in [
            (" k7qp-m2rx\r\n", "alone K7QPM2RX"),
            ("Your install code is K7QP-M2RX (valid 14 days).", "in text K7QPM2RX"),
            ("> Your install code is k7qp-m2rx.", "in text K7QPM2RX"),
            ("Install code: \"K7QP-M2RX\", company: Acme", "in text K7QPM2RX"),
            ("Your install code is K7QP–M2RX.", "in text K7QPM2RX"),
            ("Your install code is K7QP\u{a0}M2RX (valid 14 days).", "in text K7QPM2RX"),
            ("Your\u{a0}install\u{a0}code\u{a0}is\u{a0}K7QP-M2RX\u{a0}(valid).", "in text K7QPM2RX"),
            ("Your install code is K7QP - M2RX.", "in text K7QPM2RX"),
            ("Your install code is K7QP M2RX.", "in text K7QPM2RX"),
            ("Your install code is K7QPM2RX.", "in text K7QPM2RX"),
            ("Your install code is \u{200b}K7QP\u{2060}-\u{feff}M2\u{ad}RX\u{200e}.", "in text K7QPM2RX"),
            ("*K7QP-M2RX* and once more K7QP-M2RX or k7qpm2rx", "in text K7QPM2RX"),
            (
                "From: Acme\r\nSubject: code\r\n\r\nHello Kim,\r\n\r\n    K7QP-M2RX\r\n\r\nBest wishes\r\n",
                "in text K7QPM2RX",
            ),
            ("code=K7QP-M2RX&x=1", "in text K7QPM2RX"),
            ("https://acme.example/claim/K7QP-M2RX?from=mail", "in text K7QPM2RX"),
            // Words of the right form are no match for groups with a digit, and a phone number is none either.
            ("the well-kept code K7QP-M2RX, phone 2345-6789", "in text K7QPM2RX"),
            ("THE PASSWAYS ARE DULY SAFE: K7QP-M2RX", "in text K7QPM2RX"),
            ("a passways and the code is KQPX-MRXT", "in text KQPXMRXT"),
            ("Hello, the passways are down", "nowhere"),
            ("we hope that keys are fun", "nowhere"),
            ("K7QP-M2RX or K7QP-M2RY?", "2 of them"),
            ("K7QP-M2RX-99 or AK7QP-M2RX or K7QP-M2RXA", "nowhere"),
            ("the code is K7QP-\nM2RX", "nowhere"),
            ("code: K7QP-M2R", "nowhere"),
            ("K7QP-M2RX-99", "the install code is too long: 10 characters instead of 8"),
            ("K7QP!", "`!` at position 5 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z"),
            ("", "the install code is empty"),
        ] {
            assert_eq!(found(&format(), text), expected, "{text:?}");
        }
    }

    #[test]
    fn other_formats() {
        let ungrouped = CodeFormat::new("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8, 0).expect("sound");
        assert_eq!(found(&ungrouped, "your password: K7QPM2RX!"), "in text K7QPM2RX");
        assert_eq!(found(&ungrouped, "your password is safe"), "nowhere");
        let grouped = CodeFormat::new("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8, 4).expect("sound");
        assert_eq!(found(&grouped, "code K7QP-M2RX, not your password, PASSWORD or pass-word"), "in text K7QPM2RX");
        let uneven = CodeFormat::new("0123456789", 10, 4).expect("sound");
        assert_eq!(found(&uneven, "Code 1234-5678-90."), "in text 1234567890");
        assert_eq!(found(&uneven, "Code 12-3456-7890."), "nowhere");
    }

    proptest! {
        #[test]
        fn any_text_around_a_code_finds_it(
            code in "[2-9][A-HJKMNP-Z]{7}",
            before in "[a-z]{0,12}([ \n.,:()<>\"äß李…]{1,3}[a-z]{1,12}){0,12}",
            after in "([ \n.,:()<>\"äß李…]{1,3}[a-z]{1,12}){0,12}",
            dash in proptest::sample::select(&["-", "\u{2013}", "\u{2011}", "\u{2212}", " - "][..]),
        ) {
            let code = code.as_str();
            let text = format!("{before} {}{dash}{} {after}", &code[..4], &code[4..]);
            let found = format().find(&text);
            prop_assert!(
                matches!(&found, Ok(Found::Alone(found) | Found::InText(found)) if found.expose() == code),
                "{:?}", text
            );
        }

        #[test]
        fn any_text_is_survived(text in any::<String>(), code in "[2-9A-Z\u{a0}\u{200b} \n-]{0,40}") {
            let _ = format().find(&text);
            let _ = format().find(&code);
            let _ = format().find(&format!("{text}{code}{text}"));
        }
    }
}
