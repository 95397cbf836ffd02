//! Whether whoever sits there may see and change what is finished. It is shut on a terminal alone, until somebody has signed
//! in: who runs firstlight without one is let in by the system.

use std::sync::atomic::{AtomicBool, Ordering};

/// One for each process. It stands open unless it was shut.
#[derive(Debug, Default)]
pub struct Gate(AtomicBool);

impl Gate {
    /// Shuts it: what is finished is told to nobody who has not signed in.
    pub fn shut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Opens it, for as long as the process lives.
    pub fn open(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}
