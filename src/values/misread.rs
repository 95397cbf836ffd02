//! Where a text that may be secret was not understood.

use crate::words::said;

/// That a parser did not understand a text, and where: never what stands there, which may be a secret.
///
/// Parsers quote what they read. An error of theirs is no [`Tellable`](crate::words::Tellable) one, and becomes a cause
/// through this type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misread {
    /// From this place on.
    At {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It ends too early.
    Short,
    /// Somewhere.
    Somewhere,
    /// There is nothing of the kind that was looked for.
    Nothing,
}

said! { Misread:
    Self::At { line, column } => "misread-at" { line: *line, column: *column },
    Self::Short => "misread-short",
    Self::Somewhere => "misread-somewhere",
    Self::Nothing => "misread-nothing",
}

impl Misread {
    fn at(line: usize, column: usize) -> Self {
        if line == 0 { Self::Somewhere } else { Self::At { line, column } }
    }
}

impl From<&serde_json::Error> for Misread {
    fn from(error: &serde_json::Error) -> Self {
        if error.is_eof() { Self::Short } else { Self::at(error.line(), error.column()) }
    }
}

impl From<&serde_saphyr::Error> for Misread {
    fn from(error: &serde_saphyr::Error) -> Self {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let place = error.location();
        place.map_or(Self::Somewhere, |place| Self::at(number(place.line()), number(place.column())))
    }
}

impl From<&rustls::pki_types::pem::Error> for Misread {
    fn from(error: &rustls::pki_types::pem::Error) -> Self {
        match error {
            rustls::pki_types::pem::Error::NoItemsFound => Self::Nothing,
            rustls::pki_types::pem::Error::MissingSectionEnd { .. } => Self::Short,
            _ => Self::Somewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn places() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "it is read, and refused")]
        struct Wire {
            number: u8,
        }
        for (text, json, yaml) in [
            ("{\"number\":\n \"s3cret\"}", Misread::At { line: 2, column: 9 }, Misread::At { line: 2, column: 2 }),
            ("{\"number\": ", Misread::Short, Misread::At { line: 1, column: 1 }),
        ] {
            let error = serde_json::from_str::<Wire>(text).expect_err("refused");
            assert_eq!(Misread::from(&error), json, "{error}");
            let error = serde_saphyr::from_str::<Wire>(text).expect_err("refused");
            assert_eq!(Misread::from(&error), yaml, "{error}");
        }
    }
}
