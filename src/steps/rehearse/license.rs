//! Whether the license service can be reached, and what its clock says; unless it will not be asked.

use jiff::Timestamp;

use super::{Finding, Rehearsing, failure::RehearsalError};
use crate::{
    engine::CheckState,
    error::{ErrorId, Report},
    steps::{bootstrap, redeem},
    words::{Phrase, phrase},
    world::Keeping,
};

impl Rehearsing<'_> {
    /// Name and TLS, and then the clock: each rests on the one before.
    pub(super) async fn license(&self) -> (Vec<Finding>, Option<Finding>) {
        let license = &self.world.license;
        let proxy = license.proxy().ok().flatten().map(|proxy| proxy.shown());
        let resolved = license.resolve().await.map(|addresses| {
            let first = addresses.first().map(|address| address.ip().to_string()).unwrap_or_default();
            match &proxy {
                Some(proxy) => phrase!("rehearse-resolved-proxy" { proxy, address: first }),
                None => phrase!("rehearse-resolved" { host: license.host(), address: first }),
            }
        });
        let resolved = self.told("name-resolution", resolved);
        if resolved.is_err() {
            self.skipped(&["license-service", "clock"], &phrase!("rehearse-because-no-name"));
            return (vec![resolved], None);
        }
        match license.contact().await {
            Ok(theirs) => {
                let answers = match &proxy {
                    Some(proxy) => phrase!("rehearse-license-answers-proxy" { host: license.host(), proxy }),
                    None => phrase!("rehearse-license-answers" { host: license.host() }),
                };
                let answered = self.told("license-service", Ok::<_, Report>(answers));
                (vec![resolved, answered], Some(self.told("clock", self.clock(theirs).await)))
            }
            Err(error) => {
                let failed = self.told("license-service", Err::<Phrase, _>(error));
                self.skipped(&["clock"], &phrase!("rehearse-because-no-license"));
                (vec![resolved, failed], None)
            }
        }
    }

    /// A license service that does not answer is no obstacle when it will not be asked.
    pub(super) async fn unless_not_needed(&self, findings: Vec<Finding>, cluster: &[Finding]) -> Vec<Finding> {
        let cluster_answers = cluster.first().is_some_and(Result::is_ok);
        if findings.iter().all(Result::is_ok) || !self.has_what_it_gives(cluster_answers).await {
            return findings;
        }
        let findings_of_name = findings.first().is_some_and(Result::is_err);
        let needed = |finding: &Finding| {
            let Err(report) = finding else { return true };
            let check = match report.id {
                ErrorId::NameResolution => "name-resolution",
                // Before anything else is tried its variable and its name are.
                ErrorId::Proxy if findings_of_name => "name-resolution",
                _ => "license-service",
            };
            let found = phrase!("rehearse-license-not-needed" { why: &report.message });
            self.notes.check(check, CheckState::Skipped, found);
            false
        };
        findings.into_iter().filter(needed).collect()
    }

    /// Whether the code will not be sent: what it would bring is there, or this machine is another code's.
    async fn has_what_it_gives(&self, cluster_answers: bool) -> bool {
        let Ok(record) = self.world.journal.load() else { return false };
        let standing = if cluster_answers { self.looked.standing().await.ok() } else { None };
        let service = self.profile.license.service();
        match (self.given.map(|given| &given.answers), standing) {
            (Some(answers), Some(standing)) => {
                let has_run = standing.is_half() && bootstrap::has_run(self.profile, self.world).await.unwrap_or(false);
                !redeem::decide(self.profile, standing, &record, answers, has_run).asks()
            }
            (Some(answers), None) => {
                let code = &answers.secret.install_code;
                let mut own = record.intents.iter().filter(|intent| intent.is_for(code) && intent.is_with(service));
                own.any(|intent| intent.grant().is_some())
            }
            // Which code will be given is not known yet.
            (None, standing) => {
                let complete = standing.is_some_and(|standing| standing.objects.is_complete());
                let mut known = record.intents.iter().filter(|intent| intent.is_with(service));
                complete || known.any(|intent| intent.settled.is_none() && intent.grant().is_some())
            }
        }
    }

    /// Ours beside the clock of the license service; and what is known of how ours is kept, where that says more.
    async fn clock(&self, theirs: Option<Timestamp>) -> Finding {
        let Some(theirs) = theirs else {
            let told = phrase!("rehearse-clock-untold");
            let is_by_ntp = self.keeping().await.is_some_and(|keeping| keeping.synchronized);
            return Ok(if is_by_ntp {
                phrase!("with-details" { what: told, details: phrase!("clock-is-by-ntp") })
            } else {
                told
            });
        };
        let off = self.world.clock.now().as_second() - theirs.as_second();
        let seconds = off.unsigned_abs();
        if seconds <= self.profile.license.clock_skew.as_secs() {
            return Ok(phrase!("rehearse-clock" { seconds: seconds.max(1) }));
        }
        Err(RehearsalError::ClockOff { seconds, behind: off < 0, keeping: self.keeping().await }.into())
    }

    /// How this machine's clock is kept, if somebody says.
    async fn keeping(&self) -> Option<Keeping> {
        self.world.systemd.time_date().await.ok()?.look().await.ok()
    }
}
