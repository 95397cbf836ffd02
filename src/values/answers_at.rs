//! Where the kernel's command line says that a machine's answers are.

use std::path::PathBuf;

use url::Url;

use super::{Fingerprint, KernelArguments, plain_text};
use crate::words::{Phrase, phrase};

/// The argument that says where.
const ANSWERS: &str = "firstlight.answers";
/// The argument that says which certificate shows the server there.
const CERTIFICATE: &str = "firstlight.answers-certificate";
/// Before the label of a volume, as in fstab(5).
const LABEL: &str = "LABEL=";
/// The longest label of any file system that Linux knows.
const LONGEST_LABEL: usize = 128;

/// Where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswersAt {
    /// On a web server.
    Server {
        /// Their address, with TLS.
        url: Url,
        /// The server's own certificate, if only that one is trusted.
        certificate: Option<Fingerprint>,
    },
    /// On a volume of this label.
    Volume {
        /// The label.
        label: String,
        /// The file, from the volume's root on.
        path: PathBuf,
    },
    /// In a file of this machine.
    File(PathBuf),
}

impl AnswersAt {
    /// Where the arguments say; `None` where they say nothing.
    ///
    /// # Errors
    /// Why what they say will not do.
    pub fn of(arguments: &KernelArguments) -> Option<Result<Self, Phrase>> {
        let (answers, certificate) = (arguments.value(ANSWERS), arguments.value(CERTIFICATE));
        match (answers, certificate) {
            (Some(answers), certificate) => Some(Self::parse(answers, certificate)),
            // What was to be trusted, and nowhere to go: one of them is misspelt.
            (None, Some(_)) => Some(Err(phrase!("answers-at-certificate-alone"))),
            (None, None) => None,
        }
    }

    /// The arguments that say so; none of a path that a boot loader would read otherwise than it stands (GRUB has a backslash before
    /// each quote in it).
    pub fn arguments(&self) -> Vec<String> {
        let (at, certificate) = match self {
            Self::Server { url, certificate } => (url.as_str().replace('\'', "%27"), *certificate),
            Self::Volume { label, path } => (format!("{LABEL}{label}:/{}", path.display()), None),
            Self::File(path) => (path.display().to_string(), None),
        };
        let certificate = certificate.map(|certificate| format!("{CERTIFICATE}={certificate}"));
        if at.contains(['\'', '"', '\\']) {
            return Vec::new();
        }
        [format!("{ANSWERS}={at}")].into_iter().chain(certificate).collect()
    }

    fn parse(text: &str, certificate: Option<&str>) -> Result<Self, Phrase> {
        let malformed = || phrase!("answers-at-form" { text: plain_text(text, 200) });
        if let Ok(url) = text.parse::<Url>()
            && url.has_host()
        {
            if url.scheme() != "https" {
                return Err(phrase!("answers-at-scheme" { scheme: url.scheme() }));
            }
            let certificate = certificate.map(fingerprint).transpose()?;
            return Ok(Self::Server { url, certificate });
        }
        if certificate.is_some() {
            return Err(phrase!("answers-at-certificate-alone"));
        }
        let Some(rest) = text.strip_prefix(LABEL) else {
            return if text.starts_with('/') { Ok(Self::File(text.into())) } else { Err(malformed()) };
        };
        let (label, path) = rest.split_once(':').ok_or_else(malformed)?;
        if !is_label(label) || !path.starts_with('/') || path.ends_with('/') {
            return Err(malformed());
        }
        Ok(Self::Volume { label: label.to_owned(), path: path.trim_start_matches('/').into() })
    }
}

/// Whether udev names a link after such a label as it is (`/dev/disk/by-label`): it escapes others.
fn is_label(label: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "#+-.:=@_".contains(character);
    !label.is_empty() && label.len() <= LONGEST_LABEL && !label.starts_with('.') && label.chars().all(plain)
}

/// One with or without the colons between its pairs.
fn fingerprint(text: &str) -> Result<Fingerprint, Phrase> {
    let is_plain = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = || (0..text.len()).step_by(2).map(|at| &text[at..at + 2]).collect::<Vec<_>>().join(":");
    Fingerprint::try_from(if is_plain { pairs() } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_arguments_say() {
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let pinned = format!("firstlight.answers=https://a.example/b firstlight.answers-certificate={digits}");
        let server = |certificate| {
            let url = "https://a.example/b".parse().expect("a URL");
            Ok(AnswersAt::Server { url, certificate })
        };
        let volume = |label: &str, path: &str| Ok(AnswersAt::Volume { label: label.to_owned(), path: path.into() });
        for (line, expected) in [
            ("quiet", None),
            ("firstlight.answers=https://a.example/b", Some(server(None))),
            (&pinned, Some(server(Some(Fingerprint::of(b"abc"))))),
            ("firstlight.answers=LABEL=DATA:/a/b.toml", Some(volume("DATA", "a/b.toml"))),
            ("firstlight.answers=/etc/a.toml", Some(Ok(AnswersAt::File("/etc/a.toml".into())))),
            ("firstlight.answers=http://a.example/b", Some(Err("http"))),
            ("firstlight.answers=ftp://a.example/b", Some(Err("ftp"))),
            ("firstlight.answers=", Some(Err("``"))),
            ("firstlight.answers=a.toml", Some(Err("a.toml"))),
            ("firstlight.answers=LABEL=DATA", Some(Err("LABEL=DATA"))),
            ("firstlight.answers=LABEL=:/a", Some(Err("LABEL=:/a"))),
            ("firstlight.answers=LABEL=../x:/a", Some(Err("LABEL=../x"))),
            ("firstlight.answers=LABEL=DATA:/a/", Some(Err("DATA:/a/"))),
            ("firstlight.answers-certificate=ab", Some(Err("firstlight.answers-certificate"))),
            ("firstlight.answers=/a firstlight.answers-certificate=ab", Some(Err("firstlight.answers-certificate"))),
            ("firstlight.answers=https://a firstlight.answers-certificate=ab", Some(Err("ab"))),
        ] {
            let found = AnswersAt::of(&KernelArguments::of(line));
            match (found, expected) {
                (Some(Err(why)), Some(Err(named))) => assert!(why.to_string().contains(named), "{line}: {why}"),
                (found, expected) => assert_eq!(found.map(Result::ok), expected.map(Result::ok), "{line}"),
            }
            if let Some(Ok(at)) = AnswersAt::of(&KernelArguments::of(line)) {
                let again = at.arguments().join(" ");
                assert_eq!(AnswersAt::of(&KernelArguments::of(&again)), Some(Ok(at)), "{line}: {again}");
            }
        }
    }

    proptest! {
        /// No label leads out of the folder of labels.
        #[test]
        fn any_text_is_judged(text in "(LABEL=)?[a-zA-Z./:=]{0,40}") {
            if let Ok(AnswersAt::Volume { label, path }) = AnswersAt::parse(&text, None) {
                prop_assert!(!label.contains('/') && !label.starts_with('.') && path.is_relative());
            }
        }
    }
}
