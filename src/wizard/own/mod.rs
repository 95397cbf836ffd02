//! Pages that have state of their own: fields that are no answers. Each keeps its own, behind one trait.

mod elsewhere;
mod keyboard;
mod page;
mod sign_in;

pub(crate) use elsewhere::Elsewhere;
pub(crate) use keyboard::{Keyboard, State};
pub(crate) use page::{OwnPage, Reaction};
pub(crate) use sign_in::{SignIn, Signing};

use crate::wizard::page::Page;

/// The state of every such page.
#[derive(Debug, Default)]
pub(crate) struct OwnPages {
    /// Who leads.
    pub(crate) elsewhere: Elsewhere,
    /// The console's keyboard.
    pub(crate) keyboard: Keyboard,
    /// Who signs in.
    pub(crate) sign_in: SignIn,
}

impl OwnPages {
    /// The state of `page`, if it has one.
    pub(crate) fn of(&self, page: Page) -> Option<&dyn OwnPage> {
        match page {
            Page::Elsewhere => Some(&self.elsewhere),
            Page::Keyboard => Some(&self.keyboard),
            Page::SignIn => Some(&self.sign_in),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn of_mut(&mut self, page: Page) -> Option<&mut dyn OwnPage> {
        match page {
            Page::Elsewhere => Some(&mut self.elsewhere),
            Page::Keyboard => Some(&mut self.keyboard),
            Page::SignIn => Some(&mut self.sign_in),
            _ => None,
        }
    }
}
