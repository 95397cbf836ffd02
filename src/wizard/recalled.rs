//! The wizard as a recording tells of it.

use std::sync::Arc;

use crate::{
    answers::Draft,
    profile::Profile,
    screen::Look,
    setup::Admission,
    wizard::{
        app::{App, Ask, Stop},
        form::Input,
        notice::Notice,
        page::Page,
    },
};

impl App {
    /// The wizard that a recording began with: nothing is typed, these pages are not asked, and perhaps somebody had to sign in.
    pub(crate) fn recalled(
        profile: Profile,
        look: Look,
        given: Vec<Page>,
        layouts: Vec<String>,
        live: bool,
        admission: Option<Admission>,
    ) -> Self {
        let mut app = Self::new(Arc::new(profile), &Draft::default(), look);
        app.given = given;
        app.offer_layouts(layouts);
        if live {
            app.offer_disks();
        }
        if let Some(admission) = admission {
            app.ask_to_sign_in(admission, false);
        }
        app
    }

    /// Puts into a field what stands for its content.
    pub(crate) fn recall(&mut self, input: Input, text: &str, cursor: usize) {
        self.form.field_mut(input).resume(text, cursor);
    }

    /// Says what was said about a field.
    pub(crate) fn recall_notice(&mut self, notice: Option<(Input, Notice)>, caps_lock: Option<bool>) {
        self.notice = notice;
        self.caps_lock = caps_lock;
    }

    /// Goes where the wizard was.
    pub(crate) fn recall_place(&mut self, page: Page, focus: usize, ask: Option<Ask>) {
        (self.page, self.focus) = (page, focus);
        self.ask(ask);
    }

    /// Rests: nothing is being stopped, and no checks are made again by themselves. What they found is what is looked at.
    pub(crate) fn rest(&mut self) {
        self.stop = Stop::No;
        self.again_in = None;
    }
}
