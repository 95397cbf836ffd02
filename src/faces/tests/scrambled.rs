//! The wizard in a language of scrambled words: it reads otherwise, and everything happens as in English.

use std::fmt::Debug;

use super::{
    flow::FLOWS,
    states::{ABOVE, MORE, PAGES, Row},
    talking::{lines, rehearsal, run_done, run_failed, talk},
    toy::Toy,
    *,
};
use crate::{
    wizard::{keys, way},
    words::Language,
};

/// The languages that are compared.
const BOTH: [Language; 2] = [Language::English, Language::Scrambled];

fn speaking(mut app: App, language: Language) -> App {
    app.speak(language);
    app
}

/// What no language may change: where the operator is, which keys work there, what is held, and how leaving ends.
fn happened(app: &App) -> impl Debug + PartialEq + use<> {
    let keys: Vec<_> = keys::working(app.context()).into_iter().collect();
    (app.page(), app.focus(), app.context(), keys, way::step(app), app.exit(), typed(app), app.scroll())
}

#[test]
fn keys_lead_where_they_lead_in_english() {
    for (from, keys, to) in FLOWS {
        let [english, scrambled] = BOTH.map(|language| {
            let mut app = speaking(at(*from), language);
            let effects = play(&mut app, keys);
            assert_eq!(app.page(), *to, "{language:?}: {from:?} {keys}");
            (happened(&app), format!("{effects:?}"))
        });
        assert_eq!(english, scrambled, "{from:?} {keys}");
    }
}

/// Every state, as it is, and after keys that scroll, choose, look something up, answer, and go on.
#[test]
fn every_state_takes_the_keys_that_it_takes_in_english() {
    let states = || PAGES.iter().chain(ABOVE).flat_map(Row::states);
    let more = || MORE.iter().map(|(name, app)| ((*name).to_owned(), app()));
    for keys in
        ["", "<f1><end><esc>", "<tab><tab><enter>", "<down><down><enter>", "<esc>", "2", "<c-c><enter>", "l<home>"]
    {
        let every = |language| {
            let played = states().chain(more()).map(move |(name, app)| {
                let mut app = speaking(app, language);
                let shown = screen(&mut app, 200, 200);
                let effects = play(&mut app, keys);
                // How far it scrolls is a matter of how long the words are.
                app.unscroll();
                (name, shown, happened(&app), format!("{effects:?}"))
            });
            played.collect::<Vec<_>>()
        };
        let [english, scrambled] = BOTH.map(every);
        let mut read_alike = 0;
        for (english, scrambled) in english.into_iter().zip(scrambled) {
            read_alike += usize::from(english.1 == scrambled.1);
            assert_eq!((english.2, english.3), (scrambled.2, scrambled.3), "{} {keys}", english.0);
        }
        assert_eq!(read_alike, 0, "the words are scrambled on every screen");
    }
}

#[tokio::test(start_paused = true)]
async fn line_by_line_it_ends_as_it_does_in_english() {
    let failures = vec![report(ErrorId::ClockWrong)];
    for (start, typed, rehearsals, runs) in [
        (Page::Welcome, lines(&["", "…", ""]), vec![rehearsal(vec![])], vec![run_done()]),
        (Page::Review, vec!["…", "…", "F5", "…", "^C", ""], vec![rehearsal(failures), rehearsal(vec![])], vec![]),
        (
            Page::Review,
            vec!["", "r", "e", "Z7QP-M2RX", "", "…", "q"],
            vec![rehearsal(vec![]), rehearsal(vec![])],
            vec![run_failed(ErrorId::CodeUnknown), run_failed(ErrorId::CodeUnknown), run_done()],
        ),
    ] {
        let mut ends = Vec::new();
        for language in BOTH {
            let toy = Toy::new(rehearsals.clone(), runs.clone());
            let app = speaking(if start == Page::Welcome { empty() } else { at(start) }, language);
            let (exit, said) = talk(&toy, app, &typed).await;
            let codes = toy.codes.into_inner().expect("no panic while held");
            let others = ["code-unknown", "no answer", "the service"].map(|text| said.matches(text).count());
            ends.push((exit, codes, others));
        }
        assert_eq!(ends[0], ends[1], "{typed:?}");
    }
}
