//! The page that stands before all others while the wizard on another terminal of this machine leads.

use crate::{
    setup::Leader,
    wizard::{
        keys::Context,
        own::page::{OwnPage, Reaction},
        page::Page,
        port::Request,
    },
};

/// Who leads, and what stands behind the page that says so.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    leader: Leader,
    /// Whether this one has asked to lead, and has not been answered.
    pub(in crate::wizard) asked: bool,
    /// Whether somebody has gone on here, and something else was asked for first.
    pub(in crate::wizard) going: bool,
    /// Whether this one was to take over, and has not yet.
    wanted: bool,
    /// The page that it stands before.
    pub(in crate::wizard) before: Page,
}

impl Default for Elsewhere {
    fn default() -> Self {
        Self { leader: Leader::Nobody, asked: false, going: false, wanted: false, before: Page::Welcome }
    }
}

impl Elsewhere {
    /// Who leads, as far as that is known.
    pub(crate) const fn leader(&self) -> &Leader {
        &self.leader
    }

    /// Whether this one was to take over, and has not yet.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// Takes in who leads.
    pub(in crate::wizard) fn told(&mut self, leader: Leader) {
        // Of another one nothing was wanted.
        self.wanted &= matches!(
            (&self.leader, &leader),
            (Leader::Another { terminal: before, .. }, Leader::Another { terminal, .. }) if before == terminal
        );
        self.asked = false;
        self.leader = leader;
    }
}

impl OwnPage for Elsewhere {
    /// It is part of no way.
    fn is_shown(&self) -> bool {
        false
    }

    fn context(&self) -> Context {
        match self.leader {
            Leader::Another { busy: true, .. } => Context::Watching,
            Leader::Another { .. } | Leader::Nobody | Leader::Us | Leader::Finished => Context::Elsewhere,
        }
    }

    fn enter(&mut self) -> Reaction {
        self.wanted = true;
        Reaction::Ask(Request::TakeOver)
    }
}
