//! The report that an operator saves for support.

use crate::{error::Report, setup::Setup, values::SecretText};

impl Setup {
    /// Writes a report for support to the state directory, readable by its owner alone; gives its path.
    ///
    /// Nothing that is reported can hold a secret. The text is searched all the same, for `secrets`, for those of every run
    /// so far and for what the journal holds, and what is found is taken out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_report(&self, text: &str, secrets: &[SecretText]) -> Result<String, Report> {
        let world = &self.world;
        for secret in secrets {
            world.redactor.hide(secret);
        }
        // Reading it is enough. A journal that cannot be read has told nobody its secrets either.
        let _record = world.journal.load();
        let text = world.redactor.redacted(text);
        let name = format!("report-{}.txt", world.clock.now().strftime("%Y%m%dT%H%M%SZ"));
        world.host.write_state(&name, &SecretText::new(text), 0)?;
        Ok(world.host.state().join(name).display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{
        profile::Profile,
        setup::Places,
        values::{ApplianceId, InstallCode, REDACTED},
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
