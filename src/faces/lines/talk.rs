//! The wizard's side of the conversation: pages once, questions one by one, news as it comes.

use std::{
    io::{self, Write},
    mem::{Discriminant, discriminant},
};

use ratatui::layout::Rect;

use crate::{
    error::Report,
    faces::lines::{
        news::News,
        paper::Paper,
        typed::{asks, entries, hints},
    },
    pages,
    screen::{Body, Item, Theme, transliterate},
    wizard::{
        App, Ask, Context, Page,
        own::{NetworkState, OwnPage, ProxyWay, Setting, Stage, State},
        way,
    },
    words::{Language, id, phrase},
};

/// What became of the pages that have states of their own. What is wrong with a line is remarked upon.
type States = (
    Discriminant<State>,
    Discriminant<Stage>,
    Discriminant<NetworkState>,
    Discriminant<ProxyWay>,
    Discriminant<Setting>,
);

/// Where the conversation is: what makes a page worth saying.
type Scene = (Context, Page, bool, Language, States, bool);

/// What was said, and what is to be said next.
pub(crate) struct Talk<'t> {
    paper: Paper<'t>,
    theme: Theme,
    /// Shows or hides what is typed.
    echo: Box<dyn FnMut(bool) -> io::Result<()> + 't>,
    pub(super) news: News,
    /// What is to be said about the line that was typed.
    pub(super) remark: Option<String>,
    /// The page that was said last.
    scene: Option<Scene>,
    /// The question about leaving that was said last.
    asked: Option<Ask>,
    /// What came of a report, as it was said last.
    saved: Option<Result<String, Report>>,
    /// Whether the prompt is to be said again.
    due: bool,
    /// Whether all that can be typed is to be said.
    explain: bool,
}

impl<'t> Talk<'t> {
    /// A conversation that has not begun.
    pub(crate) fn new(
        out: impl Write + 't,
        columns: u16,
        theme: Theme,
        echo: impl FnMut(bool) -> io::Result<()> + 't,
    ) -> Self {
        // A full line makes some terminals leave an empty one.
        let paper = Paper::new(out, usize::from(columns.saturating_sub(1)), theme.glyphs);
        let (news, remark, echo) = (News::default(), None, Box::new(echo));
        Self { paper, theme, echo, news, remark, scene: None, asked: None, saved: None, due: true, explain: true }
    }

    /// A line was typed.
    pub(super) const fn answered(&mut self, line: &str) {
        self.paper.answered(line.is_empty());
        self.due = true;
    }

    /// Says the prompt again.
    pub(super) const fn ask_again(&mut self) {
        self.due = true;
    }

    /// A key was typed in the middle of a line.
    pub(super) const fn interrupted(&mut self) {
        self.paper.interrupted();
    }

    /// Says the page again.
    pub(super) const fn again(&mut self) {
        self.scene = None;
    }

    /// Says all that can be typed.
    pub(super) const fn explain(&mut self) {
        self.explain = true;
    }

    /// Says the page again, and all that can be typed.
    pub(super) const fn help(&mut self) {
        self.again();
        self.explain();
    }

    /// Ends the line, whatever it was.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.paper.close();
        self.paper.flush()
    }

    /// Says what has happened meanwhile.
    pub(super) fn tell(&mut self, app: &App) {
        let mut lines = self.news.progress(app);
        lines.extend(self.news.findings(app));
        for line in &lines {
            self.paper.say(line);
        }
    }

    fn page(&mut self, app: &App) {
        let outcome = matches!(app.context(), Context::Stopping | Context::Ended);
        self.paper.gap();
        if !(outcome && self.scene.is_some()) {
            let (step, of) = way::step(app);
            let step = app.words().say(phrase!("step-of" { step, steps: of }));
            let title = way::title(app, app.page());
            self.paper.say(&if way::is_step(app) { format!("{title} ({step})") } else { title });
            self.paper.gap();
        }
        let area = self.area();
        match app.context() {
            // What a run does is said as it happens.
            Context::Running => {}
            _ if outcome => self.body(&pages::outcome(app, self.theme, area), false),
            _ => self.body(&pages::body(app, self.theme, area), says_content(app)),
        }
        if app.page() == Page::Review {
            // It names every check itself.
            let _ = self.news.findings(app);
        }
    }

    fn area(&self) -> Rect {
        // Without a row to draw in there are no pictures.
        Rect::new(0, 0, u16::try_from(self.paper.width()).unwrap_or(u16::MAX), 0)
    }

    fn body(&mut self, body: &Body<'_>, says_content: bool) {
        let mut below_field = false;
        for item in &body.items {
            let line: String = match item {
                Item::Field(_) => {
                    below_field = true;
                    continue;
                }
                Item::Text(line) | Item::Chosen(line) => line.spans.iter().map(|span| span.content.as_ref()).collect(),
            };
            below_field &= !line.trim().is_empty();
            if line.trim().is_empty() {
                self.paper.gap();
            } else if !below_field {
                self.paper.line(&line);
            } else if !says_content {
                self.paper.line(line.trim());
            }
        }
        self.paper.gap();
    }

    /// Says what is new: what happened, the page, the question.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn show(&mut self, app: &App) -> io::Result<()> {
        let states = (
            discriminant(&app.keyboard().state),
            discriminant(&app.installation().stage),
            discriminant(&app.mending().trial),
            discriminant(match &app.proxy().way {
                ProxyWay::Wrong(_) | ProxyWay::Beginning => &ProxyWay::Open,
                way => way,
            }),
            discriminant(match &app.clock().setting {
                Setting::Unknown => &Setting::Not,
                setting => setting,
            }),
        );
        let is_known = app.sign_in().admission().is_some();
        let scene = Some((app.context(), app.page(), app.editing(), app.words().language(), states, is_known));
        let asked = std::mem::replace(&mut self.asked, app.asked());
        let moved = app.asked().is_none() && self.scene != scene;
        let due = std::mem::take(&mut self.due) || moved || asked != app.asked();
        // Where an answer is being typed nothing gets in between.
        if !due && asks(app) {
            return Ok(());
        }
        if !(moved && app.page() == Page::Review) {
            self.tell(app);
        }
        if moved {
            self.page(app);
            self.scene = scene;
        } else if asked != app.asked() {
            self.paper.gap();
            for paragraph in pages::question(app).iter().flatten() {
                self.paper.say(&app.words().say(paragraph));
            }
        }
        if self.saved.as_ref() != app.saved() {
            self.saved = app.saved().cloned();
            if !moved {
                self.body(&pages::saved(app, self.theme, self.area()), false);
            }
        }
        if due {
            self.ask(app, moved)?;
        }
        self.paper.flush()
    }

    /// Asks for a field, or says what can be done.
    fn ask(&mut self, app: &App, moved: bool) -> io::Result<()> {
        let field = app.focused().filter(|_| asks(app));
        let remark = self.remark.take().or_else(|| app.remark(field.filter(|_| moved)?));
        if let Some(remark) = &remark {
            self.paper.say(remark);
        }
        let hints = hints(app);
        if !asks(app) {
            (self.echo)(true)?;
            if !hints.is_empty() {
                self.paper.list(&hints);
            }
            return Ok(());
        }
        if std::mem::take(&mut self.explain) {
            self.paper.say(&app.words().say(id!("plain-commands")));
            self.paper.list(&hints);
            self.paper.gap();
        }
        if let Some((label, own)) = app.own_page().and_then(OwnPage::field) {
            let is_public = own.is_public();
            if moved && !is_public {
                self.paper.say(&app.words().say(id!("plain-hidden")));
            }
            (self.echo)(is_public)?;
            let label = app.words().say(label);
            // What is there already is kept by an empty line.
            let keeps = app.context() == Context::Mending && !own.is_empty();
            let typed = || if is_public { own.text() } else { "***" };
            let kept = keeps.then(|| format!(" [{}]", transliterate::typed(typed(), app.look().glyphs)));
            self.paper.prompt(&format!("{label}{}:", kept.unwrap_or_default()));
            return Ok(());
        }
        let Some(input) = field else { return Ok(()) };
        let (field, label) = (app.form().field(input), app.label(input));
        // Also an install code is not shown, which nobody expects: it is unspent as long as a check fails, and lines
        // stay in the scrollback.
        if moved && !field.is_public() && !field.is_masked() {
            self.paper.say(&app.words().say(id!("plain-hidden")));
        }
        (self.echo)(field.is_public())?;
        let keeps = !field.is_empty() && app.form().problem(app.words(), input).is_none();
        let entries = entries(app, input);
        let chosen = entries.iter().find(|entry| entry.value == field.text());
        let end = if label.ends_with('?') { "" } else { ":" };
        self.paper.prompt(&match (chosen, keeps) {
            (Some(entry), true) => format!("{label} [{}]{end}", entry.label),
            (None, true) if field.is_public() => {
                format!("{label} [{}]{end}", transliterate::typed(field.text(), app.look().glyphs))
            }
            (None, true) => format!("{label} ({}){end}", app.words().say(id!("plain-keep"))),
            (_, false) => format!("{label}{end}"),
        });
        Ok(())
    }
}

/// Whether what stands right below the page's fields is about what they hold, and said when that is asked for.
fn says_content(app: &App) -> bool {
    matches!(app.page(), Page::Code | Page::Password) || app.focused().is_some_and(|input| app.remark(input).is_some())
}
