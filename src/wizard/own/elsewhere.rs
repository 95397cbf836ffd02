//! The page that stands before all others while the wizard on another terminal of this machine leads.

use crate::{
    field::{Field, FieldKind},
    setup::Leader,
    wizard::{
        keys::Context,
        own::page::{OwnPage, Reaction},
        page::Page,
        port::Request,
    },
    words::{TextId, id},
};

/// Who leads, and what stands behind the page that says so.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    leader: Leader,
    /// Whether this one has asked to lead, and has not been answered.
    pub(in crate::wizard) asked: bool,
    /// Whether this one was to take over, and has not yet.
    wanted: bool,
    /// The page that it stands before.
    pub(in crate::wizard) before: Page,
    /// Nothing is typed here.
    field: Field,
}

impl Default for Elsewhere {
    fn default() -> Self {
        let field = Field::new(FieldKind::Masked, 0);
        Self { leader: Leader::Nobody, asked: false, wanted: false, before: Page::Welcome, field }
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
        self.wanted &= matches!(leader, Leader::Another { .. });
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
            Leader::Another { .. } | Leader::Nobody | Leader::Us => Context::Elsewhere,
        }
    }

    fn fields(&self) -> usize {
        0
    }

    fn focus(&self) -> usize {
        0
    }

    fn focus_on(&mut self, _index: usize) {}

    fn label(&self) -> TextId {
        id!("elsewhere-title")
    }

    fn field(&self) -> &Field {
        &self.field
    }

    fn field_mut(&mut self) -> &mut Field {
        &mut self.field
    }

    fn pick(&mut self, _forward: bool) {}

    fn enter(&mut self) -> Reaction {
        self.wanted = true;
        Reaction::Ask(Request::TakeOver)
    }

    fn shows_typed(&self, _character: char) -> bool {
        false
    }

    fn shows_pasted(&self, _text: &str) -> bool {
        false
    }
}
