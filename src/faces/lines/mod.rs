//! The wizard line by line, for screen readers and for terminals that can do no more.
//!
//! A second driver over the same `App`, pages and `update`: a line that is typed
//! comes in as the paste or the command that it stands for. Nothing is drawn,
//! moved or rewritten, and no byte is sent that a terminal would act on.

mod input;
mod news;
mod paper;
pub(crate) mod talk;
mod typed;

use std::io;

use zeroize::Zeroizing;

pub(crate) use crate::faces::lines::talk::Talk;
use crate::{
    exit::Exit,
    faces::{
        drive::{Handled, MESSAGES_PER_FRAME, Opening, Wizard},
        lines::typed::{Typed, entered, entries, named, understand},
    },
    field::Edit,
    pages,
    screen::{
        Outlet, Theme,
        guard::LineMode,
        input::{Unbuffered, pieces},
    },
    wizard::{Command, Context, Msg, Page, Port, Reply, choice::Entry, form, own::Signing},
    words::{id, phrase},
};

/// The most columns of a line; more would be no help in reading.
const COLUMNS: u16 = 80;
/// The fewest columns that are believed.
const FEWEST_COLUMNS: u16 = 20;

/// Runs the wizard line by line until it is left; gives the exit code.
///
/// # Errors
/// When the terminal cannot be set up, read or written to.
pub(crate) async fn run(opening: Opening) -> io::Result<Exit> {
    let mut terminal = LineMode::open()?;
    let columns = opening.otherwise.size().0.clamp(FEWEST_COLUMNS, COLUMNS);
    let theme = Theme::new(opening.look, opening.setup.profile().brand.accent);
    let stop = opening.stop.clone();
    let outlet = Outlet::new(io::stdout()).map_err(|(error, _)| error)?;
    let talk = Talk::new(outlet.clone(), columns, theme, |shown| terminal.echo(shown));
    let keys = input::lines(pieces(Unbuffered));
    let wizard = Wizard::open(opening, (columns, COLUMNS), keys);
    let left = wizard.converse(talk).await;
    outlet.close(&stop).await;
    left
}

impl<P: Port> Wizard<P> {
    /// Runs until the wizard is left, over `talk` instead of a screen.
    pub(super) async fn converse(mut self, mut talk: Talk<'_>) -> io::Result<Exit> {
        let result = self.exchange(&mut talk).await;
        let result = result.and_then(|exit| talk.close().map(|()| exit));
        self.wind_down(result).await
    }

    async fn exchange(&mut self, talk: &mut Talk<'_>) -> io::Result<Exit> {
        let mut next = self.first.take();
        loop {
            let mut typed = false;
            for _ in 0..MESSAGES_PER_FRAME {
                let Some(msg) = next.take() else { break };
                typed |= matches!(msg, Msg::Paste(_) | Msg::Key(_));
                if let Some(exit) = self.hear(msg, talk) {
                    talk.tell(&self.app);
                    return Ok(exit);
                }
                // What a line leads to is said before the next one is taken.
                next = if typed { self.told() } else { self.ready() };
            }
            // What is wrong with a password is said before it is asked for again.
            while self.app.is_answer_awaited() && next.is_none() {
                let msg = self.message().await;
                if matches!(msg, Msg::Paste(_) | Msg::Key(_)) {
                    next = Some(msg);
                } else if let Some(exit) = self.hear(msg, talk) {
                    return Ok(exit);
                }
            }
            talk.show(&self.app)?;
            if next.is_none() {
                next = Some(self.message().await);
            }
        }
    }

    fn hear(&mut self, msg: Msg, talk: &mut Talk<'_>) -> Option<Exit> {
        match &msg {
            Msg::Paste(line) => return self.line(line, talk),
            Msg::Key(_) => talk.interrupted(),
            Msg::Reply(Reply::Run { event } | Reply::Installation { event }) => talk.news.run(event, &self.app),
            Msg::Tick(elapsed) => talk.news.tick(*elapsed),
            Msg::Reply(Reply::Judged { .. }) => {
                let left = self.pass_on(msg, talk);
                talk.remark = talk.remark.take().or_else(|| Some(self.app.words().say(pages::verdict(&self.app)?)));
                return left;
            }
            Msg::Reply(Reply::SignedIn { .. }) => {
                let left = self.pass_on(msg, talk);
                self.say_about_sign_in(talk);
                return left;
            }
            _ => {}
        }
        self.pass_on(msg, talk)
    }

    fn pass_on(&mut self, msg: Msg, talk: &mut Talk<'_>) -> Option<Exit> {
        match self.handle(msg)? {
            Handled::Leave(exit) => Some(exit),
            Handled::Redraw => {
                talk.again();
                None
            }
        }
    }

    fn line(&mut self, line: &Zeroizing<String>, talk: &mut Talk<'_>) -> Option<Exit> {
        talk.answered(line);
        match understand(&self.app, line) {
            Typed::Answer(text) if self.app.page() == Page::SignIn => self.sign_in(text, talk),
            Typed::Answer(text) if self.app.own_page().is_some() => self.own(text, talk),
            Typed::Answer(text) => match self.app.focused().map(|input| entries(&self.app, input)) {
                Some(entries) if !entries.is_empty() => self.choose(&entries, text, talk),
                _ => self.answer(text, talk),
            },
            Typed::Clear => {
                self.empty();
                self.answer("", talk)
            }
            // One question at a time is asked here, so one question back is where Back leads.
            Typed::Command(Command::Back) if self.has_field_before() => {
                self.obey(Command::PreviousField);
                None
            }
            Typed::Command(command) => self.pass_on(Msg::Command(command), talk),
            Typed::Nothing => None,
            Typed::Help => {
                talk.help();
                None
            }
            Typed::Unknown => {
                talk.remark = Some(self.app.words().say(id!("plain-unknown")));
                talk.explain();
                None
            }
        }
    }

    /// Puts an answer in place of what the field holds, and goes on; an empty line keeps what it holds.
    fn answer(&mut self, text: &str, talk: &mut Talk<'_>) -> Option<Exit> {
        let input = self.app.focused()?;
        if text.is_empty() && self.app.form().is_wrong(input) {
            // What was refused is not offered, so it is not kept either.
            self.empty();
        } else if !text.is_empty() {
            let before = Zeroizing::new(self.app.form().field(input).text().to_owned());
            self.empty();
            self.handle(Msg::Paste(Zeroizing::new(text.to_owned())));
            talk.remark = self.app.remark(input);
            // Nothing of a refused paste was taken; what was there before is not lost for it.
            if self.app.form().field(input).is_empty() && talk.remark.is_some() {
                self.handle(Msg::Paste(before));
                return None;
            }
        }
        let left = self.enter(talk);
        if self.app.focused() == Some(input) {
            talk.remark = self.app.remark(input).or(talk.remark.take());
            if input == form::Input::Again {
                // Which of the two is the wrong one cannot be seen here.
                self.obey(Command::PreviousField);
            }
        }
        left
    }

    fn has_field_before(&self) -> bool {
        self.app.typed_into() > 0
    }

    /// Picks from a list, and goes on; an empty line keeps what is chosen.
    fn choose(&mut self, entries: &[Entry], text: &str, talk: &mut Talk<'_>) -> Option<Exit> {
        let picked = named(entries, text);
        if let Some(index) = picked {
            self.handle(Msg::Pick(index));
        }
        let page = self.app.page();
        let left = if picked.is_some() || text.trim().is_empty() { self.answer("", talk) } else { None };
        if self.app.page() == page {
            talk.remark = Some(self.app.words().say(phrase!("plain-choose" { most: entries.len() })));
        }
        left
    }

    /// Fills a field that is for no answer, and goes on, unless it is one to try things in; an empty line goes on.
    fn own(&mut self, text: &str, talk: &mut Talk<'_>) -> Option<Exit> {
        if !text.is_empty() {
            self.empty();
            self.handle(Msg::Paste(Zeroizing::new(text.to_owned())));
            if self.app.context() == Context::Trial {
                return None;
            }
        }
        let left = self.enter(talk);
        talk.remark = pages::objection(&self.app);
        left
    }

    /// Signs in with what was typed; nothing of a line before is kept.
    fn sign_in(&mut self, text: &str, talk: &mut Talk<'_>) -> Option<Exit> {
        self.empty();
        self.handle(Msg::Paste(Zeroizing::new(text.to_owned())));
        let is_refused = matches!(self.app.sign_in().signing, Signing::Refused(_));
        let left = if is_refused { None } else { self.enter(talk) };
        if !self.app.is_answer_awaited() {
            self.say_about_sign_in(talk);
        }
        left
    }

    /// Says what became of signing in, and asks once more.
    fn say_about_sign_in(&self, talk: &mut Talk<'_>) {
        talk.remark = pages::signed_in(&self.app).map(|said| self.app.words().say(said));
        talk.ask_again();
    }

    /// Deletes what the field holds.
    fn empty(&mut self) {
        self.obey(Command::Edit(Edit::End));
        self.obey(Command::Edit(Edit::KillBefore));
    }

    /// Does what Enter does.
    fn enter(&mut self, talk: &mut Talk<'_>) -> Option<Exit> {
        let command = entered(&self.app)?;
        self.pass_on(Msg::Command(command), talk)
    }

    /// Gives a command that can neither leave nor draw.
    fn obey(&mut self, command: Command) {
        self.handle(Msg::Command(command));
    }
}
