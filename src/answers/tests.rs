//! Answers from text: what is refused, all at once, and where.

use std::{env, fs, path::Path};

use super::*;
use crate::{
    document::in_order,
    profile::{Profile, keys},
};

fn problems(text: &str) -> String {
    let profile = Profile::built_in();
    let (draft, mut problems) = Draft::from_toml(text, &profile);
    problems.extend(draft.finish(&profile).err().unwrap_or_default());
    in_order(&mut problems);
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// `make profile` writes them anew.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the files as they lie in the repository, written anew when it is told to"
)]
fn what_follows_from_the_fields_is_up_to_date() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let profile = Profile::built_in();
    for (name, text) in [("answers.toml", template(&profile)), ("answers.schema.json", schema(&profile))] {
        let path = assets.join(name);
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, &text).expect("the file is written");
        }
        assert_eq!(fs::read_to_string(&path).expect("a file"), text, "{name} is stale: `make profile` writes it anew");
    }
}

#[test]
fn every_key_is_one_of_the_contract() {
    let profile = Profile::built_in();
    let unknown = fields::rows(&profile).into_iter().filter_map(|row| row.key).find(|key| !keys::TENANT.contains(key));
    assert_eq!(unknown, None, "it cannot be renamed, and a question could take it");
}

#[test]
fn the_template_parses_and_only_lacks_the_password_it_names() {
    assert_eq!(problems(&template(&Profile::built_in())), "24:17 administrator.password: was not read");
}

#[test]
fn a_complete_file() {
    let text = "install-code='k7qp m2rx'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\nemail='kim@acme.example'\npassword='correct horse battery'";
    assert_eq!(problems(text), "");
}

#[test]
fn five_mistakes_are_five_problems_with_places() {
    let text = "\
install-code = 'K7QP-M2R'
[administrator]
frist-name = 'Kim'
last-name = ''
email = 'kim'
password = 'short'
";
    insta::assert_snapshot!(problems(text), @"
1:16 install-code: the install code is incomplete: 7 of 8 characters
3:1 administrator.frist-name: is not a known key
  hint: did you mean `first-name`?
4:13 administrator.last-name: is empty
5:9 administrator.email: this is not an e-mail address of the form `name@example.com`
6:12 administrator.password: the password must have at least 12 characters
");
}

#[test]
fn no_problem_quotes_a_secret() {
    let text = "install-code = 'K7QPM2RXSECRET99'\n[administrator]\npassword = 'hun\u{9}ter2'\npassword-file = '/x'";
    let problems = problems(text);
    assert!(!problems.contains("hun") && !problems.contains("RXSECRET"), "{problems}");
}

#[test]
fn the_halves_are_apart() {
    let text = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\nemail='kim@acme.example'\npassword='correct horse battery'";
    let answers = Draft::from_toml(text, &Profile::built_in()).0.finish(&Profile::built_in()).expect("complete");
    let debug = format!("{answers:?}");
    assert!(!debug.contains("horse") && !debug.contains("K7QP"), "{debug}");
}

const QUESTIONS: &str = include_str!("../../tests/answers/questions.toml");

const ADMINISTRATOR: &str = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\n\
                             email='kim@acme.example'\npassword='correct horse battery'\n";

#[test]
fn answers_have_the_types_of_their_questions_and_secrets_are_apart() {
    let profile = Profile::parse(QUESTIONS).expect("sound");
    let text = format!(
        "{ADMINISTRATOR}[endpoint]\nhostname='a.example'\n[answers]\nregion='eu'\ntelemetry=true\nmail-domain=' '\n\
         mail-password=' leading space'"
    );
    let (draft, problems) = Draft::from_toml(&text, &profile);
    assert!(problems.is_empty() && draft.holds_secret(&profile), "{problems:?}");
    let answers = draft.finish(&profile).expect("complete");
    let questions = &answers.public.questions;
    let shown: Vec<_> = questions.iter().map(|(id, answer)| (id.as_str(), answer.clone())).collect();
    let expected = [
        ("mail-password", Told::Secret),
        ("region", Told::Shown("eu".into())),
        ("telemetry", Told::Shown(true.into())),
        ("workers", Told::Shown(2.into())),
    ];
    assert_eq!(shown, expected);
    assert_eq!(answers.secret.questions["mail-password"].expose(), " leading space");
    assert!(!format!("{answers:?}").contains("leading"), "{answers:?}");
}

#[test]
fn a_url_is_answered_in_the_place_of_a_host_name() {
    let profile = Profile::parse("[license]\nurl='https://license.example'\n[endpoint]\nkind='url'").expect("sound");
    for (answered, expected) in [
        ("url='HTTP://192.168.1.50:3000/'", Ok("http://192.168.1.50:3000")),
        ("url='192.168.1.50:3000'", Err("8:5 endpoint.url: must begin with `http://` or `https://`")),
        (
            "url='http://a.example/x'",
            Err("8:5 endpoint.url: has a path behind the host; nothing but a `/` may stand there"),
        ),
        ("hostname='a.example'", Err("8:1 endpoint.hostname: is not a known key\n  hint: known here: url")),
        ("", Err("endpoint.url: is missing\n  hint: add `endpoint.url`")),
    ] {
        let (draft, mut problems) = Draft::from_toml(&format!("{ADMINISTRATOR}[endpoint]\n{answered}"), &profile);
        let finished = draft.finish(&profile);
        let address = finished.as_ref().ok().and_then(|answers| answers.public.address(&profile));
        problems.extend(finished.err().unwrap_or_default());
        let told = problems.first().map(ToString::to_string);
        let found = address.map(|address| address.to_string()).ok_or_else(|| told.unwrap_or_default());
        assert_eq!(found.as_ref().map(String::as_str).map_err(String::as_str), expected, "{answered}");
    }
    assert!(template(&profile).contains("\nurl = \"https://appliance.example.com\"\n"), "{}", template(&profile));
}

#[test]
fn a_secret_answer_alone_makes_a_file_secret() {
    let profile = Profile::parse(QUESTIONS).expect("sound");
    for (text, secret) in
        [("[answers]\nmail-password='12345678'", true), ("[answers]\nmail-password-file='/x'\nregion='eu'", false)]
    {
        assert_eq!(Draft::from_toml(text, &profile).0.holds_secret(&profile), secret, "{text}");
    }
}

#[test]
fn the_template_of_a_profile_has_its_questions() {
    let profile = Profile::parse(QUESTIONS).expect("sound");
    let template = template(&profile);
    let (common, own) = template.split_once("[endpoint]").expect("it asks");
    let (before, network) = own.split_once("[network]").expect("every machine has one");
    let (_, questions) = network.split_once("[answers]").expect("it asks");
    insta::assert_snapshot!(format!("{before}[answers]{questions}"), @r#"
    # The name under which the appliance is reached.
    hostname = "appliance.example.com"

    [license]
    # Use this install code although this machine was set up with another one, as with a
    # reissued code over old data, or for another edition. Otherwise that ends with exit
    # code 33, and the code is not sent.
    # change = true

    [answers]

    # Region
    # Where backups are kept. It cannot be changed later. It has to be answered.
    # region = "eu"  # one of `eu`, `us`

    # Mail domain
    # Outgoing mail is sent from this domain. Optional.
    # mail-domain = "…"  # a text of the form `[a-z0-9.-]+\.[a-z]+`

    # Workers
    # The answer is `2` unless it is given here.
    # workers = 2  # a whole number from 1 to 16

    # Send usage statistics?
    # It has to be answered.
    # telemetry = false  # `true` or `false`

    # Mail password
    # It has to be answered. The one line of a file; or `mail-password = "…"` in this one;
    # or `mail-password-credential = "NAME"` (systemd, LoadCredential=).
    # mail-password-file = "/run/secrets/mail-password"
    "#);
    assert_only_lacks_its_secrets(common, own, &profile);
}

/// With the comments taken off the examples it is a file that only lacks what they stand for.
#[track_caller]
fn assert_only_lacks_its_secrets(common: &str, own: &str, profile: &Profile) {
    let open: Vec<&str> = own
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.split_once(" = ").is_some_and(|(id, _)| !id.contains([' ', '`'])) => rest,
            _ => line,
        })
        .collect();
    let (draft, mut problems) = Draft::from_toml(&format!("{common}[endpoint]{}", open.join("\n")), profile);
    problems.extend(draft.finish(profile).err().unwrap_or_default());
    let problems: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(problems, ["administrator.password", "report.token", "answers.mail-domain", "answers.mail-password"]);
}
