//! What a container wrote, as far as anybody may read it.

use std::time::Duration;

use futures_util::AsyncReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::LogParams};
use tokio::time::timeout;

use super::Cluster;

/// So many lines are asked for.
const LINES: i64 = 50;

/// More than so many lines have in all, unless they are no lines.
const MOST_BYTES: u64 = 1 << 20;

/// A kubelet that does not answer must not hold up the one who waits for the Job.
const PATIENCE: Duration = Duration::from_secs(5);

impl Cluster {
    /// The last lines that a container of the pod to which a path leads wrote, or did before it was started again. They are for people; what cannot be
    /// read, for whatever reason, tells nothing and is no failure.
    pub async fn last_lines(&self, pod: &str, container: &str, previous: bool) -> Vec<String> {
        let asked = timeout(PATIENCE, self.output(pod, container, previous)).await;
        asked.ok().flatten().map(|output| lines(&output)).unwrap_or_default()
    }

    async fn output(&self, pod: &str, container: &str, previous: bool) -> Option<Vec<u8>> {
        let (namespace, pod) = self.place_of(pod);
        let pods: Api<Pod> = Api::namespaced(self.client().await.ok()?, namespace);
        let container = Some(container.to_owned());
        let wanted = LogParams { container, previous, tail_lines: Some(LINES), ..LogParams::default() };
        let mut output = Vec::new();
        let stream = pods.log_stream(pod, &wanted).await.ok()?;
        // What came before a connection broke is something, too.
        let _ = Box::pin(stream).take(MOST_BYTES).read_to_end(&mut output).await;
        Some(output)
    }
}

/// Lines as they would be seen on a terminal, without its colours.
fn lines(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let shown = |line: &str| {
        let line = without_escapes(line);
        let last = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
        last.trim_end().to_owned()
    };
    text.lines().map(shown).collect()
}

/// The text without what a terminal takes for a command (ECMA-48): `ESC [ … letter`, `ESC ] … BEL`, `ESC` and a letter.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('[') => drop(characters.find(|one| ('@'..='~').contains(one))),
            Some(' '..='/') => drop(characters.find(|one| ('0'..='~').contains(one))),
            Some(']') => {
                while let Some(one) = characters.next() {
                    let ends = one == '\u{1b}' && characters.next_if_eq(&'\\').is_some();
                    if ends || one == '\u{7}' {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_would_show_the_same() {
        for (output, shown) in [
            ("one\n\u{1b}[31mERROR:\u{1b}[0m two\r\nthree", vec!["one", "ERROR: two", "three"]),
            ("10 %\r20 %\rdone\n", vec!["done"]),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;x\u{1b}\\b\u{1b}(B", vec!["ab"]),
            ("cut \u{1b}[3", vec!["cut"]),
            ("", vec![]),
        ] {
            assert_eq!(lines(output.as_bytes()), shown);
        }
        assert_eq!(lines(b"\xff\xfe ok"), ["\u{fffd}\u{fffd} ok"]);
    }
}
