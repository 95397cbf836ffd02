//! The stable ids of steps and of their checks: typed, so that neither is taken for the other, and owned, so that a
//! recording can be read back.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::words::Phrase;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(Cow<'static, str>);

            impl $name {
                /// The id with this text.
                pub const fn new(text: &'static str) -> Self {
                    Self(Cow::Borrowed(text))
                }
            }

            impl From<&'static str> for $name {
                fn from(text: &'static str) -> Self {
                    Self::new(text)
                }
            }

            impl From<$name> for Phrase {
                fn from(id: $name) -> Self {
                    id.0.into_owned().into()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    // With its padding, because a check's id is a column.
                    f.pad(&self.0)
                }
            }
        )*
    };
}

ids! {
    /// The stable id of a step; scripts rely on it.
    StepId
    /// The stable id of one check of a step.
    CheckId
}
