//! The id under which this machine redeems its code.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `appliance-` and 16 hex digits, the same at every run on the same machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplianceId(String);

impl ApplianceId {
    /// Derives the id of `/etc/machine-id` (machine-id(5)), or of the host name where there is none.
    ///
    /// A machine-id that is empty, `uninitialized` or otherwise not 32 hex
    /// digits counts as none, because it may change once the system is up.
    #[must_use]
    pub fn derive(machine_id: Option<&str>, host_name: &str) -> Self {
        let machine_id =
            machine_id.map(str::trim).filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        let digits = match machine_id {
            Some(id) => id[..16].to_ascii_lowercase(),
            None => {
                Sha256::digest(host_name)[..8].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
            }
        };
        Self(format!("appliance-{digits}"))
    }

    /// The id as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApplianceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivation() {
        for (machine_id, expected) in [
            (Some("1f0c2d3e4b5a6978aabbccddeeff0011\n"), "appliance-1f0c2d3e4b5a6978"),
            (Some("uninitialized\n"), "appliance-c0365b5a3867cc38"),
            (Some(""), "appliance-c0365b5a3867cc38"),
            (None, "appliance-c0365b5a3867cc38"),
        ] {
            assert_eq!(ApplianceId::derive(machine_id, "host1").as_str(), expected);
        }
        assert_ne!(ApplianceId::derive(None, "host1"), ApplianceId::derive(None, "host2"));
    }
}
