//! Looks at a Job again and again, and keeps what was seen last: the controller of a Job that gives up deletes its pods.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::causes::{self, Diagnosis, Evidence, Output, Role};
use crate::{
    error::Failure,
    words::{Say, phrase},
    world::{ClusterError, World},
};

/// How often the output of a container that runs is read. One that has ended writes no more.
const READ_AGAIN: Duration = Duration::from_secs(2);

/// One for each Job of a release.
#[derive(Debug, Default)]
pub(super) struct Witnesses(HashMap<String, Witness>);

impl Witnesses {
    pub(super) fn of(&mut self, job: &str) -> &mut Witness {
        self.0.entry(job.to_owned()).or_insert_with(|| Witness::of(job))
    }
}

/// What was seen of one Job.
#[derive(Debug)]
pub(super) struct Witness {
    job: String,
    seen: Option<Diagnosis>,
    reader: Reader,
}

/// What is seen of a release beside its Jobs, once they have done their work.
#[derive(Debug)]
pub(in crate::steps) struct Bystander {
    release: String,
    reader: Reader,
}

/// Reads what containers write, and no more often than that changes.
#[derive(Debug, Default)]
struct Reader(Option<Read>);

/// An output, and when it was read.
#[derive(Debug)]
struct Read {
    output: Output,
    lines: Vec<String>,
    at: Instant,
}

impl Witness {
    pub(super) fn of(job: &str) -> Self {
        Self { job: job.to_owned(), seen: None, reader: Reader::default() }
    }

    /// What is seen now, or was before it was gone. That the API server restarts under the bootstrap's load is no failure
    /// of the bootstrap.
    pub(super) async fn look(&mut self, world: &World) -> Result<Diagnosis, ClusterError> {
        match self.look_once(world).await {
            Err(error) if error.again().is_some() => {
                let again = phrase!("bootstrap-ask-again" { why: error.phrase() });
                Ok(match self.seen.clone() {
                    Some(seen) => seen.ending(again),
                    None => Diagnosis::seen(again),
                })
            }
            seen => seen,
        }
    }

    /// What was seen of a Job that has failed, and why it says so itself.
    pub(super) async fn tell_the_end(&mut self, world: &World) -> Result<Diagnosis, ClusterError> {
        let seen = self.look(world).await?;
        let job = world.cluster.job(&self.job).await.ok().flatten();
        Ok(match job {
            Some(job) => causes::at_the_end(seen, &job),
            None => seen,
        })
    }

    async fn look_once(&mut self, world: &World) -> Result<Diagnosis, ClusterError> {
        let evidence = collect(world, &self.job).await?;
        let seen = self.reader.with_output(world, causes::of(&evidence)).await;
        if seen.gone {
            return Ok(self.seen.clone().unwrap_or(seen));
        }
        Ok(self.seen.insert(seen).clone())
    }
}

impl Bystander {
    pub(in crate::steps) fn of(release: &str) -> Self {
        Self { release: release.to_owned(), reader: Reader::default() }
    }

    /// Why one of its pods is not ready. Where nobody may look, nothing is seen.
    pub(in crate::steps) async fn look(&mut self, world: &World) -> Option<Diagnosis> {
        let mut pods = world.cluster.pods_of_release(&self.release).await.ok()?;
        pods.retain(|pod| !causes::is_well(pod));
        causes::newest_first(&mut pods);
        let pod = causes::worst(pods)?;
        let events = world.cluster.events(&causes::path_of(&pod)).await;
        let events_of_pod = events.unwrap_or_default();
        let evidence = Evidence { pods: vec![pod], events_of_pod, ..Evidence::default() };
        Some(self.reader.with_output(world, causes::of(&evidence)).await)
    }
}

impl Reader {
    /// Adds what the container wrote that is spoken of.
    async fn with_output(&mut self, world: &World, seen: Diagnosis) -> Diagnosis {
        let Some(output) = seen.output.clone() else { return seen };
        let is_running = output.role == Role::Running;
        let is_whole = |read: &Read| !is_running && !read.lines.is_empty();
        let is_fresh = |read: &Read| read.output == output && (is_whole(read) || read.at.elapsed() < READ_AGAIN);
        if !self.0.as_ref().is_some_and(is_fresh) {
            let Output { pod, container, previous, .. } = &output;
            // What has just begun is left alone.
            let begins = is_running && self.0.as_ref().is_none_or(|read| read.output != output);
            let lines = if begins { Vec::new() } else { world.cluster.last_lines(pod, container, *previous).await };
            self.0 = Some(Read { output, lines, at: Instant::now() });
        }
        let lines = self.0.as_ref().map(|read| read.lines.as_slice()).unwrap_or_default();
        causes::with_output(seen, lines)
    }
}

async fn collect(world: &World, job: &str) -> Result<Evidence, ClusterError> {
    let mut pods = world.cluster.pods(job).await?;
    causes::newest_first(&mut pods);
    let events_of_job = world.cluster.events(job).await?;
    let (mut found, mut events_of_pod) = (None, Vec::new());
    match pods.first() {
        Some(pod) => events_of_pod = world.cluster.events(&causes::path_of(pod)).await?,
        None => found = world.cluster.job(job).await?,
    }
    Ok(Evidence { pods, job: found, events_of_job, events_of_pod })
}
