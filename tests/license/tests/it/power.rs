//! Power cuts: what was answered, or printed, is on the disk by then.
//!
//! The service runs on a file system of its own: ext4 on a loop device, whose journal is written when somebody asks for it and at
//! no other time. The power goes when the device's file is copied: what only lay in memory is not in the copy. The next service
//! starts on that. Mounts lie in the namespace of the service's process, so they and the loop device go when it does.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{APPLIANCE, Answer, OTHER_APPLIANCE, PROGRAM, Server, client};

/// What a new disk holds; the least that ext4 makes a journal on, and some.
const SIZE: u64 = 32 << 20;

/// A disk that outlives the services that run on it.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn formatted() -> Self {
        let disk = Self::blank();
        File::create(disk.image()).unwrap().set_len(SIZE).unwrap();
        let formatted = Command::new("mkfs.ext4").arg("-qF").arg(disk.image()).output().unwrap();
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        disk
    }

    fn blank() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mounted")).unwrap();
        Self { folder }
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    /// What of it would be there if the power went now.
    fn cut(&self) -> Self {
        let left = Self::blank();
        fs::copy(self.image(), left.image()).unwrap();
        left
    }

    /// A service on this disk. It ends with the test's thread, also when nobody is left to kill it.
    fn serve(&self) -> Powered {
        let mounted = self.folder.path().join("mounted");
        let script = "mount -o loop,commit=300 \"$1\" \"$2\"; shift 2; exec setpriv --pdeathsig KILL \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", script, "sh"]).arg(self.image()).arg(&mounted);
        command.args([PROGRAM, "serve", "--public-url", "https://license.example", "--state"]);
        let state = mounted.join("deep/state");
        let server = Server::start(command.arg(&state));
        Powered { seen: PathBuf::from(format!("/proc/{}/root{}", server.child.id(), state.display())), state, server }
    }
}

/// A service on a disk.
struct Powered {
    server: Server,
    /// The state directory, as the service names it.
    state: PathBuf,
    /// The same, as it is seen from outside the service's mounts.
    seen: PathBuf,
}

impl Powered {
    fn client(&self) -> Client {
        client(&self.seen.join("ca.pem"))
    }

    async fn post(&self, path: &str, bearer: Option<&str>, body: Value) -> Answer {
        let url = format!("https://{}{path}", self.server.ready["address"].as_str().unwrap());
        let request = self.client().request(Method::POST, url).json(&body);
        Answer::of(bearer.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth)).await
    }

    async fn register(&self, code: &Value, appliance: &str) -> Answer {
        self.post("/register", None, json!({"claim_code": code, "appliance_id": appliance})).await
    }

    async fn back_office(&self, path: &str, body: Value) -> Answer {
        let token = fs::read_to_string(self.seen.join("admin.token")).unwrap();
        self.post(path, Some(&token), body).await
    }

    async fn check_in(&self, grant: &Value) -> Answer {
        self.post("/check-in", grant["appliance_credential"].as_str(), json!({})).await
    }

    /// Another command of the program, on the same disk.
    fn run(&self, command: &str, arguments: &[&str]) -> Output {
        let target = self.server.child.id().to_string();
        let mut run = Command::new("nsenter");
        run.args(["--mount", "--target", &target, PROGRAM, command, "--state"]).arg(&self.state).args(arguments);
        let output = run.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

fn acme() -> Value {
    json!({"company_name": "Acme", "contact_email": "it@acme.example", "edition": "pro"})
}

#[tokio::test]
#[ignore = "needs root (mounts in a namespace of its own)"]
async fn an_answered_claim_survives_a_power_cut() {
    let disk = Disk::formatted();
    let service = disk.serve();
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let code = &tenant["install_code"];
    let grant = service.register(code, APPLIANCE).await.granted();
    let left = disk.cut();
    drop(service);

    let service = left.serve();
    let other = service.register(code, OTHER_APPLIANCE).await;
    assert_eq!(other.refused(), (409, "consumed_claim_code".to_owned()));
    service.check_in(&grant).await.granted();
    assert_eq!(service.register(code, APPLIANCE).await.granted(), grant);
}

#[tokio::test]
#[ignore = "needs root (mounts in a namespace of its own)"]
async fn a_code_that_somebody_was_told_survives_with_its_mail() {
    let disk = Disk::formatted();
    let service = disk.serve();
    let told = service.back_office("/register-tenant", acme()).await.granted();
    let left = disk.cut();
    let after = left.serve();
    let code = told["install_code"].as_str().unwrap();
    let mails = String::from_utf8(after.run("outbox", &[]).stdout).unwrap();
    assert!(mails.contains(&format!("{}-{}", &code[..4], &code[4..])), "{mails}");
    after.register(&told["install_code"], APPLIANCE).await.granted();

    let reissued =
        service.back_office("/install-codes/reissue", json!({"tenant_id": told["tenant_id"]})).await.granted();
    let left = disk.cut();
    let after = left.serve();
    assert_ne!(after.register(&told["install_code"], APPLIANCE).await.status, 200, "it was replaced");
    after.register(&reissued["install_code"], APPLIANCE).await.granted();

    let minted: Value = serde_json::from_slice(&service.run("mint", &["--output", "json"]).stdout).unwrap();
    let left = disk.cut();
    left.serve().register(&minted["install_code"], APPLIANCE).await.granted();
}

#[tokio::test]
#[ignore = "needs root (mounts in a namespace of its own)"]
async fn a_revocation_that_somebody_was_told_survives() {
    let disk = Disk::formatted();
    let service = disk.serve();
    let tenant = service.back_office("/register-tenant", acme()).await.granted();
    let grant = service.register(&tenant["install_code"], APPLIANCE).await.granted();
    service.run("revoke", &["--appliance-id", APPLIANCE]);
    let left = disk.cut();
    assert_ne!(left.serve().check_in(&grant).await.status, 200);
}

/// With another server key every code is unknown, with another token key every pinned one is wrong.
#[tokio::test]
#[ignore = "needs root (mounts in a namespace of its own)"]
async fn the_keys_of_a_service_that_says_it_serves_survive() {
    let files = |service: &Powered| {
        let read = |name: &str| fs::read(service.seen.join(Path::new(name))).unwrap();
        ["server.key", "token.key", "token.pub", "ca.key", "ca.pem", "admin.token"].map(read)
    };
    let disk = Disk::formatted();
    let service = disk.serve();
    let left = disk.cut();
    assert!(files(&left.serve()) == files(&service), "a key was made anew");
}
