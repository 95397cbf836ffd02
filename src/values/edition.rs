//! The edition a tenant has bought.

use std::str::FromStr;

use crate::words::said;

/// What the license service granted, and what `INSTALL_EDITION` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// The free edition: no license token, no credential, no check-in.
    Essentials,
    /// The paid edition; `premium` is its old name.
    Pro,
}

/// An edition this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEdition(String);

said! { UnknownEdition: Self(edition) => "edition-unknown" { edition } }

impl Edition {
    /// The value of `INSTALL_EDITION`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Essentials => "essentials",
            Self::Pro => "pro",
        }
    }
}

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(text: &str) -> Result<Self, UnknownEdition> {
        match text {
            "essentials" => Ok(Self::Essentials),
            "premium" | "pro" => Ok(Self::Pro),
            other => Err(UnknownEdition(super::plain_text(other, 40))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premium_means_pro_and_the_unknown_is_named() {
        assert_eq!("premium".parse(), Ok(Edition::Pro));
        assert_eq!("essentials".parse(), Ok(Edition::Essentials));
        let error = "gold\u{1b}".parse::<Edition>().expect_err("unknown");
        assert_eq!(error.to_string(), "the edition `gold` is not known to this version of firstlight");
    }
}
