//! The pages in one table: their order, their titles, and what they ask.

use serde::{Deserialize, Serialize};

use crate::{
    answers::FieldId,
    profile::Profile,
    wizard::{form::Input, keys::Context},
    words::{TextId, id},
};

/// One page of the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Page {
    /// Which other terminal leads, as long as one does.
    Elsewhere,
    /// Who sits there, once the appliance has been set up.
    SignIn,
    /// What this is and what is needed.
    Welcome,
    /// The keyboard's layout, on a console that can change it.
    Keyboard,
    /// The disk that the image is put on, on a system that was started from it.
    Disk,
    /// What the network looks like, when it is in the way.
    Network,
    /// The proxy on this machine's way out.
    Proxy,
    /// This machine's clock, when it is wrong.
    Clock,
    /// The install code.
    Code,
    /// Who will administer the appliance.
    Administrator,
    /// The administrator's password.
    Password,
    /// Where the appliance is reached.
    Address,
    /// A certificate of the operator's own.
    Certificate,
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
    /// Where the operator is on it, for the keys, as long as nothing on it says more.
    context: Context,
    /// Whether an appliance of this profile has it.
    asked: fn(&Profile) -> bool,
}

/// The table, in the order of the wizard. One row stands for all of the vendor's own questions.
const PAGES: &[Row] = &[
    row(Page::Elsewhere, id!("elsewhere-title"), &[], Context::Elsewhere),
    row(Page::SignIn, id!("sign-in-title"), &[], Context::SignIn),
    row(Page::Welcome, id!("welcome-title"), &[], Context::Welcome),
    row(Page::Keyboard, id!("keyboard-title"), &[], Context::Layout),
    row(Page::Disk, id!("disk-title"), &[], Context::Disk),
    row(Page::Network, id!("network-title"), &[], Context::Network),
    row(Page::Proxy, id!("proxy-title"), &[], Context::Mending),
    row(Page::Clock, id!("clock-title"), &[], Context::Layout),
    row(Page::Code, id!("code-title"), &[Input::Answer(FieldId::InstallCode)], Context::Code),
    row(
        Page::Administrator,
        id!("administrator-title"),
        &[
            Input::Answer(FieldId::FirstName),
            Input::Answer(FieldId::LastName),
            Input::Answer(FieldId::Email),
            Input::Answer(FieldId::TenantName),
        ],
        Context::Administrator,
    ),
    row(Page::Password, id!("password-title"), &[Input::Answer(FieldId::Password), Input::Again], Context::Password),
    Row {
        asked: |profile| profile.endpoint.ask,
        ..row(Page::Address, id!("address-title"), &[Input::Answer(FieldId::Endpoint)], Context::Line)
    },
    Row {
        asked: |profile| profile.pki.leaf.is_some(),
        ..row(
            Page::Certificate,
            id!("certificate-title"),
            &[
                Input::Answer(FieldId::Certificate),
                Input::Answer(FieldId::CertificateKey),
                Input::Answer(FieldId::CertificatePassword),
            ],
            Context::Password,
        )
    },
    row(FIRST_QUESTION, id!("label-answer"), &[], Context::Line),
    row(Page::Review, id!("review-title"), &[], Context::Review),
    row(Page::Progress, id!("progress-title"), &[], Context::Running),
    row(Page::Done, id!("done-title"), &[], Context::Done),
];

const fn row(page: Page, title: TextId, inputs: &'static [Input], context: Context) -> Row {
    Row { page, title, inputs, context, asked: |_| true }
}

const FIRST_QUESTION: Page = Page::Question(0);

/// Every page of this appliance in the order of the wizard, shown or not; each of the vendor's own questions has one.
pub(crate) fn all(profile: &Profile) -> impl Iterator<Item = Page> {
    let questions = u8::try_from(profile.questions.len()).unwrap_or(u8::MAX);
    PAGES.iter().filter(|row| (row.asked)(profile)).flat_map(move |row| {
        let is_question = row.page == FIRST_QUESTION;
        let count = if is_question { questions } else { 1 };
        (0..count).map(move |index| if is_question { Page::Question(index) } else { row.page })
    })
}

/// The pages that the review numbers, because their answers can be changed from there.
pub(crate) fn numbered(profile: &Profile) -> impl Iterator<Item = Page> {
    all(profile).filter(|page| !page.inputs().is_empty())
}

impl Page {
    /// The page's row in the table.
    fn row(self) -> &'static Row {
        let page = if matches!(self, Self::Question(_)) { FIRST_QUESTION } else { self };
        PAGES.iter().find(|row| row.page == page).expect("every page has a row: a test looks")
    }

    /// What it asks, in the order of its fields.
    pub(crate) fn inputs(self) -> Vec<Input> {
        match self {
            Self::Question(index) => vec![Input::Answer(FieldId::Question(index))],
            page => page.row().inputs.to_vec(),
        }
    }

    /// The id of its title; a question of the vendor's brings its own along.
    pub(super) fn title(self) -> TextId {
        self.row().title
    }

    /// Where the operator is on it, for the keys, as long as nothing on it says more.
    pub(super) fn context(self) -> Context {
        self.row().context
    }

    /// The page that asks for `input`.
    pub(crate) fn of(input: Input) -> Self {
        match input {
            Input::Answer(FieldId::Question(index)) => Self::Question(index),
            input => PAGES.iter().find(|row| row.inputs.contains(&input)).map_or(Self::Review, |row| row.page),
        }
    }

    /// Whether the operator types or reads here before anything is done.
    pub(crate) const fn is_before_the_run(self) -> bool {
        !matches!(self, Self::Elsewhere | Self::SignIn | Self::Progress | Self::Done)
    }
}
