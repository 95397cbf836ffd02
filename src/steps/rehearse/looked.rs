//! What several checks rest on, looked at once for all of them.

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use crate::{
    error::Report,
    profile::Profile,
    steps::{rows::namespaces, standing::Standing},
    world::{NamespacePhase, World},
};

/// What was found by whoever needed it first.
pub(super) struct Looked<'a> {
    profile: &'a Profile,
    world: &'a World,
    standing: OnceCell<Result<Standing, Report>>,
    namespaces: OnceCell<Vec<(String, Result<NamespacePhase, Report>)>>,
}

impl<'a> Looked<'a> {
    pub(super) fn new(profile: &'a Profile, world: &'a World) -> Self {
        Self { profile, world, standing: OnceCell::new(), namespaces: OnceCell::new() }
    }

    /// What the cluster has.
    pub(super) async fn standing(&self) -> Result<&Standing, Report> {
        let observed = self.standing.get_or_init(|| Standing::observe(self.profile, self.world)).await;
        observed.as_ref().map_err(Clone::clone)
    }

    /// The namespaces, that of the bootstrap first, and what each is doing.
    pub(super) async fn phases(&self) -> &[(String, Result<NamespacePhase, Report>)] {
        let look = async |namespace: String| {
            let phase = self.world.cluster.namespace_phase(&namespace).await;
            (namespace, phase.map_err(Report::from))
        };
        let all = || async { join_all(namespaces(self.profile).into_iter().map(look)).await };
        self.namespaces.get_or_init(all).await
    }

    /// Whether one of the namespaces is known to be missing.
    pub(super) async fn is_missing(&self, namespace: &str) -> bool {
        let missing = |(name, phase): &(String, _)| name == namespace && matches!(phase, Ok(NamespacePhase::Missing));
        self.phases().await.iter().any(missing)
    }
}
