//! A service in a directory of its own, and a client that trusts its certificate authority and nothing else.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use license_service::{Config, Minted, NewCode, Running, Store, start};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Two appliances, and which one does not matter.
pub(crate) const APPLIANCE: &str = "appliance-1f0c2d3e4b5a6978";
pub(crate) const OTHER_APPLIANCE: &str = "appliance-00000000000000ff";

/// A service under test. The directory goes when this does.
pub(crate) struct Fixture {
    pub(crate) running: Running,
    pub(crate) client: Client,
    pub(crate) directory: TempDir,
}

/// A serving program; killed when the test ends early.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) ready: Value,
}

impl Server {
    /// Starts a program that says in one line when it serves.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str(&line) else {
            let output = child.wait_with_output().unwrap();
            unreachable!("it does not serve: {line}{}", String::from_utf8_lossy(&output.stderr));
        };
        Self { child, ready }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_license-service");

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// The body of a success.
    pub(crate) fn granted(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// Status and code of a refusal, which always has a sentence too.
    pub(crate) fn refused(&self) -> (u16, String) {
        let body: Value = serde_json::from_str(&self.text).unwrap();
        assert!(body["error"].as_str().unwrap().ends_with('.'), "{body}");
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let running = start_in(directory.path(), change).await;
        let client = client(running.ca_pem_file());
        Self { running, client, directory }
    }

    pub(crate) fn store(&self) -> &Store {
        self.running.store()
    }

    pub(crate) fn mint(&self) -> Minted {
        self.store().mint(&NewCode::default()).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.running.url()))
    }

    pub(crate) fn registration(&self, code: &str, appliance: &str) -> RequestBuilder {
        self.request(Method::POST, "/register").json(&json!({"claim_code": code, "appliance_id": appliance}))
    }

    pub(crate) async fn register(&self, code: &str, appliance: &str) -> Answer {
        Answer::of(self.registration(code, appliance)).await
    }

    pub(crate) async fn register_with_key(&self, code: &str, appliance: &str, key: &str) -> Answer {
        Answer::of(self.registration(code, appliance).header("Idempotency-Key", key)).await
    }

    /// A request of the vendor's back office.
    pub(crate) async fn back_office(&self, path: &str, body: Value) -> Answer {
        let token = fs::read_to_string(self.running.admin_token_file()).unwrap();
        Answer::of(self.request(Method::POST, path).bearer_auth(token).json(&body)).await
    }

    pub(crate) async fn check_in(&self, credential: &str) -> Answer {
        Answer::of(self.request(Method::POST, "/check-in").json(&json!({"appliance_credential": credential}))).await
    }

    /// A check-in of an appliance that says which license it has.
    pub(crate) async fn check_in_with(&self, credential: &str, license: &Value) -> Answer {
        let body = json!({"appliance_credential": credential, "current_license_sub": license});
        Answer::of(self.request(Method::POST, "/check-in").json(&body)).await
    }
}

/// A service on this state directory.
pub(crate) async fn start_in(state: &Path, change: impl FnOnce(&mut Config)) -> Running {
    let mut config = Config::new(state.join("state"));
    change(&mut config);
    start(config).await.unwrap()
}

/// A client that trusts one certificate authority.
pub(crate) fn client(ca_pem_file: &Path) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca_pem_file).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(config).no_proxy().build().unwrap()
}

/// The claims of a token whose signature holds.
pub(crate) fn claims(token: &str, key_file: &Path, tenant: &str) -> Value {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

    let key = DecodingKey::from_ed_pem(&fs::read(key_file).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[tenant]);
    validation.set_issuer(&["license-service"]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    decode::<Value>(token, &key, &validation).unwrap().claims
}
