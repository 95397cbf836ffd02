//! Section `[brand]`: how the appliance presents itself.

use serde_json::json;

use super::{
    kinds::{line, text},
    setting::{Visit, section},
};
use crate::{
    values::{Line, Rgb},
    words::{Phrase, english, id, phrase},
};

section! {
    /// How the appliance presents itself.
    pub struct Brand {
        /// The appliance's name.
        pub name: Line = line("name").or("firstlight"),
        /// Where the install code is found, to complete "your install code is in …". Left out, it is said in the
        /// language of the wizard.
        pub code_source: Option<Line> = line("code-source").optional(english(id!("brand-code-source"))),
        /// Whom to ask for help. Left out, it is said in the language of the wizard.
        pub support: Option<Line> = line("support").optional(english(id!("brand-support"))),
        /// The brand's colour, used where text on it can be read.
        pub accent: Option<Rgb> =
            text("accent", json!({"pattern": "^#[0-9A-Fa-f]{6}$"}), str::parse).optional("#0b7285"),
        /// The name drawn in ASCII characters, at most 6 lines of 58; shown on the first page where it fits.
        pub wordmark: Vec<String> = wordmark,
        /// What to do once the appliance is set up, one step a line.
        pub next_steps: Vec<Line> = next_steps,
    }
}

/// A wordmark.
const EXAMPLE: &str = r"
   _   ___ __  __ ___
  /_\ / __|  \/  | __|
 / _ \ (__| |\/| | _|
/_/ \_\___|_|  |_|___|";

/// Drawn in ASCII, because every console has to show it.
fn wordmark(visit: &mut Visit<'_, '_>) -> Option<Vec<String>> {
    let drawn = |text: &str| -> Result<Vec<String>, Phrase> {
        let lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
        let (most, widest) = (6, 58);
        let is_shown = |character: char| character == '\n' || (character.is_ascii() && !character.is_control());
        if lines.len() > most || lines.iter().any(|line| line.len() > widest) {
            Err(phrase!("profile-wordmark-large" { lines: most, columns: widest }))
        } else if !text.chars().all(is_shown) {
            Err(phrase!("profile-wordmark-characters"))
        } else {
            Ok(lines)
        }
    };
    let example = EXAMPLE.trim_start_matches('\n');
    text("wordmark", json!({}), drawn).optional(example)(visit).map(Option::unwrap_or_default)
}

/// One step a line; each that will not do is reported.
fn next_steps(visit: &mut Visit<'_, '_>) -> Option<Vec<Line>> {
    let example = "Open https://appliance.example/ and sign in.\nInvite your colleagues.";
    let given = text("next-steps", json!({}), |text| Ok(text.to_owned())).optional(example)(visit)?;
    let lines = given.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty());
    let parse = |line| Line::parse(line).map_err(|error| visit.wrong("next-steps", error)).ok();
    Some(lines.filter_map(parse).collect())
}
