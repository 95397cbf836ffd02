//! What holds for any keys: no panic, no lost answer, no secret shown.

use proptest::prelude::*;

use super::*;
use crate::wizard::{Context, Input, page};

pub(super) const KEYS: [&str; 39] = [
    "<enter>",
    "<esc>",
    "<tab>",
    "<backtab>",
    "<up>",
    "<down>",
    "<left>",
    "<right>",
    "<home>",
    "<end>",
    "<pgup>",
    "<pgdn>",
    "<bs>",
    "<del>",
    "<f5>",
    "<c-c>",
    "<c-l>",
    "<c-u>",
    "<c-k>",
    "<c-a>",
    "<c-w>",
    "<c-r>",
    "<a-b>",
    "<a-f>",
    "<a-bs>",
    "<c-left>",
    "<c-right>",
    "<f2>",
    "z",
    "1",
    "q",
    "y",
    "李",
    "<f1>",
    "l",
    "s",
    "c",
    "e",
    "r",
];

/// Every page before the run, the vendor's own questions with them.
fn pages() -> Vec<Page> {
    page::all(questioned("").profile()).filter(|page| page.is_before_the_run()).collect()
}

fn page() -> impl Strategy<Value = Page> {
    proptest::sample::select(pages())
}

pub(super) fn keys() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&KEYS[..]), 0..40).prop_map(|keys| keys.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_keys_panic_or_show_a_secret(from in page(), keys in keys(), columns in 1_u16..100, rows in 1_u16..40) {
        let mut app = at(from);
        rehearse(&mut app, rehearsed(vec![report(ErrorId::ClockWrong)]));
        for key in keys.split_inclusive('>') {
            play(&mut app, key);
            for (columns, rows) in [(columns, rows), (80, 24)] {
                let text = screen(&mut app, columns, rows);
                prop_assert!(app.reveal() || !(text.contains("horse") || text.contains("ferries")), "{}", text);
                prop_assert!(!app.reveal() || matches!(app.page(), Page::Password | Page::Question(4)));
                prop_assert!(app.page() == Page::Code || !text.contains("K7QP"), "{}", text);
            }
        }
        let debug = format!("{app:?}");
        prop_assert!(!debug.contains("horse") && !debug.contains("ferries") && !debug.contains("K7QP"));
    }

    #[test]
    fn moving_about_loses_no_answer(from in page(), moves in proptest::collection::vec(0_usize..12, 0..60)) {
        let mut app = at(from);
        let before = typed(&app);
        for index in moves {
            // In a list the arrows choose, and Tab leads to them in the footer.
            let chooses = app.context() == Context::Choice && ["<up>", "<down>", "<tab>", "<backtab>"].contains(&KEYS[index]);
            if !chooses {
                play(&mut app, KEYS[index]);
            }
            if !app.page().is_before_the_run() {
                break;
            }
        }
        prop_assert_eq!(typed(&app), before);
    }

    #[test]
    fn keys_and_pastes_change_no_answer_of_another_page(
        from in page(),
        doings in proptest::collection::vec((proptest::sample::select(&KEYS[..]), proptest::option::of(".{0,30}")), 0..40),
    ) {
        let mut app = at(from);
        for (key, pasted) in doings {
            let (page, before) = (app.page(), typed(&app));
            match pasted {
                Some(text) => drop(update(&mut app, Msg::Paste(text.into()))),
                None => drop(play(&mut app, key)),
            }
            let after = typed(&app);
            for (index, input) in Input::all(app.profile()).enumerate() {
                prop_assert!(page.inputs().contains(&input) || before[index] == after[index], "{:?}", input);
            }
        }
    }

    #[test]
    fn back_undoes_next(from in page()) {
        let mut app = at(from);
        // So that every page is shown.
        app.offer_layouts(vec!["us".to_owned()]);
        app.offer_disks();
        rehearse(&mut app, rehearsed(vec![report(ErrorId::NameResolution), report(ErrorId::ClockWrong)]));
        // That one is called, where nobody has named a proxy beforehand.
        prop_assume!(from != Page::Proxy);
        if let Some(next) = crate::wizard::way::next(&app).filter(|next| next.is_before_the_run()) {
            app.put_on(next);
            play(&mut app, "<esc>");
            prop_assert_eq!(app.page(), from);
        }
    }

    #[test]
    fn any_event_at_any_time_is_survived(picks in proptest::collection::vec(0_usize..18, 0..40), size in (1_u16..90, 1_u16..30)) {
        let mut app = at(Page::Review);
        for pick in picks {
            let failures = vec![report(ErrorId::CodeUsed)];
            let msg = match pick {
                0 => ran(Event::Plan { steps: PLAN.to_vec() }),
                1 => ran(Event::StepStarted { id: "redeem".into() }),
                2 => ran(Event::StepFailed { id: "redeem".into(), failures, elapsed_ms: 1 }),
                3 => ran(ended(ErrorId::CodeUsed, true)),
                4 => ran(ended(None, true)),
                5 => Msg::Reply(Reply::RunLost),
                6 => Msg::Reply(Reply::RehearsalLost),
                7 => checking(ended(ErrorId::ClockWrong, true)),
                8 => ran(Event::Retry { id: "redeem".into(), attempt: 2, pause_ms: 1, failures }),
                9 => Msg::Tick(std::time::Duration::from_secs(11)),
                10 => Msg::Hangup,
                11 => Msg::Key(key("enter")),
                12 => Msg::Key(key("e")),
                13 => Msg::Reply(Reply::SignedIn { attempt: Attempt::Accepted }),
                14 => Msg::Reply(Reply::Admission { admission: Admission::Unknowable { logged_in: true } }),
                15 => ran(ended(ErrorId::SignInNeeded, true)),
                16 => ran(Event::StepFailed {
                    id: "rehearse".into(),
                    failures: vec![report(ErrorId::SignInNeeded)],
                    elapsed_ms: 1,
                }),
                _ => Msg::Key(key("esc")),
            };
            update(&mut app, msg);
            screen(&mut app, size.0, size.1);
        }
    }
}

#[test]
fn every_size_down_to_one_cell_is_drawn() {
    for page in pages() {
        for (columns, rows) in [(1, 1), (2, 3), (5, 4), (19, 9), (20, 10), (60, 18), (200, 100)] {
            let mut app = at(page);
            screen(&mut app, columns, rows);
            play(&mut app, "<c-c>");
            screen(&mut app, columns, rows);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_run_is_drawn_at_any_size_with_anything_above_it(
        keys in proptest::collection::vec(proptest::sample::select(vec!["<f1>", "l", "c", "s", "<esc>", "<tab>", "<pgdn>", "<home>", "<end>", "<c-c>"]), 0..12),
        sizes in proptest::collection::vec((1_u16..=200, 1_u16..=100), 1..4),
        (kind, unicode) in (0_usize..3, proptest::bool::ANY),
    ) {
        let mut app = match kind {
            0 => running(vec![Event::StepStarted { id: "rehearse".into() }, check("clock", CheckState::Passed, "right")]),
            1 => failed(1, ErrorId::CodeExpired),
            _ => running(vec![ended(None, true)]),
        };
        let mut profile = Profile::built_in();
        profile.ready = Profile::parse("[license]\nurl='https://l.example'\n[[ready]]\nurl='https://a.example'").expect("sound").ready;
        app.rebrand(profile);
        if unicode {
            let look = Look { glyphs: crate::screen::look::Glyphs::Unicode, ..Look::default() };
            app.show_on(look);
        }
        for key in keys {
            play(&mut app, key);
            for (columns, rows) in &sizes {
                screen(&mut app, *columns, *rows);
            }
        }
    }
}
