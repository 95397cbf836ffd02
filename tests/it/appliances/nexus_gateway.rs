//! The gateway for language models: files of four services, an authority that machines trust, one address in several shapes.

use std::{collections::BTreeMap, fs, net::IpAddr, os::unix::fs::MetadataExt, time::SystemTime};

use firstlight::error::ErrorId;
use serde_json::Value;
use toml_edit::Array;

use super::{
    Data,
    edge::{Edge, Routes, loopback},
    profile,
    skreg::days,
    versions,
};
use crate::{
    endpoint::own_address,
    password::by_openssl,
    pki::{Files, run_below},
    support::{
        Machine,
        machine::PASSWORD,
        systemd::Systemd,
        web::{Web, answer},
    },
};

/// What stands in a file.
struct File {
    name: &'static str,
    secrets: &'static [&'static str],
    /// What is made of the address, or is the same everywhere.
    texts: &'static [(&'static str, &'static str)],
}

const HUB: (&str, &str) = ("NEXUS_HUB_URL", "http://127.0.0.1:3060");
const ISSUER: (&str, &str) = ("AUTH_SERVER_ISSUER", "[origin]/");

/// All of them: nothing else stands in any.
const FILES: [File; 5] = [
    File {
        name: "nexus-hub",
        secrets: &["INTERNAL_SERVICE_TOKEN", "HUB_CONFIG_TOKEN", "CREDENTIAL_ENCRYPTION_KEY", "DATABASE_URL"],
        texts: &[("NEXUS_HUB_PUBLIC_URL", "http://[host]:3060"), ISSUER],
    },
    File {
        name: "control-plane",
        secrets: &[
            "INTERNAL_SERVICE_TOKEN",
            "HUB_CONFIG_TOKEN",
            "ADMIN_KEY_HMAC_SECRET",
            "CREDENTIAL_ENCRYPTION_KEY",
            "COMPLIANCE_PROXY_API_TOKEN",
            "DATABASE_URL",
        ],
        texts: &[
            HUB,
            ISSUER,
            ("CONTROL_PLANE_PUBLIC_URL", "[origin]/"),
            ("AI_GATEWAY_URL", "http://127.0.0.1:3050"),
            ("COMPLIANCE_PROXY_URL", "http://127.0.0.1:3040"),
            ("COMPLIANCE_PROXY_RUNTIME_URL", "http://127.0.0.1:3040"),
        ],
    },
    File {
        name: "ai-gateway",
        secrets: &[
            "INTERNAL_SERVICE_TOKEN",
            "ADMIN_KEY_HMAC_SECRET",
            "CREDENTIAL_ENCRYPTION_KEY",
            "AI_GATEWAY_API_TOKEN",
            "DATABASE_URL",
        ],
        texts: &[HUB, ("AI_GATEWAY_PUBLIC_URL", "[origin]/v1")],
    },
    File {
        name: "compliance-proxy",
        secrets: &["INTERNAL_SERVICE_TOKEN", "COMPLIANCE_PROXY_API_TOKEN", "DATABASE_URL"],
        texts: &[HUB, ("COMPLIANCE_PROXY_PUBLIC_URL", "http://[host]:3128")],
    },
    File { name: "database", secrets: &[], texts: &[("CP_UI_REDIRECT_URI", "[origin]/auth/callback")] },
];

/// The product's services; each ends as long as the hub's file is not there.
const UNITS: [&str; 5] = [
    "nexus-hub.service",
    "nexus-control-plane.service",
    "nexus-gateway.service",
    "nexus-proxy.service",
    "nginx.service",
];

/// A machine of this appliance, which waits so many seconds for its services, and its systemd.
pub(super) async fn gateway(mut machine: Machine, patience: u32) -> (Machine, Systemd) {
    let patient = format!("[[ready]]\ntimeout-seconds = {patience}");
    machine.use_profile_of_appliance(&profile("nexus-gateway").replace("[[ready]]", &patient));
    // This machine may have no group for the services.
    machine.set("files.group", "root");
    let file = machine.path("/etc/nexus/nexus-hub.env");
    let unit = format!(
        "[Unit]\nStartLimitBurst=1\nStartLimitIntervalSec=1h\n[Service]\n\
         ExecStart=/bin/sh -c 'test -e {} && exec sleep 1000'\n",
        file.display()
    );
    let systemd = Systemd::start(&machine.root(), &UNITS.map(|name| (name, unit.as_str()))).await;
    for unit in UNITS {
        systemd.start_until(unit, "failed").await;
    }
    (machine, systemd)
}

pub(super) async fn edge(machine: &Machine, host: IpAddr, routes: Routes) -> Edge {
    Edge::start(host, machine.path("/etc/nexus/tls.crt"), machine.path("/etc/nexus/tls.key"), routes).await
}

/// The product's web server: what it has no route for, the console answers.
pub(super) fn routes(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let line: Vec<&str> = head.split(' ').take(2).collect();
    let json = |status, body| answer(status, "application/json", body);
    match line[..] {
        ["GET", "/ready"] => json("200 OK", r#"{"status":"ready"}"#),
        ["GET", "/.well-known/jwks.json"] => json("200 OK", r#"{"keys":[]}"#),
        ["GET", "/api/admin/me" | "/v1/models"] => json("401 Unauthorized", r#"{"error":"authentication required"}"#),
        ["POST", "/authserver/password"] => {
            let said: Value = serde_json::from_str(body).unwrap_or_default();
            let is_right = said["email"] == "kim@acme.example" && said["password"] == PASSWORD;
            if is_right {
                json("400 Bad Request", r#"{"error":"authctx_expired"}"#)
            } else {
                json("401 Unauthorized", r#"{"error":"invalid_credentials"}"#)
            }
        }
        _ => answer("200 OK", "text/html", "<title>Nexus Gateway</title>"),
    }
}

/// A web server without the gateway's route.
fn routes_without_the_gateway(request: &str) -> String {
    routes(&request.replace("/v1/models", "/"))
}

pub(super) fn says(machine: &Machine, url: &str) {
    machine.answer_also(&format!("[endpoint]\nurl = \"{url}\"\n"));
}

/// Every file, with when it was written.
fn files(machine: &Machine) -> BTreeMap<String, (String, SystemTime)> {
    let folders =
        ["/etc/nexus", "/etc/compliance-proxy", "/etc/ssl/certs", "/anchors"].map(|folder| machine.path(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let paths =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file() && !path.is_symlink());
    let read = |path: std::path::PathBuf| {
        let modified = fs::metadata(&path).and_then(|found| found.modified()).expect("a time");
        let name = path.strip_prefix(machine.root()).expect("below the root").display().to_string();
        (name, (fs::read_to_string(&path).expect("text"), modified))
    };
    paths.map(read).collect()
}

/// The files in which something else stands than before.
fn changed(before: &BTreeMap<String, (String, SystemTime)>, machine: &Machine) -> Vec<String> {
    let now = files(machine);
    assert_eq!(now.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    now.into_iter().filter(|(name, (text, _))| before[name].0 != *text).map(|(name, _)| name).collect()
}

/// Each file is exactly as documented, every secret the same wherever it stands; gives them by their names.
fn assert_env(machine: &Machine, edge: &Edge) -> Data {
    let mut secrets = Data::new();
    for File { name, secrets: shared, texts } in FILES {
        let path = machine.path(&format!("/etc/nexus/{name}.env"));
        let mode = fs::metadata(&path).expect("the file").mode();
        assert_eq!(mode & 0o7777, 0o640, "{name}");
        let text = fs::read_to_string(&path).expect("text");
        let lines = text.lines().map(|line| line.split_once('=').expect("an assignment"));
        let mut variables: Data =
            lines.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect();
        for secret in shared {
            let value = variables.remove(*secret).expect("a secret");
            let known = secrets.entry((*secret).to_owned()).or_insert_with(|| value.clone());
            assert_eq!(*known, value, "{name}: {secret}");
        }
        for (variable, text) in texts {
            let text = text.replace("[origin]", &edge.url()).replace("[host]", &edge.address.ip().to_string());
            assert_eq!(variables.remove(*variable), Some(text), "{name}: {variable}");
        }
        assert_eq!(variables, Data::new(), "{name}: nothing else");
    }
    secrets
}

fn assert_secrets(secrets: &Data) {
    let mut parts: Vec<&str> = Vec::new();
    for (name, value) in secrets {
        let url = ("postgresql://nexus:", "@127.0.0.1:5432/nexus_gateway?sslmode=disable");
        let (part, length) = match name.as_str() {
            "DATABASE_URL" => (value.strip_prefix(url.0).and_then(|rest| rest.strip_suffix(url.1)), 48),
            _ => (Some(value.as_str()), 64),
        };
        let part = part.expect("the address of the database");
        let is_hex = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        assert!(part.len() == length && is_hex, "{name}");
        assert!(!parts.contains(&part), "{name}: that of another");
        parts.push(part);
    }
    assert_eq!(parts.len(), 7);
}

async fn assert_certificates(machine: &Machine, hosts: &[String]) {
    let read = |path: &str| fs::read_to_string(machine.path(path)).expect("text");
    // What has no secret in it, everybody may read.
    let modes = [
        ("/etc/compliance-proxy/ca.crt", 0o644),
        ("/etc/compliance-proxy/ca.key", 0o640),
        ("/etc/nexus/tls.crt", 0o644),
        ("/etc/nexus/tls.key", 0o640),
    ];
    for (path, mode) in modes {
        assert_eq!(fs::metadata(machine.path(path)).expect("the file").mode() & 0o7777, mode, "{path}");
    }
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let files = Files::of(&modes.iter().map(|(path, _)| (name(path), read(path))).collect());
    // The proxy reads no other form, and none in which the curve has no name.
    assert!(read("/etc/compliance-proxy/ca.key").starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
    assert!(files.openssl("asn1parse -in ca.key").await.contains("prime256v1"));
    files.openssl("ec -in ca.key -check -noout").await;
    for (key, certificate) in [("ca.key", "ca.crt"), ("tls.key", "tls.crt")] {
        let of_key = files.openssl(&format!("pkey -in {key} -pubout")).await;
        assert_eq!(of_key, files.openssl(&format!("x509 -in {certificate} -noout -pubkey")).await, "{key}");
    }
    let root = files.openssl("x509 -in ca.crt -noout -subject -nameopt RFC2253 -ext basicConstraints,keyUsage").await;
    assert!(root.starts_with("subject=CN=Nexus Compliance Proxy CA,O=Nexus Gateway\n"), "{root}");
    assert!(root.contains("CA:TRUE") && root.contains("Certificate Sign, CRL Sign"), "{root}");
    assert_eq!((days(&files, "ca.crt").await, days(&files, "tls.crt").await), (3650, 365));
    assert!(files.openssl("pkey -in tls.key -noout -text").await.contains("Private-Key: (2048 bit"));
    let verify = "verify -x509_strict -purpose sslserver -CAfile ca.crt";
    for host in hosts.iter().map(String::as_str).chain(["127.0.0.1", "nexus-gateway", "localhost"]) {
        let kind = if host.parse::<IpAddr>().is_ok() { "ip" } else { "hostname" };
        files.openssl(&format!("{verify} -verify_{kind} {host} tls.crt")).await;
    }
    let bundle = fs::read_to_string(machine.path("/etc/ssl/certs/ca-certificates.crt")).expect("the bundle");
    assert!(bundle.contains(read("/etc/compliance-proxy/ca.crt").trim()), "this machine trusts it");
}

async fn assert_administrator(machine: &Machine) {
    let tenant = machine.namespace.secret("appliance-initial-tenant").await.expect("the tenant's Secret");
    let hash = &tenant["INITIAL_ADMIN_PASSWORD_HASH"];
    assert_eq!(*hash, by_openssl(PASSWORD, hash).await);
    assert_eq!(tenant["INITIAL_TENANT_ID"], machine.minted.tenant_id.to_string());
    assert_eq!(tenant["INITIAL_ADMIN_EMAIL"], "kim@acme.example");
}

const OF_THE_ADDRESS: [&str; 5] = [
    "etc/nexus/ai-gateway.env",
    "etc/nexus/compliance-proxy.env",
    "etc/nexus/control-plane.env",
    "etc/nexus/database.env",
    "etc/nexus/nexus-hub.env",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn nexus_gateway() {
    let (mut machine, systemd) = gateway(Machine::new("nexus-gateway").await, 20).await;
    let own: Vec<String> = own_address().await.into_iter().collect();
    let first = edge(&machine, loopback(), routes).await;
    says(&machine, &first.url());
    run_below(&machine).await.done();
    let secrets = assert_env(&machine, &first);
    assert_secrets(&secrets);
    let hub = systemd.invocation(UNITS[0]).await;
    assert_administrator(&machine).await;
    assert_certificates(&machine, &[&own[..], &[first.address.ip().to_string()]].concat()).await;

    // A second run writes nothing.
    let before = (files(&machine), versions(&[&machine.namespace]).await);
    let again = run_below(&machine).await;
    for step in ["identity", "redeem", "secrets", "services", "restart"] {
        assert!(again.done().outcome(step).starts_with("unchanged: "), "{step}: {}", again.stdout);
    }
    assert_eq!((files(&machine), versions(&[&machine.namespace]).await), before);

    // Another address changes what is made of it, and what the web server shows for it.
    let moved = edge(&machine, loopback(), routes).await;
    says(&machine, &moved.url());
    run_below(&machine).await.done();
    assert_eq!(changed(&before.0, &machine), [&OF_THE_ADDRESS[..], &["etc/nexus/tls.crt"]].concat());
    assert_eq!(assert_env(&machine, &moved), secrets);
    assert_ne!(systemd.invocation(UNITS[0]).await, hub, "it reads its file when it starts");
    assert_certificates(&machine, &[&own[..], &[moved.address.ip().to_string()]].concat()).await;

    // One that nobody says is found out. That of the interface the web server has shown all the time.
    let mut last = moved;
    if let Some(host) = own.first() {
        let before = files(&machine);
        last = edge(&machine, host.parse().expect("an address"), routes).await;
        // In which cloud this machine may be is none of this test's.
        machine.set("endpoint.sources", ["answer", "interface", "hostname"].into_iter().collect::<Array>());
        machine.set("endpoint.port", i64::from(last.address.port()));
        machine.answer_also("");
        run_below(&machine).await.done();
        assert_eq!(changed(&before, &machine), OF_THE_ADDRESS);
        assert_eq!(assert_env(&machine, &last), secrets);
    }

    // Installed anew over what the disk still has.
    let before = files(&machine);
    machine.replace(machine.reissued(machine.minted.tenant_id));
    says(&machine, &last.url());
    let two = ["appliance-initial-tenant", "appliance-license-seed"];
    machine.namespace.kubectl(&[&["delete", "secret"], &two[..]].concat()).await;
    assert!(run_below(&machine).await.done().outcome("identity").starts_with("unchanged: "));
    assert_eq!(files(&machine), before);
    assert_administrator(&machine).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster and root (creates and deletes one namespace, mounts in a namespace of its own)"]
async fn a_gateway_that_is_not_as_documented_is_not_ready() {
    let (machine, _systemd) = gateway(Machine::new("nexus-gateway-not").await, 2).await;
    // The console answers for the gateway, and with 200.
    let first = edge(&machine, loopback(), routes_without_the_gateway).await;
    says(&machine, &first.url());
    let told = run_below(&machine).await.failed(ErrorId::NotReady).told();
    assert!(told.contains("the gateway's API is not ready"), "{told}");

    // A service that listens everywhere.
    let second = edge(&machine, loopback(), routes).await;
    says(&machine, &second.url());
    let open = (second.address.ip(), 3050).into();
    let service = Web::start_at(open, |_request: &str| answer("200 OK", "text/plain", "ok")).await;
    let told = run_below(&machine).await.failed(ErrorId::NotReady).told();
    assert!(told.contains("the gateway past the web server"), "{told}");
    drop(service);

    // The database is there, and the keys with which it was written are not.
    machine.write("/var/lib/pgsql/data/PG_VERSION", "16\n", 0o600);
    fs::remove_dir_all(machine.path("/etc/nexus")).expect("it is there");
    let told = run_below(&machine).await.failed(ErrorId::KeyLost).told();
    for id in ["admin-key-hmac-secret", "credential-encryption-key", "database-url"] {
        assert!(told.contains(id), "{id}: {told}");
    }
    assert!(!machine.path("/etc/nexus").exists(), "nothing was made");
}
