//! The field, as `before|after` the cursor.

use proptest::prelude::*;

use super::*;

fn plain() -> Field {
    Field::new(Kind::Plain, 20)
}

fn code() -> Field {
    Field::code(&CodeFormat::new("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4).expect("sound"))
}

fn state(field: &Field) -> String {
    format!("{}|{}", &field.text[..field.cursor], &field.text[field.cursor..])
}

/// Types `text`, then edits.
fn after(mut field: Field, text: &str, edits: &[Edit]) -> String {
    for character in text.chars() {
        field.insert(character).expect("taken");
    }
    for edit in edits {
        field.edit(*edit);
    }
    state(&field)
}

#[test]
fn moving_and_deleting() {
    use Edit::{Backspace, Delete, End, Home, KillAfter, KillBefore, Left, Right};
    for (typed, edits, expected) in [
        ("Kim", &[][..], "Kim|"),
        ("Kim", &[Left, Left, Left, Left], "|Kim"),
        ("Kim", &[Home, Right], "K|im"),
        ("Kim", &[Home, End, Right], "Kim|"),
        ("Kim", &[Left, Backspace], "K|m"),
        ("Kim", &[Left, Delete, Delete], "Ki|"),
        ("Kim", &[Left, KillBefore], "|m"),
        ("Kim", &[Left, KillAfter], "Ki|"),
        ("", &[Backspace, Delete, KillBefore, KillAfter], "|"),
        // One letter with two combining marks, and a family in one cell, are one character each.
        ("e\u{301}\u{323}x", &[Left, Backspace], "|x"),
        ("a\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", &[Backspace], "a|"),
        ("李四", &[Left], "李|四"),
    ] {
        assert_eq!(after(plain(), typed, edits), expected, "{typed} {edits:?}");
    }
}

#[test]
fn codes_are_folded_and_grouped_and_say_what_they_refuse() {
    assert_eq!(after(code(), "k7qp-m2", &[]), "K7QPM2|");
    let mut field = code();
    field.insert('K').expect("taken");
    let refused = field.insert('0').expect_err("not in the alphabet").to_string();
    assert_eq!(refused, "`0` at position 2 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z");
    assert_eq!(field.window(false, 20).text.as_str(), "K");
    field.paste("7QPM2RX").expect("fits");
    let window = field.window(false, 20);
    assert_eq!((window.text.as_str(), window.cursor), ("K7QP-M2RX", 9));
    assert_eq!(field.insert('Z'), Err(Refusal::Full(8)));
    for _ in 0..4 {
        field.edit(Edit::Left);
    }
    assert_eq!(field.window(false, 20).cursor, 5, "on the character, not on the separator");
}

#[test]
fn pastes_are_taken_whole_or_not_at_all() {
    for (field, before, pasted, expected) in [
        (code(), "", " k7qp – m2rx\r\n", Ok("K7QPM2RX|")),
        (code(), "K7", "k7qp-m2rx", Ok("K7QPM2RX|")),
        (code(), "K7", "QP", Ok("K7QP|")),
        (code(), "K7QPM2", "222", Err("the pasted text has 3 characters, and there is room for 2; nothing was pasted")),
        (
            code(),
            "K7",
            "K7QP-M2RX-99",
            Err("the install code is too long: 10 characters instead of 8; nothing was pasted"),
        ),
        (code(), "K7", "--", Err("the install code is empty; nothing was pasted")),
        (
            code(),
            "K7",
            "K7QP!",
            Err("`!` at position 5 is not used in install codes; allowed are 2-9 A-H J-K M-N P-Z; nothing was pasted"),
        ),
        (plain(), "Kim", " Admin\n", Ok("Kim Admin|")),
        (
            plain(),
            "Kim",
            "a\nb",
            Err("the pasted text has a line break or control character at position 2; nothing was pasted"),
        ),
        (
            plain(),
            "Kim",
            "123456789012345678",
            Err("the pasted text has 18 characters, and there is room for 17; nothing was pasted"),
        ),
    ] {
        let mut field = field;
        before.chars().for_each(|character| field.insert(character).expect("taken"));
        let result = field.paste(pasted).map(|_| state(&field)).map_err(|refusal| refusal.to_string());
        assert_eq!(result.as_deref().map_err(String::as_str), expected, "{before} {pasted}");
        assert!(result.is_ok() || state(&field) == format!("{before}|"), "a refused paste changed something");
    }
}

#[test]
fn the_window_follows_the_cursor() {
    let mut field = plain();
    field.paste("abcdefghij").expect("fits");
    for (edit, text, cursor) in [
        (Edit::End, "ghij", 4),
        (Edit::Left, "fghij", 4),
        (Edit::Home, "abcdefghij", 0),
        (Edit::Right, "abcdefghij", 1),
    ] {
        field.edit(edit);
        let window = field.window(false, 5);
        assert_eq!((window.text.as_str(), window.cursor), (text, cursor), "{edit:?}");
    }
}

#[test]
fn masked_fields_show_stars_until_they_are_revealed() {
    let mut field = Field::new(Kind::Masked, 20);
    field.paste("hünter2").expect("fits");
    assert_eq!(field.window(false, 20).text.as_str(), "*******");
    assert_eq!(field.window(true, 20).text.as_str(), "hünter2");
    assert_eq!(format!("{field:?}"), "Field(redacted)");
}

proptest! {
    #[test]
    fn the_buffer_never_moves_and_nothing_panics(
        doings in proptest::collection::vec((any::<char>(), 0_usize..12, ".{0,9}"), 0..60),
        width in 0_u16..30,
    ) {
        use Edit::{Backspace, Delete, End, Home, KillAfter, KillBefore, Left, Right};
        let edits = [Left, Right, Home, End, Backspace, Delete, KillBefore, KillAfter];
        for mut field in [plain(), Field::new(Kind::Masked, 9), code()] {
            let place = (field.text.as_ptr(), field.text.capacity());
            for (character, action, paste) in &doings {
                match edits.get(*action) {
                    Some(edit) => field.edit(*edit),
                    None if action % 2 == 0 => drop(field.insert(*character)),
                    None => drop(field.paste(paste)),
                }
                prop_assert!(field.length() <= field.limit);
                let window = field.window(true, width);
                prop_assert!(window.cursor < width.max(1));
            }
            prop_assert_eq!(place, (field.text.as_ptr(), field.text.capacity()));
        }
    }
}
