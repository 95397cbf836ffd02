//! Named points at every effect, where a test build can stop or kill the process.
//!
//! A power cut can come between any two effects. A build with the feature
//! `crash-points` can be told to kill itself at one of them
//! (`FIRSTLIGHT_POINT=kill:NAME`, `kill:NAME:2` for its second passing,
//! `kill:#7` for the seventh point of the run; `stop:` sends SIGSTOP instead, and
//! `panic:` panics), and to write every point it passes to a file (`FIRSTLIGHT_POINT_TRACE=FILE`).
//! An exploration traces one run and then kills at `#1`, `#2`, … In a build
//! without the feature [`Point::pass`] is an empty function.

/// Declares the points once: variant, name, what has just happened or is about to.
macro_rules! points {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// A place between two effects.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point {
            $(#[doc = $doc] $variant,)*
        }

        impl Point {
            /// Every point there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name by which a test asks for the point.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

points! {
    FileCreate, "file.create", "Before a file is created under its temporary name.";
    FileFilled, "file.filled", "After its bytes were written, before they are fsynced: they are in memory alone.";
    FileWritten, "file.written", "After its bytes were written and fsynced, before it has its name.";
    FileRenamed, "file.renamed", "After it got its name, before the directory is fsynced.";
    FileDurable, "file.durable", "After the directory was fsynced.";
    RegisterSend, "register.send", "Before the code is sent: the intent is durable.";
    RegisterAnswered, "register.answered", "After the answer was read, before the grant is in the journal.";
    RegisterJournalled, "register.journalled", "After the grant is durable in the journal.";
    ApplySend, "apply.send", "Before an object is sent to the API server.";
    ApplyAnswered, "apply.answered", "After the API server confirmed it.";
    SecretsVerified, "secrets.verified", "After both Secrets were read back and compared.";
    DeleteSend, "delete.send", "Before an object is deleted from the cluster.";
    ChildStart, "child.start", "Before a child process is started.";
    ChildStarted, "child.started", "While a child process runs.";
    ChildEnded, "child.ended", "After a child process ended.";
    InstallWhole, "install.whole", "After a new system is on its disk, before it says that it is whole.";
    InstallSettled, "install.settled", "After it says so, and has what lay with the data for it.";
    UnitStart, "unit.start", "Before a unit of systemd is started.";
    UnitStarted, "unit.started", "After systemd has taken it on.";
}

#[cfg(not(feature = "crash-points"))]
impl Point {
    /// Does nothing: this build cannot be stopped at a point.
    #[inline]
    pub const fn pass(self) {}
}

#[cfg(feature = "crash-points")]
pub use armed::{Arming, arm};

#[cfg(feature = "crash-points")]
#[expect(clippy::disallowed_methods, reason = "it has no world yet, and is not in what ships")]
mod armed {
    //! The part that only test builds have.

    use std::{
        io::Write,
        path::PathBuf,
        sync::{Mutex, OnceLock},
        time::{Duration, Instant},
    };

    use rustix::process::{Signal, getpid, kill_process};

    use super::Point;

    /// What this process was told to do at its points.
    #[derive(Debug, Default)]
    pub struct Arming {
        /// `kill:…`, `stop:…` or `panic:…`, see the module's documentation.
        pub action: Option<String>,
        /// Where every passing is recorded, one name a line.
        pub trace: Option<PathBuf>,
    }

    static ARMED: OnceLock<Arming> = OnceLock::new();
    static PASSED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

    /// Arms the points of this process, once.
    pub fn arm(arming: Arming) {
        let _ = ARMED.set(arming);
    }

    impl Point {
        /// Records the passing, and stops or kills the process if it was told to do so here.
        ///
        /// # Panics
        /// When it was told to.
        pub fn pass(self) {
            let Some(arming) = ARMED.get() else { return };
            let (ordinal, occurrence) = {
                let mut passed = PASSED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                passed.push(self.name());
                (passed.len(), passed.iter().filter(|name| **name == self.name()).count())
            };
            if let Some(path) = &arming.trace {
                let file = std::fs::File::options().append(true).create(true).open(path);
                let _ = file.and_then(|mut file| writeln!(file, "{}", self.name()));
            }
            let Some((action, wanted)) = arming.action.as_deref().and_then(|action| action.split_once(':')) else {
                return;
            };
            let here = match (wanted.strip_prefix('#'), wanted.split_once(':')) {
                (Some(number), _) => number.parse() == Ok(ordinal),
                (None, Some((name, number))) => name == self.name() && number.parse() == Ok(occurrence),
                (None, None) => wanted == self.name() && occurrence == 1,
            };
            if here {
                assert!(action != "panic", "told to panic at {wanted}");
                let signal = if action == "stop" { Signal::STOP } else { Signal::KILL };
                let _ = kill_process(getpid(), signal);
                // Another thread takes the signal, and until it is scheduled this one would go on past its point.
                let taken = Instant::now() + Duration::from_millis(200);
                while Instant::now() < taken {
                    std::thread::park_timeout(Duration::from_millis(200));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        for (index, point) in Point::ALL.iter().enumerate() {
            assert!(Point::ALL[..index].iter().all(|other| other.name() != point.name()));
        }
    }
}
