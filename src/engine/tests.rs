//! The engine over toy steps: order, retry, stop, and "run twice = run once" after a cut anywhere.

use std::sync::Mutex;

use super::*;
use crate::{error::ErrorId, words::phrase};

/// A toy world: what was done, and when it dies or fails.
#[derive(Default)]
struct Toy {
    done: Mutex<Vec<&'static str>>,
    dead_before: Option<&'static str>,
    failures_left: Mutex<u32>,
    asked: Duration,
    stop: CancellationToken,
}

struct ToyStep(&'static str);

impl Step for ToyStep {
    type World = Toy;

    fn info(&self) -> StepInfo {
        StepInfo::new(self.0, self.0)
    }

    async fn run(&self, world: &Toy, notes: &Notes) -> Result<Outcome, Failed> {
        if world.dead_before == Some(self.0) {
            return Err(Report::new(ErrorId::Defect, "dead".into()).into());
        }
        if self.0 == "slow" {
            let _hold = notes.hold("five seconds".into(), Duration::from_secs(9)).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        if self.0 == "late" {
            world.stop.cancel();
            let _hold = notes.hold("nothing".into(), Duration::ZERO).await;
        }
        if self.0 == "forever" {
            std::future::pending::<()>().await;
        }
        {
            let mut left = world.failures_left.lock().expect("no panic while held");
            if *left > 0 {
                *left -= 1;
                let report = Report::new(ErrorId::LicenseUnavailable, "down".into());
                return Err(Report { again: Some(world.asked), ..report }.into());
            }
        }
        let mut done = world.done.lock().expect("no panic while held");
        if done.contains(&self.0) {
            return Ok(Outcome::Unchanged(self.0.into()));
        }
        done.push(self.0);
        Ok(Outcome::Changed(self.0.into()))
    }
}

const RETRY: Retry = Retry { attempts: 3, first: Duration::from_secs(1), longest: Duration::from_mins(1) };

async fn play(steps: &[ToyStep], world: &Toy, stop: &CancellationToken) -> (Ending, Timeline) {
    let (events, mut heard) = Events::channel(std::sync::Arc::default());
    let ending = run(steps, world, RETRY, &events, stop).await;
    drop(events);
    let mut timeline = Timeline::default();
    while let Some(event) = heard.recv().await {
        assert!(timeline.ended.is_none(), "an event after the last one");
        timeline.apply(&event);
    }
    (ending, timeline)
}

#[tokio::test]
async fn a_run_cut_before_any_step_is_completed_by_the_next_one() {
    let names = ["a", "b", "c", "d"];
    let steps = names.map(ToyStep);
    for cut in names {
        let mut world = Toy { dead_before: Some(cut), ..Toy::default() };
        let (ending, timeline) = play(&steps, &world, &CancellationToken::new()).await;
        assert_eq!(ending.exit(), crate::exit::Exit::Defect);
        let states = timeline.rows.iter().filter(|row| matches!(row.state, RowState::NotRun(_))).count();
        assert_eq!(states, names.iter().rev().position(|name| *name == cut).expect("a name"));

        world.dead_before = None;
        let (ending, _) = play(&steps, &world, &CancellationToken::new()).await;
        assert_eq!(ending, Ending { because: None, changed: true });
        assert_eq!(*world.done.lock().expect("no panic while held"), names);

        let (ending, _) = play(&steps, &world, &CancellationToken::new()).await;
        assert_eq!(ending, Ending { because: None, changed: false });
    }
}

#[tokio::test(start_paused = true)]
async fn retries_what_may_be_repeated_and_then_gives_up() {
    for (failures, exit) in [(2, 0), (3, 23)] {
        let world = Toy { failures_left: Mutex::new(failures), ..Toy::default() };
        let (ending, _) = play(&[ToyStep("a")], &world, &CancellationToken::new()).await;
        assert_eq!(ending.exit().code(), exit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_pause_than_allowed_is_left_to_the_operator() {
    let world = Toy { failures_left: Mutex::new(1), asked: Duration::from_hours(1), ..Toy::default() };
    let started = Instant::now();
    let (ending, _) = play(&[ToyStep("a")], &world, &CancellationToken::new()).await;
    assert_eq!(ending.exit().code(), 23);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_must_not_be_cut() {
    let stop = CancellationToken::new();
    stop_after(&stop, Duration::from_secs(1));
    let world = Toy::default();
    let (ending, timeline) = play(&[ToyStep("slow"), ToyStep("b")], &world, &stop).await;
    assert_eq!(ending.because, Some(ErrorId::Stopped));
    assert_eq!(*world.done.lock().expect("no panic while held"), ["slow"], "cut while held");
    assert_eq!(timeline.rows[0].elapsed_ms, Some(5000));
    assert_eq!(timeline.rows[1].state, RowState::NotRun(phrase!("not-run-stopped")));
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_waiting_and_pauses_at_once() {
    for (step, failures) in [("forever", 0), ("a", 1)] {
        let stop = CancellationToken::new();
        stop_after(&stop, Duration::from_millis(500));
        let world = Toy { failures_left: Mutex::new(failures), ..Toy::default() };
        let started = Instant::now();
        let (ending, _) = play(&[ToyStep(step)], &world, &stop).await;
        assert_eq!(ending.because, Some(ErrorId::Stopped));
        assert_eq!(started.elapsed(), Duration::from_millis(500));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stop_waits_for_is_said_first() {
    let stop = CancellationToken::new();
    stop_after(&stop, Duration::from_secs(1));
    let (events, mut heard) = Events::channel(std::sync::Arc::default());
    run(&[ToyStep("slow")], &Toy::default(), RETRY, &events, &stop).await;
    drop(events);
    let mut told = Vec::new();
    while let Some(event) = heard.recv().await {
        if let Event::Note { text, .. } = event {
            told.push(text);
        }
    }
    assert_eq!(told, [phrase!("stop-waits" { what: "five seconds", seconds: 9 })]);
}

/// The step is asked before the stop is, so only what it holds can keep it from beginning.
#[tokio::test(start_paused = true)]
async fn nothing_that_must_not_be_cut_begins_after_a_stop() {
    let world = Toy::default();
    let (ending, _) = play(&[ToyStep("late")], &world, &world.stop).await;
    assert_eq!(ending.because, Some(ErrorId::Stopped));
    assert_eq!(*world.done.lock().expect("no panic while held"), [""; 0]);
}

fn stop_after(stop: &CancellationToken, pause: Duration) {
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        stop.cancel();
    });
}

#[test]
fn what_a_program_reads_is_read_back() {
    let fact = r#"{"id":"ready","name":"CA","sha256":"FF","type":"authority","url":"https://a.example/"}"#;
    let fact = fact.replace("FF", &["FF"; 32].join(":"));
    for line in [
        r#"{"changed":true,"exit":0,"id":"done","type":"ended"}"#,
        r#"{"changed":false,"exit":22,"id":"code-used","type":"ended"}"#,
        r#"{"id":"kubernetes","state":"passed","step":"rehearse","text":"up","type":"check"}"#,
        r#"{"elapsed_ms":3,"id":"redeem","outcome":"changed","summary":"done","type":"step-finished"}"#,
        &fact,
    ] {
        let event: Event = serde_json::from_str(line).expect(line);
        assert_eq!(serde_json::to_value(event).expect("JSON").to_string(), line);
    }
}

#[test]
fn pauses() {
    let retry = Retry { attempts: 4, first: Duration::from_secs(1), longest: Duration::from_secs(3) };
    for (attempt, asked, expected) in
        [(1, 0, Some(1)), (2, 0, Some(2)), (3, 0, Some(3)), (4, 0, None), (1, 3, Some(3)), (1, 4, None)]
    {
        assert_eq!(
            retry.pause(attempt, Duration::from_secs(asked)),
            expected.map(Duration::from_secs),
            "{attempt} {asked}"
        );
    }
}
