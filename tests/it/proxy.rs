//! Proxies that the environment names: when they are the way to the license service, and what they do instead.

use std::{fs, process::Stdio};

use firstlight::error::ErrorId;
use futures_util::future::join_all;
use tokio::process::Command;

use crate::support::{
    alone::{check, folder, rehearsal},
    hostile::{Answer, Hostile},
    process,
    proxy::{Behind, Proxy},
    within,
};

/// Exceptions, what is asked for, whether the proxy is asked, and whether curl differs.
const FORMS: &[(&str, &str, bool, bool)] = &[
    ("", "license.invalid", true, false),
    ("*", "license.invalid", false, false),
    ("*", "192.0.2.7", false, false),
    ("license.invalid", "license.invalid", false, false),
    ("invalid", "license.invalid", false, false),
    (".invalid", "license.invalid", false, false),
    (".license.invalid", "license.invalid", false, false),
    ("LICENSE.INVALID", "license.invalid", false, false),
    ("license.invalid.", "license.invalid", false, false),
    ("license.invalid", "license.invalid.", false, false),
    ("cense.invalid", "license.invalid", true, false),
    (" license.invalid , other.example", "license.invalid", false, false),
    ("other.example license.invalid", "license.invalid", false, false),
    ("other.example;license.invalid", "license.invalid", true, false),
    ("license.invalid:9999", "license.invalid", true, false),
    ("192.0.2.7", "192.0.2.7", false, false),
    ("192.0.2.0/24", "192.0.2.7", false, false),
    ("192.0.3.0/24", "192.0.2.7", true, false),
    ("192.0.2.7/33", "192.0.2.7", true, false),
    ("192/8", "192.0.2.7", true, false),
    ("2001:db8::7", "[2001:db8::7]", false, false),
    ("2001:db8::8", "[2001:db8::7]", true, false),
    // Others take what curl does not, and people write it.
    ("*.invalid", "license.invalid", false, true),
    ("license.invalid:8443", "license.invalid", false, true),
    ("192.0.2.7:8443", "192.0.2.7", false, true),
    ("[2001:db8::7]:8443", "[2001:db8::7]", false, true),
    ("*, other.example", "license.invalid", false, true),
];

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_those_of_curl() {
    let has_curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status().await.is_ok();
    let rows = FORMS.iter().map(|(exceptions, host, asked, curl_differs)| async move {
        let url = format!("https://{host}:8443");
        let folder = folder();
        let ours = asks_the_proxy(rehearsal(folder.path(), &url, ""), exceptions).await;
        assert_eq!(ours, *asked, "{exceptions:?}, {host}");
        if has_curl {
            let mut curl = Command::new("curl");
            curl.args(["-s", "--max-time", "2", &url]).env_clear().stdout(Stdio::null());
            let curls = asks_the_proxy(curl, exceptions).await;
            assert_eq!(curls != *asked, *curl_differs, "curl, {exceptions:?}, {host}");
        }
    });
    join_all(rows).await;
}

/// Whether a command asks the proxy that the environment names.
async fn asks_the_proxy(mut command: Command, exceptions: &str) -> bool {
    let proxy = Proxy::start(Behind::Refusal(418));
    command.env("HTTPS_PROXY", format!("http://{}", proxy.address)).env("NO_PROXY", exceptions);
    within("the command ends", command.output()).await.expect("a program");
    !proxy.heard().is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_only_the_proxy_knows() {
    let (folder, service) = (folder(), Hostile::start(Answer::Never));
    let proxy = Proxy::start(Behind::Host(service.address));
    fs::create_dir_all(folder.path().join("etc")).expect("a folder");
    fs::write(folder.path().join("etc/ca.pem"), &service.authority_pem).expect("a file");
    let mut command = rehearsal(folder.path(), "https://license.invalid", "ca-file = '/etc/ca.pem'\n");
    command.env("https_proxy", format!("http://kim:p%40ss@{}", proxy.address));
    let ended = process::run(command).await;
    let answers = format!("license.invalid answers over TLS, through the proxy `{}`", proxy.address);
    assert_eq!(check(&ended, "license-service"), ("passed".to_owned(), answers), "{}", ended.told());
    assert_eq!(check(&ended, "name-resolution").0, "passed");
    let heard = proxy.heard();
    assert!(heard.iter().all(|head| head.starts_with("CONNECT license.invalid:443 ")), "{heard:?}");
    // kim:p@ss
    assert!(
        heard.iter().all(|head| head.to_lowercase().contains("proxy-authorization: basic a2ltonbac3m=")),
        "{heard:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_does_instead_is_the_proxys() {
    let refusing = [407, 403, 502].map(|status| (status, Proxy::start(Behind::Refusal(status))));
    let down = Proxy::start(Behind::Refusal(200)).address;
    let rows = refusing.iter().map(|(status, proxy)| (proxy.address.to_string(), format!("status {status}")));
    let others = [
        (down.to_string(), "cannot be reached".to_owned()),
        ("proxy.invalid:3128".to_owned(), "does not resolve".to_owned()),
    ];
    for (address, said) in rows.chain(others) {
        let folder = folder();
        let mut command = rehearsal(folder.path(), "https://license.invalid", "");
        command.env("HTTPS_PROXY", format!("http://kim:pa55word@{address}"));
        let ended = process::run(command).await;
        ended.failed(ErrorId::Proxy);
        let told = ended.failures().remove(0);
        for part in [&"proxy: the ".to_owned(), &format!("`{address}`, which `HTTPS_PROXY` names"), &said] {
            assert!(told.contains(part.as_str()), "{part}: {told}");
        }
        assert!(!ended.stdout.contains("pa55word") && !told.contains("license service's name"), "{told}");
    }
    for (status, proxy) in &refusing {
        assert!(proxy.heard().len() <= 2, "{status}: asked, and asked once more for the reason: {:?}", proxy.heard());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_proxy_wants_to_be_logged_in_to() {
    let wanted = ["asks for a user and a password (status 407)", "http://USER:PASSWORD@HOST:PORT"];
    let refused = ["refuses the user and password that the variable has (status 407)", "correct them"];
    for (lines, user, said) in [
        ("Proxy-Authenticate: Basic realm=\"a\"", "", wanted),
        ("Proxy-Authenticate: Negotiate\r\nproxy-authenticate: BASIC realm=\"a\"", "", wanted),
        ("Via: nobody", "", wanted),
        ("Proxy-Authenticate: NTLM, Basic realm=\"a\"", "kim:pa55word@", refused),
        ("Via: nobody", "kim:pa55word@", refused),
        (
            "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM",
            "kim:pa55word@",
            ["offers only Negotiate, NTLM to log in with, which firstlight cannot do (status 407)", "cntlm or px"],
        ),
        (
            "Proxy-Authenticate: Digest realm=\"x, Basic y\", nonce=\"b\"",
            "",
            ["offers only Digest to log in with", "cntlm or px"],
        ),
        ("Proxy-Authenticate: \u{1b}[31mred\u{202e}", "", ["offers only [31mred to log in with", "cntlm or px"]),
    ] {
        let (folder, proxy) = (folder(), Proxy::start(Behind::Login(lines)));
        let mut command = rehearsal(folder.path(), "https://license.invalid", "");
        command.env("HTTPS_PROXY", format!("http://{user}{}", proxy.address));
        let ended = process::run(command).await;
        ended.failed(ErrorId::Proxy);
        let told = ended.told();
        assert!(said.iter().all(|part| told.contains(part)), "{lines:?} {user:?}: {told}");
        assert!(!told.contains("pa55word"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_names_no_proxy() {
    for (value, said) in [
        ("http://CORP\\svc-web:p@ss@proxy.example:8080", "has “\\” as character 12"),
        ("http://user:p#w%@proxy.example:8080", "has “#” as character 14"),
        ("\"http://proxy.example:8080\"", "leave the quotation marks out"),
        ("“http://proxy.example:8080”", "leave the quotation marks out"),
        (" http://proxy.example:8080", "has “ ” as character 1"),
        ("http://proxy.example:port", "a port that is no number"),
        ("socks5h://proxy.example:1080", "asks for `socks5h`"),
        ("http://[fe80::1%eth0]:8080", "no IPv6 address"),
        ("http://", "no host name"),
    ] {
        let folder = folder();
        let mut command = rehearsal(folder.path(), "https://license.invalid", "");
        let kubeconfig = "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n\
                          users: [{name: u, user: {}}]\n\
                          contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
        fs::write(folder.path().join("none"), kubeconfig).expect("a file");
        command.env("HTTPS_PROXY", value);
        let ended = process::run(command).await;
        ended.failed(ErrorId::Proxy);
        let told = ended.told();
        assert!(told.contains("`HTTPS_PROXY` names no proxy") && told.contains(said), "{said}: {told}");
        // The way to Kubernetes has nothing to do with it.
        assert!(told.contains("kubernetes-unreachable:"), "{told}");
    }
}
