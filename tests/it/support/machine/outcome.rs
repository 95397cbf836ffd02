//! What a run left behind, looked up in the cluster and at the license service.

use std::{collections::BTreeMap, fs};

use super::{Machine, PASSWORD};

impl Machine {
    /// How many codes reached the real license service.
    pub(crate) fn sent(&self) -> u64 {
        self.service.store().register_requests()
    }

    /// Nothing is in the cluster that was not there before, and the code is as good as new.
    pub(crate) async fn assert_untouched(&self) {
        self.assert_no_secrets().await;
        assert!(!self.namespace.exists().await, "the namespace was created");
        self.assert_unspent();
    }

    /// The code was not sent.
    pub(crate) fn assert_unspent(&self) {
        assert_eq!(self.sent(), 0, "the code was sent");
    }

    /// Neither Secret was written.
    pub(crate) async fn assert_no_secrets(&self) {
        for name in ["appliance-initial-tenant", "appliance-license-seed"] {
            assert!(self.namespace.secret(name).await.is_none(), "{name} was written");
        }
    }

    /// The fault is gone: a run finishes, with this machine's code and tenant.
    pub(crate) async fn assert_finishes(&self) {
        self.run().await.done();
        self.assert_installed().await;
    }

    /// Both Secrets are exactly what the contract says, from one claim, and beside the journal nothing is left.
    pub(crate) async fn assert_installed(&self) {
        self.assert_installed_by(1).await;
    }

    /// The same from so many claims, where one code took the place of another.
    pub(crate) async fn assert_installed_by(&self, claims: u64) {
        assert_eq!(self.service.store().claims().expect("the database answers"), claims, "claims");
        self.assert_secrets().await;
        let mut left: Vec<String> = fs::read_dir(self.state())
            .expect("the state directory")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.retain(|name| name != "helm");
        left.sort();
        assert_eq!(left, ["journal.json", "lock"], "nothing else is left");
    }

    /// Both Secrets are exactly what the contract says.
    pub(crate) async fn assert_secrets(&self) {
        let mut tenant = self.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
        let hash = tenant.remove("INITIAL_ADMIN_PASSWORD_HASH").expect("a password");
        assert!(hash.starts_with("$argon2id$") && verifies(&hash), "{hash}");
        let tenant_id = self.minted.tenant_id.to_string();
        let texts = [
            ("INITIAL_TENANT_ID", tenant_id.as_str()),
            ("INITIAL_TENANT_NAME", "Acme Managed Services"),
            ("INITIAL_ADMIN_FIRST_NAME", "Kim"),
            ("INITIAL_ADMIN_LAST_NAME", "Admin"),
            ("INITIAL_ADMIN_EMAIL", "kim@acme.example"),
        ];
        assert_eq!(tenant, owned(&texts));
        let mut license = self.namespace.secret("appliance-license-seed").await.expect("the license's Secret");
        let appliance = self.appliance_id();
        if self.minted.edition == license_service::Edition::Pro {
            let token = license.remove("LICENSE_TOKEN").expect("a token");
            assert_eq!(audience(&token), tenant_id);
            assert!(license.remove("APPLIANCE_CREDENTIAL").is_some_and(|credential| credential.len() > 20));
            let url = license.remove("CHECK_IN_URL").expect("an address");
            assert!(url.starts_with("https://127.0.0.1:") && url.ends_with("/check-in"), "{url}");
        }
        let edition = if self.minted.edition == license_service::Edition::Pro { "pro" } else { "essentials" };
        let texts = [("EDITION_CHOICE", "ee"), ("INSTALL_EDITION", edition), ("APPLIANCE_ID", appliance.as_str())];
        assert_eq!(license, owned(&texts));
    }

    /// `appliance-` and the first digits of the machine id.
    pub(crate) fn appliance_id(&self) -> String {
        let machine_id = fs::read_to_string(self.path("/etc/machine-id")).expect("written by us");
        format!("appliance-{}", &machine_id[..16])
    }
}

fn owned(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    texts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn verifies(hash: &str) -> bool {
    use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};
    let hash = PasswordHash::new(hash).expect("a PHC string");
    argon2::Argon2::default().verify_password(PASSWORD.as_bytes(), &hash).is_ok()
}

/// `aud` of a JWT.
fn audience(token: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    claims["aud"].as_str().expect("an audience").to_owned()
}
