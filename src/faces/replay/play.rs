//! Plays a recording through the wizard's own `update` and `view`, and prints its screens.

use std::{
    io::{self, Write},
    time::Duration,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend, buffer::Cell};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use crate::{
    error::{ErrorId, Failure},
    faces::drawn::view,
    profile::Profile,
    recording::{
        format::{FORMAT, Filled, Happened, Header, Line, Place, State},
        placeholder,
    },
    screen::{Theme, size::drawable},
    values::plain_text,
    wizard::{App, Effect, Input, Msg, Reply, Seen, overlay, own::OwnPage, page, update, way},
    words::{Phrase, Words, phrase, said},
};

/// A line as it is read.
type Read = Line<Reply>;

/// Why a recording cannot be replayed.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// The first line is not that of a recording.
    Foreign,
    /// The recording has another format.
    Format {
        /// The format.
        format: u64,
        /// The version that wrote it.
        by: String,
    },
    /// This version refuses the profile that the recording begins with, or something in it.
    Profile(Option<Phrase>),
    /// There is no such message.
    Missing {
        /// The message asked for.
        at: usize,
        /// How many there are.
        last: usize,
    },
    /// The screens cannot be printed.
    Print(io::Error),
}

said! { ReplayError:
    Self::Foreign => "replay-foreign",
    Self::Format { format, by } => "replay-format" { format, ours: FORMAT, by },
    Self::Profile(problem) => "replay-profile" { problem: problem.clone().unwrap_or(Phrase::nothing()) },
    Self::Missing { at, last } => "replay-missing" { at, last },
    Self::Print(error) => "replay-print" because theirs(error),
}

impl Failure for ReplayError {
    fn id(&self) -> ErrorId {
        ErrorId::Usage
    }

    fn hint(&self) -> Option<Phrase> {
        Some(match self {
            Self::Foreign => phrase!("replay-foreign-hint"),
            Self::Format { by, .. } if !by.is_empty() => phrase!("replay-format-hint" { by }),
            Self::Format { .. } | Self::Profile(_) => phrase!("replay-version-hint"),
            Self::Missing { last, .. } => phrase!("replay-missing-hint" { last }),
            Self::Print(_) => phrase!("replay-print-hint"),
        })
    }
}

/// Prints every screen of a recording that differs from the one before, or the one after message `at`.
///
/// The screens are in the language of the recording, what is said about them in that of `words`.
///
/// # Errors
/// When it is no recording of this format, or has no message `at`.
pub(crate) fn replay(text: &str, at: Option<usize>, words: &Words, out: &mut dyn Write) -> Result<(), ReplayError> {
    let mut player = play(text, at, usize::MAX, words, out)?;
    player.show()?;
    match at {
        Some(at) if !(1..=player.count).contains(&at) => Err(ReplayError::Missing { at, last: player.count }),
        _ => Ok(()),
    }
}

/// The wizard as a recording left it, or as it was after message `at`; what has to be said about it goes to `out`.
///
/// # Errors
/// As [`replay`].
pub(crate) fn resume(text: &str, at: Option<usize>, words: &Words, out: &mut dyn Write) -> Result<App, ReplayError> {
    let last = at.unwrap_or(usize::MAX);
    // No screen has this number, so none is printed.
    let player = play(text, Some(0), last, words, out)?;
    match at {
        Some(at) if at != player.count => Err(ReplayError::Missing { at, last: player.count }),
        _ => Ok(player.app),
    }
}

/// Plays the messages of a recording up to the one with the number `last`.
fn play<'a>(
    text: &str,
    at: Option<usize>,
    last: usize,
    words: &'a Words,
    out: &'a mut dyn Write,
) -> Result<Player<'a>, ReplayError> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut player = Player::new(header(first)?, at, words, out)?;
    let whole = text.ends_with('\n');
    let mut lines = rest.lines().zip(2..).peekable();
    while let Some((line, number)) = lines.next() {
        match serde_json::from_str::<Read>(line) {
            Ok(Line { happened: Happened::State(state), .. }) => player.told(state)?,
            Ok(_) if player.count == last => break,
            Ok(line) => player.play(line)?,
            Err(_) if !whole && lines.peek().is_none() => player.note(&phrase!("replay-cut-off"))?,
            Err(error) => player.note(&passed_over(line, number, &error))?,
        }
    }
    Ok(player)
}

fn header(line: &str) -> Result<Header, ReplayError> {
    let value: Value = serde_json::from_str(line).map_err(|_no_json| ReplayError::Foreign)?;
    let format = value["format"].as_u64().filter(|_| value["type"] == "recording").ok_or(ReplayError::Foreign)?;
    if !(1..=u64::from(FORMAT)).contains(&format) {
        let by = plain_text(value["firstlight"].as_str().unwrap_or_default(), 40);
        return Err(ReplayError::Format { format, by });
    }
    serde_json::from_value(value).map_err(|_incomplete| ReplayError::Foreign)
}

fn passed_over(line: &str, number: usize, error: &serde_json::Error) -> Phrase {
    let kind = serde_json::from_str::<Value>(line).ok().and_then(|value| value["type"].as_str().map(str::to_owned));
    match kind {
        Some(kind) => phrase!("replay-passed-over-unknown" { number, kind: plain_text(&kind, 40) }),
        None => phrase!("replay-passed-over" { number, reason: error.to_string() }),
    }
}

/// The wizard as far as it has been played.
struct Player<'a> {
    app: App,
    /// Columns and rows of the terminal.
    size: (u16, u16),
    /// What is said about the recording.
    words: &'a Words,
    out: &'a mut dyn Write,
    /// The only message whose screen is wanted.
    at: Option<usize>,
    /// The messages so far.
    count: usize,
    /// What the last of them was, until its screen has been printed.
    heading: Option<String>,
    /// Where the wizard was, as far as the recording has told; each field as it was told last.
    state: Option<State>,
    /// Whether that is also where the last message led.
    settled: bool,
    printed: String,
}

impl<'a> Player<'a> {
    fn new(header: Header, at: Option<usize>, words: &'a Words, out: &'a mut dyn Write) -> Result<Self, ReplayError> {
        let profile = Profile::parse(&header.profile)
            .map_err(|problems| ReplayError::Profile(problems.into_iter().next().map(|problem| problem.message)))?;
        let printed = String::new();
        Ok(Self {
            app: App::recalled(profile, header.look, header.given, header.layouts, header.live, header.admission),
            size: (header.columns, header.rows),
            words,
            out,
            at,
            count: 0,
            heading: None,
            state: None,
            settled: true,
            printed,
        })
    }

    fn play(&mut self, line: Read) -> Result<(), ReplayError> {
        // No line about it, and something happened later: it led nowhere.
        self.settle()?;
        self.show()?;
        self.count += 1;
        let heading = format!("#{}  {}  {}", self.count, time(line.ms), self.words.say(name(&line.happened)));
        let Some(msg) = self.message(line.happened) else { return Ok(()) };
        if let Msg::Resize(columns, rows) = msg {
            self.size = (columns, rows);
        }
        let typed = matches!(msg, Msg::Key(_));
        let effect = update(&mut self.app, msg);
        self.heading = Some(heading);
        self.settled = false;
        if typed {
            // How far it can be scrolled is seen on the screen, also where that is not printed.
            screen(&mut self.app, self.size, self.words).map_err(ReplayError::Print)?;
        }
        if let Some(Effect::Leave(exit)) = effect {
            self.show()?;
            self.note(&phrase!("replay-left" { code: exit.code() }))?;
        }
        Ok(())
    }

    /// The message that a line was made of, with a placeholder for what was pasted.
    fn message(&self, happened: Happened<Reply>) -> Option<Msg> {
        Some(match happened {
            Happened::Opened => Msg::Opened,
            Happened::Key { key } => Msg::Key(key),
            Happened::Paste { characters } => {
                let own = self.app.own_page().and_then(OwnPage::field).map(|(_, field)| field);
                let field = self.app.focused().map(|input| self.app.form().field(input)).or(own);
                Msg::Paste(Zeroizing::new(placeholder::paste(field, characters)))
            }
            Happened::Resize { columns, rows } => Msg::Resize(columns, rows),
            Happened::Tick { elapsed_ms } => Msg::Tick(Duration::from_millis(elapsed_ms)),
            Happened::Reply(reply) => Msg::Reply(reply),
            Happened::Hangup => Msg::Hangup,
            Happened::State(_) => return None,
        })
    }

    /// Takes in where the last message led.
    fn told(&mut self, mut state: State) -> Result<(), ReplayError> {
        let before = self.state.take().map(|before| before.fields).unwrap_or_default();
        let told = |filled: &Filled| state.fields.iter().any(|other| other.input == filled.input);
        let untold: Vec<Filled> = before.into_iter().filter(|filled| !told(filled)).collect();
        state.fields.extend(untold);
        self.state = Some(state);
        self.settled = false;
        self.settle()
    }

    /// Compares with where the wizard was, and takes over what the fields held.
    fn settle(&mut self) -> Result<(), ReplayError> {
        let Some(state) = self.state.clone().filter(|_| !self.settled) else { return Ok(()) };
        self.settled = true;
        let known: Vec<Input> = Input::all(self.app.profile()).collect();
        for filled in state.fields.iter().filter(|filled| known.contains(&filled.input)) {
            self.app.recall(filled.input, &filled.text, filled.cursor);
        }
        if page::all(self.app.profile()).all(|page| page != state.place.page) {
            return self.note(&phrase!("replay-no-page" { place: shown(state.place) }));
        }
        self.app.recall_notice(state.notice, state.caps_lock.then_some(true));
        let found = Place::of(&self.app);
        if found != state.place {
            let Place { page, focus, ask } = state.place;
            self.app.recall_place(page, focus, ask);
            self.note(&phrase!("replay-other-page" { place: shown(state.place), found: shown(found) }))?;
        }
        Ok(())
    }

    /// Prints the screen after the last message, where it is wanted.
    fn show(&mut self) -> Result<(), ReplayError> {
        let Some(heading) = self.heading.take() else { return Ok(()) };
        if self.at.is_some_and(|at| at != self.count) {
            return Ok(());
        }
        let screen = screen(&mut self.app, self.size, self.words).map_err(ReplayError::Print)?;
        if self.at.is_some() || screen != self.printed {
            let (step, of) = way::step(&self.app);
            let title = way::title(&self.app, self.app.page());
            writeln!(self.out, "{heading}  ->  {step}/{of} {title}\n{screen}\n").map_err(ReplayError::Print)?;
            self.printed = screen;
        }
        Ok(())
    }

    fn note(&mut self, note: &Phrase) -> Result<(), ReplayError> {
        let line = phrase!("replay-note" { count: self.count, note });
        writeln!(self.out, "{}\n", self.words.say(&line)).map_err(ReplayError::Print)
    }
}

fn shown(place: Place) -> Phrase {
    let (page, field) = (format!("{:?}", place.page), place.focus + 1);
    match place.ask {
        Some(ask) => phrase!("replay-place-asking" { page, field, ask: format!("{ask:?}") }),
        None => phrase!("replay-place" { page, field }),
    }
}

/// The screen as text, in a frame, so that blanks at its ends are seen.
fn screen(app: &mut App, (columns, rows): (u16, u16), words: &Words) -> io::Result<String> {
    if columns == 0 || rows == 0 {
        return Ok(words.say(phrase!("replay-screen" { columns, rows })));
    }
    // The wizard did not draw more, and a recording may come from anywhere.
    let (columns, rows) = drawable((columns, rows));
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).map_err(io::Error::other)?;
    let (theme, mut seen) = (Theme::new(app.look(), app.profile().brand.accent), Seen::default());
    terminal.draw(|frame| seen = view(app, theme, frame)).map_err(io::Error::other)?;
    overlay::saw(app, seen);
    let border = format!("+{}+", "-".repeat(usize::from(columns)));
    let lines = terminal.backend().buffer().content().chunks(usize::from(columns));
    let lines = lines.map(|cells| format!("|{}|", shown_in(cells)));
    let mut framed = vec![border.clone()];
    framed.extend(lines);
    framed.push(border);
    Ok(framed.join("\n"))
}

/// The characters of a row; a wide one covers the cell after its own.
fn shown_in(cells: &[Cell]) -> String {
    let mut covered = 0;
    let seen = cells.iter().filter(|cell| {
        let shown = covered == 0;
        covered = if shown { cell.symbol().width().saturating_sub(1) } else { covered - 1 };
        shown
    });
    seen.map(Cell::symbol).collect()
}

fn time(ms: u64) -> String {
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

fn name(happened: &Happened<Reply>) -> Phrase {
    match happened {
        Happened::Opened => phrase!("replay-opened"),
        Happened::Key { key } => key_name(*key),
        Happened::Paste { characters } => phrase!("replay-paste" { characters }),
        Happened::Resize { columns, rows } => phrase!("replay-resized" { columns, rows }),
        Happened::Tick { elapsed_ms } => phrase!("replay-tick" { elapsed: elapsed_ms }),
        Happened::Reply(reply) => reply.name(),
        Happened::Hangup => phrase!("replay-hangup"),
        Happened::State(_) => Phrase::nothing(),
    }
}

fn key_name(key: KeyEvent) -> Phrase {
    let name = match key.code {
        KeyCode::Char(character) if key.modifiers == KeyModifiers::NONE => format!("`{character}`"),
        code if key.modifiers == KeyModifiers::NONE => code.to_string(),
        code => format!("{}+{code}", key.modifiers),
    };
    phrase!("replay-key" { name })
}
