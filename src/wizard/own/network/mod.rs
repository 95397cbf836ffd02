//! The network page where the network can be changed: what is typed for it, and what became of trying that.
//!
//! None of it is an answer of a setup: a network is tried while somebody looks at what it reaches, and kept or taken back.

use std::time::Duration;

use crate::{
    answers::{Draft, FieldId, Given, fields::network_label},
    error::Report,
    field::{Field, FieldKind},
    setup::NetworkFacts,
    values::network::{Interface, Network, NetworkField, NetworkSetting},
    wizard::{
        keys::Context,
        notice::Notice,
        own::page::{OwnPage, Reaction},
        port::Request,
        trial::NetworkWish,
    },
    words::{Phrase, TextId},
};

/// What is asked on the page, in this order; answers files can say more of a bond.
const ASKED: [NetworkField; 7] = [
    NetworkField::Interface,
    NetworkField::Addresses,
    NetworkField::Gateways,
    NetworkField::NameServers,
    NetworkField::Search,
    NetworkField::TimeServers,
    NetworkField::Vlan,
];

/// Room for a few addresses of either kind.
const LONGEST: usize = 160;

/// How often checks that fail are made anew while a network is tried.
const CHECK_AGAIN: Duration = Duration::from_secs(4);

/// What became of the network that was tried last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trial {
    /// None was.
    NotYet,
    /// It is about to be tried.
    Beginning,
    /// It is tried, for as long as this still.
    Running(Duration),
    /// It is being kept, or taken back.
    Ending,
    /// It stays.
    Kept,
    /// It was taken back, because somebody said so or because nobody kept it in its time.
    TakenBack {
        /// Whether its time was over.
        late: bool,
    },
    /// That was not possible.
    Failed(Box<Report>),
}

/// The network as it is to be.
#[derive(Debug)]
pub(crate) struct Mending {
    /// Whether the network can be changed here; `None` while that is being asked.
    pub(in crate::wizard) possible: Option<Result<(), Box<Report>>>,
    fields: Vec<(NetworkField, Field)>,
    /// What an answers file says of a bond, besides the interfaces that it is of.
    bond: Vec<NetworkSetting>,
    focus: usize,
    editing: bool,
    /// What is wrong with the field that keys go to.
    objection: Option<Phrase>,
    refused: Option<Notice>,
    /// What became of it.
    pub(crate) trial: Trial,
    unchecked: Duration,
    /// Whether an answers file says something of the network.
    given: bool,
}

impl Default for Mending {
    fn default() -> Self {
        let fields = ASKED.map(|field| (field, Field::new(FieldKind::Plain, LONGEST))).into();
        Self {
            possible: None,
            fields,
            bond: Vec::new(),
            focus: 0,
            editing: false,
            objection: None,
            refused: None,
            trial: Trial::NotYet,
            unchecked: Duration::ZERO,
            given: false,
        }
    }
}

impl Mending {
    /// Takes in what a draft says of the network; what was typed goes.
    pub(in crate::wizard) fn fill(&mut self, draft: &Draft) {
        let possible = self.possible.take();
        *self = Self { possible, ..Self::filled(draft) };
    }

    /// A page with what a draft says of the network.
    pub(in crate::wizard) fn filled(draft: &Draft) -> Self {
        let said = |field| match draft.given.get(&FieldId::Network(field)).map(|given| &given.value) {
            Some(Given::Text(text)) => Some(text.expose()),
            _ => None,
        };
        let mut page = Self::default();
        let is_bond = said(NetworkField::Bond).is_some();
        for (field, typed) in &mut page.fields {
            let is_interface = *field == NetworkField::Interface;
            if let Some(text) = said(if is_bond && is_interface { NetworkField::Bond } else { *field }) {
                // What does not fit is not what somebody would type either: it can be typed here.
                page.given |= typed.fill(text).is_ok();
            }
        }
        if is_bond {
            let besides = [NetworkField::Interface, NetworkField::BondMode].into_iter();
            let besides = besides.filter_map(|field| NetworkSetting::parse(field, said(field)?).ok());
            // Another name than one of a bond is not to be mended where only its interfaces are seen.
            page.bond =
                besides.filter(|said| !matches!(said, NetworkSetting::Interface(Interface::Hardware(_)))).collect();
        }
        page
    }

    /// The fields with what stands before them, and whether keys go there.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (TextId, &Field, bool)> {
        let rows = self.fields.iter().enumerate();
        rows.map(|(index, (field, typed))| (network_label(*field), typed, index == self.focus))
    }

    /// Whether the network can be changed here, as far as that is known; if not, why.
    pub(crate) const fn possible(&self) -> Option<&Result<(), Box<Report>>> {
        self.possible.as_ref()
    }

    /// What is wrong with the field that keys go to, and what stands before it.
    pub(crate) fn objection(&self) -> Option<(TextId, &Phrase)> {
        let label = network_label(self.fields.get(self.focus)?.0);
        self.objection.as_ref().map(|objection| (label, objection))
    }

    /// What the field that keys go to did not take, and what stands before it.
    pub(crate) fn refused_input(&self) -> Option<(TextId, &Notice)> {
        let label = network_label(self.fields.get(self.focus)?.0);
        self.refused.as_ref().map(|refused| (label, refused))
    }

    /// Whether fields are shown.
    pub(crate) const fn is_editing(&self) -> bool {
        self.editing
    }

    /// Whether a network is tried, or about to be.
    pub(crate) const fn is_trying(&self) -> bool {
        matches!(self.trial, Trial::Beginning | Trial::Running(_) | Trial::Ending)
    }

    /// Begins to ask, with the interface that leads on if nothing was said yet.
    pub(in crate::wizard) fn edit(&mut self, facts: &NetworkFacts) {
        if self.possible != Some(Ok(())) || self.is_trying() {
            return;
        }
        self.editing = true;
        self.focus = 0;
        self.objection = None;
        let leading = facts.default_routes.first().map(|(_, interface)| interface);
        let connected = || facts.interfaces.iter().find(|found| found.connected && found.driver.is_some());
        let proposed = leading.or_else(|| connected().map(|found| &found.name));
        if let (Some(name), Some((_, field))) = (proposed, self.fields.first_mut())
            && field.is_empty()
        {
            field.resume(name, name.len());
        }
    }

    /// Takes in that a network is being tried, or why not.
    pub(in crate::wizard) fn begun(&mut self, begun: Result<Duration, Box<Report>>) {
        self.trial = match begun {
            Ok(patience) => {
                self.editing = false;
                Trial::Running(patience)
            }
            Err(report) => {
                // Above the first field it is said, also where there is no room for all of them.
                self.focus_on(0);
                Trial::Failed(report)
            }
        };
    }

    /// Takes in how it ended.
    pub(in crate::wizard) fn ended(&mut self, trial: Trial) {
        self.trial = trial;
        self.editing = false;
    }

    /// Lets time pass; gives whether checks that fail are to be made anew.
    pub(in crate::wizard) fn tick(&mut self, elapsed: Duration) -> bool {
        let Trial::Running(left) = &mut self.trial else { return false };
        *left = left.saturating_sub(elapsed);
        self.unchecked += elapsed;
        let is_due = self.unchecked >= CHECK_AGAIN;
        if is_due {
            self.unchecked = Duration::ZERO;
        }
        is_due
    }

    /// The network that is typed, or what is wrong with which field.
    fn network(&self) -> Result<Network, (usize, Phrase)> {
        let mut settings = Vec::new();
        for (index, (field, typed)) in self.fields.iter().enumerate() {
            if !typed.text().trim().is_empty() {
                settings.push(setting(*field, typed.text()).map_err(|why| (index, why))?);
            }
        }
        if settings.iter().any(|setting| matches!(setting, NetworkSetting::Bond(_))) {
            settings.extend(self.bond.iter().cloned());
        }
        let place = |field: NetworkField| ASKED.iter().position(|asked| *asked == field).unwrap_or_default();
        Network::of(settings).map_err(|wrong| {
            let first = wrong.into_iter().next();
            first.map_or((0, Phrase::nothing()), |(field, why)| (place(field), why))
        })
    }
}

/// What is typed into a field: several interfaces work as one.
fn setting(field: NetworkField, text: &str) -> Result<NetworkSetting, Phrase> {
    let is_bond = field == NetworkField::Interface && text.trim().contains([',', ' ']);
    NetworkSetting::parse(if is_bond { NetworkField::Bond } else { field }, text)
}

impl OwnPage for Mending {
    fn is_shown(&self) -> bool {
        self.given
    }

    fn context(&self) -> Context {
        match (&self.trial, &self.possible) {
            _ if self.is_trying() => Context::Trying,
            (_, Some(Ok(()))) if self.editing => Context::Mending,
            (_, Some(Ok(()))) => Context::Mendable,
            _ => Context::Network,
        }
    }

    fn fields(&self) -> usize {
        if self.context() == Context::Mending { self.fields.len() } else { 0 }
    }

    fn focus(&self) -> usize {
        self.focus
    }

    fn focus_on(&mut self, index: usize) {
        self.focus = index;
        self.objection = None;
        self.refused = None;
    }

    fn field(&self) -> Option<(TextId, &Field)> {
        let (field, typed) = self.fields.get(self.focus).filter(|_| self.fields() > 0)?;
        Some((network_label(*field), typed))
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        if self.fields() == 0 {
            return None;
        }
        self.fields.get_mut(self.focus).map(|(_, typed)| typed)
    }

    fn has_changed(&mut self) {
        self.objection = None;
        self.refused = None;
    }

    fn refused(&mut self, why: Notice) {
        self.refused = Some(why);
    }

    fn enter(&mut self) -> Reaction {
        match self.context() {
            Context::Trying if matches!(self.trial, Trial::Running(_)) => {
                self.trial = Trial::Ending;
                Reaction::Ask(Request::Network(NetworkWish::Keep))
            }
            Context::Trying => Reaction::Stay,
            Context::Mending => {
                let (field, typed) = &self.fields[self.focus];
                let text = typed.text();
                let wrong = (!text.trim().is_empty()).then(|| setting(*field, text).err()).flatten();
                if let Some(why) = wrong {
                    self.objection = Some(why);
                    return Reaction::Stay;
                }
                if self.focus + 1 < self.fields.len() {
                    self.focus_on(self.focus + 1);
                    return Reaction::Stay;
                }
                match self.network() {
                    Ok(network) => {
                        self.trial = Trial::Beginning;
                        Reaction::Ask(Request::Network(NetworkWish::Try(Box::new(network))))
                    }
                    Err((place, why)) => {
                        self.focus_on(place);
                        self.objection = Some(why);
                        Reaction::Stay
                    }
                }
            }
            _ => Reaction::On,
        }
    }

    fn leave(&mut self) -> Reaction {
        match self.context() {
            Context::Trying if matches!(self.trial, Trial::Running(_)) => {
                self.trial = Trial::Ending;
                Reaction::Ask(Request::Network(NetworkWish::TakeBack))
            }
            Context::Trying => Reaction::Stay,
            Context::Mending => {
                self.editing = false;
                Reaction::Stay
            }
            _ => Reaction::On,
        }
    }
}

#[cfg(test)]
mod tests;
