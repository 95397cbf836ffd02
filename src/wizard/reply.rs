//! What comes of what the wizard asks for.

use serde::{Deserialize, Serialize};

use crate::{
    answers::Draft,
    engine::Event,
    error::Report,
    setup::{Admission, Attempt, Description, Leader, NetworkFacts, Offer},
    values::{Invitation, Strength, plain_text},
    wizard::trial::NetworkNews,
    words::{Phrase, phrase},
};

/// What comes of it. In JSON it is what stands in a recording, so nothing of it is an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// What the network looked like when the checks began.
    Network {
        /// It.
        facts: NetworkFacts,
    },
    /// How somebody comes to the setup from another computer, if they may. It is never written: a password is in it.
    Invited {
        /// It.
        #[serde(skip)]
        invitation: Option<Invitation>,
    },
    /// Whether the network can be changed here.
    Networkd {
        /// Why not.
        failure: Option<Box<Report>>,
    },
    /// What became of a network that was to be tried.
    NetworkTrial {
        /// It.
        trial: NetworkNews,
    },
    /// What the steps will do, for the review page.
    Described {
        /// Each of them.
        steps: Vec<Description>,
    },
    /// The verdict on the password, if there is one. It is never written: it says what the password is like.
    Judged {
        /// It.
        #[serde(skip)]
        strength: Option<Strength>,
    },
    /// Who leads.
    Leader {
        /// They.
        leader: Leader,
    },
    /// A run without a terminal has failed, and the machine can be set up here.
    LeftBehind {
        /// What it told.
        events: Vec<Event>,
        /// The answers that it had.
        #[serde(skip)]
        draft: Draft,
    },
    /// The run did not begin, because of who leads.
    NotBegun {
        /// They.
        leader: Leader,
    },
    /// Who may go on.
    Admission {
        /// They.
        admission: Admission,
    },
    /// What came of signing in.
    SignedIn {
        /// It.
        attempt: Attempt,
    },
    /// This machine's clock was set, or not.
    ClockSet {
        /// What was done, or why not.
        set: Result<Phrase, Report>,
    },
    /// The way out leads through another proxy, or not.
    ProxyUsed {
        /// What was done, or why not.
        used: Result<Phrase, Report>,
    },
    /// A keyboard layout is in use, or not.
    LayoutLoaded {
        /// Why not.
        failure: Option<Phrase>,
    },
    /// Which disks there are, or why that cannot be told.
    Disks {
        /// They.
        disks: Result<Vec<Offer>, Report>,
    },
    /// The installation goes on.
    Installation {
        /// What happened.
        event: Event,
    },
    /// The installation broke off without its last event.
    InstallationLost,
    /// The installation did not begin, because of who leads.
    NotInstalled {
        /// They.
        leader: Leader,
    },
    /// The machine does not start again.
    NotRestarted {
        /// Why not.
        reason: Phrase,
    },
    /// The rehearsal goes on.
    Rehearsal {
        /// What happened.
        event: Event,
    },
    /// The rehearsal broke off without its last event.
    RehearsalLost,
    /// The run goes on.
    Run {
        /// What happened.
        event: Event,
    },
    /// The run broke off without its last event.
    RunLost,
    /// A report was saved, and lies there; or it could not be.
    Saved {
        /// Where, or why not.
        saved: Result<String, Report>,
    },
}

impl Reply {
    /// What it is, for those who look into a recording.
    pub(crate) fn name(&self) -> Phrase {
        match self {
            Self::Network { .. } | Self::Networkd { .. } => phrase!("replay-network"),
            Self::Invited { .. } => phrase!("replay-invited"),
            Self::NetworkTrial { .. } => phrase!("replay-network-trial"),
            Self::Described { .. } => phrase!("replay-described"),
            Self::Judged { .. } => phrase!("replay-judged"),
            Self::Leader { .. } | Self::NotBegun { .. } | Self::NotInstalled { .. } => phrase!("replay-leader"),
            Self::LeftBehind { .. } => phrase!("replay-left-behind"),
            Self::Admission { .. } => phrase!("replay-admission"),
            Self::SignedIn { .. } => phrase!("replay-signed-in"),
            Self::ClockSet { .. } => phrase!("replay-clock"),
            Self::ProxyUsed { .. } => phrase!("replay-proxy"),
            Self::LayoutLoaded { .. } => phrase!("replay-layout"),
            Self::Disks { .. } => phrase!("replay-disks"),
            Self::Installation { event } => phrase!("replay-installation" { event: event_name(event) }),
            Self::InstallationLost => phrase!("replay-installation" { event: phrase!("replay-broken-off") }),
            Self::NotRestarted { .. } => phrase!("replay-not-restarted"),
            Self::Rehearsal { event } => phrase!("replay-rehearsal" { event: event_name(event) }),
            Self::RehearsalLost => phrase!("replay-rehearsal" { event: phrase!("replay-broken-off") }),
            Self::Run { event } => phrase!("replay-run" { event: event_name(event) }),
            Self::RunLost => phrase!("replay-run" { event: phrase!("replay-broken-off") }),
            Self::Saved { .. } => phrase!("replay-saved"),
        }
    }
}

fn event_name(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap_or_default();
    let part = |name: &str| plain_text(json[name].as_str().unwrap_or_default(), 60);
    format!("{} {}", part("type"), part("id")).trim_end().to_owned()
}
