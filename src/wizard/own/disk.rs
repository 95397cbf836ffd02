//! The page on which the image is put on a disk: which one, that what is on it may go, and the run that does it.
//!
//! It is there on a system that was started from the image, which can be tried out all the same.

use crate::{
    engine::Event,
    error::Report,
    exit::Exit,
    field::{Field, FieldKind},
    setup::Offer,
    wizard::{
        keys::Context,
        notice::Notice,
        own::page::{OwnPage, Reaction},
        port::Request,
        watch::Watch,
    },
    words::{Phrase, TextId, id},
};

/// No device has a longer name.
const LONGEST: usize = 32;

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A disk is to be named, or none.
    Choosing,
    /// No disk is called so.
    Unknown(String),
    /// The disk that is called so does not fit.
    Unfit(String),
    /// The field did not take it.
    Refused(Notice),
    /// The disk that is called so has something on it, and is to be named once more.
    Confirming(String),
    /// It is being installed.
    Installing,
    /// That failed.
    Failed,
    /// It is installed.
    Installed,
    /// The machine is to start again.
    Restarting,
    /// It does not.
    NotRestarted(Phrase),
}

/// Where the image is put.
#[derive(Debug)]
pub(crate) struct Installation {
    /// Whether there is anything to install.
    pub(in crate::wizard) is_live: bool,
    /// What there is to choose from; `None` while that is being looked at.
    offers: Option<Result<Vec<Offer>, Report>>,
    wanted: Field,
    /// How far it is.
    pub(crate) stage: Stage,
    /// The run.
    pub(crate) watch: Watch,
}

impl Default for Installation {
    fn default() -> Self {
        Self { is_live: false, offers: None, wanted: empty(), stage: Stage::Choosing, watch: Watch::default() }
    }
}

fn empty() -> Field {
    Field::new(FieldKind::Plain, LONGEST)
}

impl Installation {
    /// Whether there is anything to install.
    pub(crate) const fn is_live(&self) -> bool {
        self.is_live
    }

    /// The disks, as far as they are known, or why they are not.
    pub(crate) const fn offers(&self) -> Option<&Result<Vec<Offer>, Report>> {
        self.offers.as_ref()
    }

    /// The disk that is called so.
    pub(crate) fn offer(&self, name: &str) -> Option<&Offer> {
        self.offers.as_ref()?.as_ref().ok()?.iter().find(|offer| offer.name == name)
    }

    /// Whether it may not be left: it writes, or has written.
    pub(crate) const fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Installing | Stage::Installed | Stage::Restarting | Stage::NotRestarted(_))
    }

    /// Takes in which disks there are.
    pub(in crate::wizard) fn told(&mut self, offers: Result<Vec<Offer>, Report>) {
        self.offers = Some(offers);
        // What was said of another one may be wrong now.
        if let Stage::Confirming(name) = &self.stage
            && self.offer(name).is_none_or(|offer| offer.erase.is_none())
        {
            self.stage = Stage::Choosing;
        }
    }

    /// Takes in what happens while it is installed.
    pub(in crate::wizard) fn apply(&mut self, event: &Event) {
        self.watch.apply(event);
        self.ended();
    }

    /// The run broke off.
    pub(in crate::wizard) fn lost(&mut self) {
        self.watch.lost();
        self.ended();
    }

    /// The run was not begun: somebody else leads.
    pub(in crate::wizard) fn not_begun(&mut self) {
        self.stage = Stage::Choosing;
    }

    fn ended(&mut self) {
        match self.watch.ended() {
            Some(Exit::Done) => self.stage = Stage::Installed,
            Some(_) => self.stage = Stage::Failed,
            None => {}
        }
    }

    fn choose(&mut self) -> Reaction {
        let name = self.wanted.text().trim().to_owned();
        if name.is_empty() {
            let confirming = matches!(self.stage, Stage::Confirming(_));
            self.stage = Stage::Choosing;
            return if confirming { Reaction::Stay } else { Reaction::On };
        }
        let Some(offer) = self.offer(&name) else {
            self.stage = Stage::Unknown(name);
            return Reaction::Stay;
        };
        let Some(erase) = offer.erase else {
            self.stage = Stage::Unfit(name);
            return Reaction::Stay;
        };
        let (path, is_confirmed) =
            (offer.path.clone(), offer.is_empty || self.stage == Stage::Confirming(name.clone()));
        self.wanted = empty();
        if !is_confirmed {
            self.stage = Stage::Confirming(name);
            return Reaction::Stay;
        }
        self.stage = Stage::Installing;
        self.watch = Watch::default();
        self.watch.begin();
        Reaction::Ask(Request::Install { disk: path, erase })
    }
}

impl OwnPage for Installation {
    fn is_shown(&self) -> bool {
        self.is_live
    }

    fn context(&self) -> Context {
        match self.stage {
            Stage::Installing | Stage::Restarting => Context::Installing,
            Stage::Installed | Stage::NotRestarted(_) => Context::Installed,
            _ => Context::Disk,
        }
    }

    fn fields(&self) -> usize {
        usize::from(!self.is_under_way())
    }

    fn field(&self) -> Option<(TextId, &Field)> {
        (!self.is_under_way()).then_some((id!("disk-name"), &self.wanted))
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        (!self.is_under_way()).then_some(&mut self.wanted)
    }

    fn has_changed(&mut self) {
        if matches!(self.stage, Stage::Unknown(_) | Stage::Unfit(_) | Stage::Refused(_)) {
            self.stage = Stage::Choosing;
        }
    }

    fn refused(&mut self, why: Notice) {
        self.stage = Stage::Refused(why);
    }

    fn enter(&mut self) -> Reaction {
        match self.stage {
            Stage::Installing | Stage::Restarting => Reaction::Stay,
            Stage::Installed | Stage::NotRestarted(_) => {
                self.stage = Stage::Restarting;
                Reaction::Ask(Request::Restart)
            }
            _ => self.choose(),
        }
    }

    /// What goes on with the name of a disk.
    fn shows_typed(&self, character: char) -> bool {
        let typed = format!("{}{character}", self.wanted.text());
        let offers = self.offers.iter().flatten().flatten();
        offers.into_iter().any(|offer| offer.name.starts_with(&typed))
    }

    /// The name of a disk.
    fn shows_pasted(&self, text: &str) -> bool {
        self.offer(text.trim()).is_some()
    }
}
