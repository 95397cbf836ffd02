//! The bootstrap in the rehearsal: its chart, its method, and what Helm makes of both without effects.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Finding, Rehearsing};
use crate::{
    engine::CheckState,
    error::{ErrorId, Report},
    profile::Bootstrap,
    steps::{
        bootstrap::{Decision, Followed},
        questions,
    },
    words::{Phrase, phrase},
    world::Helm,
};

const DRY_RUN: &str = "bootstrap-dry-run";

impl Rehearsing<'_> {
    /// What needs no cluster; and that the rest was not tried, `because` there is none.
    pub(super) async fn bootstrap_without_cluster(&self, because: &Phrase) -> Vec<Finding> {
        if self.profile.bootstrap.is_none() {
            return Vec::new();
        }
        self.skipped(&[DRY_RUN], because);
        self.chart_and_method().await
    }

    /// Everything; whether the dry run is worth a word of its own depends on what is found of the permissions.
    pub(super) async fn bootstrap(&self) -> (Vec<Finding>, Option<Finding>) {
        let Some(bootstrap) = &self.profile.bootstrap else { return (Vec::new(), None) };
        let findings = self.chart_and_method().await;
        if findings.iter().any(Result::is_err) {
            self.skipped(&[DRY_RUN], &phrase!("rehearse-because-no-chart"));
            return (findings, None);
        }
        let Some(values) = self.values else {
            self.notes.check(DRY_RUN, CheckState::Skipped, phrase!("rehearse-needs-answers"));
            return (findings, None);
        };
        let tried = self.dry_run_of(bootstrap, values).await.transpose();
        (findings, tried)
    }

    /// Tells the dry run's finding, unless it only repeats that permissions are missing.
    pub(super) fn dry_run_told(&self, tried: Option<Finding>, permissions: &Finding) -> Option<Finding> {
        match (tried?, permissions) {
            (Err(report), Err(_)) if report.id == ErrorId::KubernetesForbidden => {
                self.skipped(&[DRY_RUN], &phrase!("rehearse-because-no-permissions"));
                None
            }
            (tried, _) => Some(self.told(DRY_RUN, tried)),
        }
    }

    async fn chart_and_method(&self) -> Vec<Finding> {
        let method = self.world.helm.program().map(|path| format!("helm ({})", path.display()));
        vec![self.told("chart", self.world.helm.chart().await), self.told("bootstrap-method", method)]
    }

    /// What Helm says to the chart and its values; `None` when it will not be asked for anything.
    async fn dry_run_of(
        &self,
        bootstrap: &Bootstrap,
        values: &BTreeMap<String, Value>,
    ) -> Result<Option<Phrase>, Report> {
        let (cluster, helm, release) = (&self.world.cluster, &self.world.helm, &bootstrap.release);
        let waits = || self.notes.check(DRY_RUN, CheckState::Waiting, phrase!("bootstrap-helm-works"));
        helm.alone(waits).await?;
        let followed = Followed::begin(self.profile, bootstrap, self.world).await?;
        if matches!(followed.decide(&Helm::given(values)), Decision::Done { .. } | Decision::Left { .. }) {
            self.notes.check(DRY_RUN, CheckState::Skipped, phrase!("rehearse-bootstrap-not-needed"));
            return Ok(None);
        }
        let mut unfinished = followed.unfinished().iter().map(|(_, status)| status);
        let interrupted = unfinished.find(|status| *status != "failed");
        let tried = helm.rehearse(release, cluster.namespace(), values, interrupted.is_some()).await;
        let tried = match tried {
            Ok(tried) => tried,
            Err(error) => {
                let Some(because) = helm.cannot_tell(&error).await else {
                    return Err(questions::blamed(self.profile, error));
                };
                self.notes.check(DRY_RUN, CheckState::Skipped, because);
                return Ok(None);
            }
        };
        let missing = self.looked.is_missing(cluster.namespace()).await;
        if missing {
            helm.brings(release, cluster.namespace(), values).await?;
        }
        Ok(Some(match interrupted {
            Some(status) => phrase!("rehearse-helm-interrupted" { action: tried, status }),
            None if missing => phrase!("rehearse-helm-no-namespace" { action: tried }),
            None => phrase!("rehearse-helm" { action: tried }),
        }))
    }
}
