//! Proxies that the environment names: when they are the way to the license service, and what they do instead.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio};

use firstlight::error::ErrorId;
use futures_util::future::join_all;
use tokio::process::Command;

use crate::support::{
    alone::{check, folder, network_page, rehearsal},
    console::{key, words},
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

/// A machine whose only way to its license service leads through a proxy.
struct Behindhand {
    folder: tempfile::TempDir,
    proxy: Proxy,
    _service: Hostile,
}

impl Behindhand {
    fn new() -> Self {
        let (folder, service) = (folder(), Hostile::start(Answer::Never));
        let proxy = Proxy::start(Behind::Host(service.address));
        fs::create_dir_all(folder.path().join("etc")).expect("a folder");
        fs::write(folder.path().join("etc/ca.pem"), &service.authority_pem).expect("a file");
        Self { folder, proxy, _service: service }
    }

    fn rehearsal(&self) -> Command {
        rehearsal(self.folder.path(), "https://license.invalid", "ca-file = '/etc/ca.pem'\n")
    }

    /// A rehearsal with the answers that are there.
    fn again(&self) -> Command {
        let answers = self.folder.path().join("answers.toml");
        let text = fs::read(&answers).expect("a file");
        let command = self.rehearsal();
        fs::write(&answers, text).expect("a file");
        command
    }

    /// What the check of the license service finds in a rehearsal without any answer about a proxy.
    async fn found(&self) -> String {
        check(&process::run(self.rehearsal()).await, "license-service").1
    }

    fn kept(&self) -> Option<String> {
        fs::read_to_string(self.folder.path().join("etc/firstlight/environment")).ok()
    }
}

/// On the network page, where the checks have failed: what was typed is used at once, and by what is started later.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_named_in_the_wizard() {
    let machine = Behindhand::new();
    assert!(!machine.found().await.contains("through the proxy"));
    let mut console = network_page(machine.folder.path(), (80, 24)).await;
    console.press("p").await;
    console.wait_for_text("Where no computer of this network").await;
    console.press(&format!("ftp://proxy.example{}", key::ENTER)).await;
    console.wait_for_text("Proxy asks for `ftp`, and only `http` and `https` can be used").await;
    let url = format!("http://kim:pa55word@{}", machine.proxy.address);
    console.press(&format!("{}{url}", key::CTRL_U)).await;
    let is_masked = |screen: &vt100::Screen| ["****", "••••"].iter().any(|mask| screen.contents().contains(mask));
    console.wait_for("a login that nobody sees", is_masked).await;
    assert!(!console.read(words).contains("pa55word"), "{}", console.picture());
    console.press(&format!("{0}acme.example{0}{0}", key::ENTER)).await;
    console.wait_for_text(&format!("The way out leads through the proxy `{}`", machine.proxy.address)).await;
    console.press(key::ENTER).await;
    // From where it was called.
    console.wait_for_text("Welcome").await;
    console.press("n").await;
    console.wait_for_text("P Proxy").await;
    console.wait_for("another way", |screen| !words(screen).contains("license service cannot be reached")).await;

    let file = machine.folder.path().join("etc/firstlight/environment");
    let kept = machine.kept().expect("it is kept");
    assert_eq!(kept, format!("HTTPS_PROXY={url}\nNO_PROXY=acme.example\n"));
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let answers = format!("license.invalid answers over TLS, through the proxy `{}`", machine.proxy.address);
    assert_eq!(machine.found().await, answers, "what is started later");
    // By whatever name the units are started with it.
    fs::write(&file, format!("all_proxy=http://{}\n", machine.proxy.address)).expect("written");
    assert_eq!(machine.found().await, answers, "by the other name");
    // The environment comes first.
    let mut command = machine.rehearsal();
    command.env("HTTPS_PROXY", "http://proxy.invalid:3128");
    process::run(command).await.failed(ErrorId::Proxy);
}

/// In answers: tried in a rehearsal that keeps nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_named_in_answers() {
    let machine = Behindhand::new();
    let _answers = machine.rehearsal();
    let answers = machine.folder.path().join("answers.toml");
    let text = fs::read_to_string(&answers).expect("a file");
    let with = |proxy: &str| fs::write(&answers, format!("{text}[proxy]\n{proxy}\n")).expect("a file");
    for (wrong, parts) in [
        ("url = 'socks5://proxy.example:1080'", ["proxy.url", "only `http` and `https`"]),
        ("exceptions = 'acme.example'", ["proxy.exceptions", "`proxy.url` is missing"]),
    ] {
        with(wrong);
        let ended = process::run(machine.again()).await;
        ended.refused(ErrorId::AnswersInvalid);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
    with(&format!("url = 'http://kim:pa55word@{}'", machine.proxy.address));
    let ended = process::run(machine.again()).await;
    let answers = format!("license.invalid answers over TLS, through the proxy `{}`", machine.proxy.address);
    assert_eq!(check(&ended, "license-service"), ("passed".to_owned(), answers), "{}", ended.told());
    assert!(!ended.stdout.contains("pa55word"), "{}", ended.stdout);
    assert_eq!(machine.kept(), None, "it was tried alone");
    with("url = 'none'");
    let ended = process::run(machine.again()).await;
    assert!(ended.outcome("proxy").contains("through no proxy any more"), "{}", ended.stdout);
}
