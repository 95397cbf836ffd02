//! Problems of a document: their places, their order, and that nothing panics.

use proptest::prelude::*;

use super::*;

fn problems(text: &str) -> Vec<String> {
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
    problems.iter().map(ToString::to_string).collect()
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
    assert_eq!(place_of("é = 1\nüü = 2", 9), Place { line: 2, column: 2 });
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>()) {
        let _ = problems(&text);
    }
}
