//! A certificate of the operator's own, read and judged before anything rests on it.

use super::{Finding, Rehearsing};
use crate::{
    engine::{CheckState, Failed},
    error::Report,
    steps::identity::{self, Lying},
    words::Phrase,
};

const CERTIFICATE: &str = "certificate";

impl Rehearsing<'_> {
    /// The operator's own certificate, if there is one, and what is found of it: a finding for each reason why it will not do.
    pub(super) async fn certificate(&self, findings: &mut Vec<Finding>) -> Option<Lying> {
        let own = self.certificate?.clone();
        match identity::rehearse_own(self.profile, self.address, own, self.world).await {
            Ok((lying, told)) => {
                findings.push(self.told(CERTIFICATE, Ok::<_, Report>(told)));
                Some(lying)
            }
            Err(Failed(reports)) => {
                let said: Vec<Phrase> = reports.iter().map(|report| report.message.clone()).collect();
                self.notes.check(CERTIFICATE, CheckState::Failed, said);
                findings.extend(reports.into_iter().map(Err));
                None
            }
        }
    }
}
