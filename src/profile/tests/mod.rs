//! The profile's reader: the built-in one, defaults, and every problem at once.

mod endpoint;
mod guide;
mod pki;

use std::{env, fs, path::Path};

use super::*;
use crate::{
    values::{Class, Line, Rgb},
    words::{self, Say},
};

#[test]
fn the_built_in_profile_is_sound_and_says_every_default() {
    let built_in = Profile { source: String::new(), ..Profile::built_in() };
    let least = Profile::parse(
        "[license]\nurl = 'https://license.example'\n[bootstrap]\nchart = '/usr/share/firstlight/bootstrap.tgz'",
    )
    .expect("enough");
    let least = Profile { source: String::new(), ..least };
    assert_eq!(built_in, least, "what is left out has another value than the one that is shown");
}

/// `make profile` writes them anew.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the files as they lie in the repository, written anew when it is told to"
)]
fn what_follows_from_the_settings_is_up_to_date() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    for (name, text) in [("profiles/default.toml", built_in_text()), ("profile.schema.json", schema())] {
        let path = assets.join(name);
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, &text).expect("the file is written");
        }
        assert!(!text.contains("\"description\": \"\""), "a setting says nothing of itself");
        assert_eq!(fs::read_to_string(&path).expect("a file"), text, "{name} is stale: `make profile` writes it anew");
    }
}

/// With the comment signs taken off, the examples are a profile; but a question has one kind and one target, and what is
/// asked for in the end one way.
#[test]
fn every_example_is_taken() {
    let of_other_kinds = ["pattern", "min", "max", "secret-key", "login", "connect-to"].map(|key| format!("{key} = "));
    let (mut text, mut quoted) = (String::new(), false);
    for line in built_in_text().replace("ask = false", "ask = true").lines() {
        let setting = line.strip_prefix("# ").filter(|rest| {
            quoted || rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        });
        quoted ^= line.matches("'''").count() == 1;
        let line = setting.unwrap_or(line);
        if !of_other_kinds.iter().any(|start| line.starts_with(start)) {
            text = text + line + "\n";
        }
    }
    let profile = Profile::parse(&text).expect("an example will not do");
    assert_eq!((profile.ready.len(), profile.questions.len()), (1, 1));
    assert_eq!((profile.brand.wordmark.len(), profile.brand.next_steps.len()), (4, 2));
}

/// The wizard says them in its language, so that they are no defaults of the reader.
#[test]
fn what_is_said_for_a_vendor_can_be_said_by_the_vendor() {
    let brand = |text: &str| {
        let text = format!("[license]\nurl = 'https://license.example'\n[brand]\n{text}");
        Profile::parse(&text).map(|profile| profile.brand).map_err(|problems| problems[0].to_string())
    };
    let given = brand("code-source = 'the box'\nsupport = 'Acme'").expect("sound");
    assert_eq!(given.code_source.as_ref().map(Line::as_str), Some("the box"));
    assert_eq!(given.support.as_ref().map(Line::as_str), Some("Acme"));
    assert_eq!(brand("support = ' '").expect_err("nobody"), "4:11 brand.support: is empty");
}

#[test]
fn without_a_bootstrap_section_there_is_no_bootstrap() {
    let profile = Profile::parse("[license]\nurl = 'https://license.example'").expect("enough");
    assert_eq!(profile.bootstrap, None);
}

#[test]
fn every_problem_at_once() {
    let text = "\
[license]
url = 'http://license.example'
ca-file = 'ca.pem'
timeout-seconds = 0
[license.code]
alphabet = 'AB-'
[cluster]
namespace = 'My_Namespace'
kubconfig = '/x'
[secrets.tenant]
admin-password = 'md5'
[secrets.tenant.keys]
INITIAL_ADMIN = 'X'
INITIAL_ADMIN_EMAIL = 'a b'
[bootstrap]
release = 'r'
[[ready]]
url = 'ftp://x'
";
    let problems = Profile::parse(text).expect_err("wrong throughout");
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(listed.join("\n"), @"
2:7 license.url: is not an `https://` address without a user name
3:11 license.ca-file: is not an absolute path
4:19 license.timeout-seconds: must be between 1 and 86400, not 0
6:12 license.code.alphabet: the alphabet may only hold `A`-`Z` and `0`-`9`, each once; `-` is not allowed or stands there twice
8:13 cluster.namespace: is not a Kubernetes name: up to 53 lower-case letters, digits and inner hyphens
9:1 cluster.kubconfig: is not a known key
  hint: did you mean `kubeconfig`?
11:18 secrets.tenant.admin-password: must be `argon2id`, `scrypt` or `plaintext`
13:17 secrets.tenant.keys.INITIAL_ADMIN: is not a key of this Secret; its keys are INITIAL_TENANT_ID, INITIAL_TENANT_NAME, INITIAL_ADMIN_FIRST_NAME, INITIAL_ADMIN_LAST_NAME, INITIAL_ADMIN_EMAIL, INITIAL_ADMIN_PASSWORD_HASH, INITIAL_ADMIN_PASSWORD
14:23 secrets.tenant.keys.INITIAL_ADMIN_EMAIL: is not a Secret key: letters, digits, `-`, `_` and `.` are allowed
15:1 bootstrap.chart: is missing
  hint: the folder or `.tgz` of the bootstrap chart
18:7 ready[0].url: is not an `http://` or `https://` address
");
}

#[test]
fn a_brand_has_a_colour_and_a_wordmark_that_every_console_can_show() {
    let brand = |text: &str| {
        let profile = Profile::parse(&format!("[license]\nurl = 'https://license.example'\n[brand]\n{text}"));
        profile.map(|profile| profile.brand).map_err(|problems| problems[0].to_string())
    };
    let good = brand("accent = '#0b7285'\nwordmark = '''\n /\\  |\n/--\\ |'''").expect("sound");
    assert_eq!((good.accent, good.wordmark), (Some(Rgb(0x0b, 0x72, 0x85)), vec![" /\\  |".into(), "/--\\ |".into()]));
    for (text, problem) in [
        ("accent = 'teal'", "4:10 brand.accent: is not a colour; write it as `#rrggbb`, such as `#0b7285`"),
        ("wordmark = '''\n▀▄'''", "4:12 brand.wordmark: has something else in it than printable ASCII characters"),
        (
            "wordmark = '''\n1\n2\n3\n4\n5\n6\n7'''",
            "4:12 brand.wordmark: is too large; it may have 6 lines of 58 characters",
        ),
    ] {
        assert_eq!(brand(text).expect_err(text), problem);
    }
}

#[test]
fn classes_and_symbols_of_passwords() {
    let rules = |text: &str| {
        let profile = Profile::parse(&format!("[license]\nurl = 'https://license.example'\n[password]\n{text}"));
        profile.map(|profile| profile.password).map_err(|problems| problems[0].to_string())
    };
    // Each once, whatever their order.
    let require = rules("require = ['digit', 'lower', 'digit']").expect("sound").require;
    assert_eq!(require, [Class::Lower, Class::Digit]);
    let classes = "must be any of `lower`, `upper`, `digit` and `symbol`";
    let symbols = "must be symbols alone: no letters, digits or spaces";
    for (text, problem) in [
        ("require = ['lower', 'Digit']", format!("4:11 password.require: {classes}")),
        ("require = 'lower'", "4:11 password.require: must be a list of strings, not a string".to_owned()),
        ("require = [1]", "4:11 password.require: must be a list of strings, not an array".to_owned()),
        ("symbols = ''", format!("4:11 password.symbols: {symbols}")),
        ("symbols = '!a'", format!("4:11 password.symbols: {symbols}")),
        ("symbols = '! '", format!("4:11 password.symbols: {symbols}")),
        ("symbols = \"!\\u200b\"", format!("4:11 password.symbols: {symbols}")),
    ] {
        assert_eq!(rules(text).expect_err(text), problem);
    }
}

#[test]
fn what_would_refuse_every_grant_is_refused() {
    let license = |text: &str| {
        let profile = Profile::parse(&format!("[license]\nurl = 'https://license.example'\n{text}"));
        profile.map(|profile| profile.license.signed_grants).map_err(|problems| problems[0].to_string())
    };
    let (keys, audience) = ("token-key-file = '/keys'\n", "token-audience = 'if-present'\n");
    let said = |line, why| Err(format!("{line}:17 license.signed-grants: {why}"));
    for (text, expected) in [
        (format!("{keys}signed-grants = true"), Ok(true)),
        (format!("{keys}{audience}signed-grants = false"), Ok(false)),
        (
            "signed-grants = true".to_owned(),
            said(3, "needs `token-key-file`: without a key no signature can be checked"),
        ),
        (
            format!("{keys}{audience}signed-grants = true"),
            said(5, "needs `token-audience = \"required\"`: a token without its tenant could be anybody's"),
        ),
    ] {
        assert_eq!(license(&text), expected, "{text}");
    }
}

#[test]
fn a_profile_with_questions() {
    let profile = Profile::parse(include_str!("../../../tests/answers/questions.toml")).expect("sound");
    let ids: Vec<&str> = profile.questions.iter().map(|question| question.id.as_str()).collect();
    assert_eq!(ids, ["region", "mail-domain", "workers", "telemetry", "mail-password"]);
    assert_eq!(profile.questions[1].kind, {
        let pattern = Some(crate::values::Pattern::parse(r"[a-z0-9.-]+\.[a-z]+").expect("a pattern"));
        QuestionKind::Text(TextRules { pattern, length: 1..=40 })
    });
    assert_eq!(profile.questions[2].default.as_deref(), Some("2"));
    let key = Target::SecretKey { secret: SecretName::Tenant, key: "MAIL_PASSWORD".to_owned() };
    assert_eq!(profile.questions[4].target, key);
    let hostname = EndpointKind::Hostname.parse("appliance.acme.example").expect("a name");
    assert_eq!(profile.endpoint.public(Some(&hostname)).as_deref(), Some("https://appliance.acme.example/"));
    assert_eq!(profile.endpoint.public(None), None);
}

const WRONG_QUESTIONS: &str = "\
[license]
url = 'https://license.example'
[bootstrap]
chart = '/c'
[bootstrap.values]
'mail.host' = 'x'
[endpoint]
url = 'https://{hostname}/'
value = 'ingress.host'
[[question]]
id = 'Region'
kind = 'choices'
choices = [1]
[[question]]
id = 'region'
kind = 'choice'
label = 'Region'
choices = [{ value = 'eu' }, { value = 'eu', label = 'Europe' }, { lable = 'US' }]
default = 'asia'
pattern = 'x'
value = 'ingress'
[[question]]
id = 'region'
kind = 'text'
label = ''
help = \"a\\u001b[31mb\"
min = 9
max = 8
pattern = '[a'
value = 'mail'
secret-key = { secret = 'tenant', key = 'X' }
[[question]]
id = 'pin'
kind = 'secret'
label = 'PIN'
default = '1234'
value = 'pin'
[[question]]
id = 'key'
kind = 'secret'
label = 'Key'
secret-key = { secret = 'both', key = 'a b' }
[[question]]
id = 'mail'
kind = 'boolean'
label = 'Mail?'
default = 'yes'
value = 'mail'
[[question]]
id = 'token'
kind = 'secret'
label = 'Token'
secret-key = { secret = 'license', key = 'LICENSE_TOKEN' }
[[question]]
id = 'token-file'
kind = 'number'
label = 'Number'
default = 11
max = 10
value = 'a'
[[question]]
id = 'workers'
kind = 'number'
label = 'Workers'
value = 'a..b'
";

#[test]
fn every_problem_with_questions_at_once() {
    let problems = Profile::parse(WRONG_QUESTIONS).expect_err("wrong throughout");
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(listed.join("\n"), @"
    8:7 endpoint.url: needs `ask = true`: `{hostname}` stands for the answer
    9:9 endpoint.value: needs `ask = true`: there is no answer otherwise
    10:1 question[0].label: is missing
      hint: what is asked for
    10:1 question[0].value: is missing
      hint: where the answer goes: `value` (a Helm value) or `secret-key` (a key of a Secret)
    11:6 question[0].id: must be lower-case letters, digits and inner hyphens
    12:8 question[0].kind: must be `text`, `choice`, `boolean`, `number` or `secret`
    18:40 question[1].choices[1].value: is the value of another choice already
    18:66 question[1].choices[2].value: is missing
      hint: the answer itself
    18:68 question[1].choices[2].lable: is not a known key
      hint: did you mean `label`?
    19:11 question[1].default: must be one of `eu`, `eu`
    20:1 question[1].pattern: is not a known key
      hint: known here: id, label, help, optional, kind, choices, value, secret-key, default
    21:9 question[1].value: is set by something else already (`ingress.host`)
    25:9 question[2].label: is empty
    26:8 question[2].help: must be up to 400 characters that can be shown
    27:7 question[2].min: is more than `max`, which is 8
    29:11 question[2].pattern: is not a regular expression: unclosed character class
    30:9 question[2].value: use one of `value` and `secret-key`, not both
    36:11 question[3].default: a secret has none: it would be the same for everybody
    37:9 question[3].value: a secret may only go to a Secret: use `secret-key` in its place
    42:25 question[4].secret-key.secret: must be `tenant` or `license`
    42:39 question[4].secret-key.key: is not a Secret key: letters, digits, `-`, `_` and `.` are allowed
    47:11 question[5].default: must be `true` or `false`, not a string
    48:9 question[5].value: is set by something else already (`mail.host`)
    53:14 question[6].secret-key: the key `LICENSE_TOKEN` is another one's already
    55:6 question[7].id: `token-file` is a key of another question's answer already
    58:11 question[7].default: must be a whole number from 0 to 10
    65:9 question[8].value: is not the path of a Helm value such as `ingress.host`
    ");
}

#[test]
fn helm_values_need_a_bootstrap() {
    let text =
        "[license]\nurl = 'https://l.example'\n[[question]]\nid = 'a'\nkind = 'boolean'\nlabel = 'A'\nvalue = 'a'";
    let problems = Profile::parse(text).expect_err("nothing reads it");
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["7:9 question[0].value: needs a `[bootstrap]`: nothing else reads Helm values"]);
}

#[test]
fn problems_are_told_in_the_language_of_the_operator() {
    let german = words::Words::new(words::Language::German);
    let problems = Profile::parse(WRONG_QUESTIONS).expect_err("wrong throughout");
    assert_eq!(german.say(problems[9].phrase()), "19:11 question[1].default: muss eines von `eu`, `eu` sein");
    for phrase in problems.iter().flat_map(|problem| [&problem.message].into_iter().chain(&problem.hint)) {
        assert_ne!(german.say(phrase), phrase.to_string());
    }
}

#[test]
fn keys_of_helm_values() {
    for (path, keys) in [
        ("ingress.host", Some(vec!["ingress", "host"])),
        (r"nodeSelector.kubernetes\.io/os", Some(vec!["nodeSelector", "kubernetes.io/os"])),
        ("nodeSelector.kubernetes.io/os", None),
        ("c..d", None),
        (".e", None),
        ("f.", None),
        ("", None),
        (r"g\h", None),
        ("servers[0].port", None),
    ] {
        assert_eq!(super::value_keys(path), keys.map(|keys| keys.into_iter().map(str::to_owned).collect()), "{path}");
    }
}

#[test]
fn every_problem_with_services_at_once() {
    let text = "[license]\nurl = 'https://license.example'\n[[service]]\nunit = 'gateway'\n[[service]]\nunit = 'a.service'\n\
                timeout-seconds = 0\n[[service]]\nunit = 'a.service'\n[[service]]\nname = 'b.service'\n";
    let problems = Profile::parse(text).expect_err("it has problems");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    4:8 service[0].unit: is not the full name of a unit that can be started, such as `gateway.service` or `queue@1.service`
    7:19 service[1].timeout-seconds: must be between 1 and 86400, not 0
    9:8 service[2].unit: is the unit of another entry already (`a.service`)
    10:1 service[3].unit: is missing
      hint: the unit's full name, such as `gateway.service`
    11:1 service[3].name: is not a known key
      hint: known here: unit, timeout-seconds
    ");
}

#[test]
fn every_problem_of_what_is_generated_at_once() {
    let text = "[license]\nurl = 'https://license.example'\n[bootstrap]\nchart = '/chart'\n[files]\nmode = '0644'\n\
                [[generate]]\nid = 'Key'\nformat = 'hex:8'\ntargets = ['secret:a']\nrotate = 'daily'\n\
                [[generate]]\nid = 'one'\nformat = 'uuid'\ntargets = []\n\
                [[generate]]\nid = 'one'\nformat = 'uuid'\ntargets = ['secret:a/K']\n\
                [[generate]]\nid = 'two'\nformat = 'uuid'\ntargets = ['secret:a/K', 'secret:msp/appliance-license-seed/K']\n\
                [[generate]]\nid = 'three'\nformat = 'url(http://{two}:{url}@a/)'\ntargets = ['secret:a/K']\n\
                [[generate]]\nid = 'url'\nformat = 'url(http://{hex:16}/)'\ntargets = ['configmap:a/U']\ndata = ['volume:x']\n";
    let problems = Profile::parse(text).expect_err("it has problems");
    let told: Vec<String> = problems.iter().map(|problem| problem.phrase().to_string()).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    6:8 files.mode: must be a mode such as `0640`, with which its owner may read and write it, and not everybody
    8:6 generate[0].id: must be lower-case letters, digits and inner hyphens
    9:10 generate[0].format: must be `base64:N`, `base64url:N` or `hex:N` of 16 to 1024 bytes, `password:N` of as many characters, `uuid`, or `url(…)`
    10:11 generate[0].targets: has `secret:a` in it, which must be `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH#VARIABLE`
    11:10 generate[0].rotate: must be `manual` or `never`
    15:11 generate[1].targets: is empty
    17:6 generate[2].id: is the id of another value already (`one`)
    23:11 generate[3].targets: has `secret:a/K` in it, where another value goes already
    23:11 generate[3].targets: has `secret:appliance-license-seed/K` in it: that Secret is written as a whole from the grant and the answers
    26:10 generate[4].format: needs a value `url` among the others that is no address itself
    27:11 generate[4].targets: has `secret:a/K` in it, where another value goes already
    31:11 generate[5].targets: has `configmap:a/U` in it, which may not be in a ConfigMap, which many can read: what is generated goes to Secrets and files
    32:8 generate[5].data: has `volume:x` in it, which must be `claim:NAME`, with `NAMESPACE/` before the name if it is another one, or `path:PATH`
    "#);
}
