//! What came with a 200 of a license service: kept as it came, read afterwards, and as well as that is safe.

use std::{fmt, io::Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::{SecretText, plain_text};
use crate::words::said;

/// What came with a 200, byte by byte, with what its headers say of the form. All of it may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
    /// `Content-Type`.
    pub kind: String,
    /// `Content-Encoding`.
    pub coding: String,
    /// Whether that is all.
    pub end: End,
}

/// How a body ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// As the service meant it.
    #[default]
    Whole,
    /// The connection broke, or nothing came any more.
    Broken,
    /// We stopped reading.
    TooLong,
}

/// Why what came cannot be read. Quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It broke off after so many bytes.
    Broken(usize),
    /// It is longer than any answer of a license service.
    TooLong,
    /// Nothing came.
    Empty,
    /// It is packed in a way that this version cannot undo.
    Coding(String),
    /// What it was packed with says that it is damaged.
    Damaged,
    /// Letters in an encoding that this version does not know.
    Charset(String),
    /// It does not begin as a JSON object does.
    NoJson,
    /// It begins as one, and is none.
    BadJson,
}

impl Unreadable {
    /// Whether it is this version alone that cannot read it.
    #[must_use]
    pub const fn may_be_read_later(&self) -> bool {
        matches!(self, Self::Coding(_) | Self::Charset(_))
    }
}

said! { Unreadable:
    Self::Broken(bytes) => "license-answer-cut" { bytes },
    Self::TooLong => "license-answer-long",
    Self::Empty => "license-answer-empty",
    Self::Coding(name) => "license-answer-coding" { name },
    Self::Damaged => "license-answer-damaged",
    Self::Charset(name) => "license-answer-charset" { name },
    Self::NoJson => "license-answer-no-json",
    Self::BadJson => "license-answer-broken",
}

impl Received {
    /// No answer of a license service is longer, packed or not (contract).
    pub const MOST_BYTES: usize = 1 << 20;

    /// The JSON object that came, as text. A mark before it, letters in another encoding and compression that nobody
    /// asked for are undone: they change nothing of what was granted.
    ///
    /// An object whose last brace has come is whole, whatever became of the connection: what is cut off one is none.
    ///
    /// # Errors
    /// When there is no such object in it.
    pub fn object(&self) -> Result<SecretText, Unreadable> {
        self.whole_object().map_err(|why| match self.end {
            End::Whole => why,
            End::Broken => Unreadable::Broken(self.body.len()),
            End::TooLong => Unreadable::TooLong,
        })
    }

    fn whole_object(&self) -> Result<SecretText, Unreadable> {
        let text = self.text(&self.unpacked()?)?;
        let object = text.expose().trim_matches(|blank: char| blank.is_whitespace() || blank == '\0');
        if object.is_empty() {
            return Err(Unreadable::Empty);
        }
        if !object.starts_with('{') {
            return Err(Unreadable::NoJson);
        }
        // Values may be secret, and are not copied to see that they are there.
        serde_json::from_str::<IgnoredAny>(object).map_err(|_quotes_values| Unreadable::BadJson)?;
        Ok(object.into())
    }

    fn unpacked(&self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let body = self.body.as_slice();
        match self.coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => bounded(MultiGzDecoder::new(body)),
            // With the frame of RFC 1950 as the name says, or without it as some servers send it.
            "deflate" => bounded(ZlibDecoder::new(body)).or_else(|_frameless| bounded(DeflateDecoder::new(body))),
            "" | "identity" if body.starts_with(&[0x1f, 0x8b]) => bounded(MultiGzDecoder::new(body)),
            "" | "identity" => Ok(self.body.clone()),
            other => Err(Unreadable::Coding(plain_text(other, 40))),
        }
    }

    /// The letters. JSON is UTF-8 (RFC 8259); what else is met in the field can be told from it by its first bytes, or is
    /// one byte a letter, where only names of people and companies can be misspelt.
    fn text(&self, bytes: &[u8]) -> Result<SecretText, Unreadable> {
        let wide = |of: fn([u8; 2]) -> u16, bytes: &[u8]| {
            let units: Zeroizing<Vec<u16>> =
                Zeroizing::new(bytes.chunks_exact(2).map(|two| of([two[0], two[1]])).collect());
            String::from_utf16(&units)
                .map(SecretText::new)
                .map_err(|_unpaired| Unreadable::Charset("UTF-16".to_owned()))
        };
        match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => self.narrow(rest),
            [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
            [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
            [b'{', 0, ..] => wide(u16::from_le_bytes, bytes),
            [0, b'{', ..] => wide(u16::from_be_bytes, bytes),
            _ => self.narrow(bytes),
        }
    }

    fn narrow(&self, bytes: &[u8]) -> Result<SecretText, Unreadable> {
        const ONE_BYTE_EACH: [&str; 7] =
            ["", "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252"];
        if let Ok(text) = str::from_utf8(bytes) {
            return Ok(text.into());
        }
        let kind = self.kind.to_ascii_lowercase();
        let named = kind.split(';').find_map(|part| part.trim().strip_prefix("charset="));
        let named = named.unwrap_or_default().trim_matches('"');
        if !ONE_BYTE_EACH.contains(&named) {
            return Err(Unreadable::Charset(plain_text(named, 40)));
        }
        Ok(SecretText::new(bytes.iter().copied().map(char::from).collect()))
    }
}

/// What a decoder gives, unless it is more than an answer can be.
fn bounded(decoder: impl Read) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = Received::MOST_BYTES as u64 + 1;
    decoder.take(limit).read_to_end(&mut bytes).map_err(|_damaged| Unreadable::Damaged)?;
    if bytes.len() > Received::MOST_BYTES { Err(Unreadable::TooLong) } else { Ok(bytes) }
}

/// As if it had come whole and in the usual form.
impl From<&str> for Received {
    fn from(body: &str) -> Self {
        Self { body: Zeroizing::new(body.as_bytes().to_vec()), ..Self::default() }
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("bytes", &self.body.len()).field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;

    use super::*;

    const OBJECT: &str = r#"{"company_name": "Müller"}"#;

    fn received(body: Vec<u8>, kind: &str, coding: &str) -> Received {
        Received { body: Zeroizing::new(body), kind: kind.to_owned(), coding: coding.to_owned(), end: End::Whole }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    /// As HTTP libraries, proxies and hand-made servers send it.
    #[test]
    fn forms_in_which_a_grant_comes() {
        let json = "application/json";
        let wide = |of: fn(u16) -> [u8; 2], mark: &[u8]| {
            [mark.to_vec(), OBJECT.encode_utf16().flat_map(of).collect()].concat()
        };
        let latin: Vec<u8> = OBJECT.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1")).collect();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(OBJECT.as_bytes()).and_then(|()| raw.write_all(OBJECT.as_bytes())).expect("in memory");
        let (zlib, raw) = (zlib.finish().expect("in memory"), raw.finish().expect("in memory"));
        let padded = [OBJECT.as_bytes(), &vec![b' '; 300 * 1024]].concat();
        for (name, body, kind, coding) in [
            ("as it should be", OBJECT.into(), json, ""),
            ("with a charset", OBJECT.into(), "application/json; charset=\"UTF-8\"", "identity"),
            ("a mark", [&[0xef, 0xbb, 0xbf], OBJECT.as_bytes()].concat(), json, ""),
            ("gzip", gzip(OBJECT.as_bytes()), json, "gzip"),
            ("gzip that is not told", gzip(OBJECT.as_bytes()), json, ""),
            ("gzip in capitals", gzip(OBJECT.as_bytes()), json, " X-GZIP"),
            ("gzip of Latin-1", gzip(&latin), json, "gzip"),
            ("deflate", zlib, json, "deflate"),
            ("deflate without a frame", raw, json, "deflate"),
            ("Latin-1", latin.clone(), "application/json;charset=ISO-8859-1", ""),
            ("Latin-1 that is not told", latin.clone(), json, ""),
            ("Latin-1 that is told as UTF-8", latin, "application/json; charset=utf-8", ""),
            ("UTF-16, little end", wide(u16::to_le_bytes, &[0xff, 0xfe]), "application/json; charset=utf-16", ""),
            ("UTF-16, big end", wide(u16::to_be_bytes, &[0xfe, 0xff]), json, ""),
            ("UTF-16 without a mark", wide(u16::to_le_bytes, &[]), "application/json; charset=utf-16le", ""),
            ("much room behind", padded, json, ""),
            ("another type", format!("\r\n{OBJECT}\0").into(), "text/plain", ""),
        ] {
            let object = received(body, kind, coding).object();
            assert_eq!(object.as_ref().map(SecretText::expose), Ok(OBJECT), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let json = "application/json";
        let bomb = gzip(&vec![b' '; 64 << 20]);
        for (body, kind, coding, why) in [
            (vec![], json, "", Unreadable::Empty),
            (b" \n".to_vec(), json, "", Unreadable::Empty),
            (b"<html>".to_vec(), "text/html", "", Unreadable::NoJson),
            (b"[]".to_vec(), json, "", Unreadable::NoJson),
            (b"{\"a\": ".to_vec(), json, "", Unreadable::BadJson),
            (b"{}<!-- seen -->".to_vec(), json, "", Unreadable::BadJson),
            (OBJECT.into(), json, "br", Unreadable::Coding("br".to_owned())),
            (OBJECT.into(), json, "gzip, br", Unreadable::Coding("gzip, br".to_owned())),
            (OBJECT.into(), json, "gzip", Unreadable::Damaged),
            (gzip(OBJECT.as_bytes())[..12].to_vec(), json, "gzip", Unreadable::Damaged),
            (bomb, json, "gzip", Unreadable::TooLong),
            (b"{\x81".to_vec(), "application/json; charset=shift_jis", "", Unreadable::Charset("shift_jis".to_owned())),
            (vec![0xff, 0xfe, 0, 0xd8], json, "", Unreadable::Charset("UTF-16".to_owned())),
        ] {
            assert_eq!(received(body, kind, coding).object(), Err(why));
        }
    }

    /// Wherever it is cut, it is no object; and after its last brace nothing is missing.
    #[test]
    fn a_connection_that_breaks() {
        for (end, told) in [(End::Broken, None), (End::TooLong, Some(Unreadable::TooLong))] {
            for length in 0..OBJECT.len() {
                let cut = Received { end, ..received(OBJECT.as_bytes()[..length].to_vec(), "", "") };
                assert_eq!(cut.object(), Err(told.clone().unwrap_or(Unreadable::Broken(length))));
            }
            let whole = Received { end, ..Received::from(OBJECT) };
            assert_eq!(whole.object(), Ok(OBJECT.into()));
        }
        let packed = gzip(OBJECT.as_bytes());
        let cut = Received { end: End::Broken, ..received(packed[..packed.len() - 9].to_vec(), "", "gzip") };
        assert_eq!(cut.object(), Err(Unreadable::Broken(packed.len() - 9)));
    }

    proptest! {
        #[test]
        fn reading_never_panics(body in any::<Vec<u8>>(), kind in any::<String>(), packed in any::<bool>()) {
            let _ = received(body, &kind, if packed { "deflate" } else { "" }).object();
        }
    }
}
