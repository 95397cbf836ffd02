//! The whole state of the wizard. Other rooms read it by methods, and change it by messages alone.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    answers::{Draft, PublicAnswers},
    error::{ErrorId, Report},
    exit::Exit,
    profile::{ProbeKind, Profile, Question, QuestionKind},
    screen::{Look, text::sentence},
    setup::{Admission, Description, Found, NetworkFacts},
    values::{Invitation, Strength},
    wizard::{
        command::Command,
        earlier::Earlier,
        form::{Form, Input},
        keys::Context,
        log::{Log, Size, Top},
        notice::Notice,
        own::{Keyboard, OwnPage, OwnPages, ProxyPage},
        page::{self, Page},
        watch::Watch,
    },
    words::Words,
};

/// A question that must be answered before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ask {
    /// Whether to leave.
    Leave,
    /// Whether to stop the run.
    Stop,
    /// Nothing any more: the run ended before the question about stopping it was answered.
    TooLate,
}

/// Whether the run was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Not asked.
    No,
    /// By the operator, who then looks at what was left.
    Asked,
    /// By a signal, which then ends the program.
    AndLeave,
}

/// Whether the password as it stands has been judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has, or there is none.
    Given,
    /// It is being judged.
    Awaited,
}

/// What lies above the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// The help, and how many of its lines are scrolled away.
    Help(u16),
    /// The log, from the first line that is seen.
    Log(Top),
    /// The address, for the camera of a phone.
    Camera,
    /// A question.
    Ask(Ask),
}

/// What the view saw of the wizard when it drew it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// Columns and rows of the page, or of the log in its place.
    pub(crate) body: Size,
    /// The most lines that the page can be scrolled by.
    pub(crate) most_scroll: u16,
}

/// The wizard.
#[derive(Debug)]
pub(crate) struct App {
    /// What is set up.
    pub(super) profile: Arc<Profile>,
    /// What is said.
    pub(super) words: Words,
    /// What the terminal can show.
    pub(super) look: Look,
    /// What was seen of it last.
    pub(super) seen: Seen,
    /// The page on the screen.
    pub(super) page: Page,
    /// Whether the page was opened to change an answer.
    pub(super) editing: bool,
    /// Where that leads back to: the review, or the run that failed.
    pub(super) after_edit: Page,
    /// Everything typed; emptied once the setup is done.
    pub(super) form: Form,
    /// The index of the field with the focus among the page's.
    pub(super) focus: usize,
    /// Whether the password is shown; never beyond its page.
    pub(super) reveal: bool,
    /// How strong the password is, from the last verdict on; nothing of the password is in it.
    pub(super) strength: Option<Strength>,
    /// Whether the next verdict is still to come.
    pub(super) verdict: Verdict,
    /// Whether Caps Lock is on, as far as the last letter tells.
    pub(super) caps_lock: Option<bool>,
    /// Fields that were to be left with something wrong: their problem is shown until it is gone.
    pub(super) tried: Vec<Input>,
    /// What is to be said about a field: a refused character, a paste that was changed.
    pub(super) notice: Option<(Input, Notice)>,
    /// The rehearsal.
    pub(super) checks: Watch,
    /// The time until the rehearsal is made again by itself.
    pub(super) again_in: Option<Duration>,
    /// What pages hold that is no answer.
    pub(super) own: Box<OwnPages>,
    /// The network, as it was when the checks began.
    pub(super) network: NetworkFacts,
    /// How somebody comes to the setup from another computer, if they may.
    pub(super) invitation: Option<Invitation>,
    /// Where the appliance is reached, as this machine has found out.
    pub(super) found: Option<Found>,
    /// What the steps will do.
    pub(super) described: Vec<Description>,
    /// The run, from the first confirmation on.
    pub(super) run: Option<Watch>,
    /// Whether the run was asked to stop.
    pub(super) stop: Stop,
    /// What the attempts before this one did.
    pub(super) earlier: Earlier,
    /// The public answers of the run.
    pub(super) public: Option<PublicAnswers>,
    /// How many lines of the page are scrolled away at the top.
    pub(super) scroll: u16,
    /// Every line of the runs' log.
    pub(super) log: Log,
    /// What lies above the page, one over the other; the last one has the keys.
    pub(super) above: Vec<Overlay>,
    /// The key of the footer that Enter presses, and where it was chosen.
    pub(super) chosen: Option<(Context, Command)>,
    /// Whether the causes of a failure are shown.
    pub(super) causes: bool,
    /// What came of the report that was asked for.
    pub(super) saved: Option<Result<String, Report>>,
    /// How long the wizard has been open.
    pub(super) open_for: Duration,
    /// Pages whose answers came with the draft, and that are not asked again.
    pub(super) given: Vec<Page>,
    /// A remark about nothing on the page; it goes with the next key.
    pub(super) aside: Option<String>,
}

impl App {
    /// The wizard on its first page, with what `draft` already answers.
    pub(crate) fn new(profile: Arc<Profile>, draft: &Draft, look: Look) -> Self {
        let words = Words::new(look.language);
        let mut app = Self {
            given: Vec::new(),
            look,
            seen: Seen::default(),
            page: Page::Welcome,
            editing: false,
            after_edit: Page::Review,
            focus: 0,
            reveal: false,
            strength: None,
            verdict: Verdict::Given,
            caps_lock: None,
            tried: Vec::new(),
            notice: None,
            checks: Watch::default(),
            again_in: None,
            own: Box::default(),
            network: NetworkFacts::default(),
            invitation: None,
            found: None,
            described: Vec::new(),
            run: None,
            stop: Stop::No,
            earlier: Earlier::default(),
            public: None,
            scroll: 0,
            log: Log::default(),
            above: Vec::new(),
            chosen: None,
            causes: look.plain,
            saved: None,
            open_for: Duration::ZERO,
            aside: None,
            form: Form::empty(Arc::clone(&profile)),
            profile,
            words,
        };
        app.take_in(draft);
        app
    }

    /// Fills the fields anew; a page whose answers are all in the draft and sound is not asked any more.
    pub(super) fn take_in(&mut self, draft: &Draft) {
        let (form, refused) = Form::filled(Arc::clone(&self.profile), draft);
        let answered = |page: &Page| {
            let inputs = page.inputs();
            // What the profile prefills is still to be looked at.
            let question = inputs.first().and_then(|input| input.question(&self.profile));
            let given = match question {
                Some(_) => inputs.iter().filter_map(|input| input.answered()).any(|id| draft.given.contains_key(&id)),
                None => inputs.iter().any(|input| !form.field(*input).is_empty()),
            };
            given && inputs.iter().all(|input| !form.is_wrong(*input))
        };
        self.given = page::all(&self.profile).filter(answered).collect();
        self.notice = refused.first().map(|(input, refusal)| (*input, Notice::Given(refusal.clone())));
        self.form = form;
        self.own.proxy = ProxyPage::filled(draft);
        self.own.network.fill(draft);
    }

    /// What the page holds that is no answer, to be changed.
    pub(super) fn own_page_mut(&mut self) -> Option<&mut dyn OwnPage> {
        self.own.of_mut(self.page)
    }

    /// Has somebody sign in before anything else; `alone` if there is nothing behind that.
    pub(crate) fn ask_to_sign_in(&mut self, admission: Admission, alone: bool) {
        self.own.sign_in.alone = alone;
        if !self.own.sign_in.told(admission) {
            self.page = Page::SignIn;
        }
    }

    /// Lets the operator put the image that this system was started from on a disk.
    pub(crate) fn offer_disks(&mut self) {
        self.own.installation.is_live = true;
    }

    /// Lets the operator choose from these layouts of the console's keyboard.
    pub(crate) fn offer_layouts(&mut self, layouts: Vec<String>) {
        self.own.keyboard = Keyboard::new(layouts);
    }

    /// Whether `page` is part of the way: its answers did not all come with the draft.
    pub(crate) fn asks(&self, page: Page) -> bool {
        !self.given.contains(&page)
    }

    /// Tells on its page that an answer was refused, and has it typed there.
    pub(super) fn refuse(&mut self, input: Input, notice: Notice) {
        self.focus = self.page.inputs().iter().position(|other| *other == input).unwrap_or_default();
        self.notice = Some((input, notice));
    }

    /// Has the checks read a certificate of the operator's own, if one is given: what they find stands on the review.
    pub(super) fn have_certificate_read(&mut self) {
        if self.form.has_certificate() {
            self.again_in = Some(Duration::ZERO);
        }
    }

    /// Makes `page` part of the way, because the operator wants to look at it.
    pub(crate) fn ask_for(&mut self, page: Page) {
        self.given.retain(|given| *given != page);
    }

    /// The question on the screen.
    pub(crate) fn asked(&self) -> Option<Ask> {
        match self.above.last() {
            Some(Overlay::Ask(ask)) => Some(*ask),
            _ => None,
        }
    }

    /// Puts a question on the screen in place of any other one, or takes it away.
    pub(crate) fn ask(&mut self, ask: Option<Ask>) {
        // Whoever comes to leave has done with what is shown, and this may be the last that is drawn.
        self.reveal &= ask.is_none();
        self.above.retain(|overlay| !matches!(overlay, Overlay::Ask(_)));
        self.above.extend(ask.map(Overlay::Ask));
    }

    /// What is seen in place of the page, questions aside.
    pub(crate) fn instead(&self) -> Option<Overlay> {
        self.above.iter().rev().find(|overlay| !matches!(overlay, Overlay::Ask(_))).copied()
    }

    /// Where the operator is, for the keys.
    pub(crate) fn context(&self) -> Context {
        match (self.asked(), self.instead()) {
            (Some(Ask::Leave), _) => Context::AskLeave,
            (Some(Ask::Stop), _) => Context::AskStop,
            (Some(Ask::TooLate), _) => Context::TooLate,
            (None, Some(Overlay::Help(_))) => Context::Help,
            (None, _) => self.beneath(),
        }
    }

    /// Where the operator is, questions and help aside.
    pub(crate) fn beneath(&self) -> Context {
        let above = self.above.iter().rev().find_map(|overlay| match overlay {
            Overlay::Log(_) => Some(Context::Log),
            Overlay::Camera => Some(Context::Camera),
            Overlay::Help(_) | Overlay::Ask(_) => None,
        });
        above.unwrap_or_else(|| self.on_page())
    }

    fn on_page(&self) -> Context {
        if let Some(own) = self.own_page() {
            return own.context();
        }
        match self.page {
            Page::Question(_) => match self.focused().and_then(|input| input.question(&self.profile)) {
                Some(Question { kind: QuestionKind::Choice(_) | QuestionKind::Boolean, .. }) => Context::Choice,
                Some(question) if question.is_secret() => Context::Secret,
                _ => Context::Line,
            },
            Page::Review if self.form.first_problem().is_some() => Context::Incomplete,
            Page::Progress if self.run.as_ref().is_some_and(Watch::wants_other_code) => Context::OtherCode,
            Page::Progress if !self.is_running() => Context::Ended,
            Page::Progress if self.stop != Stop::No => Context::Stopping,
            Page::Done if self.address().is_some() => Context::Reachable,
            page => page.context(),
        }
    }

    /// Where the appliance is found: as the profile and the answer say, or else where its first probe looked.
    pub(crate) fn address(&self) -> Option<String> {
        let answer = self.public.as_ref().and_then(|public| public.endpoint.as_ref());
        let own = self.public.as_ref().and_then(|public| public.address(&self.profile));
        let mut present = self.profile.ready.iter().filter(|probe| probe.kind == ProbeKind::Present);
        let probed = || present.find_map(|probe| probe.url.of(own.as_ref())).map(String::from);
        self.profile.endpoint.public(answer).or_else(probed)
    }

    /// The key of the footer that Enter presses, if one was chosen here.
    pub(crate) fn chosen(&self) -> Option<Command> {
        self.chosen.filter(|(context, _)| *context == self.context()).map(|(_, command)| command)
    }

    /// Whether a check or the run failed because of the network.
    pub(crate) fn network_failed(&self) -> bool {
        // Checks that have passed since are newer.
        let run = self.run.iter().filter(|_| !self.checks.has_passed()).flat_map(|run| &run.failures);
        self.checks.failures.iter().chain(run).any(|report| report.exit() == Exit::Network)
    }

    /// Whether a check or the run failed because of the clock.
    pub(crate) fn clock_failed(&self) -> bool {
        let run = self.run.iter().filter(|_| !self.checks.has_passed()).flat_map(|run| &run.failures);
        self.checks.failures.iter().chain(run).any(|report| report.id == ErrorId::ClockWrong)
    }

    /// Whether a run is under way.
    pub(crate) fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(Watch::is_running)
    }

    /// The field with the focus.
    pub(crate) fn focused(&self) -> Option<Input> {
        self.page.inputs().get(self.focus).copied()
    }

    /// What is to be said below `input`: a refusal, or a problem that was met on the way on.
    pub(crate) fn remark(&self, input: Input) -> Option<String> {
        let notice = self
            .notice
            .as_ref()
            .filter(|(about, _)| *about == input)
            .map(|(_, notice)| sentence(&notice.say(&self.words, &self.label(input))));
        notice.or_else(|| if self.tried.contains(&input) { self.form.problem(&self.words, input) } else { None })
    }

    /// Forgets everything typed, and zeroes what is secret of it.
    pub(crate) fn forget(&mut self) {
        self.form = Form::empty(Arc::clone(&self.profile));
        self.own.proxy = ProxyPage::default();
        self.strength = None;
        self.notice = None;
        self.reveal = false;
    }

    /// What stands before a field, in words.
    pub(crate) fn label(&self, input: Input) -> String {
        self.words.say(input.name(&self.profile))
    }

    /// The exit code for leaving now.
    pub(crate) fn exit(&self) -> Exit {
        self.run.as_ref().and_then(Watch::ended).unwrap_or(Exit::Stopped)
    }
}
