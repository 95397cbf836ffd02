//! Answers from text: what is refused, all at once, and where.

use super::*;
use crate::{document::in_order, profile::Profile};

fn problems(text: &str) -> String {
    let profile = Profile::built_in();
    let (draft, mut problems) = Draft::from_toml(text);
    problems.extend(draft.problems(&profile));
    in_order(&mut problems);
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_parses_and_only_lacks_the_password_it_names() {
    assert_eq!(problems(TEMPLATE), "22:17 administrator.password: was not read");
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
    let answers = Draft::from_toml(text).0.finish(&Profile::built_in()).expect("complete");
    let debug = format!("{answers:?}");
    assert!(!debug.contains("horse") && !debug.contains("K7QP"), "{debug}");
}
