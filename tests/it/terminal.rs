//! The real binary on a terminal, with nothing around it: signals, sizes, kinds of terminal, and how it is given back.

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{
    console::{Console, OLD_TEXT, key, on_one_screen, words},
    machine::PASSWORD,
    pages::{Page, alone, on_a_terminal},
    process,
};

const CODE: &str = "K7QP-M2RX";
const SIZE: (u16, u16) = (80, 24);

/// A way to end the wizard.
type Ending = (&'static str, Option<Signal>);

const SIGNALS: [Ending; 5] = [
    ("SIGTERM", Some(Signal::TERM)),
    ("SIGINT", Some(Signal::INT)),
    ("SIGHUP", Some(Signal::HUP)),
    ("SIGQUIT", Some(Signal::QUIT)),
    ("a dropped line", None),
];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The wizard on the code page, a code typed.
async fn typing(folder: &TempDir) -> Console {
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.answer_until(Page::Code, CODE).await;
    console.press("k7qpm2rx").await;
    console.wait_for_text(CODE).await;
    console
}

/// The wizard with a run under way, which waits for a Kubernetes that never comes.
async fn running(folder: &TempDir) -> Console {
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.answer_until(Page::Progress, CODE).await;
    console.running().await;
    console
}

async fn assert_ends(console: Console, (name, signal): Ending) {
    let Some(signal) = signal else {
        assert_eq!(console.hang_up().await, Some(130), "{name}");
        return;
    };
    console.signal(signal);
    let left = console.end().await;
    left.ended(130);
    assert_eq!(left.text.trim(), "", "{name}: the screen is as it was");
    assert_eq!(left.text_on_one_screen.trim(), "", "{name}: nothing of ours stays on it");
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_while_something_is_typed() {
    for ending in SIGNALS {
        let folder = folder();
        assert_ends(typing(&folder).await, ending).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_while_a_run_is_under_way() {
    for ending in SIGNALS {
        let folder = folder();
        assert_ends(running(&folder).await, ending).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_is_asked_for_first() {
    let folder = folder();
    let mut console = typing(&folder).await;
    console.press(key::CTRL_C).await;
    console.asked().await;
    console.press(key::ESC).await;
    console.wait_for("the page as it was", |screen| Page::Code.is_on(screen) && words(screen).contains(CODE)).await;
    console.press(key::CTRL_C).await;
    console.asked().await;
    console.press(key::ENTER).await;
    console.end().await.ended(130);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_run_is_asked_for_first_and_it_can_go_on() {
    let folder = folder();
    let mut console = running(&folder).await;
    console.stop_run(key::CTRL_C).await;
    console.press(key::ENTER).await;
    console.running().await;
    console.stop_run(key::CTRL_C).await;
    console.press("q").await;
    console.end().await.ended(130);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_one_screen_nothing_shows_through_and_the_password_does_not_stay() {
    let folder = folder();
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.answer_until(Page::Password, CODE).await;
    let seen = on_one_screen(SIZE, &console.bytes());
    assert!(
        Page::Password.is_on(seen.screen()) && !words(seen.screen()).contains(OLD_TEXT),
        "{}",
        seen.screen().contents()
    );
    console.press(PASSWORD).await;
    console.press(key::F2).await;
    console.wait_for_text(PASSWORD).await;
    console.press(key::CTRL_C).await;
    console.asked().await;
    assert!(!console.read(words).contains(PASSWORD), "it may be the last that is drawn");
    console.press(key::ESC).await;
    console.on(Page::Password).await;
    console.press(key::F2).await;
    console.wait_for_text(PASSWORD).await;
    console.signal(Signal::TERM);
    console.end().await.ended(130);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_cannot_be_is_drawn_all_the_same() {
    for (size, lines, columns, drawn) in [
        ((0, 0), "", "", (80, 24)),
        ((80, 0), "", "", (80, 24)),
        ((0, 24), "", "", (80, 24)),
        ((0, 0), "18", "60", (60, 18)),
        ((u16::MAX, u16::MAX), "", "", (500, 200)),
    ] {
        let folder = folder();
        let mut command = alone(folder.path());
        command.env("LINES", lines).env("COLUMNS", columns);
        let mut console = Console::open_as(command, size, drawn);
        console.on(Page::Welcome).await;
        // The rule below the page ends where the columns do.
        let ends = console.read(|screen| screen.rows(0, drawn.0).map(|row| row.chars().count()).max());
        assert_eq!(ends, Some(drawn.0.into()), "{size:?}");
        console.resize(SIZE);
        console.press(key::ENTER).await;
        console.wait_for("the next page in the real size", |screen| Page::Code.is_on(screen)).await;
        console.signal(Signal::TERM);
        console.end().await.ended(130);
    }
}

/// Every size on the way from 80x24 to 1x1 and back, in steps that make neither side even.
fn storm() -> impl Iterator<Item = (u16, u16)> {
    let down = (0..24).map(|step| (80 - 3 * step, 24 - step));
    down.chain([(1, 1), (200, 60), (1, 60), (200, 1), (1, 1), (60, 18)])
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_that_change_while_something_is_typed_lose_no_character() {
    let folder = folder();
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.answer_until(Page::Administrator, CODE).await;
    let typed: String = ('a'..='z').cycle().take(storm().count()).collect();
    for (size, character) in storm().zip(typed.chars()) {
        console.resize(size);
        console.press(&character.to_string()).await;
    }
    console.resize(SIZE);
    let shows = |screen: &vt100::Screen, text: &str| Page::Administrator.is_on(screen) && words(screen).contains(text);
    console.wait_for("the whole page", |screen| shows(screen, &typed)).await;
    // What is on the screen is what is drawn on an empty one.
    let before = console.picture();
    console.press(&format!("{}{}!", key::CTRL_L, key::BACKSPACE)).await;
    let changed = format!("{}!", &typed[..typed.len() - 1]);
    console.wait_for("all of it again", |screen| shows(screen, &changed)).await;
    assert_eq!(without_checks(&console.picture()), without_checks(&before.replace(&typed, &changed)));
    console.signal(Signal::TERM);
    console.end().await.ended(130);
}

/// The line about the checks moves by itself.
fn without_checks(picture: &str) -> Vec<&str> {
    picture.lines().filter(|line| !line.contains("Checks:")).map(str::trim_end).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_that_change_during_a_run_do_not_stop_it() {
    let folder = folder();
    let mut console = running(&folder).await;
    for size in storm() {
        console.resize(size);
    }
    console.resize(SIZE);
    console.running().await;
    console.signal(Signal::TERM);
    console.end().await.ended(130);
}

/// The colours of every character and of what is behind it.
fn colours(screen: &vt100::Screen) -> impl Iterator<Item = vt100::Color> {
    let (rows, columns) = screen.size();
    let cells = (0..rows.get()).flat_map(move |row| (0..columns.get()).map(move |column| (row, column)));
    let cells = cells.filter_map(|(row, column)| screen.cell(row, column));
    cells.flat_map(|cell| [cell.fgcolor(), cell.bgcolor()])
}

/// Whether any character has a colour.
fn coloured(screen: &vt100::Screen) -> bool {
    colours(screen).any(|colour| colour != vt100::Color::Default)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_terminal() {
    let rows = [
        ("xterm-256color", "", SIZE, true),
        ("xterm-256color", "1", SIZE, false),
        ("linux", "", SIZE, true),
        ("linux", "", (60, 18), true),
        ("vt100", "", SIZE, false),
        ("vt100", "", (60, 18), false),
    ];
    for (term, no_color, size, colour) in rows {
        let row = format!("{term} {size:?} NO_COLOR={no_color}");
        let folder = folder();
        let mut command = alone(folder.path());
        command.env("TERM", term).env("NO_COLOR", no_color);
        let mut console = Console::open(command, size);
        console.answer_until(Page::Progress, CODE).await;
        // The run waits for a Kubernetes: what is marked by then has a colour, if there is any.
        console.running().await;
        assert_eq!(console.when(coloured).is_some(), colour, "{row}");
        console.press(key::CTRL_C).await;
        console.asked().await;
        console.press(key::ENTER).await;
        console.stopped().await;
        console.press("q").await;
        let left = console.end().await;
        left.ended(130);
        // What a serial line would answer comes in as keys, or not at all.
        for question in ["\x1b[6n", "\x1b[c", "\x1b[0c", "\x1b[>c", "\x1b[?u", "\x1b]11;?"] {
            assert!(!String::from_utf8_lossy(&left.bytes).contains(question), "{row}: asks the terminal {question:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_colours_are_used_than_there_are() {
    use vt100::Color::{Default, Idx, Rgb};
    // What a colour may be there, and what shows that as many are used as there are.
    type Test = fn(vt100::Color) -> bool;
    let rows: [(&str, &str, &str, Test, Test); 5] = [
        ("xterm", "", "", |colour| matches!(colour, Default | Idx(..8)), |colour| matches!(colour, Idx(..8))),
        ("xterm-16color", "", "", |colour| matches!(colour, Default | Idx(..16)), |colour| colour == Idx(15)),
        ("xterm-256color", "", "", |colour| matches!(colour, Default | Idx(_)), |colour| matches!(colour, Idx(16..))),
        ("xterm-256color", "truecolor", "", |_| true, |colour| colour == Rgb(0x0b, 0x3d, 0x91)),
        ("xterm-256color", "truecolor", "1", |colour| colour == Default, |colour| colour == Default),
    ];
    for (term, colorterm, no_color, allowed, wanted) in rows {
        let row = format!("{term} {colorterm} NO_COLOR={no_color}");
        let folder = folder();
        let mut command = alone(folder.path());
        let profile = folder.path().join("profile.toml");
        let text = std::fs::read_to_string(&profile).expect("written by us");
        std::fs::write(profile, format!("{text}[brand]\naccent = '#0b3d91'\n")).expect("a profile");
        command.env("TERM", term).env("COLORTERM", colorterm).env("NO_COLOR", no_color);
        let mut console = Console::open(command, SIZE);
        console.answer_until(Page::Progress, CODE).await;
        console.running().await;
        assert_eq!(console.when(|screen| !colours(screen).all(allowed)), None, "{row}");
        assert!(console.when(|screen| colours(screen).any(wanted)).is_some(), "{row}");
        console.signal(Signal::TERM);
        let bytes = console.end().await.ended(130).bytes.clone();
        // Also where nothing shows them.
        let says = |part: &str| String::from_utf8_lossy(&bytes).contains(part);
        assert_eq!(says("8;2;"), colorterm == "truecolor" && no_color.is_empty(), "{row}");
        // A terminal without a palette of 256 reads this as blinking text.
        assert_eq!(says("8;5;"), (term, colorterm) == ("xterm-256color", ""), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_by_line_nothing_is_for_the_terminal_and_the_password_for_nobody() {
    for (term, arguments) in [("dumb", &[][..]), ("", &[]), ("xterm-256color", &["--plain"])] {
        let folder = folder();
        let mut command = alone(folder.path());
        command.env("TERM", term).args(arguments);
        let mut console = Console::open(command, SIZE);
        for (asked, answer) in [
            ("Enter: Begin", ""),
            ("Install code:", CODE),
            ("First name:", "Kim"),
            ("Last name:", "Admin"),
            ("E-mail address:", "kim@acme.example"),
            ("Company (optional):", ""),
            ("Password:", PASSWORD),
            ("Password again:", PASSWORD),
            ("Enter: Start", ""),
        ] {
            console.wait_for_text(asked).await;
            console.press(&format!("{answer}\r")).await;
        }
        console.wait_for_text("s: Stop").await;
        console.press(key::CTRL_C).await;
        console.wait_for_text("Stop the setup?").await;
        console.press("y\r").await;
        console.wait_for_text("n: Network; q: Leave").await;
        console.press("q\r").await;
        let left = console.end().await;
        assert_eq!((left.code, left.signal), (Some(130), None), "{term}");
        assert_eq!(left.not_restored, Vec::<&str>::new(), "{term}");
        let text = String::from_utf8(left.bytes).expect("UTF-8");
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\r' && letter != '\n'), "{text:?}");
        assert!(text.contains("Kim") && !text.contains(PASSWORD) && !text.contains(CODE), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_by_line_every_ending_gives_the_line_back() {
    for (name, signal) in SIGNALS {
        let folder = folder();
        let mut command = alone(folder.path());
        command.arg("--plain");
        let mut console = Console::open(command, SIZE);
        console.wait_for_text("Enter: Begin").await;
        let Some(signal) = signal else {
            assert_eq!(console.hang_up().await, Some(130), "{name}");
            continue;
        };
        console.signal(signal);
        let left = console.end().await;
        assert_eq!((left.code, left.not_restored), (Some(130), Vec::new()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_pasted_in_one_piece() {
    let folder = folder();
    let mut console = Console::open(alone(folder.path()), SIZE);
    console.answer_until(Page::Code, CODE).await;
    console.paste(CODE).await;
    console.wait_for_text(CODE).await;
    console.press(key::CTRL_U).await;
    console.wait_for("an empty field", |screen| !words(screen).contains(CODE)).await;
    console.paste(&CODE.to_lowercase().replace('-', " ")).await;
    console.wait_for_text(CODE).await;
    console.signal(Signal::TERM);
    console.end().await.ended(130);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_opened_where_it_ends() {
    let folder = folder();
    let file = folder.path().join("recording");
    let mut command = alone(folder.path());
    command.arg("--record").arg(&file);
    let mut console = Console::open(command, SIZE);
    console.answer_until(Page::Progress, CODE).await;
    console.running().await;
    drop(console);
    let mut command = process::firstlight();
    command.args(["replay", "--open"]).arg(&file);
    let mut console = Console::open(on_a_terminal(command), (60, 18));
    console.running().await;
    console.press("l").await;
    console.wait_for_text("lines 1-").await;
    console.press(key::ENTER).await;
    console.running().await;
    console.stop_run(key::ESC).await;
    console.press("q").await;
    console.end().await.ended(0);
}

/// What was typed and is no secret is there again after a crash, and after nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn who_types_after_a_crash_types_no_more_than_the_secrets() {
    let folder = folder();
    let kept = folder.path().join("kept");
    std::fs::create_dir(&kept).expect("a folder");
    let open = || {
        let mut command = alone(folder.path());
        command.env("RUNTIME_DIRECTORY", &kept);
        Console::open(command, SIZE)
    };
    let mut console = open();
    console.answer_until(Page::Review, CODE).await;
    console.signal(Signal::KILL);
    console.end().await;
    let text = std::fs::read_to_string(kept.join("typed.json")).expect("it is kept");
    assert!(text.contains("kim@acme.example") && !text.contains(PASSWORD) && !text.contains("K7QP"), "{text}");
    let mut console = open();
    console.answer_until(Page::Code, CODE).await;
    console.press(&format!("{CODE}{}", key::ENTER)).await;
    console.on(Page::Password).await;
    console.signal(Signal::TERM);
    console.end().await.ended(130);
    assert!(!kept.join("typed.json").exists());
}
