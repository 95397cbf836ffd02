//! One event, one JSON object or a few lines for people.

use std::io::Write;

use crate::{
    cli::Output,
    document::Problem,
    engine::{CheckState, Event, Outcome, StepInfo},
    error::{ErrorId, Report},
};

/// The version of the JSON Lines format; raised only when a reader of an older one would go wrong.
const SCHEMA: u32 = 1;

/// Prints events as they come.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    output: Output,
    steps: Vec<StepInfo>,
    /// The check and text that was printed last, so that waiting does not fill a log with the same line.
    said: String,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`.
    pub const fn new(out: W, output: Output) -> Self {
        Self { out, output, steps: Vec::new(), said: String::new() }
    }

    /// Prints one event. That nobody reads any more is no reason to stop a setup.
    pub fn print(&mut self, event: &Event) {
        let text = match self.output {
            Output::Json => json(event),
            Output::Text => self.text(event),
        };
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    fn text(&mut self, event: &Event) -> String {
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

fn json(event: &Event) -> String {
    let mut value = match serde_json::to_value(event) {
        Ok(value) => value,
        Err(error) => {
            serde_json::json!({ "type": "defect", "id": ErrorId::Defect.as_str(), "message": error.to_string() })
        }
    };
    if let (Event::Plan { .. }, Some(object)) = (event, value.as_object_mut()) {
        object.insert("schema".to_owned(), SCHEMA.into());
    }
    format!("{value}\n")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(output: Output, events: &[Event]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, output);
        for event in events {
            printer.print(event);
        }
        String::from_utf8(out).expect("UTF-8")
    }

    fn events() -> Vec<Event> {
        let report = Report {
            id: ErrorId::CodeUsed,
            message: "the install code has already been used".into(),
            causes: vec!["because".into()],
            hint: "ask for a new one".into(),
        };
        vec![
            Event::Plan {
                steps: vec![StepInfo { id: "rehearse", title: "Check" }, StepInfo { id: "redeem", title: "Redeem" }],
            },
            Event::StepStarted { id: "rehearse" },
            Event::Check {
                id: "kubernetes",
                step: "rehearse",
                state: CheckState::Waiting,
                text: "starting, 1 s".into(),
            },
            Event::Check {
                id: "kubernetes",
                step: "rehearse",
                state: CheckState::Waiting,
                text: "starting, 2 s".into(),
            },
            Event::Check { id: "kubernetes", step: "rehearse", state: CheckState::Passed, text: "v1.35".into() },
            Event::StepFinished { id: "rehearse", outcome: Outcome::Unchanged("fine".into()), elapsed_ms: 2100 },
            Event::StepStarted { id: "redeem" },
            Event::StepFailed { id: "redeem", failures: vec![report], elapsed_ms: 10 },
            Event::Ended { id: "code-used", exit: 22, changed: true },
        ]
    }

    #[test]
    fn lines_for_people() {
        insta::assert_snapshot!(printed(Output::Text, &events()), @r#"
[1/2] Check
      wait  kubernetes
      ok    kubernetes: v1.35
      unchanged: fine (2.1 s)
[2/2] Redeem
error[code-used]: the install code has already been used
  cause: because
  hint: ask for a new one
exit 22; `firstlight explain code-used` says more
"#);
    }

    #[test]
    fn every_json_line_is_one_object_with_a_type() {
        let text = printed(Output::Json, &events());
        assert_eq!(text.lines().count(), events().len());
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(value["type"].is_string(), "{line}");
        }
        assert!(text.contains(r#""outcome":"unchanged""#), "{text}");
    }
}
