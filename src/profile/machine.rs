//! Section `[machine]`: what the machine must have free.

use super::{kinds::whole, setting::section};

section! {
    /// What the machine must have free.
    pub struct Machine {
        /// Free space under the state directory, in MiB.
        pub disk_mib: u64 = whole("disk-mib", 0..=1 << 30).or(1024),
        /// Memory available for starting processes, in MiB.
        pub memory_mib: u64 = whole("memory-mib", 0..=1 << 20).or(256),
    }
}
