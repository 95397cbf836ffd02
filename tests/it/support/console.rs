//! A program on a terminal of its own: a pseudo-terminal that types, and an emulator that sees what a person would.

use std::{
    num::NonZeroU16,
    os::unix::process::ExitStatusExt,
    time::{Duration, Instant},
};

use pty_process::{OwnedReadPty, OwnedWritePty, Pts, Size};
use rustix::{
    process::{Pid, Signal, kill_process},
    termios::{Action, tcflow, tcgetattr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

/// Longer than anything that is waited for takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is on a console before, and in no text of ours.
pub(crate) const OLD_TEXT: &str = "§";

/// Keys as terminals send them.
pub(crate) mod key {
    pub(crate) const ENTER: &str = "\r";
    pub(crate) const ESC: &str = "\x1b";
    pub(crate) const BACKSPACE: &str = "\x7f";
    pub(crate) const CTRL_C: &str = "\x03";
    pub(crate) const CTRL_L: &str = "\x0c";
    pub(crate) const CTRL_U: &str = "\x15";
    pub(crate) const F2: &str = "\x1bOQ";
    pub(crate) const F5: &str = "\x1b[15~";
}

/// A process on a pseudo-terminal, in a session that the terminal controls; killed when this goes.
pub(crate) struct Console {
    /// How long something is waited for.
    pub(crate) patience: Duration,
    child: Child,
    keys: OwnedWritePty,
    seen: watch::Sender<Seen>,
    reading: JoinHandle<()>,
    /// Our own handle, so that the terminal's modes can still be read when the process is gone.
    line: Pts,
    modes_before: String,
}

/// What came from the process.
struct Seen {
    emulator: vt100::Parser,
    pieces: Vec<(Instant, Vec<u8>)>,
    size: (u16, u16),
}

/// What is left when the process is gone.
#[derive(Debug)]
pub(crate) struct Left {
    /// The exit code; `None` when a signal killed it.
    pub(crate) code: Option<i32>,
    /// The signal that killed it.
    pub(crate) signal: Option<i32>,
    /// Every byte that it wrote.
    pub(crate) bytes: Vec<u8>,
    /// The screen as a person sees it now.
    pub(crate) text: String,
    /// The same on a console that has one screen only, as the Linux one.
    pub(crate) text_on_one_screen: String,
    /// What is not as it was before: modes of the line, of the screen, of the keyboard.
    pub(crate) not_restored: Vec<&'static str>,
}

impl Console {
    /// Starts a command on a terminal of so many columns and rows.
    pub(crate) fn open(command: Command, size: (u16, u16)) -> Self {
        Self::open_as(command, size, size)
    }

    /// The same on a terminal of one size that says it has another.
    pub(crate) fn open_as(command: Command, said: (u16, u16), size: (u16, u16)) -> Self {
        let (pty, line) = pty_process::open().expect("a pseudo-terminal");
        pty.resize(Size::new(said.1, said.0)).expect("a size");
        let modes_before = modes(&line);
        let (output, keys) = pty.into_split();
        let emulator = emulator(size);
        let seen = watch::Sender::new(Seen { emulator, pieces: Vec::new(), size });
        let reading = tokio::spawn(read(output, seen.clone()));
        let child = pty_process::Command::from(command).kill_on_drop(true).spawn_borrowed(&line);
        let child = child.expect("the program was built");
        Self { patience: PATIENCE, child, keys, seen, reading, line, modes_before }
    }

    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        id.and_then(Pid::from_raw).expect("it has not been waited for")
    }

    /// Types text, or one of the keys of [`key`].
    pub(crate) async fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).await.expect("the terminal takes keys");
    }

    /// Pastes text in one piece, as a terminal that was asked to mark pastes does.
    pub(crate) async fn paste(&mut self, text: &str) {
        assert!(self.seen.borrow().emulator.screen().bracketed_paste(), "pastes are not asked to be marked");
        self.press(&format!("\x1b[200~{text}\x1b[201~")).await;
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, size: (u16, u16)) {
        self.seen.send_modify(|seen| {
            seen.size = size;
            seen.emulator.set_size(at_least_one(size.1), at_least_one(size.0));
        });
        self.keys.resize(Size::new(size.1, size.0)).expect("a size");
    }

    /// Has the line take nothing any more, as flow control does.
    pub(crate) fn take_nothing(&self) {
        tcflow(&self.line, Action::OOff).expect("a terminal");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it has not been waited for");
    }

    /// Reads something off the screen.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.borrow().emulator.screen())
    }

    /// Every byte that came so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.borrow().bytes()
    }

    /// Waits until the screen is as wanted; fails with what is on it otherwise.
    pub(crate) async fn wait_for(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let mut seen = self.seen.subscribe();
        let waiting = seen.wait_for(|seen| wanted(seen.emulator.screen()));
        let came = tokio::select! {
            came = tokio::time::timeout(self.patience, waiting) => came.is_ok_and(|came| came.is_ok()),
            _ = self.child.wait() => false,
        };
        // The last bytes of a process that has ended may come a moment after its end.
        assert!(
            came || wanted(self.seen.borrow().emulator.screen()),
            "{what} did not come; the screen:\n{}",
            self.picture()
        );
    }

    /// Waits until the screen shows this text.
    pub(crate) async fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("`{text}`"), |screen| words(screen).contains(text)).await;
    }

    /// When the screen first was as wanted, its size unchanged: all that came is shown once more, piece by piece.
    pub(crate) fn when(&self, wanted: impl Fn(&vt100::Screen) -> bool) -> Option<Instant> {
        let seen = self.seen.borrow();
        let mut emulator = emulator(seen.size);
        let shown = seen.pieces.iter().find(|(_, piece)| {
            emulator.process(piece);
            wanted(emulator.screen())
        });
        shown.map(|(when, _)| *when)
    }

    /// The screen in a frame, for failures and by hand.
    pub(crate) fn picture(&self) -> String {
        let seen = self.seen.borrow();
        let rows = seen.emulator.screen().rows(0, seen.size.0).map(|row| format!("|{row}\n"));
        rows.collect()
    }

    /// Waits for the process to end.
    pub(crate) async fn end(mut self) -> Left {
        let ending = tokio::time::timeout(self.patience, self.child.wait()).await;
        let picture = self.picture();
        let status =
            ending.unwrap_or_else(|_| unreachable!("it does not end; the screen:\n{picture}")).expect("our child");
        let modes_after = modes(&self.line);
        // With the last handle of this side gone, the other side reads to the end.
        drop(self.line);
        tokio::time::timeout(PATIENCE, self.reading).await.expect("nobody else has the terminal").expect("read");
        let seen = self.seen.borrow();
        let screen = seen.emulator.screen();
        let left = [
            ("modes of the line", modes_after != self.modes_before),
            ("alternate screen", screen.alternate_screen()),
            ("hidden cursor", screen.hide_cursor()),
            ("marked pastes", screen.bracketed_paste()),
            ("mouse reports", screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None),
            ("keypad modes", screen.application_keypad() || screen.application_cursor()),
            ("colours", screen.fgcolor() != vt100::Color::Default || screen.bgcolor() != vt100::Color::Default),
            ("attributes", screen.bold() || screen.inverse() || screen.underline() || screen.dim()),
        ];
        Left {
            code: status.code(),
            signal: status.signal(),
            bytes: seen.bytes(),
            text: screen.contents(),
            text_on_one_screen: on_one_screen(seen.size, &seen.bytes()).screen().contents(),
            not_restored: left.into_iter().filter(|(_, left)| *left).map(|(what, _)| what).collect(),
        }
    }

    /// Takes the terminal away, as when a line drops, and waits for the process to end; gives its exit code.
    pub(crate) async fn hang_up(self) -> Option<i32> {
        let Self { mut child, keys, reading, .. } = self;
        reading.abort();
        assert!(reading.await.is_err_and(|error| error.is_cancelled()), "the terminal was closed before");
        drop(keys);
        let ending = tokio::time::timeout(PATIENCE, child.wait()).await;
        ending.expect("it ends without its terminal").expect("our child").code()
    }
}

impl Left {
    /// Checks that it ended with this code and gave the terminal back as it was.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32) -> &Self {
        assert_eq!((self.code, self.signal), (Some(code), None), "{}", self.text);
        assert_eq!(self.not_restored, [""; 0], "{}", self.text);
        let stays = self.text_on_one_screen.trim();
        assert!(self.text.contains(stays), "nothing of ours stays on a console with one screen: {stays}");
        self
    }
}

impl Seen {
    fn bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|(_, piece)| piece).copied().collect()
    }
}

/// The screen's text, its words one space apart, so that it reads the same however wide the lines are.
pub(crate) fn words(screen: &vt100::Screen) -> String {
    screen.contents().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn read(mut output: OwnedReadPty, seen: watch::Sender<Seen>) {
    let mut buffer = vec![0; 16 * 1024];
    // An error is how a pseudo-terminal says that nobody has its other end any more.
    while let Ok(length @ 1..) = output.read(&mut buffer).await {
        let piece = &buffer[..length];
        seen.send_modify(|seen| {
            seen.emulator.process(piece);
            seen.pieces.push((Instant::now(), piece.to_vec()));
        });
    }
}

/// Everything once more, on a console that knows no alternate screen and is full of text.
pub(crate) fn on_one_screen(size: (u16, u16), bytes: &[u8]) -> vt100::Parser {
    let mut emulator = emulator(size);
    for row in 1..=size.1 {
        emulator.process(format!("\x1b[{row}H{}", OLD_TEXT.repeat(size.0.into())).as_bytes());
    }
    let text = String::from_utf8_lossy(bytes).replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    emulator.process(text.as_bytes());
    emulator
}

fn emulator(size: (u16, u16)) -> vt100::Parser {
    vt100::Parser::new(at_least_one(size.1), at_least_one(size.0), 0)
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

fn modes(line: &Pts) -> String {
    format!("{:?}", tcgetattr(line).expect("the modes of a terminal"))
}
