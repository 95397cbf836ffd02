//! What is to be made of an authority.

use std::fmt;

use crate::{values::Host, words::said};

/// Nothing could be made or signed.
#[derive(Debug)]
pub struct IssueError(pub(super) rcgen::Error);

said! { IssueError:
    Self(rcgen::Error::IssuerNotCrlSigner) => "pki-no-crl-signer",
    // What it says may quote what it was given.
    Self(_) => "pki-issue",
}

/// What an authority is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthoritySpec {
    /// What it is called.
    pub subject: Subject,
    /// How long it is valid.
    pub days: u16,
    /// The id of its key.
    pub key: &'static str,
    /// The ids of the key and the certificate of the authority above, if it is not signed by itself.
    pub above: Option<(&'static str, &'static str)>,
}

/// Who a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name.
    pub common_name: Option<String>,
    /// Whose it is.
    pub organization: Option<String>,
}

impl Subject {
    /// The most characters of a name (RFC 5280, appendix A.1: `ub-common-name`).
    pub const LONGEST_NAME: usize = 64;
}

/// What a server's certificate is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafSpec {
    /// What it is for.
    pub names: Vec<LeafName>,
    /// How long it is valid.
    pub days: u16,
    /// The id of its key.
    pub key: &'static str,
    /// The ids of the key and the certificate of its authority.
    pub above: (&'static str, &'static str),
}

/// A name of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeafName {
    /// The host of the appliance's address.
    Host,
    /// The address of the interface of the default route.
    Interface,
    /// A name or an address that does not change.
    Fixed(Host),
}

/// What a list of what is revoked is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlSpec {
    /// How long it is valid.
    pub days: u16,
    /// The ids of the key and the certificate of its authority.
    pub above: (&'static str, &'static str),
}

/// As the settings of a profile write it.
impl fmt::Display for LeafName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("{host}"),
            Self::Interface => f.write_str("{interface}"),
            Self::Fixed(host) => host.fmt(f),
        }
    }
}
