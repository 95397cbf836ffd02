//! One event, one JSON object or a few lines for people.

use std::io::Write;

use crate::{
    cli::Output,
    engine::{Event, Lines},
    error::ErrorId,
};

/// The version of the JSON Lines format; raised only when a reader of an older one would go wrong.
const SCHEMA: u32 = 1;

/// Prints events as they come.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    output: Output,
    lines: Lines,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`.
    pub fn new(out: W, output: Output) -> Self {
        Self { out, output, lines: Lines::default() }
    }

    /// Prints one event. That nobody reads any more is no reason to stop a setup.
    pub fn print(&mut self, event: &Event) {
        let text = match self.output {
            Output::Json => json(event),
            Output::Text => self.lines.text(event),
        };
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{CheckState, Outcome, StepInfo},
        error::Report,
        values::{Authority, Fingerprint},
    };

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
            Event::Authority {
                id: "redeem",
                url: "https://appliance.example/".into(),
                authority: Authority { name: "Acme CA".into(), sha256: Fingerprint::of(b"abc") },
            },
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
      https://appliance.example/ is signed for by “Acme CA”, SHA-256 BA:78:16:BF:8F:01:CF:EA 41:41:40:DE:5D:AE:22:23 B0:03:61:A3:96:17:7A:9C B4:10:FF:61:F2:00:15:AD
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
        assert!(text.contains(r#""sha256":"BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:"#), "{text}");
    }
}
