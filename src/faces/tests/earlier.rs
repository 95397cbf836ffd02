//! What is said after several attempts: none of them is forgotten.

use super::*;

/// A wizard whose first attempt wrote the Secrets and failed in the bootstrap, and whose second one failed at `step`.
fn twice(step: usize, id: ErrorId) -> App {
    let mut app = failed(3, ErrorId::BootstrapFailed);
    play(&mut app, "r");
    update(&mut app, ran(Event::Plan { steps: PLAN.to_vec() }));
    for info in &PLAN[..step] {
        let outcome = Outcome::Unchanged("as it should be".into());
        update(&mut app, ran(Event::StepFinished { id: info.id.clone(), outcome, elapsed_ms: 1 }));
    }
    if step < PLAN.len() {
        let failures = vec![report(id)];
        update(&mut app, ran(Event::StepFailed { id: PLAN[step].id.clone(), failures, elapsed_ms: 1 }));
        update(&mut app, ran(ended(id, false)));
    } else {
        update(&mut app, ran(ended(None, false)));
    }
    app
}

/// The question before leaving, in one line.
fn question(app: &App) -> String {
    let paragraphs = crate::pages::question(app).expect("leaving is asked first");
    paragraphs.iter().map(|paragraph| app.words().say(paragraph)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_code_that_an_earlier_attempt_used_stays_used() {
    let mut app = twice(0, ErrorId::ChartUnreadable);
    play(&mut app, "<c-c>");
    let text = question(&app);
    assert!(text.contains("The install code has been used"), "{text}");
    assert!(text.contains("Redeem the install code") && !text.contains("No step has finished"), "{text}");
}

#[test]
fn a_code_that_was_refused_is_not_said_to_be_good_for_another_run() {
    for (id, said) in [
        (ErrorId::CodeExpired, "has refused the install code"),
        (ErrorId::CodeUsed, "has refused the install code"),
        (ErrorId::LicenseUnavailable, "may have been sent"),
    ] {
        let mut app = failed(1, id);
        let page = screen(&mut app, 120, 40);
        play(&mut app, "<c-c>");
        let question = question(&app);
        for text in [page, question] {
            assert!(text.contains(said) && !text.contains("was not sent"), "{id:?}: {text}");
        }
    }
    let text = screen(&mut failed(0, ErrorId::ClockWrong), 120, 40);
    assert!(text.contains("The install code was not sent."), "{text}");
}

#[test]
fn who_was_written_in_an_earlier_attempt_signs_in() {
    let mut app = twice(PLAN.len(), ErrorId::Defect);
    assert_eq!(app.page(), Page::Done);
    let text = screen(&mut app, 120, 40);
    assert!(text.contains("Sign in as kim@acme.example"), "{text}");
    assert!(text.contains("The install code is used up"), "{text}");
}
