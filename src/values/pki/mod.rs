//! The appliance's own authority (RFC 5280): keys, certificates and the list of revoked ones, made, read and judged.

mod certificate;
mod issue;
mod material;
pub mod own;
mod private_key;
mod shown;
mod spec;
#[cfg(test)]
mod tests;

pub use certificate::{Certificate, authority_of, name_of};
pub use material::{Issuing, Material, PkiFault};
pub use private_key::{KeyAlgorithm, KeyForm, PrivateKey};
pub use shown::Shown;
pub use spec::{AuthoritySpec, CrlSpec, IssueError, LeafName, LeafSpec, Subject};
