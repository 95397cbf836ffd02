//! What cloud-init's `NoCloud` has for a machine (its `user-data`), as far as it is for us: answers, in one of two forms.

use serde::Deserialize;

use super::{Misread, SecretText};
use crate::words::{Phrase, Say, phrase};

/// The first line of one that is an answers file, and nothing else.
const HEADER: &str = "#firstlight";
/// The first line of one that is cloud-init's own.
const CLOUD_CONFIG: &str = "#cloud-config";
/// The key in that whose text is an answers file. cloud-init itself warns of a key that it does not know, and goes on.
const KEY: &str = "firstlight:";

#[derive(Deserialize)]
struct CloudConfig {
    firstlight: Option<SecretText>,
}

/// The answers file in a `user-data`; `None` where there is nothing for us in it.
///
/// # Errors
/// Why it cannot be read, where there is something for us in it.
pub fn answers_of_user_data(text: &SecretText) -> Option<Result<SecretText, Phrase>> {
    let text = without_mark(text.expose());
    match text.lines().next()?.trim_end() {
        // The line is a comment in TOML too, so that places are those of the file.
        HEADER => Some(Ok(text.into())),
        CLOUD_CONFIG if text.lines().any(|line| line.starts_with(KEY)) => Some(
            serde_saphyr::from_str::<CloudConfig>(text)
                .map_err(|error| phrase!("user-data-misread" { why: Misread::from(&error).phrase() }))
                .and_then(|config| config.firstlight.ok_or_else(|| phrase!("user-data-empty"))),
        ),
        _ => None,
    }
}

/// The same `user-data` of cloud-init's own with what is for us taken out; what is for others stays, letter by letter. `None` for
/// one that is ours alone.
pub fn user_data_without_answers(text: &SecretText, note: &str) -> Option<SecretText> {
    if without_mark(text.expose()).lines().next()?.trim_end() != CLOUD_CONFIG {
        return None;
    }
    let mut ours = false;
    let mut kept = String::new();
    for line in text.expose().split_inclusive('\n') {
        // What belongs to a key is further in, or has nothing in it.
        let begins = !line.starts_with([' ', '\t']) && !line.trim().is_empty();
        let was_ours = ours;
        ours = if begins { without_mark(line).starts_with(KEY) } else { ours };
        if ours && !was_ours {
            kept.extend(["# ", note, "\n"]);
        }
        if !ours {
            kept.push_str(line);
        }
    }
    Some(SecretText::new(kept))
}

/// Without the mark that some editors put before the first line (U+FEFF).
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_for_us() {
        let nothing: Option<Result<&str, &str>> = None;
        let ours = "[administrator]\nfirst-name = \"Kim\"\n";
        let table = [
            ("", nothing),
            ("#!/bin/sh\necho firstlight:\n", nothing),
            ("#cloud-config\nhostname: a\n", nothing),
            ("#cloud-config\nhostname: [\n", nothing),
            ("#cloud-config\nhostname: a\n# firstlight: b\n  firstlight: c\n", nothing),
            ("#firstlight\ninstall-code = \"A\"\n", Some(Ok("#firstlight\ninstall-code = \"A\"\n"))),
            ("\u{feff}#firstlight\r\na = 1\n", Some(Ok("#firstlight\r\na = 1\n"))),
            ("#firstlights\na = 1\n", nothing),
            (
                "#cloud-config\nhostname: a\nfirstlight: |\n  [administrator]\n  first-name = \"Kim\"\nusers: []\n",
                Some(Ok(ours)),
            ),
            ("#cloud-config\nfirstlight:\n  install-code: A\n", Some(Err("user-data-misread"))),
            ("#cloud-config\nfirstlight: |\n  a = 1\nbroken: [\n", Some(Err("user-data-misread"))),
            ("#cloud-config\nfirstlight:\nusers: []\n", Some(Err("user-data-empty"))),
        ];
        for (text, expected) in table {
            let found = answers_of_user_data(&text.into());
            let found = found.as_ref().map(|found| found.as_ref().map(SecretText::expose).map_err(Phrase::to_string));
            match (found, expected) {
                (Some(Err(why)), Some(Err("user-data-empty"))) => assert!(why.contains("nothing"), "{why}"),
                (Some(Err(why)), Some(Err(_))) => assert!(!why.contains("Kim"), "{why}"),
                (found, expected) => assert_eq!(found.map(Result::ok), expected.map(Result::ok), "{text}"),
            }
        }
    }

    #[test]
    fn what_is_taken_out_takes_nothing_else_along() {
        for (text, left) in [
            ("#cloud-config\na: 1\nfirstlight: |\n  b = 2\n\n  c = 3\nd: 4\n", "#cloud-config\na: 1\n# gone\nd: 4\n"),
            ("#cloud-config\nfirstlight: |\n  b = 2", "#cloud-config\n# gone\n"),
            ("#cloud-config\na:\n  firstlight: 1\n", "#cloud-config\na:\n  firstlight: 1\n"),
        ] {
            assert_eq!(user_data_without_answers(&text.into(), "gone").expect("cloud-init's").expose(), left);
        }
    }

    #[test]
    fn of_one_that_is_ours_alone_nothing_is_left_to_others() {
        assert_eq!(user_data_without_answers(&"#firstlight\na = 1\n".into(), "gone"), None);
    }

    proptest! {
        /// Whatever an answers file has in it comes out again, and is gone when it is taken out.
        #[test]
        fn a_block_comes_out_as_it_was(lines in prop::collection::vec("[^\\p{C}\\p{Z}][^\\p{C}\u{2028}\u{2029}]{0,20}", 1..6)) {
            let ours: String = lines.join("\n") + "\n";
            let block = format!("    {}\n", lines.join("\n    "));
            let text = SecretText::new(format!("#cloud-config\na: 1\nfirstlight: |\n{block}b: 2\n"));
            let found = answers_of_user_data(&text).expect("there is something").expect("it can be read");
            prop_assert_eq!(found.expose(), ours);
            let left = user_data_without_answers(&text, "gone").expect("cloud-init's");
            prop_assert_eq!(left.expose(), "#cloud-config\na: 1\n# gone\nb: 2\n");
        }
    }
}
