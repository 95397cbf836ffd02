//! What the API server is asked beforehand: the write that is foreseen, without effects.

use futures_util::future::join_all;

use super::{
    key::{Key, Rule},
    known::Known,
    rules::{Objects, Observed, Wanted},
};
use crate::{
    values::SecretText,
    world::{Claim, Cluster, ClusterError, ObjectData},
};

/// What stands in the place of a value that is not known yet, or is nobody's before it counts.
const PLACEHOLDER: &str = "rehearsal";

/// What is known of a write before it.
#[derive(Debug, Clone, Copy)]
pub struct Foreseen<'a> {
    /// What will be known when it is decided; `None` while there are no answers.
    pub known: Option<&'a Known<'a>>,
    /// Whether there will be a grant that is not known yet.
    pub grant_to_come: bool,
}

impl Objects {
    /// Server-side dry run of each object that is foreseen to be written; gives how many those are.
    ///
    /// # Errors
    /// When one would be refused.
    pub async fn dry_run(&self, foreseen: Foreseen<'_>, cluster: &Cluster) -> Result<usize, ClusterError> {
        let Self(objects) = self;
        let wanted: Vec<Option<Wanted>> = match foreseen.known {
            Some(known) => self.decide(known),
            // Complete: whether an answer changes it is not for somebody to say who knows none.
            None if self.is_complete() && !foreseen.grant_to_come => return Ok(0),
            None => objects.iter().map(|_| None).collect(),
        };
        let tried = objects.iter().zip(&wanted).filter_map(|(observed, wanted)| {
            let data = observed.foreseen(wanted.as_ref(), foreseen.grant_to_come)?;
            Some(async move {
                let Observed { row, basis, .. } = observed;
                let claim = Claim { stays: &|key| row.stays(key), takes: &|key| row.takes(key) };
                cluster.rehearse(&row.object, basis.as_ref(), &data, claim).await
            })
        });
        Ok(join_all(tried).await.into_iter().collect::<Result<Vec<()>, _>>()?.len())
    }
}

impl Observed {
    /// What would be written; `None` if nothing would be.
    ///
    /// What stays is as it is: another manager's claim to it, or that it is immutable, is in nobody's way.
    fn foreseen(&self, wanted: Option<&Wanted>, grant_to_come: bool) -> Option<ObjectData> {
        let is_open = |key: &Key| grant_to_come && key.rule == Rule::FromGrant;
        if wanted.is_some_and(|wanted| !wanted.changes) && !self.row.keys.iter().any(is_open) {
            return None;
        }
        let value = |key: &Key| {
            let there = self.present.as_ref().and_then(|data| data.get(&key.name));
            let stays = match (&key.rule, wanted) {
                (Rule::CreateOnly(_), _) => there.filter(|there| !there.is_empty()),
                (_, Some(wanted)) if !is_open(key) => match wanted.data.get(&key.name) {
                    // It may yet be named by the grant.
                    None if grant_to_come && key.rule == Rule::Refreshed => None,
                    None => return None,
                    decided => decided.filter(|decided| there == Some(decided)),
                },
                _ => None,
            };
            Some((key.name.clone(), stays.cloned().unwrap_or(SecretText::from(PLACEHOLDER))))
        };
        Some(self.row.keys.iter().filter_map(value).collect())
    }
}
