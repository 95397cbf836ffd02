//! Problems of a document: their places, their order, and that nothing panics.

use proptest::prelude::*;

use super::*;

fn problems(text: &str) -> Vec<String> {
    found(text).iter().map(ToString::to_string).collect()
}

fn found(text: &str) -> Vec<Problem> {
    let (_, problems) = read(text, |root| {
        root.text("name");
        root.number("count");
        let mut inner = root.section("inner");
        inner.text("colour");
        inner.finish();
        for mut row in root.sections("row") {
            row.text("id");
            row.finish();
        }
        root.texts("free");
    });
    problems
}

#[test]
fn every_problem_has_its_place_and_they_come_in_order() {
    let text = "nam = 'x'\ncount = -1\nrow = 3\n[inner]\ncolor = 'red'\n[free]\na = 'b'\nc = 1\n";
    assert_eq!(
        problems(text),
        [
            "1:1 nam: is not a known key\n  hint: did you mean `name`?",
            "2:9 count: must be a whole number, 0 or more, not a negative number",
            "3:7 row: must be a list of tables (`[[row]]`), not an integer",
            "5:1 inner.color: is not a known key\n  hint: did you mean `colour`?",
            "8:5 free.c: must be a string in quotes, not an integer",
        ]
    );
}

#[test]
fn a_syntax_error_has_its_place() {
    assert!(problems("name = Kim\n")[0].starts_with("1:8 syntax: "), "{:?}", problems("name = Kim\n"));
}

#[test]
fn columns_count_characters() {
    assert_eq!(Places::of("é = 1\nüü = 2").at(9), Place { line: 2, column: 2 });
}

#[test]
fn as_many_mistakes_as_a_file_can_hold() {
    let many = |one: &str| one.repeat((1 << 20) / one.len());
    // In one line, in many, with one endless key, and with lists of what lacks everything.
    let [numbered, inline] = ["\n", ", "].map(|end| {
        let keys: Vec<_> = (0..60_000).map(|number| format!("unknown-{number} = 1")).collect();
        keys.join(end)
    });
    assert_eq!(found(&numbered).len(), 60_000);
    assert_eq!(found(&format!("inner = {{ {inline} }}")).len(), 60_000);
    assert_eq!(found(&format!("{} = 1", many("k"))).len(), 1);
    assert_eq!(found(&many("[[row]]\nidd=1\n")).len(), (1 << 20) / 14);
}

proptest! {
    #[test]
    fn places_are_as_counted(text in "[aé\n]{0,40}", offset in 0..60_usize) {
        let text = text.repeat(60);
        let offset = (offset * 61).min(text.len());
        let before = String::from_utf8_lossy(&text.as_bytes()[..offset]).into_owned();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let counted = Place { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 };
        prop_assert_eq!(Places::of(&text).at(offset), counted);
    }

    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = problems(&text);
    }
}
