//! Each rule alone, values that are shared, and that deciding twice is deciding once.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use uuid::Uuid;

use super::*;
use crate::{
    answers::Draft,
    profile::{PasswordForm, Profile},
    steps::objects::{Granted, Travelling},
    values::{ApplianceId, Grant},
};

type Pairs = &'static [(&'static str, &'static str)];

fn data(pairs: &[(&str, &str)]) -> ObjectData {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect()
}

fn key(name: &str, rule: Rule, needed: Needed, said: Option<&str>) -> Key {
    let said = said.map(SecretText::from);
    Key::new(name, rule, needed, move |_| said.clone())
}

fn object(keys: Vec<Key>, present: Option<ObjectData>) -> Observed {
    Observed { row: Row { object: ObjectRef::secret("s"), whole: true, forced: false, keys }, present, basis: None }
}

/// Decides with or without a grant, before the bootstrap has run.
fn decided(granted: bool, objects: &Objects) -> Vec<Option<Wanted>> {
    decided_when(granted, false, false, objects)
}

fn decided_when(granted: bool, bootstrapped: bool, other_code: bool, objects: &Objects) -> Vec<Option<Wanted>> {
    let answers = "install-code='K7QPM2RX'\n[administrator]\nfirst-name='Kim'\nlast-name='Admin'\n\
                   email='kim@acme.example'\npassword='correct horse battery'";
    let profile = Profile::built_in();
    let answers = Draft::from_toml(answers, &profile).0.finish(&profile).expect("sound answers");
    let grant = r#"{"tenant_id": "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66", "edition": "essentials"}"#;
    let grant = Grant::parse(grant).expect("a grant");
    let grant = Granted { grant, appliance_id: ApplianceId::derive(None, "host"), key: Uuid::nil() };
    let granted = granted.then_some(&grant);
    let password = Travelling::new(PasswordForm::Plaintext, answers.secret.password.clone());
    let (answers, password) = (Some(&answers), Some(&password));
    objects.decide(&Known { answers, granted, other_code, password, bootstrapped, ..Known::default() })
}

/// One key under each rule: what is there, what its source says, with or without a grant, and what becomes of it.
#[test]
fn each_rule() {
    use Rule::{FromAnswer, FromGrant, Refreshed};
    let once = || Rule::CreateOnly("v".to_owned());
    let (old, new, other): (Pairs, Pairs, Pairs) = (&[("k", "old")], &[("k", "new")], &[("k", "old"), ("o", "x")]);
    let (none, empty): (Pairs, Pairs) = (&[], &[("k", "")]);
    for (rule, granted, present, said, expected) in [
        (FromGrant, true, Some(old), Some("new"), Some((new, true))),
        (FromGrant, true, Some(old), Some("old"), Some((old, false))),
        // It falls away with the next write, but is no reason for one.
        (FromGrant, true, Some(old), None, Some((none, false))),
        (FromGrant, true, Some(old), Some(""), Some((none, false))),
        (FromGrant, false, Some(old), Some("new"), Some((old, false))),
        // An object is not made without what is needed.
        (FromGrant, true, None, Some(""), None),
        (FromGrant, false, None, Some("new"), None),
        (Refreshed, true, Some(old), None, Some((old, false))),
        (Refreshed, false, Some(old), Some("new"), Some((new, true))),
        (Refreshed, false, None, Some("new"), Some((new, true))),
        (Refreshed, true, None, None, None),
        (once(), true, Some(old), Some("new"), Some((old, false))),
        (once(), false, Some(old), None, Some((old, false))),
        (once(), false, Some(none), Some("new"), Some((new, true))),
        (once(), false, Some(empty), Some("new"), Some((new, true))),
        (once(), false, None, Some("new"), Some((new, true))),
        (once(), true, None, None, None),
        (FromAnswer, false, Some(old), Some("new"), Some((new, true))),
        (FromAnswer, true, Some(old), None, Some((none, true))),
        (FromAnswer, true, None, Some("new"), Some((new, true))),
        // What is not ours is neither written nor a difference.
        (FromAnswer, false, Some(other), Some("old"), Some((old, false))),
    ] {
        let told = format!("{rule:?} {present:?} {said:?}");
        let keys = vec![key("k", rule, Needed::Always, said)];
        let decided = decided(granted, &Objects(vec![object(keys, present.map(data))])).remove(0);
        assert_eq!(decided, expected.map(|(pairs, changes)| Wanted { data: data(pairs), changes }), "{told}");
    }
}

#[test]
fn what_is_present_in_another_form_stays() {
    let upper_case = |value: &str| {
        key("k", Rule::FromAnswer, Needed::Always, Some("new")).same_if(match value {
            "yes" => |_, _| true,
            _ => |_, _| false,
        })
    };
    for (is_same, expected) in [
        ("yes", Wanted { data: data(&[("k", "NEW")]), changes: false }),
        ("no", Wanted { data: data(&[("k", "new")]), changes: true }),
    ] {
        let object = object(vec![upper_case(is_same)], Some(data(&[("k", "NEW")])));
        assert_eq!(decided(false, &Objects(vec![object])), [Some(expected)]);
    }
}

/// Before the bootstrap has run it is as it is answered, and after that as it is there: removed, or not yet.
#[test]
fn what_is_there_for_the_bootstrap_alone() {
    let (old, new, none): (Pairs, Pairs, Pairs) = (&[("k", "old")], &[("k", "new")], &[]);
    for (bootstrapped, present, expected) in [
        (false, Some(old), Some((new, true))),
        (false, Some(none), Some((new, true))),
        (false, None, Some((new, true))),
        (true, Some(old), Some((old, false))),
        (true, Some(none), Some((none, false))),
        // The object is made anew without it: nothing reads it any more.
        (true, None, Some((none, false))),
    ] {
        let keys = vec![key("k", Rule::FromAnswer, Needed::Always, Some("new")).passing()];
        let objects = Objects(vec![object(keys, present.map(data))]);
        let decided = decided_when(true, bootstrapped, false, &objects).remove(0);
        let expected = expected.map(|(pairs, changes)| Wanted { data: data(pairs), changes });
        assert_eq!(decided, expected, "{bootstrapped} {present:?}");
    }
}

/// What the product has taken over is not answered anew, whatever else is made again.
#[test]
fn an_answer_counts_until_the_bootstrap_has_run() {
    let (old, new): (Pairs, Pairs) = (&[("k", "old")], &[("k", "new")]);
    for (bootstrapped, present, expected) in [
        (false, Some(old), (new, true)),
        (true, Some(old), (old, false)),
        // It has gone, and the one of now is all there is.
        (true, Some(&[][..]), (new, true)),
        (true, None, (new, true)),
    ] {
        let keys = vec![key("k", Rule::FromAnswer, Needed::Always, Some("new"))];
        let objects = Objects(vec![object(keys, present.map(data))]);
        let decided = decided_when(true, bootstrapped, false, &objects).remove(0);
        let expected = Wanted { data: data(expected.0), changes: expected.1 };
        assert_eq!(decided, Some(expected), "{bootstrapped} {present:?}");
    }
}

/// A code is not spent for what the operator says.
#[test]
fn an_answer_that_is_missing_asks_for_no_grant() {
    for (rule, complete) in [
        (Rule::FromAnswer, true),
        (Rule::FromGrant, false),
        (Rule::Refreshed, false),
        (Rule::CreateOnly("v".to_owned()), false),
    ] {
        let objects = Objects(vec![object(vec![key("k", rule.clone(), Needed::Always, None)], Some(data(&[])))]);
        assert_eq!(objects.is_complete(), complete, "{rule:?}");
    }
}

/// Another code's grant changes what came with a grant; what is there and holds nothing of one stays as it was answered.
#[test]
fn of_another_code_the_grant_alone_counts() {
    let answer = || key("a", Rule::FromAnswer, Needed::Always, Some("new"));
    let grant = || key("g", Rule::FromGrant, Needed::Always, Some("new"));
    let (old, new): (Pairs, Pairs) = (&[("a", "old"), ("g", "old")], &[("a", "new"), ("g", "new")]);
    for (keys, present, expected) in [
        (vec![answer()], Some(&old[..1]), None),
        (vec![answer()], None, Some((&new[..1], true))),
        (vec![answer(), grant()], Some(old), Some((new, true))),
        (vec![grant()], Some(&old[1..]), Some((&new[1..], true))),
    ] {
        let objects = Objects(vec![object(keys, present.map(data))]);
        let decided = decided_when(true, false, true, &objects).remove(0);
        assert_eq!(decided, expected.map(|(pairs, changes)| Wanted { data: data(pairs), changes }), "{present:?}");
    }
}

#[test]
fn a_value_that_is_created_is_one_value_and_made_once() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let made = |name: &str| {
        Key::new(name, Rule::CreateOnly("v".to_owned()), Needed::Always, |_| {
            Some(SecretText::new(format!("made {}", ASKED.fetch_add(1, Ordering::Relaxed))))
        })
    };
    let objects = |second: Option<ObjectData>| {
        Objects(vec![object(vec![made("a")], None), object(vec![made("b"), made("c")], second)])
    };
    let all = |value: &str| {
        let wanted = |pairs: &[(&str, &str)]| Some(Wanted { data: data(pairs), changes: true });
        [wanted(&[("a", value)]), wanted(&[("b", value), ("c", value)])]
    };
    assert_eq!(decided(false, &objects(None)), all("made 0"));
    // It is there in one place: so it is in all, and nothing is made.
    assert_eq!(decided(false, &objects(Some(data(&[("c", "there")])))), all("there"));
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
}

proptest! {
    /// Whatever is there and is said: what was decided once, and is written, stays.
    #[test]
    fn to_decide_twice_is_to_decide_once(
        granted in any::<bool>(),
        other_code in any::<bool>(),
        whole in any::<bool>(),
        keys in proptest::collection::vec((0..4_u8, any::<bool>(), proptest::option::of("[ab]?")), 1..5),
        present in proptest::collection::vec(proptest::option::of(proptest::collection::btree_map("[k-p]", "[ab]?", 0..5)), 1..4),
    ) {
        let rows = || {
            let keys = || keys.iter().zip('k'..).map(|((rule, needed, said), name)| {
                let rule = match rule {
                    0 => Rule::FromGrant,
                    1 => Rule::FromAnswer,
                    2 => Rule::CreateOnly("v".to_owned()),
                    _ => Rule::Refreshed,
                };
                let needed = if *needed { Needed::Always } else { Needed::No };
                key(&name.to_string(), rule, needed, said.as_deref())
            });
            (0..present.len()).map(move |_| Row { object: ObjectRef::secret("s"), whole, forced: false, keys: keys().collect() })
        };
        let text = |data: &std::collections::BTreeMap<String, String>| -> ObjectData {
            data.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()
        };
        let before = rows().zip(&present).map(|(row, data)| Observed { row, present: data.as_ref().map(text), basis: None });
        let before = Objects(before.collect());
        let once = decided_when(granted, false, other_code, &before);
        let after = before.0.into_iter().zip(&once).zip(rows()).map(|((object, wanted), row)| match wanted {
            // Applied: what is ours is as it is wanted, and what is not named by the row is not ours.
            Some(Wanted { data, changes: true }) => {
                let foreign = object.present.into_iter().flatten();
                let foreign = foreign.filter(|(name, _)| row.keys.iter().all(|key| key.name != *name));
                Observed { present: Some(foreign.chain(data.clone()).collect()), basis: None, row }
            }
            _ => Observed { row, ..object },
        });
        let twice = decided_when(granted, false, other_code, &Objects(after.collect()));
        for (once, twice) in once.iter().zip(&twice) {
            // What another code has just made is its own no more, and stays as it is.
            if !other_code {
                prop_assert_eq!(once.as_ref().map(|wanted| &wanted.data), twice.as_ref().map(|wanted| &wanted.data));
            }
            prop_assert!(twice.as_ref().is_none_or(|wanted| !wanted.changes));
        }
    }
}
