//! Whoever watches a run from afar: what it tells is posted to a web server as it happens, as JSON Lines. The run never waits for
//! that, and nothing that becomes of it is a reason to stop.

use std::time::Duration;

use tokio::{
    sync::mpsc::{Receiver, Sender, channel, error::TrySendError},
    time::{Instant, sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Prober;
use crate::values::{ApplianceId, Content, Method, Request, SecretText};

/// How many lines wait for a server that is slow or not there; what does not fit is counted and left out.
const MOST_WAITING: usize = 1024;
/// How many go out at once.
const MOST_AT_ONCE: usize = 256;
/// How long the server has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses after it did not take something.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long what is left has once the run has ended.
const LAST: Duration = Duration::from_secs(5);

/// Where a run is told.
#[derive(Debug, Clone)]
pub struct Watcher {
    /// Where.
    pub url: Url,
    /// What lets us in there.
    pub token: Option<SecretText>,
}

/// The way there.
#[derive(Debug)]
pub struct Telling {
    lines: Sender<String>,
    lost: usize,
    /// That the run has ended: nothing is put off any more.
    over: CancellationToken,
    posting: tokio::task::JoinHandle<()>,
}

impl Watcher {
    /// Begins to tell it lines.
    pub(super) fn begin(self, prober: Prober, appliance: &ApplianceId) -> Telling {
        let (lines, waiting) = channel(MOST_WAITING);
        let (appliance, over) = (appliance.as_str().to_owned(), CancellationToken::new());
        let posting = Posting { watcher: self, prober, appliance, over: over.clone() };
        Telling { lines, lost: 0, over, posting: tokio::spawn(posting.run(waiting)) }
    }
}

impl Telling {
    /// Tells a line, if there is room for it; never waits.
    pub fn tell(&mut self, line: String) {
        if self.lost > 0 {
            let lost = format!("{}\n", serde_json::json!({"type": "lost", "lines": self.lost}));
            if self.lines.try_send(lost).is_err() {
                self.lost += 1;
                return;
            }
            self.lost = 0;
        }
        if let Err(TrySendError::Full(_)) = self.lines.try_send(line) {
            self.lost += 1;
        }
    }

    /// There are no more; waits until they are told, but not for long.
    pub async fn end(self) {
        let Self { lines, posting, over, .. } = self;
        drop(lines);
        over.cancel();
        let stop = posting.abort_handle();
        if timeout_at(Instant::now() + LAST, posting).await.is_err() {
            stop.abort();
        }
    }
}

struct Posting {
    watcher: Watcher,
    prober: Prober,
    appliance: String,
    over: CancellationToken,
}

impl Posting {
    async fn run(self, mut waiting: Receiver<String>) {
        let mut batch = Vec::new();
        while waiting.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
            let mut pause = FIRST_PAUSE;
            while !self.post(&batch.concat()).await {
                if self.over.is_cancelled() {
                    sleep(FIRST_PAUSE).await;
                    continue;
                }
                tokio::select! {
                    () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                    () = self.over.cancelled() => {}
                }
            }
            batch.clear();
        }
    }

    /// Whether that needs no other try: it was taken, or will be taken never.
    async fn post(&self, text: &str) -> bool {
        let request = Request {
            method: Method::Post,
            url: self.watcher.url.clone(),
            connect_to: None,
            headers: vec![("Firstlight-Appliance".to_owned(), self.appliance.clone())],
            bearer: self.watcher.token.clone(),
            content: Some(Content { kind: "application/x-ndjson", text: text.into() }),
            patience: PATIENCE,
            reads_body: false,
        };
        match self.prober.ask(&request, &[]).await {
            Ok((response, _authority)) => !matches!(response.status, 408 | 425 | 429 | 500..),
            Err(_silent) => false,
        }
    }
}
