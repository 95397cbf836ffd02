//! What is said in one language and another.

pub(super) mod scrambled;

use super::*;

#[test]
fn values_are_put_in_without_marks() {
    let said = phrase!("step-of" { step: 3, steps: 7 });
    for words in Language::ALL.map(Words::new) {
        assert_eq!(words.say(&said), "3/7", "{words:?}");
    }
}

#[test]
fn it_keeps_values_and_nothing_else() {
    let words = Words::new(Language::Scrambled);
    assert_eq!(words.say(id!("welcome-title")), "qrzbpyrJ");
    assert_eq!(Words::english().say(id!("welcome-title")), "Welcome");
    assert_eq!(words.say(phrase!("step-of" { step: 3, steps: 7 })), "3q~7");
    for (lines, said) in [(1, "1 qerqyb qravy qfnj qqrccbeq"), (2, "2 qerqyb qfravy qrerj qqrccbeq")] {
        assert_eq!(words.say(phrase!("log-dropped" { lines })), said);
    }
    let why = "could not be read (no such file) s";
    assert_eq!(words.say(phrase!("keyboard-failed" { reason: why })), why, "what others say is told as it comes");
    assert!(!Language::ALL.contains(&Language::Scrambled));
}

#[test]
fn phrases_are_said_in_any_language_and_survive_a_recording() {
    let phrase = phrase!("will-value" { path: "a.b", answer: "{ $path } \"x\"" });
    assert_eq!(phrase.to_string(), "The Helm value `a.b` is { $path } \"x\".");
    assert_eq!(Words::new(Language::English).say(&phrase), phrase.to_string());
    assert_eq!(Words::new(Language::German).say(&phrase), "Der Helm-Wert `a.b` ist { $path } \"x\".");
    let named = Phrase::from(vec!["Gateway".into()]);
    let both = Phrase::from(vec!["Gateway".into(), phrase!("ready-appliance")]);
    let within = phrase!("value-long" { what: phrase.clone(), have: 7, most: &both });
    for phrase in [phrase, named, both, within] {
        let json = serde_json::to_string(&phrase).expect("JSON");
        assert_eq!(serde_json::from_str::<Phrase>(&json).expect("a phrase"), phrase);
        let english = serde_json::to_value(phrase.in_english()).expect("JSON");
        assert_eq!(english, serde_json::Value::String(phrase.to_string()));
    }
}

#[test]
fn numbers_count_and_lists_have_commas() {
    for (have, said) in [(1, "1 older line was dropped"), (2, "2 older lines were dropped")] {
        assert_eq!(phrase!("log-dropped" { lines: have }).to_string(), said);
    }
    assert_eq!(Phrase::from(vec![Phrase::from("a"), Phrase::from(2_u8)]).to_string(), "a, 2");
}

#[test]
fn a_time_that_goes_on_is_no_news() {
    let note = |name: &str, seconds: u64| phrase!("ready-waiting" { name, why: "no answer", seconds });
    let long = |seconds: u64, details: &str| phrase!("with-details" { what: phrase!("rehearse-kubernetes-starting" { seconds }), details });
    for (now, before, repeats) in [
        (note("a", 2), note("a", 1), true),
        (note("a", 2), note("b", 2), false),
        (long(2, "x"), long(1, "x"), true),
        (long(2, "x"), long(2, "y"), false),
        ("waiting, 2 s".into(), "waiting, 1 s".into(), false),
        ("x".into(), "x".into(), true),
    ] {
        assert_eq!(now.repeats(&before), repeats, "{now}, {before}");
    }
    assert_eq!(
        [note("a", 1), long(2, "x"), "waiting, 1 s".into()].map(|told| told.seconds()),
        [Some(1), Some(2), None]
    );
    assert_eq!(long(40, "no answer").to_string(), "starting, 40 s (no answer)");
    assert_eq!(long(40, "no answer").brief().to_string(), "starting, 40 s");
}
