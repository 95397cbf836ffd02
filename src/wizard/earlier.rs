//! What the attempts before this one did, so that nothing said about the machine forgets them.

use crate::{
    answers::PublicAnswers,
    engine::{RowState, StepId, StepInfo, Timeline},
    error::{ErrorId, Report},
    setup::step,
};

/// What became of the install code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Code {
    /// It was not sent.
    #[default]
    NotSent,
    /// It was, and the license service has no use for it.
    Refused,
    /// It may have been.
    PerhapsSent,
    /// It has been used, or what it was used for was there already.
    Used,
}

/// The attempts of this process that have ended.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// What became of the code.
    pub(crate) code: Code,
    /// The steps that changed something, in the order of the plan.
    pub(crate) changed: Vec<StepInfo>,
    /// The answers that were last written into the cluster.
    pub(crate) written: Option<PublicAnswers>,
}

impl Earlier {
    /// Takes in an attempt that has ended, with its answers.
    pub(crate) fn add(&mut self, timeline: &Timeline, public: Option<&PublicAnswers>) {
        self.code = self.code.max(code(timeline));
        for row in &timeline.rows {
            let changed = matches!(&row.state, RowState::Finished(outcome) if outcome.is_change());
            if changed && row.info.id == step::SECRETS {
                self.written = public.cloned();
            }
            if changed && !self.has_changed(&row.info.id) {
                self.changed.push(row.info.clone());
            }
        }
    }

    /// Whether the step with this stable id changed anything.
    pub(crate) fn has_changed(&self, id: &StepId) -> bool {
        self.changed.iter().any(|info| info.id == *id)
    }
}

/// Where an attempt left the install code.
pub(crate) fn code(timeline: &Timeline) -> Code {
    match timeline.rows.iter().find(|row| row.info.id == step::REDEEM).map(|row| &row.state) {
        Some(RowState::Finished(_)) => Code::Used,
        Some(RowState::Failed(failures)) if failures.first().is_some_and(is_refusal) => Code::Refused,
        Some(RowState::Failed(failures)) if failures.first().is_some_and(is_before) => Code::NotSent,
        Some(RowState::Waiting | RowState::NotRun(_)) | None => Code::NotSent,
        Some(_) => Code::PerhapsSent,
    }
}

/// Whether a failure is the license service's verdict on the code.
fn is_refusal(failure: &Report) -> bool {
    use ErrorId::{CodeExpired, CodeSuperseded, CodeUnknown, CodeUsed};
    matches!(failure.id, CodeUnknown | CodeExpired | CodeUsed | CodeSuperseded)
}

/// Whether a failure is one of those that keep the code from being sent.
fn is_before(failure: &Report) -> bool {
    matches!(failure.id, ErrorId::OtherCode | ErrorId::OtherService)
}
