//! From the vendor's TOML to a [`Profile`]: every problem at once.

mod question;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use url::Url;

use super::{
    Bootstrap, Brand, Cluster, Endpoint, License, Machine, PasswordForm, Probe, Profile, Question, SecretSpec, Secrets,
    keys,
};
use crate::{
    document::{self, Placed, Problem, Section},
    values::{CodeFormat, Line, PasswordRules, Rgb},
    words::{Phrase, Say, phrase},
};

pub(super) fn profile(text: &str) -> Result<Profile, Vec<Problem>> {
    let read = document::read(text, |root| {
        let brand = with(root, "brand", brand);
        let license = with(root, "license", license);
        let cluster = with(root, "cluster", cluster);
        let machine = with(root, "machine", |s| Machine {
            disk_mib: number(s, "disk-mib", 1024, 0, 1 << 30),
            memory_mib: number(s, "memory-mib", 256, 0, 1 << 20),
        });
        let password =
            with(root, "password", |s| PasswordRules { min_length: usize_of(number(s, "min-length", 12, 8, 128)) });
        let secrets = with(root, "secrets", secrets);
        let mut has_bootstrap = false;
        let bootstrap = with(root, "bootstrap", |section| {
            has_bootstrap = section.is_present();
            bootstrap(section)
        });
        let ready = root.sections("ready").into_iter().filter_map(|mut section| {
            let probe = probe(&mut section);
            section.finish();
            probe
        });
        let ready = ready.collect();
        let (endpoint, questions) = questions(root, &secrets, (has_bootstrap, bootstrap.as_ref()));
        let (license, source) = (license?, text.to_owned());
        Some(Profile {
            brand,
            license,
            cluster,
            machine,
            password,
            secrets,
            bootstrap,
            ready,
            endpoint,
            questions,
            source,
        })
    });
    match read {
        (Some(Some(profile)), problems) if problems.is_empty() => Ok(profile),
        (_, problems) => Err(problems),
    }
}

fn questions(
    root: &mut Section<'_>,
    secrets: &Secrets,
    bootstrap: (bool, Option<&Bootstrap>),
) -> (Endpoint, Vec<Question>) {
    let mut section = root.section("endpoint");
    let endpoint = question::endpoint(&mut section);
    let asked = root.sections("question").into_iter().map(|mut section| {
        let question = question::question(&mut section);
        (section, question)
    });
    let asked: Vec<question::Asked<'_>> = asked.collect();
    question::compare((&section, &endpoint), &asked, secrets, bootstrap);
    section.finish();
    let questions = asked.into_iter().filter_map(|(section, question)| {
        section.finish();
        question
    });
    (endpoint, questions.collect())
}

fn with<T>(root: &mut Section<'_>, key: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
    let mut section = root.section(key);
    let value = read(&mut section);
    section.finish();
    value
}

fn brand(section: &mut Section<'_>) -> Brand {
    Brand {
        name: line(section, "name", "firstlight"),
        code_source: given_line(section, "code-source"),
        support: given_line(section, "support"),
        accent: accent(section),
        wordmark: wordmark(section),
        next_steps: next_steps(section),
    }
}

fn accent(section: &mut Section<'_>) -> Option<Rgb> {
    let given = section.text("accent")?;
    given.value.parse::<Rgb>().map_err(|error| section.report(given.problem(error.phrase()))).ok()
}

/// Drawn in ASCII, because every console has to show it.
fn wordmark(section: &mut Section<'_>) -> Vec<String> {
    let Some(given) = section.text("wordmark") else { return Vec::new() };
    let lines: Vec<String> = given.value.lines().map(|line| line.trim_end().to_owned()).collect();
    let (most, widest) = (6, 58);
    if lines.len() > most || lines.iter().any(|line| line.len() > widest) {
        section.report(given.problem(phrase!("profile-wordmark-large" { lines: most, columns: widest })));
    } else if given
        .value
        .chars()
        .any(|character| character != '\n' && (!character.is_ascii() || character.is_control()))
    {
        section.report(given.problem(phrase!("profile-wordmark-characters")));
    } else {
        return lines;
    }
    Vec::new()
}

/// One step a line.
fn next_steps(section: &mut Section<'_>) -> Vec<Line> {
    let Some(given) = section.text("next-steps") else { return Vec::new() };
    let lines = given.value.lines().filter(|line| !line.trim().is_empty());
    lines
        .filter_map(|line| Line::parse(line).map_err(|error| section.report(given.problem(error.phrase()))).ok())
        .collect()
}

fn license(section: &mut Section<'_>) -> Option<License> {
    let url = https_url(section, "url");
    let ca_file = path(section, "ca-file");
    let token_key_file = path(section, "token-key-file");
    let timeout = seconds(section, "timeout-seconds", 20);
    let attempts = u32::try_from(number(section, "attempts", 4, 1, 20)).unwrap_or(1);
    let clock_skew = seconds(section, "clock-skew-seconds", 300);
    let code = with(section, "code", code_format);
    Some(License { url: url?, ca_file, token_key_file, timeout, attempts, clock_skew, code: code? })
}

fn code_format(section: &mut Section<'_>) -> Option<CodeFormat> {
    let alphabet = section
        .text("alphabet")
        .unwrap_or_else(|| Placed::unplaced("license.code.alphabet", "23456789ABCDEFGHJKMNPQRSTUVWXYZ".to_owned()));
    let length = usize_of(number(section, "length", 8, 4, 64));
    let group = usize_of(number(section, "group", 4, 0, 64));
    match CodeFormat::new(&alphabet.value, length, group) {
        Ok(format) => Some(format),
        Err(error) => {
            section.report(alphabet.problem(error.phrase()));
            None
        }
    }
}

fn cluster(section: &mut Section<'_>) -> Cluster {
    Cluster {
        kubeconfig: path(section, "kubeconfig").unwrap_or_else(|| PathBuf::from("/etc/rancher/k3s/k3s.yaml")),
        namespace: object_name(section, "namespace", "msp"),
        start_timeout: seconds(section, "start-timeout-seconds", 600),
    }
}

fn secrets(section: &mut Section<'_>) -> Secrets {
    let mut tenant = section.section("tenant");
    let admin_password = match tenant.text("admin-password") {
        None => PasswordForm::Argon2id,
        Some(form) => match form.value.as_str() {
            "argon2id" => PasswordForm::Argon2id,
            "plaintext" => PasswordForm::Plaintext,
            _ => {
                tenant.report(form.problem(phrase!("value-must-be" { wanted: phrase!("profile-password-forms") })));
                PasswordForm::Argon2id
            }
        },
    };
    let spec = secret_spec(&mut tenant, "appliance-initial-tenant", &keys::TENANT);
    tenant.finish();
    let license = with(section, "license", |s| secret_spec(s, "appliance-license-seed", &keys::LICENSE));
    if spec.name == license.name {
        let name = Placed::unplaced("secrets.license.name", ());
        section.report(name.problem(phrase!("profile-secret-twice")));
    }
    Secrets { tenant: spec, license, admin_password }
}

fn secret_spec(section: &mut Section<'_>, default: &str, known: &[&str]) -> SecretSpec {
    let name = object_name(section, "name", default);
    let mut keys = BTreeMap::new();
    for (key, renamed) in section.texts("keys") {
        if !known.contains(&key.as_str()) {
            section.report(renamed.problem(phrase!("profile-key-unknown" { keys: known.join(", ") })));
        } else if !is_secret_key(&renamed.value) {
            section.report(renamed.problem(phrase!("profile-key-form")));
        } else if keys.values().any(|other| *other == renamed.value)
            || (known.contains(&renamed.value.as_str()) && key != renamed.value)
        {
            section.report(renamed.problem(phrase!("profile-key-twice")));
        } else {
            keys.insert(key, renamed.value);
        }
    }
    SecretSpec { name, keys }
}

fn bootstrap(section: &mut Section<'_>) -> Option<Bootstrap> {
    if !section.is_present() {
        return None;
    }
    let chart = path(section, "chart");
    if chart.is_none() {
        section.missing("chart", phrase!("profile-chart-hint"));
    }
    let release = object_name(section, "release", "bootstrap");
    let timeout = seconds(section, "timeout-seconds", 900);
    let helm = path(section, "helm");
    let values = section.scalars("values").into_iter().map(|(key, value)| (key, value.value)).collect();
    Some(Bootstrap { chart: chart?, release, timeout, helm, values })
}

fn probe(section: &mut Section<'_>) -> Option<Probe> {
    let name = given_line(section, "name");
    let timeout = seconds(section, "timeout-seconds", 300);
    let Some(url) = section.text("url") else {
        section.missing("url", phrase!("profile-ready-hint"));
        return None;
    };
    match Url::parse(&url.value) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Some(Probe { name, url: parsed, timeout }),
        _ => {
            section.report(url.problem(phrase!("profile-ready-url")));
            None
        }
    }
}

fn line(section: &mut Section<'_>, key: &'static str, default: &str) -> Line {
    given_line(section, key).unwrap_or_else(|| Line::parse(default).expect("every default is a line"))
}

fn given_line(section: &mut Section<'_>, key: &'static str) -> Option<Line> {
    let given = section.text(key)?;
    Line::parse(&given.value).map_err(|error| section.report(given.problem(error.phrase()))).ok()
}

fn https_url(section: &mut Section<'_>, key: &'static str) -> Option<Url> {
    let Some(given) = section.text(key) else {
        section.missing(key, phrase!("profile-license-hint"));
        return None;
    };
    match Url::parse(&given.value) {
        Ok(url)
            if url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none() =>
        {
            Some(url)
        }
        _ => {
            section.report(given.problem(phrase!("profile-license-url")));
            None
        }
    }
}

fn path(section: &mut Section<'_>, key: &'static str) -> Option<PathBuf> {
    let given = section.text(key)?;
    if given.value.starts_with('/') {
        return Some(PathBuf::from(given.value));
    }
    section.report(given.problem(phrase!("profile-path")));
    None
}

/// A DNS label (RFC 1123), as Kubernetes wants for namespaces and releases.
fn object_name(section: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let Some(given) = section.text(key) else { return default.to_owned() };
    let name = given.value.as_str();
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 53 || !name.chars().all(inner) || name.starts_with('-') || name.ends_with('-') {
        section.report(given.problem(phrase!("profile-name")));
        return default.to_owned();
    }
    given.value
}

fn is_secret_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 253
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn seconds(section: &mut Section<'_>, key: &'static str, default: u64) -> Duration {
    Duration::from_secs(number(section, key, default, 1, 86_400))
}

fn number(section: &mut Section<'_>, key: &'static str, default: u64, least: u64, most: u64) -> u64 {
    let Some(given) = section.number(key) else { return default };
    if (least..=most).contains(&given.value) {
        return given.value;
    }
    section.report(given.problem(out_of_range(least, most, given.value)));
    default
}

/// As texts: languages count with fewer digits than such a number may have.
fn out_of_range(least: u64, most: u64, have: u64) -> Phrase {
    phrase!("profile-number" { least: least.to_string(), most: most.to_string(), have: have.to_string() })
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
