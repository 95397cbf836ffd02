//! Which of the wizards on this machine's terminals leads: there is one on every console, and one of them is answered.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use nix::{
    fcntl::{FcntlArg, fcntl},
    libc,
};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::Host;
use crate::{values::plain_text, words::Phrase};

/// Who leads, below the root; locked for as long as somebody does. What was in it is gone with the machine's memory.
const LEAD: &str = "/run/firstlight/lead";

/// Who wants to, below the root.
const WANTED: &str = "/run/firstlight/lead.wanted";

/// No terminal has a longer name.
const LONGEST_NAME: usize = 40;

/// No more of what is told is read.
const MOST_BYTES: u64 = 16 * 1024;

/// Before the moment at which a run without a terminal has set the machine up.
const DONE: &str = "done ";

/// Who leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum Leader {
    /// Nobody.
    Nobody,
    /// The wizard that asks.
    Us,
    /// The one on another terminal.
    Another {
        /// Which one, such as `ttyS0`; empty where that is not known.
        terminal: String,
        /// Whether it carries the setup out: then it cannot be taken over.
        busy: bool,
        /// What it is doing, where nobody sits there to see it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doing: Option<Phrase>,
    },
    /// Nobody any more: a run without a terminal has set the machine up since the one that asks is there.
    Finished,
}

/// One wizard's part in that. It is given up on drop.
#[derive(Debug)]
pub struct Lead {
    path: PathBuf,
    wanted: PathBuf,
    terminal: String,
    held: Option<File>,
    /// Whether it leads all the same, because nothing can be written.
    alone: bool,
    busy: bool,
    doing: Option<Phrase>,
    /// Which run had set the machine up before.
    before: Option<String>,
    /// From which terminal this one was to take over, and has not yet.
    wants: Option<String>,
}

impl Host {
    /// The part of the wizard on a terminal, such as `/dev/ttyS0`.
    #[must_use]
    pub fn lead(&self, terminal: &str) -> Lead {
        let terminal = plain_text(terminal.strip_prefix("/dev/").unwrap_or(terminal), LONGEST_NAME);
        let (path, wanted) = (self.path(Path::new(LEAD)), self.path(Path::new(WANTED)));
        let before = read(&path).lines().nth(1).map(str::to_owned);
        Lead { path, wanted, terminal, held: None, alone: false, busy: false, doing: None, before, wants: None }
    }
}

impl Lead {
    /// Leads from now on, if nobody else does.
    pub fn claim(&mut self) -> Leader {
        if self.held.is_some() || self.alone {
            return Leader::Us;
        }
        match self.open() {
            // Where nothing can be written nobody else's wizard would be found either.
            None => self.alone = true,
            Some(file) if take(&file) => {
                self.held = Some(file);
                self.want_no_more();
                self.write();
            }
            Some(_) => return self.another(),
        }
        Leader::Us
    }

    /// Leads as soon as whoever does has given it up; looking again says so.
    pub fn take_over(&mut self) -> Leader {
        let leader = self.claim();
        if let Leader::Another { terminal, .. } = &leader {
            self.wants = self.want().map(|()| terminal.clone());
        }
        leader
    }

    /// Leads from now on for a run, which nobody takes over; if nobody else leads.
    pub fn begin(&mut self) -> Leader {
        let leader = self.claim();
        self.is_busy(leader == Leader::Us);
        leader
    }

    /// Who leads now. Somebody else who wants to does from here on, unless the setup is being carried out.
    pub fn look(&mut self) -> Leader {
        if self.alone {
            return Leader::Us;
        }
        if self.held.is_some() {
            let wanted = fs::read_to_string(&self.wanted).ok().filter(|_| !self.busy);
            let Some(terminal) = wanted else { return Leader::Us };
            self.give_up();
            return Leader::Another { terminal: plain_text(&terminal, LONGEST_NAME), busy: false, doing: None };
        }
        if let Some(from) = self.wants.clone() {
            let leader = self.claim();
            // Somebody else was faster, and is not waited for.
            if matches!(&leader, Leader::Another { terminal, .. } if *terminal != from) {
                self.want_no_more();
            }
            return leader;
        }
        let is_held = File::open(&self.path).is_ok_and(|file| is_held(&file));
        if is_held {
            return self.another();
        }
        let state = read(&self.path).lines().nth(1).map(str::to_owned);
        let is_new = state != self.before && state.is_some_and(|state| state.starts_with(DONE));
        if is_new { Leader::Finished } else { Leader::Nobody }
    }

    /// Says whether the setup is being carried out here.
    pub fn is_busy(&mut self, busy: bool) {
        self.busy = busy;
        self.write();
    }

    /// Says what is being done here, for those who sit at another terminal.
    pub fn tell(&mut self, doing: Phrase) {
        self.doing = Some(doing);
        self.write();
    }

    /// Leads no more, because a run without a terminal has set the machine up: those who waited for that have nothing to do.
    pub fn finish(mut self) {
        let now = clock_gettime(ClockId::Boottime);
        self.put(&format!("{}\n{DONE}{}.{:09}\n", self.terminal, now.tv_sec, now.tv_nsec));
    }

    fn give_up(&mut self) {
        let _nobody_wants = fs::remove_file(&self.wanted);
        self.held = None;
    }

    /// Says that this one wants to lead. It is there whole or not at all.
    fn want(&self) -> Option<()> {
        let name = if self.terminal.is_empty() { "none".to_owned() } else { self.terminal.replace('/', "-") };
        let own = self.wanted.with_extension(name);
        fs::write(&own, &self.terminal).and_then(|()| fs::rename(&own, &self.wanted)).ok()
    }

    fn want_no_more(&mut self) {
        self.wants = None;
        if fs::read_to_string(&self.wanted).is_ok_and(|terminal| terminal == self.terminal) {
            let _is_gone = fs::remove_file(&self.wanted);
        }
    }

    fn open(&self) -> Option<File> {
        fs::create_dir_all(self.path.parent()?).ok()?;
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&self.path).ok()
    }

    /// Who has the lock says so.
    fn write(&mut self) {
        let doing = self.doing.as_ref().and_then(|doing| serde_json::to_string(doing).ok()).unwrap_or_default();
        self.put(&format!("{}\n{}\n{doing}\n", self.terminal, if self.busy { "busy" } else { "" }));
    }

    /// Without it there is only less to tell.
    fn put(&mut self, text: &str) {
        let Some(file) = &mut self.held else { return };
        let _ =
            file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| file.write_all(text.as_bytes()));
    }

    fn another(&self) -> Leader {
        let text = read(&self.path);
        let mut lines = text.lines();
        let terminal = plain_text(lines.next().unwrap_or_default(), LONGEST_NAME);
        let busy = lines.next() == Some("busy");
        let doing = lines.next().and_then(|doing| serde_json::from_str(doing).ok());
        Leader::Another { terminal, busy, doing }
    }
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    let _unreadable_is_unknown = File::open(path).map(|file| file.take(MOST_BYTES).read_to_string(&mut text));
    text
}

/// The lock: of the whole file, and of who has opened it until that is closed (`fcntl_locking(2)`, open file description locks).
/// Other than with flock(2), whether it is held can be seen without taking it.
fn lock() -> libc::flock {
    let short = |number: libc::c_int| number.try_into().unwrap_or_default();
    libc::flock { l_type: short(libc::F_WRLCK), l_whence: short(libc::SEEK_SET), l_start: 0, l_len: 0, l_pid: 0 }
}

/// Takes it, if nobody has it.
fn take(file: &File) -> bool {
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock())).is_ok()
}

fn is_held(file: &File) -> bool {
    let mut found = lock();
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut found)).is_ok() && i32::from(found.l_type) != libc::F_UNLCK
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.wants.is_some() {
            self.want_no_more();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::phrase;

    fn another(terminal: &str, busy: bool) -> Leader {
        Leader::Another { terminal: terminal.to_owned(), busy, doing: None }
    }

    #[test]
    fn one_leads_and_another_takes_over() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let (mut screen, mut line) = (host.lead("/dev/tty1"), host.lead("/dev/ttyS0"));
        assert_eq!((screen.look(), line.look()), (Leader::Nobody, Leader::Nobody));
        assert_eq!((screen.claim(), screen.look()), (Leader::Us, Leader::Us));
        assert_eq!((line.look(), line.claim()), (another("tty1", false), another("tty1", false)));
        // What is under way is not taken away from anybody.
        screen.is_busy(true);
        assert_eq!(line.take_over(), another("tty1", true));
        assert_eq!((screen.look(), line.look()), (Leader::Us, another("tty1", true)));
        screen.is_busy(false);
        assert_eq!((screen.look(), screen.look()), (another("ttyS0", false), Leader::Nobody));
        assert_eq!((line.look(), screen.look()), (Leader::Us, another("ttyS0", false)));
        // A wizard that has ended, however, leads no more.
        drop(line);
        assert_eq!((screen.look(), screen.take_over()), (Leader::Nobody, Leader::Us));
    }

    #[test]
    fn who_wanted_to_and_has_gone_wants_no_more() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let (mut screen, mut line) = (host.lead("/dev/tty1"), host.lead("/dev/ttyS0"));
        screen.claim();
        line.take_over();
        drop(line);
        assert_eq!(screen.look(), Leader::Us);
    }

    #[test]
    fn of_two_that_want_to_the_slower_one_waits_for_nobody() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let [mut screen, mut line, mut remote] = ["tty1", "ttyS0", "pts/0"].map(|terminal| host.lead(terminal));
        screen.claim();
        line.take_over();
        remote.take_over();
        assert_eq!(screen.look(), another("pts/0", false));
        assert_eq!((line.look(), remote.look()), (Leader::Us, another("ttyS0", false)));
        assert_eq!(line.look(), Leader::Us, "nobody asks it to give way");
        drop(line);
        assert_eq!(remote.look(), Leader::Nobody, "nobody sits there any more");
    }

    #[test]
    fn a_run_leads_and_is_not_taken_over() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let (mut screen, mut line) = (host.lead("tty1"), host.lead("ttyS0"));
        assert_eq!((screen.begin(), line.begin()), (Leader::Us, another("tty1", true)));
        line.take_over();
        assert_eq!(screen.look(), Leader::Us);
    }

    #[test]
    fn a_run_without_a_terminal_says_what_it_does_and_that_it_has_ended_well() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let host = Host::new(Some(root.path().to_owned()), None);
        let (mut run, mut line) = (host.lead(""), host.lead("ttyS0"));
        run.begin();
        let doing = phrase!("machine-locked" { path: "a\nb" });
        run.tell(doing.clone());
        assert_eq!(line.look(), Leader::Another { terminal: String::new(), busy: true, doing: Some(doing) });
        run.finish();
        assert_eq!((line.look(), line.look()), (Leader::Finished, Leader::Finished));
        // Whoever comes later looks for themselves.
        assert_eq!(host.lead("tty1").look(), Leader::Nobody);
        // Who has only begun to answer gives way to it.
        let mut screen = host.lead("tty1");
        screen.claim();
        let mut run = host.lead("");
        assert_eq!(run.take_over(), another("tty1", false));
        assert_eq!((screen.look(), run.look()), (another("", false), Leader::Us));
        drop(run);
        // One that has not ended well has finished nothing.
        let mut run = host.lead("");
        run.begin();
        drop(run);
        assert_eq!(line.look(), Leader::Nobody);
    }

    #[test]
    fn where_nothing_can_be_written_everybody_leads() {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::write(root.path().join("run"), "no folder").expect("written");
        let mut lead = Host::new(Some(root.path().to_owned()), None).lead("/dev/pts/0");
        assert_eq!((lead.claim(), lead.look()), (Leader::Us, Leader::Us));
    }
}
