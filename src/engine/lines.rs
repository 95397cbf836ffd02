//! Events as lines for people: what `--output text` prints, and what the wizard keeps as its log.

use crate::{
    document::Problem,
    engine::{CheckState, Event, Outcome, StepInfo},
    error::Report,
};

/// The fold from events to lines; English in every language, so that support reads what the operator reads.
#[derive(Debug, Default)]
pub struct Lines {
    steps: Vec<StepInfo>,
    /// The check or note that was told last, so that waiting does not fill a log with the same line.
    said: String,
}

impl Lines {
    /// The lines of one event, each with its line break; none where there is nothing new to say.
    pub fn text(&mut self, event: &Event) -> String {
        match event {
            Event::Plan { steps } => {
                self.steps.clone_from(steps);
                String::new()
            }
            Event::StepStarted { id } => {
                let position = self.steps.iter().position(|step| step.id == *id).unwrap_or_default();
                let title = self.steps.get(position).map_or(*id, |step| step.title);
                format!("[{}/{}] {title}\n", position + 1, self.steps.len())
            }
            Event::Note { text, .. } => self.once(format!("      {text}\n")),
            Event::Check { id, state, text, .. } => {
                let mark = match state {
                    CheckState::Waiting => return self.once(format!("      wait  {id}\n")),
                    CheckState::Passed => "ok  ",
                    CheckState::Failed => "FAIL",
                    CheckState::Skipped => "skip",
                };
                format!("      {mark}  {id}: {text}\n")
            }
            Event::Authority { url, authority, .. } => {
                // In groups, so that no line of a narrow log begins within one.
                let groups = authority.sha256.groups(8).join(" ");
                format!("      {url} is signed for by “{}”, SHA-256 {groups}\n", authority.name)
            }
            Event::Retry { attempt, pause_ms, failures, .. } => {
                let why = failures.first().map(|failure| failure.message.as_str()).unwrap_or_default();
                format!("      {why}; attempt {attempt} in {:.1} s\n", seconds(*pause_ms))
            }
            Event::StepFinished { outcome, elapsed_ms, .. } => {
                let what = match outcome {
                    Outcome::Changed(_) => "changed",
                    Outcome::Unchanged(_) => "unchanged",
                };
                format!("      {what}: {} ({:.1} s)\n", outcome.summary(), seconds(*elapsed_ms))
            }
            Event::StepFailed { failures, .. } => failures.iter().map(failure).collect(),
            Event::StepStopped { .. } => "      stopped\n".to_owned(),
            Event::StepNotRun { id, reason } => format!("      not run: {id}, because {reason}\n"),
            Event::Refused { id, message, problems, hint } => refused(id, message, problems, hint),
            Event::Ended { id, exit, changed } => ended(id, *exit, *changed),
        }
    }

    fn once(&mut self, line: String) -> String {
        if self.said == line {
            return String::new();
        }
        self.said.clone_from(&line);
        line
    }
}

fn failure(report: &Report) -> String {
    let mut text = format!("error[{}]: {}\n", report.id.as_str(), report.message);
    for cause in &report.causes {
        text.push_str("  cause: ");
        text.push_str(cause);
        text.push('\n');
    }
    text.push_str("  hint: ");
    text.push_str(&report.hint);
    text.push('\n');
    text
}

fn refused(id: &str, message: &str, problems: &[Problem], hint: &str) -> String {
    let listed: Vec<String> = problems.iter().map(|problem| format!("{problem}\n")).collect();
    format!("{}error[{id}]: {message}\n  hint: {hint}\n", listed.concat())
}

fn ended(id: &str, exit: u8, changed: bool) -> String {
    match (exit, changed) {
        (0, true) => "done\n".to_owned(),
        (0, false) => "done: nothing had to be changed\n".to_owned(),
        (130, _) => "stopped: nothing is lost; run again when it suits (exit 130)\n".to_owned(),
        _ => format!("exit {exit}; `firstlight explain {id}` says more\n"),
    }
}

/// Milliseconds to seconds; a run is far shorter than where `f64` loses one.
#[expect(clippy::cast_precision_loss, reason = "printed with one digit")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
