//! The wizard as an operator uses it: which page is on the screen, what is typed there. The only file that knows its words.

use tokio::process::Command;

use super::{
    Machine,
    console::{Console, key, words},
    machine::PASSWORD,
    process,
};

/// A page of the wizard, by its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    SignIn,
    Welcome,
    Code,
    Administrator,
    Password,
    Review,
    Progress,
    Done,
}

impl Page {
    const ALL: [Self; 8] = [
        Self::SignIn,
        Self::Welcome,
        Self::Code,
        Self::Administrator,
        Self::Password,
        Self::Review,
        Self::Progress,
        Self::Done,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::Welcome => "Welcome",
            Self::Code => "Install code",
            Self::Administrator => "Administrator",
            Self::Password => "Password",
            Self::Review => "Review",
            Self::Progress => "Progress",
            Self::Done => "Done",
        }
    }

    /// Whether it is on the screen.
    pub(crate) fn is_on(self, screen: &vt100::Screen) -> bool {
        header(screen).contains(self.title())
    }

    /// What the operator of these tests types there, without the Enter after the last field.
    fn answers(self, code: &str) -> String {
        match self {
            Self::Code => code.to_owned(),
            Self::Administrator => ["Kim", "Admin", "kim@acme.example", "Acme Managed Services"].join(key::ENTER),
            Self::SignIn => PASSWORD.to_owned(),
            Self::Password => [PASSWORD, PASSWORD].join(key::ENTER),
            // Nothing to type, or a page of which this file does not know: what it proposes will do.
            _ => String::new(),
        }
    }
}

/// The first row without the step, which changes on one page when a check finds something to show.
fn header(screen: &vt100::Screen) -> String {
    let row = screen.rows(0, screen.size().1.get()).next().unwrap_or_default();
    row.trim_end_matches(|letter: char| letter == '/' || letter == ' ' || letter.is_ascii_digit()).to_owned()
}

/// Whether a run has ended on the progress page: then it says how to try again.
fn has_ended(screen: &vt100::Screen) -> bool {
    Page::Progress.is_on(screen) && words(screen).contains("Try again")
}

impl Console {
    /// Waits for a page.
    pub(crate) async fn on(&mut self, page: Page) {
        self.wait_for(&format!("page {page:?}"), |screen| page.is_on(screen)).await;
    }

    /// Answers page after page until `last` is on the screen.
    pub(crate) async fn answer_until(&mut self, last: Page, code: &str) {
        let mut before = String::new();
        loop {
            self.wait_for("the next page", |screen| {
                let header = header(screen);
                !header.is_empty() && header != before
            })
            .await;
            before = self.read(header);
            if self.read(|screen| last.is_on(screen)) {
                return;
            }
            let page = Page::ALL.into_iter().find(|page| before.contains(page.title()));
            let answers = page.map_or_else(String::new, |page| page.answers(code));
            self.press(&format!("{answers}{}", key::ENTER)).await;
        }
    }

    /// Waits until a run is under way that waits for a Kubernetes.
    pub(crate) async fn running(&mut self) {
        self.wait_for("a run that waits", |screen| {
            Page::Progress.is_on(screen) && !has_ended(screen) && words(screen).contains("kubernetes")
        })
        .await;
    }

    /// Waits until the run has failed with an error of this id.
    pub(crate) async fn failed(&mut self, id: &str) {
        self.wait_for(&format!("failure `{id}`"), |screen| {
            has_ended(screen) && words(screen).contains(&format!("{id}:"))
        })
        .await;
    }

    /// Waits until the run was stopped.
    pub(crate) async fn stopped(&mut self) {
        self.wait_for("the end of the run", |screen| has_ended(screen) && words(screen).contains("was stopped")).await;
    }

    /// Stops the run, by way of the question about it, with the key for that or Ctrl-C.
    pub(crate) async fn stop_run(&mut self, key: &str) {
        self.press(key).await;
        self.asked().await;
        self.press(key::ENTER).await;
        self.stopped().await;
    }

    /// Waits for the question whether to leave or to stop.
    pub(crate) async fn asked(&mut self) {
        self.wait_for("the question", |screen| {
            ["Leave the setup", "Stop the setup"].iter().any(|question| words(screen).contains(question))
        })
        .await;
    }
}

impl Machine {
    /// The wizard.
    pub(crate) fn wizard(&self) -> Command {
        self.wizard_of(process::firstlight())
    }

    /// The wizard in surroundings of its own.
    pub(crate) fn wizard_of(&self, firstlight: Command) -> Command {
        on_a_terminal(self.places(firstlight))
    }
}

/// The wizard on a machine that has nothing around it: no Kubernetes, no license service, nothing to clean up.
pub(crate) fn alone(folder: &std::path::Path) -> Command {
    let profile = folder.join("profile.toml");
    let text =
        "[license]\nurl = 'https://127.0.0.1:1'\n[machine]\ndisk-mib = 1\nmemory-mib = 1\nvolatile-state = true\n";
    std::fs::write(&profile, text).expect("a profile");
    let mut command = on_a_terminal(process::firstlight());
    command.arg("--profile").arg(profile).arg("--root").arg(folder);
    command.arg("--kubeconfig").arg(folder.join("no-kubeconfig"));
    command
}

/// A terminal of today, unless the test says otherwise.
pub(crate) fn on_a_terminal(mut command: Command) -> Command {
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    command
}
