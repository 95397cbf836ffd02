//! The pages in one table: their order, what they ask, and when they are shown.

use crate::tui::{app::App, form::Input};

/// One page of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub(crate) title: &'static str,
    /// What it asks, in the order of its fields.
    pub(crate) inputs: &'static [Input],
    /// Whether it has anything to ask or to say.
    shown: fn(&App) -> bool,
}

/// The table, in the order of the wizard.
pub(crate) const PAGES: &[Row] = &[
    Row { page: Page::Welcome, title: "welcome-title", inputs: &[], shown: always },
    Row { page: Page::Keyboard, title: "keyboard-title", inputs: &[], shown: |app| app.keyboard.can_change() },
    Row { page: Page::Network, title: "network-title", inputs: &[], shown: App::network_failed },
    Row { page: Page::Code, title: "code-title", inputs: &[Input::Code], shown: |app| app.asks(Page::Code) },
    Row {
        page: Page::Administrator,
        title: "administrator-title",
        inputs: &[Input::FirstName, Input::LastName, Input::Email, Input::TenantName],
        shown: |app| app.asks(Page::Administrator),
    },
    Row {
        page: Page::Password,
        title: "password-title",
        inputs: &[Input::Password, Input::Again],
        shown: |app| app.asks(Page::Password),
    },
    Row { page: Page::Review, title: "review-title", inputs: &[], shown: always },
    Row { page: Page::Progress, title: "progress-title", inputs: &[], shown: always },
    Row { page: Page::Done, title: "done-title", inputs: &[], shown: always },
];

const fn always(_: &App) -> bool {
    true
}

impl Page {
    /// The page's row in the table.
    pub(crate) fn row(self) -> &'static Row {
        PAGES.iter().find(|row| row.page == self).expect("every page has a row: a test looks")
    }

    /// The page that asks for `input`.
    pub(crate) fn of(input: Input) -> Self {
        PAGES.iter().find(|row| row.inputs.contains(&input)).map_or(Self::Review, |row| row.page)
    }

    /// Whether the operator types or reads here before anything is done.
    pub(crate) const fn is_before_the_run(self) -> bool {
        !matches!(self, Self::Progress | Self::Done)
    }
}

/// The page after the current one.
pub(crate) fn next(app: &App) -> Option<Page> {
    let after = PAGES.iter().skip_while(|row| row.page != app.page).skip(1);
    after.filter(|row| (row.shown)(app)).map(|row| row.page).next()
}

/// The page before the current one; there is no way back from a run but by its own keys.
pub(crate) fn back(app: &App) -> Option<Page> {
    let before = PAGES.iter().take_while(|row| row.page != app.page && app.page.is_before_the_run());
    before.filter(|row| (row.shown)(app)).map(|row| row.page).last()
}

/// Which step the current page is, and of how many: `(3, 7)`.
pub(crate) fn step(app: &App) -> (usize, usize) {
    let shown = |row: &&Row| (row.shown)(app) || row.page == app.page;
    let before = PAGES.iter().take_while(|row| row.page != app.page).filter(shown).count();
    (before + 1, PAGES.iter().filter(shown).count())
}
