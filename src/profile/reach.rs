//! Array `[[reach]]`: what the bootstrap will need from the network.

use std::time::Duration;

use serde_json::json;
use url::Url;

use super::{
    kinds::{line, seconds, statuses, url},
    setting::section,
};
use crate::{
    values::{Line, Statuses, Wanted},
    words::phrase,
};

section! {
    /// Something that the bootstrap will need from the network.
    pub struct Reach {
        /// For people; its address when it is left out.
        pub name: Option<Line> = line("name").optional("the registry"),
        /// Where it is.
        pub url: Url = url("url", "^https?://", |url| matches!(url.scheme(), "http" | "https"), phrase!("profile-ready-url"))
            .needed(phrase!("profile-reach-hint"), "https://registry.example/v2/"),
        /// Which it must answer with, one or several. When it is left out: any.
        pub statuses: Option<Statuses> = statuses("status").optional(json!([200, 401])),
        /// How long it has for its answer.
        pub timeout: Duration = seconds("timeout-seconds").or(10),
    }
}

impl Reach {
    /// What its answer must be like.
    pub fn wanted(&self) -> Wanted {
        Wanted { statuses: self.statuses.clone().unwrap_or(Statuses::Any), ..Wanted::default() }
    }
}
