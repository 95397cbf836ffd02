//! The formats of values that are made once for an appliance, and what is made in them.

use std::{fmt, mem};

use url::Url;
use uuid::Builder;
use zeroize::Zeroizing;

use super::{
    SecretText,
    encoding::{Encoding, Random, hex},
    pki::Material,
    plain_text,
};
use crate::words::{Phrase, phrase};

/// What a value looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFormat {
    /// So many random bytes, or characters.
    Random(Encoding, usize),
    /// A random UUID (RFC 9562, version 4), in lower case.
    Uuid,
    /// An address with random parts, such as a database's with its password.
    Url(Template),
    /// A part of the appliance's own authority; a profile has sections of their own for these.
    Pki(Material),
}

/// An address in which some parts stand for values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A value of its own.
    Made(Encoding, usize),
    /// Another value, by its id.
    Named(String),
}

impl ValueFormat {
    /// Reads `base64:N`, `base64url:N`, `hex:N`, `password:N`, `uuid` or `url(TEMPLATE)`.
    ///
    /// # Errors
    /// What it should be.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        if let Some(template) = text.strip_prefix("url(").and_then(|rest| rest.strip_suffix(')')) {
            return Template::parse(template).map(Self::Url);
        }
        if text == "uuid" {
            return Ok(Self::Uuid);
        }
        let (encoding, length) = Encoding::parse(text).ok_or_else(|| phrase!("value-format"))?;
        Ok(Self::Random(encoding, length))
    }

    /// The ids of the other values that it is made of.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let parts = if let Self::Url(Template(parts)) = self { parts.as_slice() } else { &[] };
        let parts = parts.iter().filter_map(|part| if let Part::Named(id) = part { Some(id.as_str()) } else { None });
        let of_material = self.material().into_iter().flat_map(Material::named);
        parts.map(|id| -> &str { id }).chain(of_material.map(|id| -> &str { id }))
    }

    /// How many others may have to be made before it, one after the other.
    pub const fn depth(&self) -> u8 {
        match self {
            Self::Random(..) | Self::Uuid => 0,
            Self::Url(_) => 1,
            Self::Pki(material) => material.depth(),
        }
    }

    /// The part of an authority that it is, if it is one.
    pub const fn material(&self) -> Option<&Material> {
        if let Self::Pki(material) = self { Some(material) } else { None }
    }

    /// Makes a new value; `other` gives those that it is made of. `None` when one of them is not known, and of what an
    /// authority has.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn make<'o, E>(
        &self,
        random: Random<'_, E>,
        other: impl Fn(&str) -> Option<&'o SecretText>,
    ) -> Result<Option<SecretText>, E> {
        let Template(parts) = match self {
            Self::Random(encoding, length) => return encoding.make(*length, random).map(Some),
            Self::Uuid => {
                let mut bytes = [0; 16];
                random(&mut bytes)?;
                return Ok(Some(SecretText::new(Builder::from_random_bytes(bytes).into_uuid().to_string())));
            }
            Self::Url(template) => template,
            Self::Pki(_) => return Ok(None),
        };
        let mut made = Zeroizing::new(String::new());
        for part in parts {
            match part {
                Part::Text(text) => made.push_str(text),
                Part::Made(encoding, length) => encoded(&mut made, encoding.make(*length, random)?.expose()),
                Part::Named(id) => match other(id) {
                    Some(value) => encoded(&mut made, value.expose()),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(SecretText::new(mem::take(&mut made))))
    }

    /// What stands in a value for the other one of this id, if the value is made as this says.
    pub fn part(&self, value: &SecretText, id: &str) -> Option<SecretText> {
        let Self::Url(template) = self else { return None };
        let is_named = |(part, _): &(&Part, &str)| matches!(part, Part::Named(named) if named == id);
        decoded(template.parts(value)?.into_iter().find(is_named)?.1)
    }

    /// Whether nobody can have chosen it.
    pub const fn is_random(&self) -> bool {
        matches!(
            self,
            Self::Uuid | Self::Pki(_) | Self::Random(Encoding::Base64 | Encoding::Base64Url | Encoding::Hex, _)
        )
    }

    /// What of a value nobody may see: of an address the parts that were made, as they are and as they stand there.
    pub fn secrets(&self, value: &SecretText) -> Vec<SecretText> {
        let template = match self {
            Self::Url(template) => template,
            Self::Pki(material) if !material.is_secret() => return Vec::new(),
            // Who quotes it may have one of its lines.
            Self::Pki(_) => {
                let lines = value.expose().lines().map(str::trim);
                return lines.filter(|line| !line.starts_with("-----")).map(SecretText::from).collect();
            }
            _ => return vec![value.clone()],
        };
        let Some(parts) = template.parts(value) else { return vec![value.clone()] };
        parts.into_iter().flat_map(|(_, text)| [Some(SecretText::from(text)), decoded(text)]).flatten().collect()
    }

    /// Whether a value that is there already can be what is wanted.
    pub fn is(&self, value: &SecretText) -> bool {
        let text = value.expose();
        // A line's end comes from a file; the other from a value that is no text.
        let is_line = !text.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
        match self {
            Self::Random(encoding, length) => is_line && encoding.is(*length, text),
            Self::Uuid => text.parse::<uuid::Uuid>().is_ok(),
            Self::Url(_) => is_line && Url::parse(text).is_ok(),
            Self::Pki(material) => material.is(value),
        }
    }
}

impl Template {
    /// What stands in a value for each part that is no text; `None` if it is not made as this says.
    fn parts<'v>(&self, value: &'v SecretText) -> Option<Vec<(&Part, &'v str)>> {
        let (mut rest, mut found) = (value.expose(), Vec::new());
        let mut parts = self.0.iter().peekable();
        while let Some(part) = parts.next() {
            if let Part::Text(text) = part {
                rest = rest.strip_prefix(text.as_str())?;
                continue;
            }
            // It ends where the text behind it begins, with a character that no encoded value has in it.
            let end = match parts.peek() {
                Some(Part::Text(text)) if !text.is_empty() => rest.find(text.as_str())?,
                _ => rest.len(),
            };
            found.push((part, &rest[..end]));
            rest = &rest[end..];
        }
        rest.is_empty().then_some(found)
    }

    /// Whether every part can be told from what is behind it.
    fn is_told_apart(&self) -> bool {
        let is_delimiter = |text: &str| text.starts_with(|c: char| !is_unreserved(c) && c != '%');
        let pairs = self.0.iter().zip(self.0.iter().skip(1)).enumerate();
        let last = self.0.len() - 2;
        pairs.into_iter().all(|(at, pair)| match pair {
            (Part::Made(..) | Part::Named(_), Part::Text(behind)) => {
                is_delimiter(behind) || (at == last && behind.is_empty())
            }
            _ => true,
        })
    }

    fn parse(text: &str) -> Result<Self, Phrase> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, (inner, behind))) =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            parts.push(Part::Text(before.to_owned()));
            parts.push(match Encoding::parse(inner) {
                Some((encoding, length)) => Part::Made(encoding, length),
                None if is_id(inner) => Part::Named(inner.to_owned()),
                None => return Err(phrase!("value-format-part" { part: format!("{{{}}}", plain_text(inner, 60)) })),
            });
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        let sample: String = parts.iter().map(|part| if let Part::Text(text) = part { text } else { "x" }).collect();
        match Url::parse(&sample) {
            Ok(_) if parts.len() > 1 && !rest.contains(['{', '}']) => {
                let template = Self(parts);
                if template.is_told_apart() { Ok(template) } else { Err(phrase!("value-format-apart")) }
            }
            _ => Err(phrase!("value-format-url" { example: "url(postgresql://app:{hex:24}@db:5432/app)" })),
        }
    }
}

/// As the settings of a profile write it.
impl fmt::Display for ValueFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(encoding, length) => write!(f, "{encoding}:{length}"),
            Self::Uuid => f.write_str("uuid"),
            Self::Url(_) => f.write_str("url(…)"),
            Self::Pki(material) => material.fmt(f),
        }
    }
}

/// Whether a text is an id: lower-case letters and digits, and hyphens within.
pub fn is_id(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63 && text.split('-').all(|word| !word.is_empty() && word.chars().all(inner))
}

/// Appends a value as a part of an address (RFC 3986, section 2.3: all but unreserved characters are encoded).
fn encoded(to: &mut String, value: &str) {
    for byte in value.bytes() {
        let character = char::from(byte);
        if is_unreserved(character) {
            to.push(character);
        } else {
            to.push('%');
            to.push_str(&hex(&[byte]).to_uppercase());
        }
    }
}

const fn is_unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_' | '~')
}

/// The value that was appended.
fn decoded(text: &str) -> Option<SecretText> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            u8::try_from(digit()? << 4 | digit()?).ok()?
        } else {
            byte
        });
    }
    Some(str::from_utf8(&bytes).ok()?.into())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// Bytes that count up from `first`.
    fn counting(first: u8) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
        let mut next = first;
        move |bytes| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        }
    }

    fn made(format: &str) -> String {
        let format = ValueFormat::parse(format).expect("a format");
        let password = SecretText::from("p@ss/w:rd");
        let other = |id: &str| (id == "db-password").then_some(&password);
        let Ok(made) = format.make(&mut counting(0), other);
        let made = made.expect("all parts are known");
        assert!(format.is(&made), "{format}: {}", made.expose());
        made.expose().to_owned()
    }

    #[test]
    fn each_format() {
        let eight = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        for (format, expected) in [
            ("base64:32", format!("{eight}=")),
            ("base64url:32", eight.to_owned()),
            ("hex:16", "000102030405060708090a0b0c0d0e0f".to_owned()),
            ("password:24", "23456789ABCDEFGHJKLMNPQR".to_owned()),
            ("uuid", "00010203-0405-4607-8809-0a0b0c0d0e0f".to_owned()),
            (
                "url(postgresql://app:{hex:16}@db/app)",
                "postgresql://app:000102030405060708090a0b0c0d0e0f@db/app".to_owned(),
            ),
            ("url(redis://:{db-password}@db:6379/0)", "redis://:p%40ss%2Fw%3Ard@db:6379/0".to_owned()),
        ] {
            assert_eq!(made(format), expected, "{format}");
        }
        let unknown = ValueFormat::parse("url(http://{nobody}/)").expect("a format");
        assert_eq!(unknown.named().collect::<Vec<_>>(), ["nobody"]);
        assert_eq!(unknown.make(&mut counting(0), |_| None), Ok(None));
    }

    #[test]
    fn a_part_of_an_address() {
        let format = |text| ValueFormat::parse(text).expect("a format");
        let database = "url(postgresql://app:{db-password}@db:5432/{hex:16}?sslmode=require)";
        for (text, value, part) in [
            (database, "postgresql://app:p%40ss%2Fw%3Ard@db:5432/00ff?sslmode=require", Some("p@ss/w:rd")),
            (database, "postgresql://app:p%4@db:5432/00ff?sslmode=require", None),
            (database, "postgresql://other:secret@db:5432/00ff?sslmode=require", None),
            (database, "postgresql://app:secret@db:5432/00ff", None),
            ("url(redis://db/{db-password})", "redis://db/secret", Some("secret")),
            ("url(redis://db/{another})", "redis://db/secret", None),
            ("hex:16", "000102030405060708090a0b0c0d0e0f", None),
        ] {
            assert_eq!(format(text).part(&value.into(), "db-password"), part.map(SecretText::from), "{text} {value}");
        }
    }

    #[test]
    fn what_is_no_format() {
        for text in [
            "",
            "hex",
            "hex:",
            "hex:8",
            "hex:+32",
            "hex:99999",
            "base32:32",
            "UUID",
            "url()",
            "url(no address)",
            "url(http://fixed/)",
            "url(http://a/{one}{two})",
            "url(http://a/{one}-{two})",
            "url(http://a/{hex:16}x)",
            "url(http://{hex:4}/)",
            "url(http://{A}/)",
            "url(http://a:{hex:16}@b/{)",
            "url(http://}{hex:16}/",
        ] {
            ValueFormat::parse(text).expect_err(text);
        }
    }

    #[test]
    fn what_is_there_in_the_right_form() {
        for (format, value, expected) in [
            ("base64:32", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true),
            ("base64:32", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", false),
            ("base64:32", "c2hvcnQ=", false),
            ("base64url:32", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true),
            ("hex:16", "000102030405060708090A0B0C0D0E0F", true),
            ("hex:16", "000102030405060708090a0b0c0d0e0g", false),
            ("password:24", "chosen by somebody", true),
            ("uuid", "7D3F2B60-95A1-4B8E-9D12-3C1F0A4E5B66", true),
            ("uuid", "none", false),
            ("url(postgres://{hex:16}@db/)", "postgres://old@db/", true),
            ("url(postgres://{hex:16}@db/)", "old", false),
        ] {
            let format = ValueFormat::parse(format).expect("a format");
            assert_eq!(format.is(&value.into()), expected, "{format} {value}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_made_is_in_its_format(first: u8, length in 16_usize..200, which in 0_usize..4) {
            let (_, encoding) = super::super::encoding::ENCODINGS[which];
            let format = ValueFormat::Random(encoding, length);
            let Ok(made) = format.make(&mut counting(first), |_| None);
            prop_assert!(format.is(&made.expect("no other value")));
            prop_assert_eq!(ValueFormat::parse(&format.to_string()), Ok(format));
        }
    }
}
