//! The pages in one table: their order, what they ask, and when they are shown.

use serde::{Deserialize, Serialize};

use crate::{
    profile::{MOST_QUESTIONS, Profile},
    tui::{app::App, form::Input},
    words::{TextId, id},
};

/// One page of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Page {
    /// What this is and what is needed.
    Welcome,
    /// The keyboard's layout, on a console that can change it.
    Keyboard,
    /// What the network looks like, when it is in the way.
    Network,
    /// The install code.
    Code,
    /// Who will administer the appliance.
    Administrator,
    /// The administrator's password.
    Password,
    /// The name under which the appliance is reached.
    Address,
    /// One of the vendor's own questions, by its index.
    Question(u8),
    /// What was answered and what will be done.
    Review,
    /// The run.
    Progress,
    /// What was set up.
    Done,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// The page.
    pub(crate) page: Page,
    /// The id of its title.
    title: TextId,
    /// What it asks, in the order of its fields.
    inputs: &'static [Input],
    /// Whether it has anything to ask or to say.
    shown: fn(&App) -> bool,
}

/// The table, in the order of the wizard. One row stands for all of the vendor's own questions.
const PAGES: &[Row] = &[
    Row { page: Page::Welcome, title: id!("welcome-title"), inputs: &[], shown: always },
    Row { page: Page::Keyboard, title: id!("keyboard-title"), inputs: &[], shown: |app| app.keyboard.can_change() },
    Row { page: Page::Network, title: id!("network-title"), inputs: &[], shown: App::network_failed },
    Row { page: Page::Code, title: id!("code-title"), inputs: &[Input::Code], shown: always },
    Row {
        page: Page::Administrator,
        title: id!("administrator-title"),
        inputs: &[Input::FirstName, Input::LastName, Input::Email, Input::TenantName],
        shown: always,
    },
    Row { page: Page::Password, title: id!("password-title"), inputs: &[Input::Password, Input::Again], shown: always },
    Row {
        page: Page::Address,
        title: id!("address-title"),
        inputs: &[Input::Hostname],
        shown: |app| app.profile.endpoint.ask,
    },
    Row { page: FIRST_QUESTION, title: id!("label-answer"), inputs: &[], shown: always },
    Row { page: Page::Review, title: id!("review-title"), inputs: &[], shown: always },
    Row { page: Page::Progress, title: id!("progress-title"), inputs: &[], shown: always },
    Row { page: Page::Done, title: id!("done-title"), inputs: &[], shown: always },
];

const FIRST_QUESTION: Page = Page::Question(0);

/// What each question's page asks: the question.
static QUESTIONS: [Input; MOST_QUESTIONS as usize] = {
    let mut inputs = [Input::Question(0); MOST_QUESTIONS as usize];
    let mut index = 0;
    while index < MOST_QUESTIONS {
        inputs[index as usize] = Input::Question(index);
        index += 1;
    }
    inputs
};

const fn always(_: &App) -> bool {
    true
}

/// Every page in the order of the wizard, shown or not; each of the vendor's own questions has one.
pub(crate) fn all(profile: &Profile) -> impl Iterator<Item = Page> {
    let questions = u8::try_from(profile.questions.len()).unwrap_or(u8::MAX);
    PAGES.iter().flat_map(move |row| {
        let is_question = row.page == FIRST_QUESTION;
        let count = if is_question { questions } else { 1 };
        (0..count).map(move |index| if is_question { Page::Question(index) } else { row.page })
    })
}

/// The pages that the review numbers, because their answers can be changed from there.
pub(crate) fn numbered(profile: &Profile) -> impl Iterator<Item = Page> {
    let asked = all(profile).filter(|page| !page.inputs().is_empty());
    asked.filter(|page| *page != Page::Address || profile.endpoint.ask)
}

impl Page {
    /// The page's row in the table.
    fn row(self) -> &'static Row {
        let page = if matches!(self, Self::Question(_)) { FIRST_QUESTION } else { self };
        PAGES.iter().find(|row| row.page == page).expect("every page has a row: a test looks")
    }

    /// What it asks, in the order of its fields.
    pub(crate) fn inputs(self) -> &'static [Input] {
        match self {
            Self::Question(index) => QUESTIONS.get(usize::from(index)..=usize::from(index)).unwrap_or_default(),
            page => page.row().inputs,
        }
    }

    /// Its title, in words.
    pub(crate) fn title(self, app: &App) -> String {
        match self {
            Self::Question(index) => app.label(Input::Question(index)),
            page => app.words.say(page.row().title),
        }
    }

    /// Whether it is part of the way.
    fn is_shown(self, app: &App) -> bool {
        app.asks(self) && (self.row().shown)(app)
    }

    /// The page that asks for `input`.
    pub(crate) fn of(input: Input) -> Self {
        match input {
            Input::Question(index) => Self::Question(index),
            input => PAGES.iter().find(|row| row.inputs.contains(&input)).map_or(Self::Review, |row| row.page),
        }
    }

    /// Whether the operator types or reads here before anything is done.
    pub(crate) const fn is_before_the_run(self) -> bool {
        !matches!(self, Self::Progress | Self::Done)
    }
}

/// The page after the current one.
pub(crate) fn next(app: &App) -> Option<Page> {
    all(&app.profile).skip_while(|page| *page != app.page).skip(1).find(|page| page.is_shown(app))
}

/// The page before the current one; there is no way back from a run but by its own keys.
pub(crate) fn back(app: &App) -> Option<Page> {
    let before = all(&app.profile).take_while(|page| *page != app.page && app.page.is_before_the_run());
    before.filter(|page| page.is_shown(app)).last()
}

/// Which step the current page is, and of how many: `(3, 7)`. A page that was only looked up belongs to where it was
/// looked up from.
pub(crate) fn step(app: &App) -> (usize, usize) {
    let here = if app.editing && !app.page.is_shown(app) { app.after_edit } else { app.page };
    let shown = |page: &Page| page.is_shown(app) || *page == here;
    let before = all(&app.profile).take_while(|page| *page != here).filter(shown).count();
    (before + 1, all(&app.profile).filter(shown).count())
}
