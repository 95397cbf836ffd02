//! What this room reads of others, without the others.

use super::{cluster, helm, journal};
use crate::{
    error::Report,
    values::{Grant, Redactor},
    words::phrase,
};

/// A kubeconfig.
pub(crate) fn kubeconfig(text: &str) {
    if let Err(error) = cluster::fuzzing::kubeconfig(text, &Redactor::default()) {
        let _ = Report::from(error);
    }
}

/// What a credential plugin answers.
pub(crate) fn plugin(answer: &[u8]) {
    let _ = cluster::fuzzing::plugin(answer, &phrase!("kubernetes-plugin"), &Redactor::default());
}

/// A packaged chart.
pub(crate) fn chart(archive: &[u8]) {
    let _ = helm::fuzzing::described(archive);
}

/// The journal of this version, or of another one.
pub(crate) fn journal(text: &str) {
    let Ok(record) = journal::read(text) else { return };
    for intent in &record.intents {
        let _ = (intent.grant(), intent.answer.as_ref().map(Grant::secrets_in));
    }
}
