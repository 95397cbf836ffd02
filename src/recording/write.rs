//! Writes a recording while the wizard runs.

use std::io::{self, Write};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    field::Field,
    recording::{
        format::{FORMAT, Filled, Happened, Header, Line, State},
        placeholder,
    },
    screen::Look,
    setup::Admission,
    wizard::{
        App, Command, Context, Msg, Reply,
        keys::{self},
        own::OwnPage,
    },
};

/// A character that means nothing on any page, for one that meant nothing where it was typed.
const MEANINGLESS: char = '·';

/// What is called this in an event is one of the program's own words, not put together by it; a fingerprint is not
/// made of answers either, and without two of its digits it is none. The facts are those of the machine's network.
const WORDS_OF_THE_FORMAT: [&str; 8] = ["facts", "type", "id", "step", "state", "outcome", "about", "sha256"];

/// A recording in the making.
pub(crate) struct Recorder {
    file: Box<dyn Write + Send>,
    started: Instant,
    /// When the field was entered in which a secret is typed. How long that takes, and how long each key of it, tells
    /// something of it.
    secret_since: Option<u64>,
    /// What was written last of how good a password is: it is said again with every key.
    judged: Option<Value>,
    state: State,
    fields: Vec<Filled>,
    /// Whether the last message can have changed a field.
    typed: bool,
}

impl Recorder {
    /// Begins a recording of a wizard that nothing has happened to yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn begin(
        file: Box<dyn Write + Send>,
        app: &App,
        look: Look,
        (columns, rows): (u16, u16),
    ) -> io::Result<Self> {
        let header = Header {
            format: FORMAT,
            firstlight: env!("CARGO_PKG_VERSION").to_owned(),
            columns,
            rows,
            look,
            profile: app.profile().source.clone(),
            given: app.given().clone(),
            layouts: app.keyboard().layouts().to_vec(),
            live: app.installation().is_live(),
            admission: app.sign_in().admission().filter(|admission| **admission != Admission::Everybody).cloned(),
        };
        let fields = placeholder::filled(app);
        let state = State::of(app, fields.clone());
        let (started, begun) = (Instant::now(), state.clone());
        let mut recorder = Self { file, started, secret_since: None, judged: None, state: begun, fields, typed: false };
        recorder.write(&header)?;
        recorder.line(Happened::State(state))?;
        Ok(recorder)
    }

    /// Writes a message, before it takes effect.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn message(&mut self, app: &App, msg: &Msg) -> io::Result<()> {
        self.typed = matches!(msg, Msg::Key(_) | Msg::Command(_) | Msg::Pick(_) | Msg::Paste(_));
        // A page's own field that is no secret is of no form that a placeholder could keep.
        let own = app.own_page().and_then(OwnPage::field).map(|(_, field)| field).filter(|field| field.is_masked());
        let field = app.focused().map(|input| app.form().field(input)).or(own);
        let in_secret = field.is_some_and(Field::is_masked);
        self.secret_since = in_secret.then(|| self.secret_since.unwrap_or_else(|| self.elapsed()));
        let happened = match msg {
            Msg::Opened => Happened::Opened,
            // The state tells what came of it.
            Msg::Key(key) if in_secret && is_typing(app, *key) => return Ok(()),
            Msg::Key(key) => Happened::Key { key: pressed(app, *key) },
            // As the key that means it.
            Msg::Command(command) => match keys::press(app.context(), *command) {
                Some(key) => Happened::Key { key: pressed(app, key) },
                None => return Ok(()),
            },
            // As a key that means nothing: the state tells what was picked.
            Msg::Pick(_) => Happened::Key { key: KeyCode::Char(MEANINGLESS).into() },
            // As if it were typed.
            Msg::Paste(text)
                if app.own_page().is_some_and(|own| own.context() == app.context() && own.shows_pasted(text)) =>
            {
                let mut letters = text.trim().chars();
                let key = |letter| Happened::Key { key: KeyCode::Char(letter).into() };
                return letters.try_for_each(|letter| self.line(key(letter)));
            }
            Msg::Paste(text) => Happened::Paste { characters: placeholder::pasted(field, text) },
            Msg::Resize(columns, rows) => Happened::Resize { columns: *columns, rows: *rows },
            Msg::Tick(elapsed) => Happened::Tick { elapsed_ms: milliseconds(elapsed.as_millis()) },
            Msg::Reply(reply) => {
                let told = scrubbed(app, reply)?;
                if matches!(reply, Reply::Judged { .. }) && self.judged.replace(told.clone()).as_ref() == Some(&told) {
                    return Ok(());
                }
                Happened::Reply(told)
            }
            Msg::Hangup => Happened::Hangup,
            Msg::RecordingLost(_) => return Ok(()),
        };
        self.line(happened)
    }

    /// Writes where the last message led, if it led anywhere.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn state(&mut self, app: &App) -> io::Result<()> {
        // A run that is done empties the fields.
        let still = !self.typed && app.page() == self.state.place.page;
        let fields = if still { self.fields.clone() } else { placeholder::filled(app) };
        let changed = fields.iter().filter(|filled| !self.fields.contains(filled)).cloned().collect();
        let state = State::of(app, changed);
        if state.fields.is_empty() && state.is_as(&self.state) {
            return Ok(());
        }
        self.fields = fields;
        self.state = state.clone();
        self.line(Happened::State(state))
    }

    fn line(&mut self, happened: Happened<Value>) -> io::Result<()> {
        let ms = self.secret_since.unwrap_or_else(|| self.elapsed());
        self.write(&Line { ms, happened })
    }

    fn elapsed(&self) -> u64 {
        milliseconds(self.started.elapsed().as_millis())
    }

    /// One write a line, so that none is ever left half in a buffer of ours.
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())?;
        self.file.flush()
    }
}

/// Whether a key changes the field, or moves in it.
fn is_typing(app: &App, key: KeyEvent) -> bool {
    matches!(keys::resolve(app.context(), key), Some(Command::Type(_) | Command::Edit(_)))
}

/// The key as far as it says what is to be done, and a placeholder for what is typed.
fn pressed(app: &App, key: KeyEvent) -> KeyEvent {
    match (key.code, keys::resolve(app.context(), key)) {
        (KeyCode::Char(_), Some(Command::Type(typed))) => {
            // In a list it looks for what begins with it; the state tells what was found.
            let field = app.focused().filter(|_| app.context() != Context::Choice).map(|input| app.form().field(input));
            let kept = match app.own_page() {
                Some(own) if own.shows_typed(typed) => typed,
                _ => placeholder::character(field, typed),
            };
            KeyEvent::new(KeyCode::Char(kept), KeyModifiers::NONE)
        }
        (KeyCode::Char(_), None) => KeyEvent { code: KeyCode::Char(MEANINGLESS), ..key },
        _ => key,
    }
}

/// The JSON of a reply, each of its texts without what was typed.
fn scrubbed(app: &App, value: &impl Serialize) -> io::Result<Value> {
    let mut json = serde_json::to_value(value)?;
    scrub(app, &mut json, &WORDS_OF_THE_FORMAT);
    Ok(json)
}

/// What is called one of `kept` stays as it is.
fn scrub(app: &App, json: &mut Value, kept: &[&str]) {
    match json {
        Value::String(text) => *text = placeholder::scrubbed(app, text),
        Value::Array(values) => values.iter_mut().for_each(|value| scrub(app, value, &WORDS_OF_THE_FORMAT)),
        Value::Object(members) => {
            for (name, value) in members.iter_mut().filter(|(name, _)| !kept.contains(&name.as_str())) {
                // What stands in a phrase may be called anything.
                let kept: &[&str] = if name == "values" { &[] } else { &WORDS_OF_THE_FORMAT };
                scrub(app, value, kept);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn milliseconds(time: u128) -> u64 {
    u64::try_from(time).unwrap_or(u64::MAX)
}
