//! What is printed line by line: words and line ends, and nothing that a terminal acts on.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::{
    screen::{
        Glyphs,
        text::wrap,
        transliterate::{self, UNKNOWN},
    },
    values::is_formatting,
};

/// A terminal as paper: what is printed stays as it is.
pub(super) struct Paper<'t> {
    out: Box<dyn Write + 't>,
    width: usize,
    glyphs: Glyphs,
    /// What is to be printed with the next flush.
    text: String,
    /// Whether the last line is a prompt, and has no end yet.
    open: bool,
    /// Whether the last line is empty.
    blank: bool,
}

impl<'t> Paper<'t> {
    /// Empty paper of `width` columns.
    pub(super) fn new(out: impl Write + 't, width: usize, glyphs: Glyphs) -> Self {
        Self { out: Box::new(out), width, glyphs, text: String::new(), open: false, blank: true }
    }

    /// How many columns a line has.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// Prints one line as it is.
    pub(super) fn line(&mut self, line: &str) {
        if std::mem::take(&mut self.open) {
            self.text.push('\n');
        }
        self.put(line.trim_end());
        self.text.push('\n');
        self.blank = line.trim().is_empty();
    }

    /// Prints a paragraph; where it does not fit a line, it goes on below its first word.
    pub(super) fn say(&mut self, text: &str) {
        let indent = &text[..text.len() - text.trim_start().len()];
        for line in wrap(&transliterate::text(text, self.glyphs), self.width.saturating_sub(indent.width())) {
            self.line(&format!("{indent}{line}"));
        }
    }

    /// Leaves one line free.
    pub(super) fn gap(&mut self) {
        if !self.blank {
            self.line("");
        }
    }

    /// Prints a question; the answer is typed behind it.
    pub(super) fn prompt(&mut self, text: &str) {
        let lines = wrap(&transliterate::text(text, self.glyphs), self.width);
        let (last, before) = lines.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
        for line in before {
            self.line(line);
        }
        if std::mem::take(&mut self.open) {
            self.text.push('\n');
        }
        self.put(last);
        self.text.push(' ');
        self.open = true;
        self.blank = false;
    }

    /// Prints phrases one after the other, with line ends only between them where they fit.
    pub(super) fn list(&mut self, phrases: &[String]) {
        let mut line = String::new();
        for phrase in phrases {
            let phrase = transliterate::text(phrase, self.glyphs);
            if !line.is_empty() && line.width() + phrase.width() + "; ;".len() > self.width {
                self.line(&format!("{line};"));
                line.clear();
            }
            line.push_str(if line.is_empty() { "" } else { "; " });
            line.push_str(&phrase);
        }
        self.say(&line);
    }

    /// A line was typed: its end has been shown by the terminal.
    pub(super) const fn answered(&mut self, empty: bool) {
        self.blank = empty && !self.open;
        self.open = false;
    }

    /// A key was typed that ends no line; the terminal may have shown it.
    pub(super) const fn interrupted(&mut self) {
        self.open = true;
    }

    /// Ends the line of a prompt that is not going to be answered.
    pub(super) fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            self.text.push('\n');
        }
    }

    /// Nothing that a terminal acts on, and nothing that it has not.
    fn put(&mut self, text: &str) {
        let ascii = self.glyphs == Glyphs::Ascii;
        let known = |character: char| if ascii && !character.is_ascii() { UNKNOWN } else { character };
        self.text.extend(text.chars().filter(|character| !is_formatting(*character)).map(known));
    }

    /// Brings it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let written = self.out.write_all(self.text.as_bytes()).and_then(|()| self.out.flush());
        self.text.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_cleaned_and_kept_apart_from_prompts() {
        let mut out = Vec::new();
        let mut paper = Paper::new(&mut out, 12, Glyphs::Ascii);
        paper.gap();
        paper.say("  one two three");
        paper.line("a\u{1b}[2Jb\t李");
        paper.gap();
        paper.gap();
        paper.prompt("Name:");
        paper.line("news");
        paper.prompt("Name:");
        paper.answered(true);
        paper.say("für …");
        paper.prompt("Name:");
        paper.close();
        paper.flush().expect("a vector takes everything");
        drop(paper);
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "  one two\n  three\na[2Jb?\n\nName: \nnews\nName: fuer ...\nName: \n");
    }
}
