//! Plays a recording through the wizard's own `update` and `view`, and prints its screens.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend, buffer::Cell};
use serde::Deserialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use super::{FORMAT, Filled, Happened, Header, Line, Place, State, placeholder};
use crate::{
    answers::Draft,
    engine::Event,
    error::{ErrorId, Failure},
    profile::Profile,
    setup::Description,
    tui::{
        app::{App, Effect, Msg},
        form::Input,
        keyboard::Keyboard,
        page,
        update::update,
        view::view,
    },
    values::plain_text,
};

/// A line as it is read: the ids in events live as long as the program, and so does the text.
type Read = Line<Event, Vec<Description>>;

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The first line is not that of a recording.
    #[error("this is not a recording: its first line is not one that `--record` writes")]
    Foreign,
    /// The recording has another format.
    #[error("the recording has format {format}, and this version reads format {FORMAT}; firstlight {by} wrote it")]
    Format {
        /// The format.
        format: u64,
        /// The version that wrote it.
        by: String,
    },
    /// This version refuses the profile that the recording begins with.
    #[error("the profile in the recording cannot be used: {0}")]
    Profile(String),
    /// There is no such message.
    #[error("there is no message {at}: the recording has {last}")]
    Missing {
        /// The message asked for.
        at: usize,
        /// How many there are.
        last: usize,
    },
    /// The screens cannot be printed.
    #[error("the screens cannot be printed")]
    Print(#[source] io::Error),
}

impl Failure for ReplayError {
    fn id(&self) -> ErrorId {
        ErrorId::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Foreign => "give the file that was named with `--record`".to_owned(),
            Self::Format { by, .. } | Self::Profile(by) if by.is_empty() => "use the version that wrote it".to_owned(),
            Self::Format { by, .. } => format!("replay it with firstlight {by}"),
            Self::Profile(_) => "replay it with the version that wrote it".to_owned(),
            Self::Missing { last, .. } => format!("give a number from 1 to {last}"),
            Self::Print(_) => "look at where the output goes".to_owned(),
        })
    }
}

/// Prints every screen of a recording that differs from the one before, or the one after message `at`.
///
/// The text of a recording is kept until the program ends: the events in it are read in place.
///
/// # Errors
/// When it is no recording of this format, or has no message `at`.
pub fn replay(text: String, at: Option<usize>, out: &mut dyn Write) -> Result<(), ReplayError> {
    let mut player = play(text, at, usize::MAX, out)?;
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
pub(crate) fn resume(text: String, at: Option<usize>, out: &mut dyn Write) -> Result<App, ReplayError> {
    let last = at.unwrap_or(usize::MAX);
    // No screen has this number, so none is printed.
    let player = play(text, Some(0), last, out)?;
    match at {
        Some(at) if at != player.count => Err(ReplayError::Missing { at, last: player.count }),
        _ => Ok(player.app),
    }
}

/// Plays the messages of a recording up to the one with the number `last`.
fn play(text: String, at: Option<usize>, last: usize, out: &mut dyn Write) -> Result<Player<'_>, ReplayError> {
    let text: &'static str = text.leak();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut player = Player::new(header(first)?, at, out)?;
    let whole = text.ends_with('\n');
    let mut lines = rest.lines().zip(2..).peekable();
    while let Some((line, number)) = lines.next() {
        match Read::deserialize(&mut serde_json::Deserializer::from_str(line)) {
            Ok(Line { happened: Happened::State(state), .. }) => player.told(state)?,
            Ok(_) if player.count == last => break,
            Ok(line) => player.play(line)?,
            Err(_) if !whole && lines.peek().is_none() => player.note("the last line is cut off")?,
            Err(error) => player.note(&passed_over(line, number, &error))?,
        }
    }
    Ok(player)
}

fn header(line: &str) -> Result<Header, ReplayError> {
    let value: Value = serde_json::from_str(line).map_err(|_no_json| ReplayError::Foreign)?;
    let format = value["format"].as_u64().filter(|_| value["type"] == "recording").ok_or(ReplayError::Foreign)?;
    if format != u64::from(FORMAT) {
        let by = plain_text(value["firstlight"].as_str().unwrap_or_default(), 40);
        return Err(ReplayError::Format { format, by });
    }
    serde_json::from_value(value).map_err(|_incomplete| ReplayError::Foreign)
}

fn passed_over(line: &str, number: usize, error: &serde_json::Error) -> String {
    let kind = serde_json::from_str::<Value>(line).ok().and_then(|value| value["type"].as_str().map(str::to_owned));
    match kind {
        Some(kind) => format!("line {number} is passed over: this version does not read `{}`", plain_text(&kind, 40)),
        None => format!("line {number} is passed over: {error}"),
    }
}

/// The wizard as far as it has been played.
struct Player<'a> {
    app: App,
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
    fn new(header: Header, at: Option<usize>, out: &'a mut dyn Write) -> Result<Self, ReplayError> {
        let profile = Profile::parse(&header.profile).map_err(|problems| {
            ReplayError::Profile(problems.first().map(|problem| problem.message.clone()).unwrap_or_default())
        })?;
        let mut app = App::new(Arc::new(profile), &Draft::default(), header.look, (header.columns, header.rows));
        app.given = header.given;
        app.keyboard = Keyboard::new(header.layouts);
        Ok(Self { app, out, at, count: 0, heading: None, state: None, settled: true, printed: String::new() })
    }

    fn play(&mut self, line: Read) -> Result<(), ReplayError> {
        // No line about it, and something happened later: it led nowhere.
        self.settle()?;
        self.show()?;
        self.count += 1;
        let heading = format!("#{}  {}  {}", self.count, time(line.ms), name(&line.happened));
        let Some(msg) = self.message(line.happened) else { return Ok(()) };
        let effect = update(&mut self.app, msg);
        self.heading = Some(heading);
        self.settled = false;
        if let Some(Effect::Leave(exit)) = effect {
            self.show()?;
            self.note(&format!("the wizard was left with exit code {}", exit.code()))?;
        }
        Ok(())
    }

    /// The message that a line was made of, with a placeholder for what was pasted.
    fn message(&self, happened: Happened<Event, Vec<Description>>) -> Option<Msg> {
        Some(match happened {
            Happened::Opened => Msg::Opened,
            Happened::Key { key } => Msg::Key(key),
            Happened::Paste { characters } => {
                let field = self.app.focused().map(|input| self.app.form.field(input));
                Msg::Paste(Zeroizing::new(placeholder::paste(field, characters)))
            }
            Happened::Resize { columns, rows } => Msg::Resize(columns, rows),
            Happened::Tick { elapsed_ms } => Msg::Tick(Duration::from_millis(elapsed_ms)),
            Happened::Described { steps } => Msg::Described(steps),
            Happened::Network { facts } => Msg::Network(facts),
            Happened::Rehearsal { event } => Msg::Rehearsal(event),
            Happened::RehearsalLost => Msg::RehearsalLost,
            Happened::Run { event } => Msg::Run(event),
            Happened::RunLost => Msg::RunLost,
            Happened::Saved { saved } => Msg::Saved(serde_json::from_value(saved).ok()?),
            Happened::LayoutLoaded { failure } => Msg::LayoutLoaded(failure.map_or(Ok(()), Err)),
            Happened::Judged => Msg::Judged(None),
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
        let known: Vec<Input> = Input::all(&self.app.profile).collect();
        for filled in state.fields.iter().filter(|filled| known.contains(&filled.input)) {
            self.app.form.field_mut(filled.input).resume(&filled.text, filled.cursor);
        }
        if page::all(&self.app.profile).all(|page| page != state.place.page) {
            return self.note(&format!("the recording goes on at {}, which there is not", shown(state.place)));
        }
        self.app.notice = state.notice;
        self.app.caps_lock = state.caps_lock.then_some(true);
        let found = Place::of(&self.app);
        if found != state.place {
            (self.app.page, self.app.focus, self.app.ask) = (state.place.page, state.place.focus, state.place.ask);
            self.note(&format!("the recording goes on at {}, not at {}", shown(state.place), shown(found)))?;
        }
        Ok(())
    }

    /// Prints the screen after the last message, where it is wanted.
    fn show(&mut self) -> Result<(), ReplayError> {
        let Some(heading) = self.heading.take() else { return Ok(()) };
        if self.at.is_some_and(|at| at != self.count) {
            return Ok(());
        }
        let screen = screen(&self.app).map_err(ReplayError::Print)?;
        if self.at.is_some() || screen != self.printed {
            let (step, of) = page::step(&self.app);
            let title = self.app.page.title(&self.app);
            writeln!(self.out, "{heading}  ->  {step}/{of} {title}\n{screen}\n").map_err(ReplayError::Print)?;
            self.printed = screen;
        }
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<(), ReplayError> {
        writeln!(self.out, "note: after #{}: {text}\n", self.count).map_err(ReplayError::Print)
    }
}

fn shown(place: Place) -> String {
    let ask = place.ask.map_or_else(String::new, |ask| format!(", asking `{ask:?}`"));
    format!("{:?}, field {}{ask}", place.page, place.focus + 1)
}

/// The screen as text, in a frame, so that blanks at its ends are seen.
fn screen(app: &App) -> io::Result<String> {
    let (columns, rows) = app.size;
    if columns == 0 || rows == 0 {
        return Ok(format!("(a screen of {columns}x{rows})"));
    }
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).map_err(io::Error::other)?;
    terminal.draw(|frame| view(app, frame)).map_err(io::Error::other)?;
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

fn name(happened: &Happened<Event, Vec<Description>>) -> String {
    match happened {
        Happened::Opened => "the wizard opens".to_owned(),
        Happened::Key { key } => key_name(*key),
        Happened::Paste { characters } => format!("a paste of {characters} characters"),
        Happened::Resize { columns, rows } => format!("resized to {columns}x{rows}"),
        Happened::Tick { elapsed_ms } => format!("{elapsed_ms} ms pass"),
        Happened::Described { .. } => "the steps are described".to_owned(),
        Happened::Network { .. } => "the network is looked at".to_owned(),
        Happened::Rehearsal { event } => format!("rehearsal: {}", event_name(event)),
        Happened::RehearsalLost => "rehearsal: broken off".to_owned(),
        Happened::Run { event } => format!("run: {}", event_name(event)),
        Happened::RunLost => "run: broken off".to_owned(),
        Happened::Saved { .. } => "a report is saved".to_owned(),
        Happened::LayoutLoaded { .. } => "a keyboard layout is loaded, or not".to_owned(),
        Happened::Judged => "the password is judged".to_owned(),
        Happened::Hangup => "a signal, or the terminal is gone".to_owned(),
        Happened::State(_) => String::new(),
    }
}

fn key_name(key: KeyEvent) -> String {
    match key.code {
        KeyCode::Char(character) if key.modifiers == KeyModifiers::NONE => format!("key `{character}`"),
        code if key.modifiers == KeyModifiers::NONE => format!("key {code}"),
        code => format!("key {}+{code}", key.modifiers),
    }
}

fn event_name(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap_or_default();
    let part = |name: &str| plain_text(json[name].as_str().unwrap_or_default(), 60);
    format!("{} {}", part("type"), part("id")).trim_end().to_owned()
}
