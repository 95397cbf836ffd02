//! What a typed line means: an answer, or one of the keys of the table by a letter or a word.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use zeroize::Zeroizing;

use crate::{
    wizard::{
        app::App,
        choice::{self, Entry},
        command::Command,
        form::Input,
        keys::{self, Context, Row},
        page::Page,
    },
    words::{TextId, id},
};

/// The word for what is not in the table: the page once more, and what can be typed.
const HELP: &str = "help";
/// The word for an answer that is empty on purpose: an empty line keeps what is there.
const CLEAR: &str = "clear";
/// Stands before a word where a line is an answer.
const MARK: char = '/';

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed<'a> {
    /// The answer to the question.
    Answer(&'a str),
    /// An empty answer.
    Clear,
    /// As if this key had been pressed.
    Key(KeyEvent),
    /// Say the page once more, and what can be typed.
    Help,
    /// Nothing that works here.
    Unknown,
}

/// What `line` means where `app` is.
///
/// Where a field is asked for, a line is an answer unless it is a mark and a word,
/// `/back`; one more mark, `//back`, makes an answer of that.
pub(super) fn understand<'a>(app: &App, line: &'a str) -> Typed<'a> {
    let bare = line.trim().trim_start_matches(MARK);
    let marks = line.trim().len() - bare.len();
    // It may be a password all the same.
    let name = Zeroizing::new(bare.to_ascii_lowercase());
    if asks(app) {
        let command = if name.as_str() == CLEAR { Some(Typed::Clear) } else { command(app, &name) };
        return match command.filter(|_| bare.len() > 1 && marks > 0) {
            Some(command) if marks == 1 => command,
            Some(_) => Typed::Answer(&line[line.find(MARK).map_or(0, |mark| mark + 1)..]),
            None => Typed::Answer(line),
        };
    }
    if line.trim().is_empty() {
        return Typed::Key(KeyCode::Enter.into());
    }
    command(app, &name).unwrap_or(Typed::Unknown)
}

/// Whether a line is the answer to a field.
pub(super) fn asks(app: &App) -> bool {
    app.asked().is_none() && (app.focused().is_some() || app.page == Page::Keyboard)
}

/// What can be chosen from for `input`, in the order of the numbers that are typed for it.
pub(super) fn entries(app: &App, input: Input) -> Vec<Entry> {
    let question = input.question(&app.profile).filter(|_| app.beneath() == Context::Choice);
    question.map(|question| choice::entries(question, &app.words)).unwrap_or_default()
}

/// The entry that a line names: by its number, its label or its value.
pub(super) fn named(entries: &[Entry], line: &str) -> Option<usize> {
    let line = line.trim();
    let number = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.filter(|index| *index < entries.len()).or_else(|| {
        let same = |text: &str| !text.is_empty() && text.to_lowercase() == line.to_lowercase();
        entries.iter().position(|entry| same(&entry.label) || same(&entry.value))
    })
}

/// What can be typed where `app` is and what it does, as `q: Leave`.
pub(super) fn hints(app: &App) -> Vec<String> {
    let mut hints: Vec<(String, TextId)> = Vec::new();
    for row in rows(app) {
        let (Some(name), Some(label)) = (name(app, row), row.label()) else { continue };
        match hints.iter_mut().find(|(_, other)| *other == label) {
            Some((names, _)) if names.split('/').any(|other| other == name) => {}
            Some((names, _)) => {
                names.push('/');
                names.push_str(&name);
            }
            None => hints.push((name, label)),
        }
    }
    let label = |id: TextId| app.words.say(id);
    let mut said: Vec<String> = hints.into_iter().map(|(names, id)| format!("{names}: {}", label(id))).collect();
    if asks(app) {
        said.push(format!("{MARK}{CLEAR}: {}", label(id!("plain-clear"))));
    }
    if !said.is_empty() {
        let help = if asks(app) { format!("{MARK}{HELP}") } else { "?".to_owned() };
        said.push(format!("{help}: {}", label(id!("plain-help"))));
    }
    said
}

/// The rows of the table that mean something without a screen.
fn rows(app: &App) -> impl Iterator<Item = &'static Row> {
    // All of the log has been told as it happened, and so have the causes.
    let drawn = |command: Command| {
        use Command::{Camera, Causes, Help, Log, Redraw, Reveal};
        matches!(command, Help | Log | Camera | Causes | Reveal | Redraw)
    };
    keys::rows(app.context()).filter(move |row| !drawn(row.command()))
}

fn command(app: &App, name: &str) -> Option<Typed<'static>> {
    if matches!(name, HELP | "?") {
        return Some(Typed::Help);
    }
    let by = |meant: &dyn Fn(&&Row) -> bool| rows(app).find(meant).map(|row| Typed::Key(row.event()));
    let short = |row: &&Row| word(row.command()).is_some_and(|word| name.len() == 1 && word.starts_with(name));
    by(&|row| letter(row).is_some_and(|letter| name.chars().eq([letter])))
        .or_else(|| by(&|row| word(row.command()) == Some(name)))
        .or_else(|| by(&short))
        // The texts of the pages name the keys: `F5` is understood as well.
        .or_else(|| by(&|row| row.label().is_some() && row.event().code.to_string().eq_ignore_ascii_case(name)))
}

/// What is to be typed for a row, if anything.
fn name(app: &App, row: &Row) -> Option<String> {
    match (letter(row), row.event().code, word(row.command())) {
        (Some(letter), ..) => Some(letter.to_string()),
        (None, KeyCode::Enter, _) if asks(app) => None,
        (None, KeyCode::Enter, _) => Some(KeyCode::Enter.to_string()),
        (None, _, Some(word)) if asks(app) => Some(format!("{MARK}{word}")),
        (None, _, Some(word)) => word.get(..1).map(str::to_owned),
        (None, _, None) => None,
    }
}

/// The letter or digit that is the row's key.
fn letter(row: &Row) -> Option<char> {
    match row.event() {
        KeyEvent { code: KeyCode::Char(letter), modifiers: KeyModifiers::NONE, .. } => Some(letter),
        _ => None,
    }
}

/// The word for a command whose key is not a letter; its first letter will do where no field is asked for.
const fn word(command: Command) -> Option<&'static str> {
    match command {
        Command::Back => Some("back"),
        Command::CheckAgain => Some("check"),
        Command::Leave | Command::Finish => Some("quit"),
        Command::NextLanguage => Some("language"),
        Command::Stop => Some("stop"),
        Command::No => Some("no"),
        _ => None,
    }
}
