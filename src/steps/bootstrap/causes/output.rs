//! The line of an output that tells why a program ended.

use crate::values::plain_text;

use super::diagnosis::MOST;

/// Words that stand alone in a line that tells of an error; what ends in `Error` or `Exception` is one too.
const WORDS: [&str; 14] = [
    "error", "err", "fatal", "panic", "panicked", "critical", "crit", "emerg", "alert", "failed", "failure", "cannot",
    "denied", "refused",
];

/// The last line that looks like an error.
pub(super) fn error_in(lines: &[String]) -> Option<String> {
    lines.iter().rev().find(|line| looks_like_an_error(line)).map(|line| plain_text(line, MOST))
}

/// The last line that looks like an error; of a program that has ended otherwise its very last one.
pub(super) fn last_words(lines: &[String]) -> Option<String> {
    error_in(lines).or_else(|| lines.iter().rev().map(|line| plain_text(line, MOST)).find(|line| !line.is_empty()))
}

fn looks_like_an_error(line: &str) -> bool {
    // What is indented belongs to a line before it, as a stack does to its exception.
    let mut words = line.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    !line.starts_with([' ', '\t'])
        && words.any(|word| {
            let ends = word.ends_with("Error") || word.ends_with("Exception");
            ends || WORDS.contains(&word.to_ascii_lowercase().as_str())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells() {
        for (output, told) in [
            ("waiting\nERROR: no database\nbye", "ERROR: no database"),
            ("Traceback (most recent call last):\n  File \"x\", line 1\nValueError: no port\n", "ValueError: no port"),
            (
                "java.lang.IllegalStateException: no pool\n\tat com.example.ErrorHandler.run(E.java:3)\nCaused by: java.net.ConnectException: Connection refused\n\tat java.net.X",
                "Caused by: java.net.ConnectException: Connection refused",
            ),
            ("panic: nil map\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5", "panic: nil map"),
            ("level=info msg=start\nlevel=error msg=\"no route\"\nlevel=info msg=end", "level=error msg=\"no route\""),
            ("0 errors so far\nterror\nsh: migrate: not found\n\n", "sh: migrate: not found"),
        ] {
            let lines: Vec<String> = output.lines().map(str::to_owned).collect();
            assert_eq!(last_words(&lines).as_deref(), Some(told));
        }
        assert_eq!(last_words(&[String::new(), " ".to_owned()]), None);
        assert_eq!(error_in(&["all is well".to_owned()]), None);
    }
}
