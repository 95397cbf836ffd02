//! What other rooms read of the wizard.

use std::{sync::Arc, time::Duration};

use crate::{
    answers::PublicAnswers,
    error::Report,
    profile::Profile,
    screen::Look,
    setup::{Description, Found, NetworkFacts},
    values::{Invitation, Strength},
    wizard::{
        app::{App, Stop, Verdict},
        earlier::Earlier,
        form::{Form, Input},
        log::Log,
        notice::Notice,
        own::{ClockPage, Elsewhere, Installation, Keyboard, Mending, OwnPage, ProxyPage, SignIn},
        page::Page,
        watch::Watch,
    },
    words::Words,
};

impl App {
    /// What is set up.
    pub(crate) const fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// What is said.
    pub(crate) const fn words(&self) -> &Words {
        &self.words
    }

    /// How somebody comes to the setup from another computer, if they may.
    pub(crate) const fn invitation(&self) -> Option<&Invitation> {
        self.invitation.as_ref()
    }

    /// What the terminal can show.
    pub(crate) const fn look(&self) -> Look {
        self.look
    }

    /// The page on the screen.
    pub(crate) const fn page(&self) -> Page {
        self.page
    }

    /// Whether the page was opened to change an answer.
    pub(crate) const fn editing(&self) -> bool {
        self.editing
    }

    /// Everything typed.
    pub(crate) const fn form(&self) -> &Form {
        &self.form
    }

    /// Whether the password is shown.
    pub(crate) const fn reveal(&self) -> bool {
        self.reveal
    }

    /// How strong the password is, as far as that is known.
    pub(crate) const fn strength(&self) -> Option<&Strength> {
        self.strength.as_ref()
    }

    /// Whether the password as it stands is still being judged.
    pub(crate) fn is_judging(&self) -> bool {
        self.verdict == Verdict::Awaited
    }

    /// Whether Caps Lock is on, as far as the last letter tells.
    pub(crate) const fn caps_lock(&self) -> Option<bool> {
        self.caps_lock
    }

    /// What is to be said about a field besides what is wrong with its content.
    pub(crate) const fn notice(&self) -> Option<&(Input, Notice)> {
        self.notice.as_ref()
    }

    /// The rehearsal.
    pub(crate) const fn checks(&self) -> &Watch {
        &self.checks
    }

    /// The time until the rehearsal is made again by itself.
    pub(crate) const fn again_in(&self) -> Option<Duration> {
        self.again_in
    }

    /// Who leads, where that is another terminal.
    pub(crate) const fn elsewhere(&self) -> &Elsewhere {
        &self.own.elsewhere
    }

    /// Where the image is put.
    pub(crate) const fn installation(&self) -> &Installation {
        &self.own.installation
    }

    /// This machine's clock, as it is to be set.
    pub(crate) const fn clock(&self) -> &ClockPage {
        &self.own.clock
    }

    /// The proxy on this machine's way out.
    pub(crate) const fn proxy(&self) -> &ProxyPage {
        &self.own.proxy
    }

    /// The console's keyboard.
    pub(crate) const fn keyboard(&self) -> &Keyboard {
        &self.own.keyboard
    }

    /// The network as it is to be.
    pub(crate) const fn mending(&self) -> &Mending {
        &self.own.network
    }

    /// Who signs in.
    pub(crate) const fn sign_in(&self) -> &SignIn {
        &self.own.sign_in
    }

    /// Whether the answer to what was typed is still to come.
    pub(crate) fn is_answer_awaited(&self) -> bool {
        self.is_judging() || self.page == Page::SignIn && self.own.sign_in.is_awaited()
    }

    /// The network, as it was when the checks began.
    pub(crate) const fn network(&self) -> &NetworkFacts {
        &self.network
    }

    /// Where the appliance is reached, as this machine has found out.
    pub(crate) const fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// What the steps will do.
    pub(crate) const fn described(&self) -> &Vec<Description> {
        &self.described
    }

    /// The run, from the first confirmation on.
    pub(crate) const fn run(&self) -> Option<&Watch> {
        self.run.as_ref()
    }

    /// Whether the run was asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop != Stop::No
    }

    /// What the attempts before this one did.
    pub(crate) const fn earlier(&self) -> &Earlier {
        &self.earlier
    }

    /// The public answers of the run.
    pub(crate) const fn public(&self) -> Option<&PublicAnswers> {
        self.public.as_ref()
    }

    /// How many lines of the page are scrolled away at the top.
    pub(crate) const fn scroll(&self) -> u16 {
        self.scroll
    }

    /// Every line of the runs' log.
    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }

    /// Whether the causes of a failure are shown.
    pub(crate) const fn causes(&self) -> bool {
        self.causes
    }

    /// What came of the report that was asked for.
    pub(crate) const fn saved(&self) -> Option<&Result<String, Report>> {
        self.saved.as_ref()
    }

    /// Pages whose answers came with the draft.
    pub(crate) const fn given(&self) -> &Vec<Page> {
        &self.given
    }

    /// A remark about nothing on the page.
    pub(crate) fn aside(&self) -> Option<&str> {
        self.aside.as_deref()
    }

    /// What the page holds that is no answer.
    pub(crate) fn own_page(&self) -> Option<&dyn OwnPage> {
        self.own.of(self.page)
    }

    /// The index of the field with the focus among the answers of the page.
    pub(crate) const fn focus(&self) -> usize {
        self.focus
    }

    /// The index of the field that keys go to, be it for an answer or of the page's own.
    pub(crate) fn typed_into(&self) -> usize {
        self.own_page().map_or(self.focus, OwnPage::focus)
    }
}
