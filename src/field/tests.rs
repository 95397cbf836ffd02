//! The field, as `before|after` the cursor.

use proptest::prelude::*;

use super::{text_box::*, *};
use crate::values::{CodeError, CodeFormat};

fn plain() -> Field {
    Field::new(FieldKind::Plain, 20)
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

/// Types a text key by key; what was said about the last key.
fn type_all(field: &mut Field, text: &str) -> Result<Option<Remark>, Refusal> {
    text.chars().map(|character| field.insert(character)).last().unwrap_or(Ok(None))
}

#[test]
fn a_code_is_found_in_a_line_that_comes_key_by_key() {
    for (line, held, found) in [
        ("Your install code is K7QP-M2RX (valid for 14 days).", "K7QPM2RX", true),
        ("code: k7qp m2rx", "K7QPM2RX", true),
        ("K7QP-M2RX", "K7QPM2RX", false),
        ("K7Q0P-M2RX", "K7QPM2RX", false),
        ("K7QP-M2RX K7QP-M2RX", "K7QPM2RX", true),
        ("2 of 3: K7QP-M2R", "2F3K7QPM", false),
        // Which of two is meant is not for the field to say, nor what begins like a code and goes on.
        ("codes: K7QP-M2RX, K7QP-M2RZ", "", false),
        ("order 2345-ABCD-99", "", false),
        ("codes: K7QP-M2RX, K7QP-M2RZ, thanks again", "", false),
    ] {
        let mut field = code();
        let said = type_all(&mut field, line);
        assert_eq!((field.text(), said == Ok(Some(Remark::Found))), (held, found), "{line}: {said:?}");
    }
    let several = type_all(&mut code(), "codes: K7QP-M2RX, K7QP-M2RZ");
    assert_eq!(several, Err(Refusal::Codes(2)));
    // What was typed before a correction has nothing to do with what is typed after it.
    let mut field = code();
    let _refused = type_all(&mut field, "no: K7QP-M2R");
    field.edit(Edit::KillBefore);
    assert_eq!(type_all(&mut field, "X"), Ok(None));
    assert_eq!(field.text(), "X");
}

#[test]
fn moving_and_deleting() {
    use Edit::{Backspace, Delete, End, Home, KillAfter, KillBefore, KillWord, Left, Right, WordLeft, WordRight};
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
        ("Anne-Marie d'Arc", &[WordLeft], "Anne-Marie d'|Arc"),
        ("Anne-Marie d'Arc", &[WordLeft, WordLeft, WordLeft], "Anne-|Marie d'Arc"),
        ("Anne-Marie", &[WordLeft, WordLeft, WordLeft], "|Anne-Marie"),
        ("Anne-Marie", &[Home, WordRight], "Anne|-Marie"),
        ("Anne-Marie", &[Home, WordRight, WordRight, WordRight], "Anne-Marie|"),
        ("kim@acme.example", &[KillWord, KillWord], "kim@|"),
        ("Kim  ", &[KillWord], "|"),
        ("Zoë 李四", &[Left, KillWord], "Zoë |四"),
        ("e\u{301}e\u{301} x", &[WordLeft, WordLeft, WordRight], "e\u{301}e\u{301}| x"),
        // Two halves of a flag become one when what parted them is deleted.
        ("\u{1f1e9}x\u{1f1ea}", &[Left, Backspace], "\u{1f1e9}\u{1f1ea}|"),
        // One letter with two combining marks, and a flag in one cell, are one character each.
        ("e\u{301}\u{323}x", &[Left, Backspace], "|x"),
        ("a\u{1f1e9}\u{1f1ea}", &[Backspace], "a|"),
        ("李四", &[Left], "李|四"),
    ] {
        assert_eq!(after(plain(), typed, edits), expected, "{typed} {edits:?}");
    }
}

#[test]
fn words_of_a_masked_line_are_told_to_nobody_and_those_of_a_code_are_its_groups() {
    use Edit::{Home, KillWord, Left, WordLeft, WordRight};
    let masked = || Field::new(FieldKind::Masked, 30);
    for (field, typed, edits, expected) in [
        (masked(), "correct horse", &[WordLeft][..], "|correct horse"),
        (masked(), "correct horse", &[Home, WordRight], "correct horse|"),
        (masked(), "correct horse", &[Left, KillWord], "|e"),
        (code(), "k7qpm2rx", &[WordLeft], "K7QP|M2RX"),
        (code(), "k7qpm2", &[WordLeft], "K7QP|M2"),
        (code(), "k7qpm2", &[WordLeft, WordLeft, WordLeft], "|K7QPM2"),
        (code(), "k7qpm2", &[Home, WordRight], "K7QP|M2"),
        (code(), "k7qpm2", &[Home, WordRight, WordRight], "K7QPM2|"),
        (code(), "k7qpm2", &[KillWord, KillWord, KillWord], "|"),
    ] {
        assert_eq!(after(field, typed, edits), expected, "{typed} {edits:?}");
    }
}

#[test]
fn what_nobody_sees_is_left_out_or_refused_by_the_kind_of_line() {
    let masked = || Field::new(FieldKind::Masked, 20);
    let unseen = |character, position| Err(Refusal::Unseen { character, position });
    for (field, pasted, state_after, expected) in [
        (plain(), "\u{feff}Kim\u{200b}ber\u{ad}ly\u{200f} ", "Kimberly|", Ok(Some(Remark::Cleaned))),
        (plain(), "Kim\u{a0}Admin", "Kim Admin|", Ok(None)),
        (plain(), "\r\n Kim \t\r\n", "Kim|", Ok(None)),
        (plain(), " \u{200b}K\tm", "|", Err(Refusal::Control(4))),
        (masked(), "correct\u{a0}horse", "|", unseen('\u{a0}', 8)),
        (masked(), "\u{feff}correct", "|", unseen('\u{feff}', 1)),
        (masked(), "correct\thorse", "|", Err(Refusal::Control(8))),
        (masked(), "correct horse\n", "correct horse|", Ok(Some(Remark::LineBreak))),
        (masked(), "correct \r\n", "correct |", Ok(Some(Remark::OuterSpace))),
        (code(), "\u{feff}k7qp\u{200e}-m2\u{200d}rx", "K7QPM2RX|", Ok(None)),
        (code(), "is K7QP-M2RX (14 days)", "K7QPM2RX|", Ok(Some(Remark::Found))),
    ] {
        let mut field = field;
        assert_eq!(field.paste(pasted), expected, "{pasted:?}");
        assert_eq!(state(&field), state_after, "{pasted:?}");
    }
    let mut typed = masked();
    typed.insert('a').expect("taken");
    assert_eq!(typed.insert('\u{a0}'), Err(Refusal::Unseen { character: '\u{a0}', position: 2 }));
    assert_eq!(after(plain(), "a\u{200d}\u{a0}b", &[]), "a b|");
    assert_eq!(after(code(), "k7\u{200d}-\u{a0}q", &[]), "K7Q|");
}

#[test]
fn an_answers_file_holds_the_code_alone() {
    assert_eq!(code().fill("K7QP-M2RX"), Ok(None));
    let refused = code().fill("is K7QP-M2RX (14 days)").expect_err("a text");
    assert!(matches!(refused, Refusal::Code(CodeError::Character { position: 1, .. })), "{refused:?}");
}

#[test]
fn codes_are_folded_and_grouped_and_say_what_they_refuse() {
    assert_eq!(after(code(), "k7qp-m2", &[]), "K7QPM2|");
    let mut field = code();
    field.insert('K').expect("taken");
    let refused = field.insert('0').expect_err("not in the alphabet");
    assert!(matches!(refused, Refusal::Code(CodeError::Character { position: 2, .. })), "{refused:?}");
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
    let character =
        CodeError::Character { character: "!".to_owned(), position: 5, allowed: "2-9 A-H J-K M-N P-Z".to_owned() };
    for (field, before, pasted, expected) in [
        (code(), "", " k7qp – m2rx\r\n", Ok("K7QPM2RX|")),
        (code(), "K7", "k7qp-m2rx", Ok("K7QPM2RX|")),
        (code(), "K7", "QP", Ok("K7QP|")),
        (code(), "K7QPM2", "222", Err(Refusal::Long { have: 3, room: 2 })),
        (code(), "K7", "K7QP-M2RX-99", Err(Refusal::Code(CodeError::Long { have: 10, want: 8 }))),
        (code(), "K7", "--", Err(Refusal::Code(CodeError::Empty))),
        (code(), "K7", "K7QP!", Err(Refusal::Code(character))),
        (code(), "K7", "there is no code here", Err(Refusal::NoCode)),
        (code(), "K7", "K7QP-M2RX or K7QP-M2RY", Err(Refusal::Codes(2))),
        (plain(), "Kim", " Admin\n", Ok("Kim Admin|")),
        (plain(), "Kim", "a\nb", Err(Refusal::Control(2))),
        (plain(), "Kim", "123456789012345678", Err(Refusal::Long { have: 18, room: 17 })),
    ] {
        let mut field = field;
        type_all(&mut field, before).expect("taken");
        let result = field.paste(pasted).map(|_| state(&field));
        assert_eq!(result, expected.map(str::to_owned), "{before} {pasted}");
        assert!(result.is_ok() || state(&field) == format!("{before}|"), "a refused paste changed something");
    }
}

/// Whoever has the wrong thing in the clipboard is told at once, and a whole mail is looked through.
#[test]
fn a_paste_that_is_no_mail_is_not_looked_through() {
    let codes = "K7QP-M2RX K7QP-M2RY\n".repeat(20_000);
    let have = codes.len();
    for (field, room) in [(code(), 8), (plain(), 20), (Field::new(FieldKind::Masked, 72), 72)] {
        let mut field = field;
        assert_eq!(field.paste(&codes), Err(Refusal::Long { have, room }));
        assert!(field.is_empty());
    }
    let mail = format!("{}\nYour install code is K7QP-M2RX.\n", "Received: from a by b\n".repeat(2000));
    assert_eq!(code().paste(&mail), Ok(Some(Remark::Found)));
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
    let mut field = Field::new(FieldKind::Masked, 20);
    field.paste("hünter2").expect("fits");
    assert_eq!(field.window(false, 20).text.as_str(), "*******");
    assert_eq!(field.window(true, 20).text.as_str(), "hünter2");
    assert_eq!(format!("{field:?}"), "Field(redacted)");
}

proptest! {
    #[test]
    fn the_buffer_never_moves_and_nothing_panics(
        doings in proptest::collection::vec((any::<char>(), 0_usize..15, ".{0,9}"), 0..60),
        width in 0_u16..30,
    ) {
        use Edit::{Backspace, Delete, End, Home, KillAfter, KillBefore, KillWord, Left, Right, WordLeft, WordRight};
        let edits =
            [Left, Right, WordLeft, WordRight, Home, End, Backspace, Delete, KillWord, KillBefore, KillAfter];
        for mut field in [plain(), Field::new(FieldKind::Masked, 9), code()] {
            let place = (field.text.as_ptr(), field.text.capacity());
            for (character, action, paste) in &doings {
                match edits.get(*action) {
                    Some(edit) => {
                        field.edit(*edit);
                        prop_assert!(field.boundaries().any(|place| place == field.cursor));
                    }
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
