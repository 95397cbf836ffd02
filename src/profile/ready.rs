//! Array `[[ready]]`: what answers once the appliance is up.

use std::time::Duration;

use url::Url;

use super::{
    kinds::{line, seconds, url},
    setting::{Form, section},
};
use crate::{
    values::Line,
    words::{Phrase, phrase},
};

section! {
    /// Something that answers once the appliance is up.
    pub struct Probe {
        /// For people; called the appliance when it is left out.
        pub name: Option<Line> = line("name").optional("console"),
        /// How long it may take until it answers.
        pub timeout: Duration = seconds("timeout-seconds").or(300),
        /// Must answer with a status below 400.
        pub url: Url = web().needed(phrase!("profile-ready-hint"), "https://127.0.0.1/health"),
    }
}

fn web() -> Form<Url> {
    url("url", "^https?://", |url| matches!(url.scheme(), "http" | "https"), phrase!("profile-ready-url"))
}

impl Probe {
    /// What answers there, for people.
    #[must_use]
    pub fn name(&self) -> Phrase {
        self.name.as_ref().map_or_else(|| phrase!("ready-appliance"), |name| name.as_str().into())
    }
}
