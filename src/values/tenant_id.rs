//! The tenant's id: a UUID made by the vendor's control plane, never by us.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::words::said;

/// The id of the tenant this appliance belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantId(Uuid);

/// A tenant id that is not a hyphenated, non-nil UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantIdError(String);

said! { TenantIdError: Self(text) => "tenant-id-form" { text } }

impl FromStr for TenantId {
    type Err = TenantIdError;

    fn from_str(text: &str) -> Result<Self, TenantIdError> {
        match Uuid::try_parse(text) {
            Ok(id) if !id.is_nil() && text.len() == 36 => Ok(Self(id)),
            _ => Err(TenantIdError(super::plain_text(text, 60))),
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hyphenated_uuids() {
        let id = "7D3F2B60-95a1-4b8e-9d12-3c1f0a4e5b66";
        assert_eq!(id.parse::<TenantId>().expect("a UUID").to_string(), id.to_lowercase());
        for bad in [
            "",
            "acme",
            "7d3f2b6095a14b8e9d123c1f0a4e5b66",
            "00000000-0000-0000-0000-000000000000",
            "{7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66}",
        ] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }
}
