//! Editions: what a tenant bought.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An edition, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// The paid edition: it comes with a token and a credential. It was called `premium` once, and whoever still says so is
    /// understood.
    #[default]
    #[serde(alias = "premium")]
    Pro,
    /// The free edition: a tenant, and nothing to check in with.
    Essentials,
}

/// A text that names no edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an edition is `pro` or `essentials`")]
pub struct UnknownEdition;

impl Edition {
    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pro => "pro",
            Self::Essentials => "essentials",
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Edition {
    type Err = UnknownEdition;

    fn from_str(text: &str) -> Result<Self, UnknownEdition> {
        match text {
            "pro" | "premium" => Ok(Self::Pro),
            "essentials" => Ok(Self::Essentials),
            _ => Err(UnknownEdition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_name_is_read_and_never_written() {
        for (text, edition) in [("pro", Edition::Pro), ("premium", Edition::Pro), ("essentials", Edition::Essentials)] {
            assert_eq!(text.parse(), Ok(edition));
            assert_eq!(serde_json::from_value::<Edition>(text.into()).unwrap(), edition);
        }
        assert_eq!(serde_json::to_value(Edition::Pro).unwrap(), "pro");
        assert_eq!("ultimate".parse::<Edition>(), Err(UnknownEdition));
    }
}
