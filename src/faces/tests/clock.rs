//! A clock that is wrong, on its page: by which key that opens, and what is told there.

use super::*;

#[test]
fn a_clock_that_is_wrong_is_set_with_one_key_and_what_failed_is_tried_again() {
    let wrong = || Report::new(ErrorId::ClockWrong, "it is 3 h behind".into());
    let failed = |app: &mut App| {
        for event in [
            Event::Plan { steps: PLAN.to_vec() },
            Event::StepStarted { id: "rehearse".into() },
            Event::StepFailed { id: "rehearse".into(), failures: vec![wrong()], elapsed_ms: 1 },
            Event::Ended(Ending { because: Some(ErrorId::ClockWrong), changed: false }),
        ] {
            update(app, Msg::Reply(Reply::Run { event }));
        }
    };
    for key in ["t", "e"] {
        let mut app = at(Page::Review);
        play(&mut app, "<enter>");
        failed(&mut app);
        assert!(screen(&mut app, 80, 24).contains("Press T to set the clock here"), "{}", screen(&mut app, 80, 24));
        play(&mut app, key);
        assert_eq!(app.page(), Page::Clock, "{key}");
        let effects = play(&mut app, "<down><enter>");
        assert!(matches!(effects[..], [Effect::Ask(Request::SetClock(crate::values::SetClock::Ntp))]), "{effects:?}");
        update(&mut app, Msg::Reply(Reply::ClockSet { set: Ok("it shows noon".into()) }));
        assert!(screen(&mut app, 80, 24).contains("it shows noon"), "{}", screen(&mut app, 80, 24));
        play(&mut app, "<enter>");
        assert_eq!(app.page(), Page::Progress);
        assert!(matches!(play(&mut app, "<enter>")[..], [Effect::Ask(Request::Start(_))]), "nothing is typed again");
    }
}
