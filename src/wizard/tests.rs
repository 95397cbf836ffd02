//! The wizard as a test wants it, without the messages that would lead there.

use std::sync::Arc;

use crate::{
    answers::Draft,
    profile::{EndpointAnswer, Profile},
    screen::Look,
    wizard::{app::App, form::Form, log::Log, page::Page},
    words::{Language, Words},
};

impl App {
    /// On this page, by no way.
    pub(crate) fn put_on(&mut self, page: Page) {
        self.page = page;
    }

    /// With the focus on this field.
    pub(crate) fn put_focus(&mut self, index: usize) {
        self.focus = index;
    }

    /// In this language.
    pub(crate) fn speak(&mut self, language: Language) {
        self.words = Words::new(language);
    }

    /// On a terminal like this, with what it shows from the start.
    pub(crate) fn show_on(&mut self, look: Look) {
        self.look = look;
        self.causes |= look.plain;
    }

    /// Of this appliance; what is typed stays.
    pub(crate) fn rebrand(&mut self, profile: Profile) {
        self.profile = Arc::new(profile);
    }

    /// Filled from this draft.
    pub(crate) fn fill(&mut self, draft: &Draft) {
        self.form = Form::filled(Arc::clone(&self.profile), draft).0;
    }

    /// Reached under this name.
    pub(crate) fn name_host(&mut self, hostname: &str) {
        let public = self.public.as_mut().expect("the answers of the run");
        public.endpoint = Some(EndpointAnswer::Hostname(hostname.parse().expect("a host name")));
    }

    /// Scrolled back to the top.
    pub(crate) fn unscroll(&mut self) {
        self.scroll = 0;
    }

    /// The log, to be filled.
    pub(crate) fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }
}
