//! Pages that have state of their own: fields that are no answers. Each keeps its own, behind one trait.

mod clock;
mod disk;
mod elsewhere;
mod keyboard;
mod network;
mod page;
mod proxy;
mod sign_in;

pub(crate) use clock::{ClockPage, Setting};
pub(crate) use disk::{Installation, Stage};
pub(crate) use elsewhere::Elsewhere;
pub(crate) use keyboard::{Keyboard, State};
pub(crate) use network::{Mending, Trial as NetworkState};
pub(crate) use page::{OwnPage, Reaction};
pub(crate) use proxy::{ProxyPage, Way as ProxyWay};
pub(crate) use sign_in::{SignIn, Signing};

use crate::wizard::page::Page;

/// The state of every such page.
#[derive(Debug, Default)]
pub(crate) struct OwnPages {
    /// Where the image is put.
    pub(crate) installation: Installation,
    /// By what the clock is set.
    pub(crate) clock: ClockPage,
    /// Who leads.
    pub(crate) elsewhere: Elsewhere,
    /// The console's keyboard.
    pub(crate) keyboard: Keyboard,
    /// The network as it is to be.
    pub(crate) network: Mending,
    /// The proxy on the way out.
    pub(crate) proxy: ProxyPage,
    /// Who signs in.
    pub(crate) sign_in: SignIn,
}

impl OwnPages {
    /// The state of `page`, if it has one.
    pub(crate) fn of(&self, page: Page) -> Option<&dyn OwnPage> {
        match page {
            Page::Disk => Some(&self.installation),
            Page::Clock => Some(&self.clock),
            Page::Elsewhere => Some(&self.elsewhere),
            Page::Keyboard => Some(&self.keyboard),
            Page::Network => Some(&self.network),
            Page::Proxy => Some(&self.proxy),
            Page::SignIn => Some(&self.sign_in),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn of_mut(&mut self, page: Page) -> Option<&mut dyn OwnPage> {
        match page {
            Page::Disk => Some(&mut self.installation),
            Page::Clock => Some(&mut self.clock),
            Page::Elsewhere => Some(&mut self.elsewhere),
            Page::Keyboard => Some(&mut self.keyboard),
            Page::Network => Some(&mut self.network),
            Page::Proxy => Some(&mut self.proxy),
            Page::SignIn => Some(&mut self.sign_in),
            _ => None,
        }
    }
}
