//! Where the appliance is reached: what a profile may say of it, and what follows from an answer.

use super::*;
use crate::values::{Address, SecretText};

const LICENSE: &str = "[license]\nurl = 'https://license.example'\n";

fn endpoint(text: &str) -> Endpoint {
    Profile::parse(&format!("{LICENSE}[endpoint]\n{text}")).expect(text).endpoint
}

#[test]
fn what_follows_from_an_answer() {
    use EndpointKind::{Hostname, Url};
    let named = "kind = 'hostname'\nask = true\n";
    for (text, kind, answer, public, address) in [
        (
            "kind = 'url'",
            Url,
            Some("http://192.168.1.50:3000/"),
            Some("http://192.168.1.50:3000/"),
            Some("http://192.168.1.50:3000"),
        ),
        ("kind = 'url'", Url, None, None, None),
        (
            "kind = 'url'\nurl = 'https://{hostname}/console'",
            Url,
            Some("http://[2001:db8::1]:3000"),
            Some("https://[2001:db8::1]/console"),
            Some("http://[2001:db8::1]:3000"),
        ),
        (named, Hostname, Some("A.example"), None, Some("https://a.example")),
        (&format!("{named}scheme = 'http'\nport = 3000"), Hostname, Some("a"), None, Some("http://a:3000")),
        (
            &format!("{named}url = 'https://{{hostname}}:8443/ui'"),
            Hostname,
            Some("a.example"),
            Some("https://a.example:8443/ui"),
            Some("https://a.example:8443"),
        ),
        (&format!("{named}url = 'https://{{hostname}}/'"), Hostname, None, None, None),
        (
            "url = 'https://fixed.example/ui'",
            Hostname,
            None,
            Some("https://fixed.example/ui"),
            Some("https://fixed.example"),
        ),
        ("", Hostname, None, None, None),
    ] {
        let endpoint = endpoint(text);
        let answer = answer.map(|answer| kind.parse(answer).expect(answer));
        assert_eq!(endpoint.kind, kind, "{text}");
        assert_eq!(endpoint.public(answer.as_ref()).as_deref(), public, "{text}");
        assert_eq!(endpoint.address(answer.as_ref()).as_ref().map(Address::to_string).as_deref(), address, "{text}");
    }
}

#[test]
fn a_url_is_asked_for() {
    for (text, asked) in
        [("", false), ("kind = 'url'", true), ("kind = 'url'\nask = false", false), ("ask = true", true)]
    {
        assert_eq!(endpoint(text).ask, asked, "{text}");
    }
    let sources = endpoint("kind = 'url'\nsources = ['interface', 'answer', 'hostname']").sources;
    assert_eq!(sources, [AddressSource::Interface, AddressSource::Answer, AddressSource::Hostname]);
}

#[test]
fn where_it_goes() {
    let targets = endpoint(
        "kind = 'url'\n[endpoint.targets]\n'secret:a/K' = '{url}'\n'configmap:b/c/d.yaml' = \"h: {host}\\n\"\n\
         'file:/etc/x#Y' = '{origin}/'\n",
    );
    let shown: Vec<_> = targets.destinations().map(|(to, text)| format!("{to} {}", text.text)).collect();
    assert_eq!(shown, ["configmap:b/c/d.yaml h: {host}\n", "file:/etc/x#Y {origin}/", "secret:a/K {url}"]);
    assert_eq!(targets.values().count(), 0);
}

#[test]
fn a_text_that_joins_a_list() {
    let targets = endpoint(
        "kind = 'url'\n[endpoint.targets]\n'secret:a/K' = { text = '{origin}/cb', keep = ' ' }\n\
         'configmap:a/L' = { text = '{host}' }\n\
         [endpoint.targets.'file:/etc/x#Y']\ntext = '{url}'\nkeep = ','\n",
    );
    let address = "https://b".parse().expect("an address");
    let there = Some(SecretText::from("https://a/cb"));
    let filled = targets.destinations().map(|(to, text)| {
        let [first, next] = [None, there.as_ref()].map(|there| text.fill(&address, there).expose().to_owned());
        format!("{to} {first}; {next}")
    });
    assert_eq!(
        filled.collect::<Vec<_>>(),
        [
            "configmap:a/L b; b",
            "file:/etc/x#Y https://b; https://a/cb,https://b",
            "secret:a/K https://b/cb; https://a/cb https://b/cb"
        ]
    );
    for (target, problem) in [
        ("'value:a' = { text = '{url}', keep = ',' }", "5:21 endpoint.targets.value:a: has `keep`: a Helm value"),
        (
            "'secret:a/K' = { text = '{url},{host}', keep = ',' }",
            "5:24 endpoint.targets.secret:a/K: has a blank, a line",
        ),
        ("'secret:a/K' = { text = '{url} ', keep = ';' }", "has a blank, a line break or `;` in it"),
        (
            "'secret:a/K' = { text = '{url}', keep = '/' }",
            "endpoint.targets.secret:a/K.keep: must be `,`, `;` or a blank",
        ),
        ("'secret:a/K' = { keep = ',' }", "endpoint.targets.secret:a/K.text: is missing"),
        ("'secret:a/K' = { text = '', keep = ',' }", "endpoint.targets.secret:a/K.text: is empty"),
        ("'secret:a/K' = { text = '{url}', kep = ',' }", "hint: did you mean `keep`?"),
        ("'secret:a/K' = [',']", "endpoint.targets.secret:a/K: must be a string in quotes, or a table, not an array"),
    ] {
        let bootstrap = if target.contains("value") { "\n[bootstrap]\nchart = '/c'" } else { "" };
        let text = format!("{LICENSE}[endpoint]\nkind = 'url'\ntargets.{target}{bootstrap}");
        let told = Profile::parse(&text).expect_err(target);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(problem), "{target}: {told:?}");
    }
}

#[test]
fn every_problem_with_targets_at_once() {
    let text = "\
[license]
url = 'https://license.example'
[cluster]
namespace = 'own'
[[generate]]
id = 'key'
format = 'hex:16'
targets = ['secret:other/KEY', 'file:/etc/x#KEY']
[bootstrap]
chart = '/c'
[bootstrap.values]
'mail.host' = 'x'
[endpoint]
kind = 'url'
value = 'global.url'
scheme = 'ftp'
port = 0
sources = ['interface', 'dns']
[endpoint.targets]
'value:mail' = '{host}'
'value:global.url.host' = '{host}'
'value:a.b' = '{host}'
'value:a' = '{host}'
'value:a..b' = '{hostname}'
'secret:own/other/KEY' = '{url}'
'secret:appliance-license-seed/URL' = '{url}'
'secret:third/KEY' = '{url}'
'secret:own/third/KEY' = '{url}'
'file:/etc/x#KEY' = '{url}'
'file:/etc/x#B' = \"it's {host}\"
'vault:x' = 3
'vault:y' = '{url}'
[[question]]
id = 'port'
kind = 'number'
label = 'Port'
value = 'a.b.port'
";
    let problems = Profile::parse(text).expect_err("wrong throughout");
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[test]
fn what_there_is_no_address_for() {
    for (text, problem) in [
        ("[endpoint.targets]\n'secret:a/K' = '{url}'", "endpoint.targets: needs `ask = true`"),
        ("url = 'https://fixed.example/'\n[endpoint.targets]\n'secret:a/K' = '{url}'", ""),
        ("kind = 'url'\n[endpoint.targets]\n'value:a' = '{url}'", "needs a `[bootstrap]`"),
        ("kind = 'url'\nsources = ['interface']", "endpoint.sources: needs `answer`"),
        ("kind = 'url'\nsources = ['answer', 'answer']", "endpoint.sources: must be some of"),
        ("ask = true\nsources = ['answer', 'interface']", "endpoint.sources: needs `kind = \"url\"`"),
        ("ask = true\nkind = 'address'", "endpoint.kind: must be `hostname` or `url`"),
    ] {
        let told = Profile::parse(&format!("{LICENSE}[endpoint]\n{text}")).err().unwrap_or_default();
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert!(told.join("\n").contains(problem) && told.is_empty() == problem.is_empty(), "{text}: {told:?}");
    }
}
