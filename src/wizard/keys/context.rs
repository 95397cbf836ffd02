//! Where the operator is, as far as keys are concerned, and which places go together.

/// Declares the contexts once: what they are for, variant. Those above the pages have no help of their own.
macro_rules! contexts {
    (pages { $($(#[$doc:meta])* $page:ident,)* } above { $($(#[$docs:meta])* $above:ident,)* }) => {
        /// Where the operator is, as far as keys are concerned.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Context {
            $($(#[$doc])* $page,)*
            $($(#[$docs])* $above,)*
        }

        pub(super) const EVERYWHERE: &[Context] = &[$(Context::$page,)* $(Context::$above,)*];
        /// Where there is help.
        pub(super) const PAGES: &[Context] = &[$(Context::$page,)*];
    };
}

contexts! {
    pages {
        /// Another terminal leads, or did a moment ago.
        Elsewhere,
        /// The same, and the setup is being carried out there.
        Watching,
        /// Signing in.
        SignIn,
        /// The same, where nothing is kept and the system has asked who is there.
        LoggedIn,
        /// The same, where nobody has.
        Closed,
        /// The first page.
        Welcome,
        /// The keyboard page, where a layout is named.
        Layout,
        /// The keyboard page, where it is tried.
        Trial,
        /// The page for a disk to install on.
        Disk,
        /// The same, while it is written.
        Installing,
        /// The same, when that is done.
        Installed,
        /// The network page, where the network can only be looked at.
        Network,
        /// The same, where it can be changed.
        Mendable,
        /// The same, where it is typed how.
        Mending,
        /// The same, while that is tried.
        Trying,
        /// The install code page.
        Code,
        /// The administrator page.
        Administrator,
        /// The password page.
        Password,
        /// A page with one line: the address, or a question of the vendor's.
        Line,
        /// A page with one masked line.
        Secret,
        /// A page with a list to choose from.
        Choice,
        /// The review page.
        Review,
        /// The review page while an answer is missing or wrong.
        Incomplete,
        /// A run is under way.
        Running,
        /// A run was asked to stop and finishes what must not be cut.
        Stopping,
        /// A run failed or was stopped.
        Ended,
        /// A run failed because another install code has set this machine up.
        OtherCode,
        /// Everything is set up.
        Done,
        /// The same, and it is known where.
        Reachable,
        /// The log lies on top.
        Log,
        /// The address as a code for a camera lies on top.
        Camera,
    }
    above {
        /// The help lies on top.
        Help,
        /// "Leave the setup?"
        AskLeave,
        /// "Stop the setup?"
        AskStop,
        /// What became of that question when the run ended before it was answered.
        TooLate,
    }
}

use Context::{
    Administrator, AskLeave, AskStop, Choice, Closed, Code, Disk, Done, Elsewhere, Ended, Help, Incomplete, Installed,
    Installing, Layout, Line, Log, LoggedIn, Mendable, Mending, Network, OtherCode, Password, Reachable, Review,
    Running, Secret, SignIn, Stopping, Trial, Trying, Watching, Welcome,
};

pub(super) const FORMS: &[Context] =
    &[SignIn, Layout, Trial, Disk, Mending, Code, Administrator, Password, Line, Secret];
/// Those whose arrows do not pick a layout.
pub(super) const TYPED: &[Context] = &[SignIn, Disk, Mending, Code, Administrator, Password, Line, Secret];
pub(super) const BEFORE_THE_RUN: &[Context] = &[
    Layout,
    Trial,
    Disk,
    Network,
    Mendable,
    Mending,
    Code,
    Administrator,
    Password,
    Line,
    Secret,
    Choice,
    Review,
    Incomplete,
];
pub(super) const ENDED: &[Context] = &[Ended, OtherCode];
pub(super) const DONE: &[Context] = &[Done, Reachable];
pub(super) const REVIEWS: &[Context] = &[Review, Incomplete];
pub(super) const SCROLLED: &[Context] = &[
    Elsewhere, Watching, LoggedIn, Closed, Welcome, Installing, Installed, Network, Mendable, Trying, Review,
    Incomplete, Running, Stopping, Ended, OtherCode, Done, Reachable, Help, Log,
];
/// Where Tab moves through the footer.
pub(super) const CHOOSING: &[Context] = &[
    Elsewhere, Watching, LoggedIn, Welcome, Installing, Installed, Network, Mendable, Trying, Choice, Review,
    Incomplete, Running, Stopping, Ended, OtherCode, Done, Reachable, AskLeave, AskStop,
];
/// Where the arrows do so too: not where they change the language.
pub(super) const MOVING: &[Context] = &[
    Elsewhere, Watching, LoggedIn, Installing, Installed, Network, Mendable, Trying, Review, Incomplete, Running,
    Stopping, Ended, OtherCode, Done, Reachable, AskLeave, AskStop,
];
