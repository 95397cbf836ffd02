//! Profile and answers from files to checked values, with every problem told once.

use std::{
    io::{Read, Write},
    path::Path,
    sync::Arc,
};

use crate::{
    answers::{Answers, Draft},
    document::{Problem, in_order},
    error::{ErrorId, Report},
    profile::Profile,
    setup::{Places, Setup, read_secrets},
    values::SecretText,
    words::{Phrase, phrase},
    world::{Host, Opened, World, create_recording, read_recording},
};

/// Why there is nothing to run: one failure, and the problems that explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBegun {
    /// What is wrong, and the exit code.
    pub report: Box<Report>,
    /// Every problem, in the order of the file.
    pub problems: Vec<Problem>,
}

impl<F: Into<Report>> From<F> for NotBegun {
    fn from(failure: F) -> Self {
        Self { report: Box::new(failure.into()), problems: Vec::new() }
    }
}

impl NotBegun {
    fn of(id: ErrorId, message: Phrase, problems: Vec<Problem>) -> Self {
        Self { report: Box::new(Report::new(id, message)), problems }
    }
}

/// Reads the profile at `path`, or takes the built-in one.
///
/// # Errors
/// When it cannot be read, or with every problem in it.
pub fn profile(path: Option<&Path>) -> Result<Profile, NotBegun> {
    let Some(path) = path else { return Ok(Profile::built_in()) };
    let text = Opened::at(path).and_then(|file| file.text()).map_err(|error| {
        let report = Report::from(error);
        NotBegun::from(Report { causes: report.causes, ..Report::new(ErrorId::ProfileUnreadable, report.message) })
    })?;
    Profile::parse(text.expose()).map_err(|problems| {
        let message =
            phrase!("has-problems" { what: phrase!("the-profile" { path: quoted(path) }), count: problems.len() });
        NotBegun::of(ErrorId::ProfileInvalid, message, problems)
    })
}

/// Makes the setup that a profile and the command line describe.
///
/// # Errors
/// When a file that the profile names cannot be used.
pub fn setup(profile: Profile, places: Places) -> Result<Setup, NotBegun> {
    let world = World::new(&profile, places)?;
    Ok(Setup::new(Arc::new(profile), Arc::new(world)))
}

/// Checks the answers at `path` against a profile, without what only the machine to be set up has.
///
/// # Errors
/// Every problem at once.
pub fn check_answers(
    path: &Path,
    profile: Option<&Path>,
    places: Places,
    stdin: &mut dyn Read,
) -> Result<(), NotBegun> {
    let profile = self::profile(profile)?;
    let host = Host::new(places.root, places.credentials);
    answers(path, &profile, stdin)?.complete(&profile, &host).map(drop)
}

/// Makes the file that a recording of the wizard goes into.
///
/// # Errors
/// When it exists already or cannot be made.
pub fn new_recording(path: &Path) -> Result<Box<dyn Write + Send>, NotBegun> {
    let file = create_recording(path)?;
    Ok(Box::new(file))
}

/// Reads a recording of the wizard.
///
/// # Errors
/// When it cannot be read.
pub fn recording(path: &Path) -> Result<String, NotBegun> {
    Ok(read_recording(path)?)
}

/// The text of an answers file as a draft, and what is wrong with its form.
#[derive(Debug)]
pub struct Given {
    /// What could be read.
    pub draft: Draft,
    problems: Vec<Problem>,
    name: Phrase,
}

/// Reads answers from `path` (`-`: from `stdin`).
///
/// # Errors
/// When it cannot be read, or others can read the secret in it.
pub fn answers(path: &Path, profile: &Profile, stdin: &mut dyn Read) -> Result<Given, NotBegun> {
    let from_stdin = path.as_os_str() == "-";
    let opened = if from_stdin { None } else { Some(Opened::at(path)?) };
    let text = match &opened {
        Some(opened) => opened.text()?,
        None => read_all(stdin).map_err(|error| {
            let report = Report::new(ErrorId::AnswersUnreadable, phrase!("stdin-no-answers"));
            NotBegun::from(Report { causes: vec![error], ..report })
        })?,
    };
    let (draft, problems) = Draft::from_toml(text.expose(), profile);
    let name = if from_stdin { phrase!("stdin") } else { quoted(path) };
    let given = Given { draft, problems, name };
    if let Some(opened) = opened.filter(|_| given.draft.holds_secret(profile)) {
        opened.check_private().map_err(|error| NotBegun { problems: given.problems.clone(), ..error.into() })?;
    }
    Ok(given)
}

impl Given {
    /// What is wrong with the form of the file, if anything: a wizard must not lose it silently.
    #[must_use]
    pub fn refusal(&self) -> Option<NotBegun> {
        let problems = self.problems.clone();
        (!problems.is_empty()).then(|| {
            let message = phrase!("has-problems" { what: &self.name, count: problems.len() });
            NotBegun::of(ErrorId::AnswersInvalid, message, problems)
        })
    }

    /// Completes the answers, reading the secrets that they only name.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn finish(self, setup: &Setup) -> Result<Answers, NotBegun> {
        self.complete(&setup.profile, &setup.world.host)
    }

    fn complete(self, profile: &Profile, host: &Host) -> Result<Answers, NotBegun> {
        let Self { mut draft, mut problems, name } = self;
        let unread = read_secrets(host, &mut draft);
        let finished = draft.finish(profile);
        let answers = match finished {
            Ok(answers) if problems.is_empty() && unread.is_empty() => return Ok(answers),
            Ok(_) => Vec::new(),
            Err(problems) => problems,
        };
        problems.extend(answers);
        // A secret that could not be read is told once, with the reason, and as what it is when it is all there is.
        problems.retain(|other| unread.iter().all(|(_, problem)| other.field != problem.field));
        if let ([(report, problem)], []) = (&unread[..], &problems[..]) {
            return Err(NotBegun { problems: vec![problem.clone()], ..report.clone().into() });
        }
        problems.extend(unread.into_iter().map(|(_, problem)| problem));
        in_order(&mut problems);
        let message = phrase!("has-problems" { what: name, count: problems.len() });
        Err(NotBegun::of(ErrorId::AnswersInvalid, message, problems))
    }
}

fn quoted(path: &Path) -> Phrase {
    format!("`{}`", path.display()).into()
}

/// At most 1 MiB, like a file.
fn read_all(stdin: &mut dyn Read) -> Result<SecretText, Phrase> {
    let mut text = String::new();
    match stdin.take((1 << 20) + 1).read_to_string(&mut text) {
        Ok(length) if length > 1 << 20 => Err(phrase!("machine-too-long")),
        Ok(_length) => Ok(SecretText::new(text)),
        Err(error) => Err(error.to_string().into()),
    }
}
