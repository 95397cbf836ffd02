//! What a step can find out about the appliance, for people and for programs.

use serde::{Deserialize, Serialize};

use super::Authority;
use crate::words::{Phrase, phrase};

/// Something about the appliance that is worth knowing besides that it is set up. In JSON its sort is its `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Fact {
    /// An authority that browsers do not know signs for an address of the appliance. Told once for each authority.
    Authority {
        /// The first address that it was seen to sign for.
        url: String,
        /// Its name and its fingerprint.
        #[serde(flatten)]
        authority: Authority,
    },
    /// To whom the install code was sent, as the license service has it.
    Registered {
        /// Most often an e-mail address, made safe to show.
        contact: String,
    },
}

impl Fact {
    /// Whether nothing is new in it to those who know `other`: it does not matter what else an authority signs for.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Authority { authority, .. }, Self::Authority { authority: other, .. }) => authority == other,
            _ => self == other,
        }
    }

    /// The fact in one line.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Authority { url, authority } => {
                // In groups, so that no line of a narrow log begins within one.
                let fingerprint = authority.sha256.groups(8).join(" ");
                phrase!("line-authority" { url, authority: &authority.name, fingerprint })
            }
            Self::Registered { contact } => phrase!("line-registered" { contact }),
        }
    }
}
