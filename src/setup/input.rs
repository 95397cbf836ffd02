//! Profile and answers from files to checked values, with every problem told once.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    answers::{self, Answers, Draft, FieldId, fields},
    document::{Placed, Problem, in_order},
    engine::Failed,
    error::{ErrorId, Report},
    profile::Profile,
    setup::{Places, Setup, found, read_secrets},
    values::SecretText,
    words::{Phrase, phrase},
    world::{Host, Opened, look_at_files},
};

use tokio::runtime::Handle;

pub use crate::world::{create_recording, read_recording};

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
    /// The first of several reasons; the others are problems.
    pub(super) fn first(failed: Failed) -> Self {
        let mut reports = failed.0.into_iter();
        let first = reports.next().unwrap_or_else(|| Report::new(ErrorId::Defect, Phrase::nothing()));
        let problem = |report: Report| Placed::unplaced("", ()).problem(report.message);
        Self { report: Box::new(first), problems: reports.map(problem).collect() }
    }

    fn of(id: ErrorId, what: Phrase, problems: Vec<Problem>) -> Self {
        let message = phrase!("has-problems" { what, count: problems.len() });
        Self { report: Box::new(Report::new(id, message)), problems }
    }
}

/// Where an appliance has its profile, below the root.
const INSTALLED: &str = "etc/firstlight/profile.toml";

/// Reads the profile at `path`, or that of this appliance, or takes the built-in one.
///
/// # Errors
/// When it cannot be read, or with every problem in it.
pub fn profile(path: Option<&Path>, root: Option<&Path>) -> Result<Profile, NotBegun> {
    let installed = root.unwrap_or(Path::new("/")).join(INSTALLED);
    let opened = path.map_or_else(|| Opened::if_there(&installed), |path| Opened::at(path).map(Some));
    let text = opened.and_then(|file| file.map(|file| file.text()).transpose()).map_err(|error| {
        let report = Report::from(error);
        NotBegun::from(Report { causes: report.causes, ..Report::new(ErrorId::ProfileUnreadable, report.message) })
    })?;
    let Some(text) = text else { return Ok(Profile::built_in()) };
    let path = path.unwrap_or(&installed);
    Profile::parse(text.expose()).map_err(|problems| {
        NotBegun::of(ErrorId::ProfileInvalid, phrase!("the-profile" { path: quoted(path) }), problems)
    })
}

/// Checks the profile at `path`, and the files that it names. Gives what is to be said of those that are not here, as where
/// profiles are written.
///
/// # Errors
/// Every problem at once.
pub fn check_profile(path: &Path, places: Places) -> Result<Vec<Phrase>, NotBegun> {
    let missing = |(setting, path): (&str, PathBuf)| phrase!("check-profile-missing" { setting, path: path.display().to_string() });
    match look_at_files(&profile(Some(path), None)?, places) {
        Ok(files) => Ok(files.into_iter().map(missing).collect()),
        Err(unusable) => {
            let mut reports = unusable.into_iter();
            let first = reports.next().map(|(_, report)| report);
            let first = first.unwrap_or_else(|| Report::new(ErrorId::ProfileFile, Phrase::nothing()));
            let problem = |(setting, report): (&str, Report)| {
                let Report { message, causes, .. } = report;
                let message = if causes.is_empty() {
                    message
                } else {
                    phrase!("with-details" { what: message, details: Phrase::from(causes) })
                };
                Placed::unplaced(setting, ()).problem(message)
            };
            Err(NotBegun { report: Box::new(first), problems: reports.map(problem).collect() })
        }
    }
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
    let profile = self::profile(profile, places.root.as_deref())?;
    let host = Host::new(places.root, places.credentials);
    // Elsewhere another machine's address would be found.
    let some = profile.endpoint.is_found().then_some("https://appliance.example.com".to_owned());
    answers(path, &profile, stdin)?.complete(&profile, &host, some).map(drop)
}

/// The text of an answers file as a draft, and what is wrong with its form.
#[derive(Debug)]
pub struct Given {
    draft: Draft,
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
    let given = given(&text, if from_stdin { phrase!("stdin") } else { quoted(path) }, profile);
    if let Some(opened) = opened.filter(|_| given.draft.holds_secret(profile)) {
        opened.check_private().map_err(|error| NotBegun { problems: given.problems.clone(), ..error.into() })?;
    }
    Ok(given)
}

/// The text of an answers file that somebody else has read, and its name.
pub(super) fn given(text: &SecretText, name: Phrase, profile: &Profile) -> Given {
    let (draft, problems) = Draft::from_toml(text.expose(), profile);
    Given { draft, problems, name }
}

impl Given {
    /// The draft, for a wizard that asks for the rest.
    ///
    /// # Errors
    /// When anything is wrong with the form of the file: a wizard must not lose it silently.
    pub fn into_draft(self) -> Result<Draft, NotBegun> {
        if self.problems.is_empty() {
            Ok(self.draft)
        } else {
            Err(NotBegun::of(ErrorId::AnswersInvalid, self.name, self.problems))
        }
    }

    /// Completes the answers, reading the secrets that they only name, and finding out where the appliance is reached if they
    /// do not say it.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn finish(self, setup: &Setup) -> Result<Answers, NotBegun> {
        let is_said = self.draft.given.contains_key(&FieldId::Endpoint);
        let asked = setup.network_in_cloud().filter(|_| !is_said);
        // Whoever reads answers waits for a pipe too, on a thread that may.
        let network = asked.map_or_else(|| setup.network(), |asked| Handle::current().block_on(asked));
        let found = found(&setup.profile.endpoint, &network);
        let address = found.as_ref().map(|found| found.address.to_string());
        let mut answers = self.complete(&setup.profile, &setup.world.host, address)?;
        answers.found = found.filter(|_| !is_said).map(|found| (found.source, found.reason));
        Ok(answers)
    }

    /// `endpoint` is taken where the answers say nothing of it.
    fn complete(self, profile: &Profile, host: &Host, endpoint: Option<String>) -> Result<Answers, NotBegun> {
        let Self { mut draft, mut problems, name } = self;
        if let Some(found) = endpoint {
            let text = answers::Given::Text(SecretText::new(found));
            let path = fields::endpoint_path(profile.endpoint.kind);
            draft.given.entry(FieldId::Endpoint).or_insert_with(|| Placed::unplaced(path, text));
        }
        let unread = read_secrets(host, &mut draft);
        match draft.finish(profile) {
            Ok(answers) if problems.is_empty() && unread.is_empty() => return Ok(answers),
            finished => problems.extend(finished.err().into_iter().flatten()),
        }
        // A secret that could not be read is told once, with the reason, and as what it is when it is all there is.
        problems.retain(|other| unread.iter().all(|(_, problem)| other.field != problem.field));
        if let ([(report, problem)], []) = (&unread[..], &problems[..]) {
            return Err(NotBegun { problems: vec![problem.clone()], ..report.clone().into() });
        }
        problems.extend(unread.into_iter().map(|(_, problem)| problem));
        in_order(&mut problems);
        Err(NotBegun::of(ErrorId::AnswersInvalid, name, problems))
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
