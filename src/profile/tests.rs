//! The profile's reader: the built-in one, defaults, and every problem at once.

use super::*;

#[test]
fn the_built_in_profile_is_sound_and_says_every_default() {
    let built_in = Profile::built_in();
    let least = Profile::parse(
        "[license]\nurl = 'https://license.example'\n[bootstrap]\nchart = '/usr/share/firstlight/bootstrap.tgz'",
    )
    .expect("enough");
    assert_eq!(built_in, least, "a default in the code differs from the one that assets/profiles/default.toml shows");
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
11:18 secrets.tenant.admin-password: must be `argon2id` or `plaintext`
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
