//! Editions: what a tenant bought.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An edition, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edition {
    /// The paid edition (appliances call it `pro`): it comes with a token and a credential.
    #[default]
    Premium,
    /// The free edition: a tenant, and nothing to check in with.
    Essentials,
}

/// A text that names no edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an edition is `premium` or `essentials`")]
pub struct UnknownEdition;

impl Edition {
    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Premium => "premium",
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
        [Self::Premium, Self::Essentials].into_iter().find(|edition| edition.as_str() == text).ok_or(UnknownEdition)
    }
}
