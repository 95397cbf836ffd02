//! What bytes mean, whole and in pieces.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::StreamExt;
use proptest::prelude::*;
use tokio::{sync::mpsc::unbounded_channel, time};
use zeroize::Zeroizing;

use super::*;
use crate::screen::decode::UNREADABLE;

/// What is read, and the pause before it.
type Typed<'a> = (u64, &'a [u8]);

fn heard(typed: &[Typed<'_>]) -> Vec<Event> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let (sender, mut receiver) = unbounded_channel();
        let heard = tokio::spawn(keys(stream::poll_fn(move |context| receiver.poll_recv(context))).collect::<Vec<_>>());
        for (pause, bytes) in typed {
            time::sleep(Duration::from_millis(*pause)).await;
            sender.send(Ok(Zeroizing::new(bytes.to_vec()))).expect("it listens");
        }
        // Long enough for whatever is still waited for.
        time::sleep(Duration::from_secs(10)).await;
        drop(sender);
        heard.await.expect("no panic").into_iter().map(|event| event.expect("nothing fails here")).collect()
    })
}

fn key(code: KeyCode) -> Event {
    Event::Key(code.into())
}

fn with(modifiers: KeyModifiers, code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn typed(text: &str) -> Vec<Event> {
    text.chars().map(|character| key(KeyCode::Char(character))).collect()
}

/// Every key that the wizard knows, as terminals send it.
fn keys_of_terminals() -> Vec<(&'static [u8], Vec<Event>)> {
    use KeyCode::{
        BackTab, Backspace, Char, Delete, Down, End, Enter, F, Home, Left, PageDown, PageUp, Right, Tab, Up,
    };
    let (alt, control, shift) = (KeyModifiers::ALT, KeyModifiers::CONTROL, KeyModifiers::SHIFT);
    vec![
        (b"\r", vec![key(Enter)]),
        (b"\t", vec![key(Tab)]),
        (b"\x7f", vec![key(Backspace)]),
        (b"\x08", vec![key(Backspace)]),
        (b"\x03", vec![with(control, Char('c'))]),
        (b"\n", vec![with(control, Char('j'))]),
        (b"a", typed("a")),
        (b"A", vec![with(shift, Char('A'))]),
        ("ü".as_bytes(), typed("ü")),
        ("Ü".as_bytes(), vec![with(shift, Char('Ü'))]),
        ("李".as_bytes(), typed("李")),
        ("🙂".as_bytes(), typed("🙂")),
        (b"\x1b[A", vec![key(Up)]),
        (b"\x1b[B", vec![key(Down)]),
        (b"\x1b[C", vec![key(Right)]),
        (b"\x1b[D", vec![key(Left)]),
        (b"\x1bOA", vec![key(Up)]),
        (b"\x1bOH", vec![key(Home)]),
        (b"\x1bOF", vec![key(End)]),
        (b"\x1bOM", vec![key(Enter)]),
        (b"\x1bOu", typed("5")),
        (b"\x1bOj\x1bOk\x1bOl\x1bOm\x1bOn\x1bOo\x1bOX", typed("*+,-./=")),
        (b"\x1b[57399u\x1b[57412u\x1b[57350u", typed("0-")),
        (b"\x1b[H", vec![key(Home)]),
        (b"\x1b[1~", vec![key(Home)]),
        (b"\x1b[4~", vec![key(End)]),
        (b"\x1b[3~", vec![key(Delete)]),
        (b"\x1b[5~", vec![key(PageUp)]),
        (b"\x1b[6~", vec![key(PageDown)]),
        (b"\x1b[Z", vec![with(shift, BackTab)]),
        (b"\x1bOP", vec![key(F(1))]),
        (b"\x1b[[A", vec![key(F(1))]),
        (b"\x1b[11~", vec![key(F(1))]),
        (b"\x1b[[E", vec![key(F(5))]),
        (b"\x1b[15~", vec![key(F(5))]),
        (b"\x1b[21~", vec![key(F(10))]),
        (b"\x1b[24~", vec![key(F(12))]),
        (b"\x1b[1;5D", vec![with(control, Left)]),
        (b"\x1b[1;3C", vec![with(alt, Right)]),
        (b"\x1b[1;5:3D", vec![]),
        (b"\x1b[99;5u", vec![with(control, Char('c'))]),
        (b"\x1b[27;2;9~", vec![with(shift, BackTab)]),
        (b"\x1bb", vec![with(alt, Char('b'))]),
        (b"\x1b\x7f", vec![with(alt, Backspace)]),
        ("\x1bü".as_bytes(), vec![with(alt, Char('ü'))]),
    ]
}

/// What is no key and no text, and what stands beside it.
fn others() -> Vec<(&'static [u8], Vec<Event>)> {
    use KeyCode::{Char, Enter, Esc, Up};
    let control = KeyModifiers::CONTROL;
    vec![
        // Nothing of it is typed.
        (b"\x1b[?64;1c", vec![]),
        (b"\x1b[12;40R", vec![]),
        (b"\x1b[<0;3;4M", vec![]),
        (b"\x1b[M !!", vec![]),
        (b"\x1b[999999999999999999999999999999999999999999~x", typed("x")),
        (b"\x1b[I\x1b[O", vec![]),
        // Ctrl-C is always heard.
        (b"\x1b[1;\x03", vec![with(control, Char('c'))]),
        (b"\x1b\x1b[A", vec![key(Esc), key(Up)]),
        (b"\x1b\r", vec![key(Esc), key(Enter)]),
        (b"\x1b\x03", vec![key(Esc), with(control, Char('c'))]),
        (b"\xe4b", [typed("\u{1a}"), typed("b")].concat()),
        (b"\xff", typed("\u{1a}")),
        (
            b"\x1b[200~K7QP-M2RX\r\x1b[A\x1b[201~x",
            [vec![Event::Paste("K7QP-M2RX\r\x1b[A".to_owned())], typed("x")].concat(),
        ),
        (b"\x1b[200~caf\xe9\x1b[201~", vec![Event::Paste(UNREADABLE.to_string())]),
        // Its end was lost on the way.
        (b"\x1b[200~abc\x1b[20\x03d", [vec![with(control, Char('c'))], typed("d")].concat()),
    ]
}

#[test]
fn a_key_is_the_same_in_one_piece_and_byte_by_byte() {
    for (bytes, expected) in [keys_of_terminals(), others()].concat() {
        let shown = bytes.escape_ascii();
        assert_eq!(heard(&[(0, bytes)]), expected, "{shown}");
        for gap in [0, 5, 50, 99] {
            let apart: Vec<Typed<'_>> = bytes.chunks(1).map(|byte| (gap, byte)).collect();
            assert_eq!(heard(&apart), expected, "{shown}, {gap} ms apart");
        }
    }
}

#[test]
fn a_lone_escape_is_the_key_and_what_comes_later_is_another() {
    let escape = vec![key(KeyCode::Esc)];
    assert_eq!(heard(&[(0, b"\x1b")]), escape);
    assert_eq!(heard(&[(0, b"\x1b\x1b")]), [escape.clone(), escape.clone()].concat());
    assert_eq!(heard(&[(0, b"\x1b"), (101, b"y")]), [escape, typed("y")].concat());
    // Half a key is none; the rest of a slow one is not typed.
    assert_eq!(heard(&[(0, b"\x1b["), (900, b"1;"), (900, b"5C")]), [with(KeyModifiers::CONTROL, KeyCode::Right)]);
    assert_eq!(heard(&[(0, b"\x1b["), (1001, b"x")]), typed("x"));
    assert_eq!(heard(&[(0, b"\xc3"), (1001, b"x")]), [typed("\u{1a}"), typed("x")].concat());
}

#[test]
fn of_a_paste_without_end_no_more_is_kept_than_any_field_could_take() {
    let long = [b"\x1b[200~".as_slice(), &vec![b'a'; 3 << 20], b"\x1b[201~b"].concat();
    let heard = heard(&[(0, &long)]);
    let lengths: Vec<usize> =
        heard.iter().map(|event| if let Event::Paste(text) = event { text.len() } else { 0 }).collect();
    assert_eq!(lengths, [1 << 20, 0]);
}

proptest! {
    /// Whatever comes, cut anywhere, leads to the same; nothing hangs.
    #[test]
    fn pieces_do_not_matter(bytes in proptest::collection::vec(
        prop_oneof![Just(0x1b), Just(b'['), Just(b'O'), Just(b'~'), Just(b';'), Just(3), any::<u8>()], 0..40
    ), size in 1_usize..5) {
        let pieces: Vec<Typed<'_>> = bytes.chunks(size).map(|piece| (20, piece)).collect();
        prop_assert_eq!(heard(&pieces), heard(&[(0, &bytes)]));
    }
}
