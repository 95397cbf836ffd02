//! Events as lines for people: what `--output text` prints, and what the wizard keeps as its log.

use crate::{
    engine::{CheckId, CheckState, Ending, Event, Outcome, StepInfo},
    error::{ErrorId, Report},
    words::{Phrase, Words, phrase},
};

/// The fold from events to lines.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: Vec<StepInfo>,
    /// The check or note that was told last, so that waiting does not fill a log with the same line.
    said: Option<Phrase>,
}

/// After how long a wait in which nothing changes is told again: somebody may have begun to wonder.
const TELL_AGAIN: i64 = 60;

impl Transcript {
    /// The lines of one event, each with its line break; none where there is nothing new to say.
    ///
    /// They are in the language of `words`; a log gives [`Words::english`], because support reads one language.
    pub fn text(&mut self, event: &Event, words: &Words) -> String {
        let say = |phrase: Phrase| words.say(&phrase);
        let below = |phrase: Phrase| format!("      {}\n", say(phrase));
        match event {
            Event::Plan { steps } => {
                self.steps.clone_from(steps);
                String::new()
            }
            Event::StepStarted { id } => {
                let position = self.steps.iter().position(|step| step.id == *id).unwrap_or_default();
                let title = self.steps.get(position).map_or_else(|| id.clone().into(), |step| step.title.clone());
                format!("[{}/{}] {}\n", position + 1, self.steps.len(), say(title))
            }
            Event::Note { text, .. } => self.once(text, |text| below(text.clone())),
            Event::Check { id, state, text, .. } => {
                let line = check(id, *state, text, say);
                if *state == CheckState::Waiting { self.once(text, |_| line.clone()) } else { line }
            }
            Event::Fact { fact, .. } => below(fact.phrase()),
            Event::Retry { attempt, pause_ms, failures, .. } => {
                let why = failures.first().map_or(Phrase::nothing(), |failure| failure.message.clone());
                below(phrase!("line-retry" { why, attempt, pause: seconds(*pause_ms) }))
            }
            Event::StepFinished { outcome, elapsed_ms, .. } => {
                let (summary, took) = (outcome.summary(), seconds(*elapsed_ms));
                below(match outcome {
                    Outcome::Changed(_) => phrase!("line-changed" { summary, took }),
                    Outcome::Unchanged(_) => phrase!("line-unchanged" { summary, took }),
                })
            }
            Event::StepFailed { failures, .. } => failures.iter().map(|report| failure(report, say)).collect(),
            Event::StepStopped { .. } => below(phrase!("line-stopped")),
            Event::StepNotRun { id, reason } => below(phrase!("line-not-run" { step: id, reason })),
            Event::Ended(ending) => say(ended(*ending)) + "\n",
        }
    }

    /// The line of a note; none where it tells no more than that time goes on.
    fn once(&mut self, text: &Phrase, line: impl Fn(&Phrase) -> String) -> String {
        let is_news = self.said.as_ref().is_none_or(|said| {
            let longer = text.seconds().zip(said.seconds()).is_some_and(|(now, then)| now >= then + TELL_AGAIN);
            longer || !text.repeats(said)
        });
        if !is_news {
            return String::new();
        }
        self.said = Some(text.clone());
        line(text)
    }
}

/// One check; the marks are a column, as wide as the longest of them.
fn check(id: &CheckId, state: CheckState, found: &Phrase, say: impl Fn(Phrase) -> String) -> String {
    let marks = [
        (CheckState::Waiting, phrase!("line-waiting")),
        (CheckState::Passed, phrase!("line-passed")),
        (CheckState::Failed, phrase!("line-failed")),
        (CheckState::Skipped, phrase!("line-skipped")),
    ];
    let marks = marks.map(|(state, mark)| (state, say(mark)));
    let width = marks.iter().map(|(_, mark)| mark.chars().count()).max().unwrap_or_default();
    let mark = marks.iter().find(|(marked, _)| *marked == state).map_or("", |(_, mark)| mark);
    match state {
        CheckState::Waiting if *found == Phrase::nothing() => format!("      {mark:<width$}  {id}\n"),
        _ => format!("      {mark:<width$}  {id}: {}\n", say(found.clone())),
    }
}

fn failure(report: &Report, say: impl Fn(Phrase) -> String) -> String {
    let mut text = format!("error[{}]: {}\n", report.id.as_str(), say(report.message.clone()));
    let causes = report.causes.iter().map(|cause| phrase!("failure-cause" { cause }));
    for line in causes.chain([phrase!("failure-hint" { hint: &report.hint })]) {
        text = format!("{text}  {}\n", say(line));
    }
    text
}

fn ended(ending: Ending) -> Phrase {
    match ending.because {
        None if ending.changed => phrase!("line-done"),
        None => phrase!("line-done-unchanged"),
        Some(ErrorId::Stopped) => phrase!("line-ended-stopped"),
        Some(id) => phrase!("line-ended" { exit: ending.exit().code(), id: id.as_str() }),
    }
}

/// Milliseconds as seconds with one digit behind the point; a run is far shorter than where `f64` loses one.
#[expect(clippy::cast_precision_loss, reason = "printed with one digit")]
fn seconds(millis: u64) -> String {
    format!("{:.1}", millis as f64 / 1000.0)
}
