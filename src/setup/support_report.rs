//! The report that an operator saves for support.

use crate::{error::Report, setup::Setup, values::SecretText};

/// What stands where a secret would have stood.
const REDACTED: &str = "[a secret was here]";

/// Shorter texts are no secrets to look for: they would be found everywhere.
const SHORTEST: usize = 4;

/// Secrets in the license service's answer.
const GRANTED: [&str; 2] = ["first_jwt", "appliance_credential"];

impl Setup {
    /// Writes a report for support to the state directory, readable by its owner alone; gives its path.
    ///
    /// Nothing that is reported can hold a secret. The text is searched all the same, for
    /// `secrets` and for what the journal holds, and what is found is blotted out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_report(&self, text: &str, secrets: &[SecretText]) -> Result<String, Report> {
        let world = &self.world;
        let granted = world.journal.load().map(|record| {
            let answers = record.intents.into_iter().filter_map(|intent| intent.answer);
            answers.flat_map(|answer| granted(&answer)).collect::<Vec<_>>()
        });
        // A journal that cannot be read has told nobody its secrets either.
        let text = redacted(text, secrets.iter().chain(&granted.unwrap_or_default()));
        let name = format!("report-{}.txt", world.clock.now().strftime("%Y%m%dT%H%M%SZ"));
        world.host.write_state(&name, &SecretText::new(text), 0)?;
        Ok(world.host.state().join(name).display().to_string())
    }
}

fn granted(answer: &SecretText) -> Vec<SecretText> {
    let answer: serde_json::Value = serde_json::from_str(answer.expose()).unwrap_or_default();
    GRANTED.iter().filter_map(|key| Some(SecretText::new(answer.get(key)?.as_str()?.to_owned()))).collect()
}

fn redacted<'a>(text: &str, secrets: impl Iterator<Item = &'a SecretText>) -> String {
    let mut secrets: Vec<&str> = secrets.map(SecretText::expose).filter(|secret| secret.len() >= SHORTEST).collect();
    // One may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{
        profile::Profile,
        setup::Places,
        values::{ApplianceId, InstallCode},
        world::{Intent, Record},
    };

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what the world has written")]
    fn a_report_is_private_and_holds_no_secret() {
        let root = tempfile::tempdir().expect("a directory");
        let places = Places { root: Some(root.path().to_owned()), ..Places::default() };
        let profile = Profile::built_in();
        let code: InstallCode = profile.license.code.parse("K7QPM2RX").expect("a code");
        let mut intent = Intent::new(
            &code,
            &ApplianceId::derive(None, "here"),
            "https://license.example",
            jiff::Timestamp::UNIX_EPOCH,
        );
        intent.answer = Some(r#"{"first_jwt": "eyJhbGci", "appliance_credential": "abc-def"}"#.into());
        let setup = Setup::new(profile, places, tokio_util::sync::CancellationToken::new()).expect("a world");
        setup.world.journal.store(&Record { intents: vec![intent] }).expect("a journal");
        let told = "code K7QP-M2RX, token eyJhbGci, credential abc-def, all else stays";
        let path = setup.save_report(told, &["K7QP-M2RX".into(), "".into()]).expect("a report");
        let text = std::fs::read_to_string(&path).expect("the report");
        assert_eq!(
            text,
            told.replace("K7QP-M2RX", REDACTED).replace("eyJhbGci", REDACTED).replace("abc-def", REDACTED)
        );
        assert_eq!(std::fs::metadata(&path).expect("the report").permissions().mode() & 0o777, 0o600);
        assert!(path.contains("/var/lib/firstlight/report-2") && path.ends_with("Z.txt"), "{path}");
    }
}
