//! The small commands: each prints something and ends.

use std::{
    io::{Read, Write},
    path::Path,
};

use clap::CommandFactory;
use zeroize::Zeroizing;

use crate::{
    answers,
    cli::{AnswersCommand, Cli, Command, Output, ProfileCommand},
    error::ErrorId,
    exit::Exit,
    faces::{
        headless::{self, printer::Printer},
        replay as player,
    },
    profile,
    setup::{Places, Refusal, input},
    values::Strength,
    words::{Language, Words, id, phrase},
};

/// A password of which the beginning is judged, and what is known of its owner, are shorter.
const LONGEST_QUESTION: usize = 16 * 1024;

/// Runs one command.
pub fn run<W: Write>(command: Command, places: Places, language: Language, stdin: &mut dyn Read, out: &mut W) -> Exit {
    let words = Words::new(language);
    let checked = match command {
        Command::Answers(AnswersCommand::Template { profile }) => {
            input::profile(profile.as_deref()).map(|profile| answers::template(&profile))
        }
        Command::Answers(AnswersCommand::Schema { profile }) => {
            input::profile(profile.as_deref()).map(|profile| answers::schema(&profile))
        }
        Command::Profile(ProfileCommand::Show) => return print(out, &profile::built_in_text()),
        Command::Profile(ProfileCommand::Schema) => return print(out, &profile::schema()),
        Command::Explain { what } => return explain(&what, &words, out),
        Command::Replay { file, at, .. } => return replay(&file, at, &words, out),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "firstlight", out);
            return Exit::Done;
        }
        Command::Man => {
            // A reader that went away has seen enough.
            let _ = clap_mangen::Man::new(Cli::command()).render(out);
            return Exit::Done;
        }
        Command::Strength => return strength(stdin, out),
        Command::Answers(AnswersCommand::Check { file, profile }) => {
            input::check_answers(&file, profile.as_deref(), places, stdin)
                .map(|()| words.say(id!("check-answers-sound")) + "\n")
        }
        Command::Profile(ProfileCommand::Check { file }) => {
            input::profile(Some(&file)).map(|_profile| words.say(id!("check-profile-sound")) + "\n")
        }
    };
    match checked {
        Ok(text) => print(out, &text),
        Err(refusal) => refuse(refusal, language, out),
    }
}

fn refuse<W: Write>(refusal: Refusal, language: Language, out: &mut W) -> Exit {
    headless::refuse(refusal, &mut Printer::new(out, Output::Text, language))
}

fn replay<W: Write>(file: &Path, at: Option<usize>, words: &Words, out: &mut W) -> Exit {
    match input::recording(file).map(|text| player::play::replay(&text, at, words, out)) {
        Ok(Ok(())) => Exit::Done,
        Ok(Err(error)) => refuse(error.into(), words.language(), out),
        Err(refusal) => refuse(refusal, words.language(), out),
    }
}

/// A reader that went away has seen enough.
fn print<W: Write>(out: &mut W, text: &str) -> Exit {
    let _ = out.write_all(text.as_bytes());
    Exit::Done
}

/// Answers [`Strength::question`] as JSON.
fn strength<W: Write>(stdin: &mut dyn Read, out: &mut W) -> Exit {
    // Reading must not move it: what is left behind would not be zeroed.
    let mut question = Zeroizing::new(Vec::with_capacity(2 * LONGEST_QUESTION));
    let read = stdin.take(LONGEST_QUESTION as u64).read_to_end(&mut question);
    let question = read.ok().and_then(|_length| std::str::from_utf8(&question).ok());
    match question.and_then(|question| serde_json::to_string(&Strength::answer(question)).ok()) {
        Some(answer) => print(out, &answer),
        None => Exit::Usage,
    }
}

fn explain<W: Write>(what: &str, words: &Words, out: &mut W) -> Exit {
    let exit = what.parse().ok().and_then(Exit::find);
    let ids: Vec<ErrorId> = match exit {
        Some(exit) => ErrorId::ALL.iter().copied().filter(|id| id.exit() == exit).collect(),
        None => ErrorId::find(what).into_iter().collect(),
    };
    if let Some(exit) = exit {
        let heading = phrase!("explain-exit" { code: exit.code(), remedy: exit.remedy_in(words) });
        let _ = writeln!(out, "{}\n", words.tell(&heading));
    }
    for id in &ids {
        let heading = words.tell(&phrase!("explain-id" { id: id.as_str(), code: id.exit().code() }));
        let means = words.tell(&phrase!("explain-means" { meaning: id.meaning_in(words) }));
        let to_do = words.tell(&phrase!("explain-to-do" { remedy: id.remedy_in(words) }));
        let _ = writeln!(out, "{heading}\n  {means}\n  {to_do}\n");
    }
    if exit.is_some() || !ids.is_empty() {
        return Exit::Done;
    }
    let nearest = ErrorId::ALL.iter().min_by_key(|id| strsim::damerau_levenshtein(id.as_str(), what));
    let nearest = nearest.map(|id| id.as_str()).unwrap_or_default();
    let what = crate::values::plain_text(what, 60);
    let hint = phrase!("explain-nearest" { id: nearest });
    let _ = writeln!(out, "{}", words.tell(&phrase!("explain-unknown" { what })));
    let _ = writeln!(out, "  {}", words.tell(&phrase!("failure-hint" { hint })));
    Exit::Usage
}
