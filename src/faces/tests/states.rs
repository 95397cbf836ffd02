//! The states in which a page can be, and how it gets there: what the snapshots are taken of.

use super::*;
use super::{
    disk::{installed, installing, live, offered},
    ways::*,
};

/// How the wizard gets to a page in some state; `None` if the page cannot be in it.
pub(super) type Way = Option<fn(Page) -> App>;

/// A page in each of its states; or what lies above one, with the page that is seen beneath it or around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// What its snapshots begin with.
    pub(super) name: &'static str,
    pub(super) page: Page,
    /// Nothing was typed and nothing is known yet.
    empty: Way,
    /// Everything was typed or has happened, and it will do.
    filled: Way,
    /// Something was typed that will not do.
    refused: Way,
    /// Something is under way: the checks behind a page, a layout that is being loaded, the run.
    pub(super) busy: Way,
    /// That has failed.
    pub(super) failed: Way,
}

impl Row {
    /// The names of the snapshots, and what is seen in them.
    pub(super) fn states(&self) -> impl Iterator<Item = (String, App)> {
        let states = [
            ("empty", self.empty),
            ("filled", self.filled),
            ("refused", self.refused),
            ("busy", self.busy),
            ("failed", self.failed),
        ];
        let Self { name, page, .. } = *self;
        states.into_iter().filter_map(move |(state, way)| Some((format!("{name}-{state}"), way?(page))))
    }
}

/// A page with fields or a list. While it is filled in, the checks are made, and may fail.
const fn form(name: &'static str, page: Page, refused: fn(Page) -> App) -> Row {
    let (busy, failed) = (Some(checked_now as fn(Page) -> App), Some(checked_in_vain as fn(Page) -> App));
    Row { name, page, empty: Some(blank), filled: Some(at), refused: Some(refused), busy, failed }
}

/// Every page. On those without `refused` nothing is typed that could be. Nothing fills the welcome, and when all is
/// done nothing is under way any more.
pub(super) const PAGES: &[Row] = &[
    Row {
        name: "elsewhere",
        page: Page::Elsewhere,
        // It has ended there, or its terminal has.
        empty: Some(|_| led(led(at(Page::Code), tty1(false)), Leader::Nobody)),
        filled: Some(|_| led(empty(), tty1(false))),
        refused: None,
        busy: None,
        failed: None,
    },
    Row {
        name: "sign-in",
        page: Page::SignIn,
        empty: Some(|_| signing_in(0)),
        filled: Some(|_| keyed(signing_in(0), "correct horse")),
        refused: Some(|_| signed_in(keyed(signing_in(0), "horse<enter>"), Attempt::Wrong { wait_seconds: 8 })),
        busy: Some(|_| keyed(signing_in(0), "horse<enter>")),
        failed: Some(|_| {
            let report = Box::new(report(ErrorId::StateUnwritable));
            signed_in(keyed(signing_in(0), "horse<enter>"), Attempt::Failed { report })
        }),
    },
    Row {
        name: "welcome",
        page: Page::Welcome,
        empty: Some(blank),
        filled: None,
        refused: None,
        busy: Some(checked_now),
        failed: Some(checked_in_vain),
    },
    Row {
        name: "keyboard",
        page: Page::Keyboard,
        empty: Some(|_| keyboard("")),
        filled: Some(|_| loaded(Ok(()), "zy")),
        refused: Some(|_| keyboard("dk<enter>")),
        busy: Some(|_| keyboard("<down><enter>")),
        failed: Some(|_| loaded(Err(no_console()), "")),
    },
    Row {
        name: "disk",
        page: Page::Disk,
        empty: Some(|_| live()),
        filled: Some(|_| keyed(offered(), "sda<enter>")),
        refused: Some(|_| keyed(offered(), "sdc<enter>")),
        busy: Some(|_| installing(offered(), false)),
        failed: Some(|_| installing(offered(), true)),
    },
    Row {
        name: "disk-installed",
        page: Page::Disk,
        empty: None,
        filled: Some(|_| installed()),
        refused: None,
        busy: Some(|_| keyed(installed(), "<enter>")),
        failed: Some(|_| {
            let mut app = keyed(installed(), "<enter>");
            update(&mut app, Msg::Reply(Reply::NotRestarted { reason: phrase!("machine-systemd-none") }));
            app
        }),
    },
    Row {
        name: "network",
        page: Page::Network,
        empty: Some(blank),
        filled: Some(|page| networked(checked_well(page))),
        refused: None,
        busy: Some(|page| networked(checked_now(page))),
        failed: Some(|page| networked(checked_in_vain(page))),
    },
    Row {
        name: "proxy",
        page: Page::Proxy,
        empty: Some(blank),
        filled: Some(|page| {
            proxied(keyed(blank(page), PROXY), Ok("the way out leads through the proxy `proxy.example:3128`".into()))
        }),
        refused: Some(|page| keyed(blank(page), "ftp://proxy.example<enter><enter>")),
        busy: Some(|page| keyed(blank(page), PROXY)),
        failed: Some(|page| {
            let report = Report::new(ErrorId::FileUnusable, "`/etc/firstlight/environment` cannot be written".into());
            proxied(keyed(blank(page), PROXY), Err(report))
        }),
    },
    Row {
        name: "clock",
        page: Page::Clock,
        empty: Some(blank),
        filled: Some(|page| keyed(blank(page), "<down>")),
        refused: Some(|page| keyed(blank(page), "<c-u>noon<enter>")),
        busy: Some(|page| keyed(blank(page), "<enter>")),
        failed: Some(|page| clocked(keyed(blank(page), "<enter>"))),
    },
    form("code", Page::Code, |page| keyed(blank(page), "k7qpm0")),
    form("administrator", Page::Administrator, |page| keyed(blank(page), "Kim<enter><enter>")),
    Row {
        filled: Some(|page| judged(at(page))),
        ..form("password", Page::Password, |page| keyed(blank(page), "short<enter>"))
    },
    form("address", Page::Address, |page| keyed(blank(page), "https://appliance<enter>")),
    form("question-choice", Page::Question(0), |page| keyed(blank(page), "<enter>")),
    form("question-text", Page::Question(1), |page| keyed(blank(page), "ACME<enter>")),
    Row {
        // The vendor's own answer is already there.
        empty: Some(|page| keyed(blank(page), "<c-u>")),
        ..form("question-number", Page::Question(2), |page| keyed(blank(page), "<c-u>17<enter>"))
    },
    form("question-boolean", Page::Question(3), |page| keyed(blank(page), "<enter>")),
    form("question-secret", Page::Question(4), |page| keyed(blank(page), "short<enter>")),
    Row {
        name: "review",
        page: Page::Review,
        empty: Some(blank),
        filled: Some(|page| described(checked_well(page))),
        // One answer that will not do.
        refused: Some(|page| keyed(checked_well(page), "1<end><bs><esc>")),
        busy: Some(|page| described(checked_now(page))),
        failed: Some(|page| described(checked_in_vain(page))),
    },
    Row {
        name: "progress",
        page: Page::Progress,
        empty: Some(|_| keyed(at(Page::Review), "<enter>")),
        filled: Some(|_| nearly_done()),
        refused: None,
        busy: Some(|_| under_way()),
        failed: Some(|_| failed(1, ErrorId::CodeExpired)),
    },
    Row {
        name: "done",
        page: Page::Done,
        // A vendor who says neither where the appliance is nor what comes next.
        empty: Some(|_| finished(Outcome::Changed)),
        filled: Some(|_| addressed()),
        refused: None,
        busy: None,
        failed: Some(|_| saved(addressed(), Err(report(ErrorId::StateUnwritable)))),
    },
];

/// What lies above the pages, where nothing is typed that could be refused. There is always some help, and a run that
/// can be stopped is under way.
pub(super) const ABOVE: &[Row] = &[
    Row {
        name: "log",
        page: Page::Progress,
        empty: Some(|_| keyed(at(Page::Review), "<enter>l")),
        filled: Some(|_| keyed(many_notes(), "l<home>")),
        refused: None,
        busy: Some(|_| keyed(many_notes(), "l")),
        failed: Some(|_| keyed(failed(1, ErrorId::CodeExpired), "l")),
    },
    Row {
        name: "help",
        page: Page::Password,
        empty: None,
        filled: Some(|page| keyed(at(page), "<f1>")),
        refused: None,
        busy: Some(|_| keyed(under_way(), "<f1>")),
        failed: Some(|_| keyed(failed(1, ErrorId::CodeExpired), "<f1>")),
    },
    Row {
        name: "leave",
        page: Page::Review,
        empty: Some(|page| keyed(blank(page), "<c-c>")),
        filled: Some(|page| keyed(described(checked_well(page)), "<c-c>")),
        refused: None,
        busy: Some(|page| keyed(described(checked_now(page)), "<c-c>")),
        failed: Some(|_| keyed(failed(3, ErrorId::BootstrapFailed), "<c-c>")),
    },
    Row {
        name: "stop",
        page: Page::Progress,
        empty: Some(|_| keyed(at(Page::Review), "<enter><esc>")),
        filled: None,
        refused: None,
        busy: Some(|_| keyed(told(under_way(), rehearsal_done()), "<esc>")),
        // The run was faster than the answer to the question.
        failed: Some(|_| {
            let ended = ended(ErrorId::CodeExpired, false);
            told(keyed(told(under_way(), rehearsal_done()), "<esc>"), vec![redeem_failed(), ended])
        }),
    },
];

/// The name of a snapshot, and how the wizard gets to what is seen in it.
pub(super) type Other = (&'static str, fn() -> App);

/// What else there is to be seen.
pub(super) const MORE: &[Other] = &[
    ("welcome-invited", || invited(networked(blank(Page::Welcome)))),
    ("sign-in-early", || keyed(signing_in(512), "horse<enter>")),
    ("sign-in-revealed", || keyed(signing_in(0), "correct horse<f2>")),
    ("sign-in-looking", || on(empty(), Page::SignIn)),
    ("sign-in-logged-in", || asked_to_sign_in(Admission::Unknowable { logged_in: true })),
    ("sign-in-closed", || asked_to_sign_in(Admission::Unknowable { logged_in: false })),
    ("sign-in-closed-german", || german(asked_to_sign_in(Admission::Unknowable { logged_in: false }))),
    ("sign-in-refused-german", || {
        german(signed_in(keyed(signing_in(0), "horse<enter>"), Attempt::Wrong { wait_seconds: 8 }))
    }),
    ("sign-in-help", || keyed(signing_in(0), "<f1>")),
    ("sign-in-leave", || keyed(signing_in(0), "<esc>")),
    ("elsewhere-busy", || led(at(Page::Code), tty1(true))),
    ("elsewhere-wanted", || keyed(led(empty(), tty1(false)), "<enter>")),
    ("elsewhere-german", || german(led(empty(), tty1(false)))),
    ("welcome-brand", branded),
    ("welcome-german", || keyed(empty(), "<right>")),
    ("code-busy-german", || german(checked_now(Page::Code))),
    ("keyboard-failed-german", || german(loaded(Err(no_console()), ""))),
    ("administrator-refused-german", || german(keyed(blank(Page::Administrator), "Kim<enter><enter>"))),
    ("code-recording-lost", recording_lost),
    ("code-partial", || code("k7qpm")),
    ("code-incomplete", || code("k7qpm2<enter>")),
    ("code-paste-refused", || pasted(at(Page::Code), "K7QP-M2RX-99")),
    ("code-paste-several", || pasted(at(Page::Code), "K7QP-M2RX, or was it K7QP-M2RY?")),
    ("code-found", || pasted(at(Page::Code), "Your install code is K7QP-M2RZ (valid 14 days).")),
    ("code-expired", || keyed(failed(1, ErrorId::CodeExpired), "e")),
    ("administrator-company", || {
        keyed(strict(Page::Administrator), "Kim<enter>Admin<enter>kim@acme.example<enter><enter>")
    }),
    ("password-classes", || judged(keyed(strict(Page::Password), "horse Battery 4"))),
    ("password-classes-german", || german(keyed(strict(Page::Password), "horse Battery<enter>"))),
    ("password-weak", || password("Password1!")),
    ("password-differs", || keyed(password(PASSWORD), "<enter>correct house<enter>")),
    ("password-revealed", || keyed(judged(at(Page::Password)), "<f2>")),
    ("password-keyboard", || password("ZÜRICH-ZUG 12")),
    ("password-keyboard-revealed", || keyed(password("ZÜRICH-ZUG 12"), "<f2>")),
    ("question-number-prefilled", || blank(Page::Question(2))),
    ("question-number-no-digit", || keyed(blank(Page::Question(2)), "x")),
    ("question-secret-revealed", || keyed(at(Page::Question(4)), "<f2>")),
    ("question-boolean-german", || german(at(Page::Question(3)))),
    ("review-empty-german", || german(blank(Page::Review))),
    ("review-questions", || on(at(Page::Address), Page::Review)),
    ("review-questions-german", || german(on(blank(Page::Address), Page::Review))),
    ("review-german", || german(at(Page::Review))),
    ("review-failed-german", || german(checked_in_vain(Page::Review))),
    ("review-long", long),
    ("progress-retry", retrying),
    ("progress-stopping", || keyed(told(under_way(), rehearsal_done()), "<esc>y")),
    ("progress-stopped", stopped),
    ("progress-causes", || keyed(failed(1, ErrorId::CodeExpired), "c")),
    ("progress-chosen", || keyed(failed(1, ErrorId::CodeExpired), "<tab>")),
    ("progress-german", || german(failed(1, ErrorId::CodeExpired))),
    ("leave-stopped", || keyed(stopped(), "<c-c>")),
    ("help-german", || german(keyed(failed(1, ErrorId::CodeExpired), "<f1>"))),
    ("done-registered", registered),
    ("done-again", || finished(Outcome::Unchanged)),
    ("done-saved", || saved(addressed(), Ok("/var/lib/firstlight/report.txt".to_owned()))),
];

/// What is typed on the page about it.
const PROXY: &str = "http://proxy.example:3128<enter>acme.example, 192.0.2.0/24<enter><enter>";

fn invited(mut app: App) -> App {
    let invitation =
        Invitation::read(&"kmnp-2345-qrst-6789\nSHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE\n".into());
    update(&mut app, Msg::Reply(Reply::Invited { invitation }));
    app
}

fn proxied(mut app: App, used: Result<Phrase, Report>) -> App {
    update(&mut app, Msg::Reply(Reply::ProxyUsed { used }));
    app
}

/// Nobody sets it.
fn clocked(mut app: App) -> App {
    let report = Report {
        hint: "log in and use `date --set`".into(),
        ..Report::new(ErrorId::ClockWrong, "this machine's clock was not set".into())
    };
    update(&mut app, Msg::Reply(Reply::ClockSet { set: Err(report) }));
    app
}
