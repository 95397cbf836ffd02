//! What a typed line means: an answer, or a command by its key or a word.

use zeroize::Zeroizing;

use crate::{
    wizard::{
        App, Command, Context, Input,
        choice::{self, Entry},
        keys::{self},
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
    /// What a key of the table means.
    Command(Command),
    /// What Enter means where it means nothing.
    Nothing,
    /// Say the page once more, and what can be typed.
    Help,
    /// Nothing that works here.
    Unknown,
}

/// What `line` means where `app` is.
///
/// Where a field is asked for, a line is an answer unless it is a mark and a word,
/// `/back`; one more mark, `//back`, makes an answer of that. A word that works elsewhere is none either.
pub(super) fn understand<'a>(app: &App, line: &'a str) -> Typed<'a> {
    let bare = line.trim().trim_start_matches(MARK);
    let marks = line.trim().len() - bare.len();
    // It may be a password all the same.
    let name = Zeroizing::new(bare.to_ascii_lowercase());
    if asks(app) {
        let known = || is_word(&name).then_some(Typed::Unknown);
        let command = if name.as_str() == CLEAR { Some(Typed::Clear) } else { command(app, &name).or_else(known) };
        return match command.filter(|_| bare.len() > 1 && marks > 0) {
            Some(command) if marks == 1 => command,
            Some(_) => Typed::Answer(&line[line.find(MARK).map_or(0, |mark| mark + 1)..]),
            None => Typed::Answer(line),
        };
    }
    if line.trim().is_empty() {
        return entered(app).map_or(Typed::Nothing, Typed::Command);
    }
    command(app, &name).unwrap_or(Typed::Unknown)
}

/// What Enter means.
pub(super) fn entered(app: &App) -> Option<Command> {
    app.chosen().or_else(|| keys::confirmed(app.context()))
}

/// Whether a line is the answer to a field.
pub(super) fn asks(app: &App) -> bool {
    app.asked().is_none() && (app.focused().is_some() || app.own_page().is_some_and(|own| own.fields() > 0))
}

/// What can be chosen from for `input`, in the order of the numbers that are typed for it.
pub(super) fn entries(app: &App, input: Input) -> Vec<Entry> {
    let question = input.question(app.profile()).filter(|_| app.beneath() == Context::Choice);
    question.map(|question| choice::entries(question, app.words())).unwrap_or_default()
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
    let footer = keys::footer(app.context()).into_iter();
    let rows = footer.flat_map(|hint| hint.keys.into_iter().map(move |(key, command)| (key, command, hint.label)));
    for (key, command, label) in rows.filter(|(_, command, _)| !is_drawn(*command)) {
        let Some(name) = name(app, &key, command) else { continue };
        match hints.iter_mut().find(|(_, other)| *other == label) {
            Some((names, _)) if names.split('/').any(|other| other == name) => {}
            Some((names, _)) => {
                names.push('/');
                names.push_str(&name);
            }
            None => hints.push((name, label)),
        }
    }
    let label = |id: TextId| app.words().say(id);
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

/// Whether it means nothing without a screen: all of the log has been told as it happened, and so have the causes.
const fn is_drawn(command: Command) -> bool {
    use Command::{Camera, Causes, Help, Log, Redraw, Reveal};
    matches!(command, Help | Log | Camera | Causes | Reveal | Redraw)
}

fn command(app: &App, name: &str) -> Option<Typed<'static>> {
    if matches!(name, HELP | "?") {
        return Some(Typed::Help);
    }
    let working = keys::working(app.context());
    let labelled: Vec<_> = keys::footer(app.context()).into_iter().flat_map(|hint| hint.keys).collect();
    let find = |keys: &[(String, Command)], meant: &dyn Fn(&str, Command) -> bool| {
        let found = keys.iter().find(|(key, command)| !is_drawn(*command) && meant(key, *command));
        found.map(|(_, command)| Typed::Command(*command))
    };
    find(&working, &|key, _| is_letter(key) && key.eq_ignore_ascii_case(name))
        .or_else(|| find(&working, &|_, command| word(command) == Some(name)))
        .or_else(|| find(&working, &|_, command| name.len() == 1 && word(command).is_some_and(|w| w.starts_with(name))))
        // The texts of the pages name the keys: `F5` is understood as well.
        .or_else(|| find(&labelled, &|key, _| key.eq_ignore_ascii_case(name)))
}

/// What is to be typed for a key, if anything.
fn name(app: &App, key: &str, command: Command) -> Option<String> {
    match (key, word(command)) {
        _ if is_letter(key) => Some(key.to_ascii_lowercase()),
        ("Enter", _) => (!asks(app)).then(|| key.to_owned()),
        (_, Some(word)) if asks(app) => Some(format!("{MARK}{word}")),
        (_, Some(word)) => word.get(..1).map(str::to_owned),
        (_, None) => None,
    }
}

/// Whether a key's name is that of a letter or a digit.
fn is_letter(key: &str) -> bool {
    key.chars().count() == 1
}

/// The words for commands whose keys are not letters.
const WORDS: [(Command, &str); 7] = [
    (Command::Back, "back"),
    (Command::CheckAgain, "check"),
    (Command::Leave, "quit"),
    (Command::Finish, "quit"),
    (Command::NextLanguage, "language"),
    (Command::Stop, "stop"),
    (Command::No, "no"),
];

/// The word for a command whose key is not a letter; its first letter will do where no field is asked for.
fn word(command: Command) -> Option<&'static str> {
    WORDS.iter().find(|(of, _)| *of == command).map(|(_, word)| *word)
}

/// Whether a name is the word of some command, which need not work where it is typed.
fn is_word(name: &str) -> bool {
    WORDS.iter().any(|(_, word)| *word == name)
}
