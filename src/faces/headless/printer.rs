//! One event, one JSON object or a few lines for people.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    cli::Output,
    document::Problem,
    engine::{Event, Transcript},
    setup::NotBegun,
    words::{Language, Phrase, Say, Words, phrase},
};

/// Prints events as they come.
#[derive(Debug)]
pub(crate) struct Printer<W> {
    out: W,
    output: Output,
    lines: Transcript,
    words: Words,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`; lines for people are in `language`.
    pub(crate) fn new(out: W, output: Output, language: Language) -> Self {
        Self { out, output, lines: Transcript::default(), words: Words::new(language) }
    }

    /// Prints one event.
    pub(crate) fn print(&mut self, event: &Event) {
        let text = match self.output {
            Output::Json => event.json_line(),
            Output::Text => self.lines.text(event, &self.words),
        };
        self.write(&text);
    }

    /// Prints what was asked for: lines for people, and the same as an object.
    pub(crate) fn tell(&mut self, lines: &[Phrase], object: &Value) {
        let text = match self.output {
            Output::Json => format!("{object}\n"),
            Output::Text => lines.iter().map(|line| self.words.say(line) + "\n").collect(),
        };
        self.write(&text);
    }

    /// What is to be said, in the language of lines for people.
    pub(crate) fn said(&self, what: &Phrase) -> String {
        self.words.say(what)
    }

    /// Prints one event for those who wait for it; people see that there is no more.
    pub(crate) fn tell_programs(&mut self, event: &Event) {
        if self.output == Output::Json {
            self.print(event);
        }
    }

    /// Prints why nothing is begun, with every problem.
    pub(crate) fn refuse(&mut self, refusal: NotBegun) {
        let NotBegun { report, problems } = refusal;
        let because = |message, cause| phrase!("because-of" { message: message, cause: cause });
        let message = report.causes.into_iter().fold(report.message, because);
        let (id, hint) = (report.id.as_str(), report.hint);
        let text = match self.output {
            Output::Json => {
                let problems: Vec<Problem> = problems.iter().map(Problem::in_english).collect();
                let (message, hint) = (message.to_string(), hint.to_string());
                let refused =
                    json!({ "type": "refused", "id": id, "message": message, "problems": problems, "hint": hint });
                format!("{refused}\n")
            }
            Output::Text => {
                let tell = |phrase: &Phrase| self.words.say(phrase) + "\n";
                let problems: String = problems.iter().map(|problem| tell(&problem.phrase())).collect();
                format!("{problems}error[{id}]: {}  {}", tell(&message), tell(&phrase!("failure-hint" { hint })))
            }
        };
        self.write(&text);
    }

    /// That nobody reads any more is no reason to stop a setup.
    fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{CheckState, Ending, Outcome, StepInfo},
        error::{ErrorId, Report},
        values::{Authority, Fact, Fingerprint},
        words::id,
    };

    fn printed(output: Output, language: Language, events: &[Event]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, output, language);
        for event in events {
            printer.print(event);
        }
        String::from_utf8(out).expect("UTF-8")
    }

    fn events() -> Vec<Event> {
        let report = Report::new(ErrorId::CodeUsed, "the install code has already been used".into());
        let report = Report { causes: vec!["because".into()], hint: "ask for a new one".into(), ..report };
        vec![
            Event::Plan {
                steps: vec![
                    StepInfo::new("rehearse", "Check everything first"),
                    StepInfo::new("redeem", "Redeem the install code"),
                ],
            },
            Event::StepStarted { id: "rehearse".into() },
            Event::Check {
                id: "kubernetes".into(),
                step: "rehearse".into(),
                state: CheckState::Waiting,
                text: phrase!("rehearse-kubernetes-starting" { seconds: 1 }),
            },
            Event::Check {
                id: "kubernetes".into(),
                step: "rehearse".into(),
                state: CheckState::Waiting,
                text: phrase!("rehearse-kubernetes-starting" { seconds: 2 }),
            },
            Event::Check {
                id: "kubernetes".into(),
                step: "rehearse".into(),
                state: CheckState::Passed,
                text: "v1.35".into(),
            },
            Event::StepFinished { id: "rehearse".into(), outcome: Outcome::Unchanged("fine".into()), elapsed_ms: 2100 },
            Event::StepStarted { id: "redeem".into() },
            Event::Fact {
                id: "redeem".into(),
                fact: Fact::Authority {
                    url: "https://appliance.example/".into(),
                    authority: Authority { name: "Acme CA".into(), sha256: Fingerprint::of(b"abc") },
                },
            },
            Event::StepFailed { id: "redeem".into(), failures: vec![report], elapsed_ms: 10 },
            Event::Ended(Ending { because: Some(ErrorId::CodeUsed), changed: true }),
        ]
    }

    #[test]
    fn lines_for_people() {
        insta::assert_snapshot!(printed(Output::Text, Language::English, &events()), @r#"
[1/2] Check everything first
      wait  kubernetes: starting, 1 s
      ok    kubernetes: v1.35
      unchanged: fine (2.1 s)
[2/2] Redeem the install code
      https://appliance.example/ is signed for by “Acme CA”, SHA-256 BA:78:16:BF:8F:01:CF:EA 41:41:40:DE:5D:AE:22:23 B0:03:61:A3:96:17:7A:9C B4:10:FF:61:F2:00:15:AD
error[code-used]: the install code has already been used
  cause: because
  hint: ask for a new one
exit 22; `firstlight explain code-used` says more
"#);
    }

    #[test]
    fn a_wait_in_which_nothing_changes_is_told_once_a_minute() {
        let note = |why: &str, seconds: u64| {
            let text = phrase!("ready-waiting" { name: "console", why, seconds });
            Event::Note { id: "ready".into(), text }
        };
        let seconds = (0..=61).map(|seconds| note("no answer", seconds));
        let events: Vec<Event> = seconds.chain([note("status 500", 62), note("status 500", 63)]).collect();
        insta::assert_snapshot!(printed(Output::Text, Language::English, &events), @r"
        waiting for console: no answer, 0 s
        waiting for console: no answer, 60 s
        waiting for console: status 500, 62 s
        ");
        assert_eq!(printed(Output::Json, Language::English, &events).lines().count(), events.len(), "for programs all");
    }

    #[test]
    fn lines_for_people_in_german() {
        let behind = phrase!("rehearse-clock-behind" { off: phrase!("rehearse-minutes" { minutes: 7 }) });
        let causes = vec![phrase!("rehearse-before-build" { now: "2001", built: "2026" }), "verbatim".into()];
        let report = Report { causes, ..Report::new(ErrorId::ClockWrong, behind) };
        let check =
            |id: &'static str, state, text| Event::Check { id: id.into(), step: "rehearse".into(), state, text };
        let because = phrase!("rehearse-not-tried" { because: phrase!("rehearse-because-no-kubernetes") });
        let events = [
            Event::Plan {
                steps: vec![StepInfo::new("rehearse", id!("step-rehearse")), StepInfo::new("of-later", "Later")],
            },
            Event::StepStarted { id: "rehearse".into() },
            Event::Note { id: "rehearse".into(), text: phrase!("rehearse-begin") },
            check("disk", CheckState::Passed, phrase!("rehearse-disk" { free: 900 })),
            check("kubernetes", CheckState::Waiting, Phrase::nothing()),
            check("clock", CheckState::Failed, report.message.clone()),
            check("secrets", CheckState::Skipped, because),
            Event::StepFailed { id: "rehearse".into(), failures: vec![report], elapsed_ms: 10 },
            Event::StepNotRun { id: "of-later".into(), reason: phrase!("not-run-failed" { step: "rehearse" }) },
            Event::StepStarted { id: "of-later".into() },
            Event::Ended(Ending { because: Some(ErrorId::ClockWrong), changed: false }),
        ];
        insta::assert_snapshot!(printed(Output::Text, Language::German, &events), @r"
[1/2] Zuerst alles prüfen
      diese Maschine, der Lizenzdienst und Kubernetes werden geprüft
      ok      disk: 900 MiB frei
      wartet  kubernetes
      FEHLER  clock: die Uhr dieser Maschine geht gegenüber der des Lizenzdienstes um 7 min nach
      offen   secrets: nicht versucht: Kubernetes hat nicht geantwortet
error[clock-wrong]: die Uhr dieser Maschine geht gegenüber der des Lizenzdienstes um 7 min nach
  Ursache: die Uhr dieser Maschine zeigt 2001; da war dieses Programm noch nicht gebaut (2026)
  Ursache: verbatim
  Hinweis: Stellen Sie die Uhr (mit `timedatectl set-time`, oder indem Sie NTP in Ordnung bringen), und wiederholen Sie den Lauf.
      nicht ausgeführt: of-later; `rehearse` ist fehlgeschlagen
[2/2] Later
Exit-Code 51; `firstlight explain clock-wrong` sagt mehr
");
    }

    /// As a hostile API server, a garbled release of Helm or a file name would have it.
    #[test]
    fn nothing_from_outside_is_more_than_text() {
        let hostile = "v1.33.0\x1b]0;owned\x07\x1b[2J\x1b[31m FAKE error[other-tenant]\r\n[2/4] forged\u{202e}\u{9b}7m";
        let report = Report { causes: vec![hostile.into()], ..Report::new(ErrorId::KubernetesRefused, hostile.into()) };
        let recorded = serde_json::to_string(hostile).expect("JSON");
        let events = [
            Event::StepStarted { id: "rehearse".into() },
            Event::Note { id: "rehearse".into(), text: serde_json::from_str(&recorded).expect("a phrase") },
            Event::Check {
                id: "kubernetes".into(),
                step: "rehearse".into(),
                state: CheckState::Passed,
                text: phrase!("ready-waiting" { name: hostile, why: std::path::Path::new(hostile).display().to_string(), seconds: 1 }),
            },
            Event::StepFailed { id: "rehearse".into(), failures: vec![report.clone()], elapsed_ms: 1 },
        ];
        for output in [Output::Text, Output::Json] {
            let text = printed(output, Language::German, &events);
            assert_eq!(text.find(|one| one != '\n' && crate::values::is_formatting(one)), None, "{text:?}");
            assert!(text.lines().all(|line| !line.starts_with("[2/4]")), "{text}");
        }
        let mut out = Vec::new();
        Printer::new(&mut out, Output::Text, Language::English).refuse(report.into());
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text.find(|one| one != '\n' && crate::values::is_formatting(one)), None, "{text:?}");
    }

    #[test]
    fn every_json_line_is_one_object_with_a_type() {
        let text = printed(Output::Json, Language::German, &events());
        assert_eq!(text.lines().count(), events().len());
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(value["type"].is_string(), "{line}");
        }
        assert!(text.contains(r#""outcome":"unchanged""#), "{text}");
        assert!(text.contains(r#""sha256":"BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:"#), "{text}");
    }
}
