//! The system's resolver, with an error that can be recognised behind HTTP's.

use std::{error::Error, fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names as every program of this machine does.
pub(super) struct SystemResolver;

/// A name that does not resolve.
#[derive(Debug)]
pub(super) struct ResolveError(pub(super) io::Error);

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ResolveError {}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(ResolveError)?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
