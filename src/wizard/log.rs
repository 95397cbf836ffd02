//! The log of the runs: every line once, and a window on it that costs the same however long it is.

use std::{collections::VecDeque, time::Duration};

use crate::{
    engine::{Event, Transcript},
    screen::text::wrap,
    words::Words,
};

/// The most lines that are kept.
const MOST_LINES: usize = 100_000;

/// The most bytes that are kept.
const MOST_BYTES: usize = 8 << 20;

/// The lines that are kept, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: VecDeque<String>,
    bytes: usize,
    /// How many lines were dropped at the front. Lines are numbered with those.
    dropped: usize,
    folded: Transcript,
}

/// What is seen of a log: the number of the first line, or its end as it grows.
pub(crate) type Top = Option<usize>;

/// The size of a window, in columns and rows.
pub(crate) type Size = (usize, usize);

impl Log {
    /// Takes an event in that happened so long after the wizard was opened.
    pub(crate) fn apply(&mut self, event: &Event, at: Duration) {
        let at = at.as_secs();
        for line in self.folded.text(event, &Words::english()).lines() {
            self.push(format!("{:>3}:{:02} {line}", at / 60, at % 60));
        }
    }

    /// Adds a line; the oldest ones make room where it is needed.
    pub(crate) fn push(&mut self, line: String) {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len();
            self.dropped += 1;
        }
    }

    /// How many lines were dropped.
    pub(crate) const fn dropped(&self) -> usize {
        self.dropped
    }

    /// The number of the line after the last one.
    pub(crate) fn end(&self) -> usize {
        self.dropped + self.lines.len()
    }

    /// Every line that is kept.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// What is seen from `top` on, and the numbers of the first line seen and of the one after the last.
    pub(crate) fn window(&self, top: Top, size: Size) -> (Vec<String>, usize, usize) {
        let first = top.unwrap_or_else(|| self.last_top(size)).max(self.dropped);
        let (mut rows, mut next) = (Vec::new(), first);
        for line in self.lines.range(first.min(self.end()) - self.dropped..) {
            if rows.len() >= size.1 {
                break;
            }
            rows.extend(broken(line, size.0));
            next += 1;
        }
        // The end is seen when it is followed, even if its first line is broken into more rows than there is room for.
        let surplus = rows.len().saturating_sub(size.1);
        if top.is_none() {
            rows.drain(..surplus);
        } else {
            rows.truncate(size.1);
        }
        (rows, first, next)
    }

    /// The window moved by so many lines; it follows the end once it has come there.
    pub(crate) fn moved(&self, top: Top, by: isize, size: Size) -> Top {
        let last = self.last_top(size);
        let from = top.unwrap_or(last).max(self.dropped);
        let to = from.saturating_add_signed(by).max(self.dropped);
        (to < last).then_some(to)
    }

    /// The first line of a window on the end.
    fn last_top(&self, (columns, rows): Size) -> usize {
        let (mut taken, mut top) = (0, self.end());
        for line in self.lines.iter().rev() {
            taken += broken(line, columns).len();
            if taken > rows && top < self.end() {
                break;
            }
            top -= 1;
        }
        top
    }
}

/// A line in rows; those after the first are indented below the text.
fn broken(line: &str, columns: usize) -> Vec<String> {
    // The time and the indentation of the text, which breaking would take away.
    let lead: String = line.chars().take(LEAD).take_while(|first| " :0123456789".contains(*first)).collect();
    let text = &line[lead.len()..];
    let lead = if columns > 3 * LEAD { lead } else { String::new() };
    let rows = wrap(text, columns.saturating_sub(lead.len())).into_iter().enumerate();
    let before = |index| if index == 0 { lead.clone() } else { " ".repeat(lead.len()) };
    rows.map(|(index, row)| before(index) + &row).collect()
}

/// The most columns before the text of a line.
const LEAD: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = (40, 4);

    fn log(lines: usize) -> Log {
        let mut log = Log::default();
        for line in 0..lines {
            log.push(format!("line {line}"));
        }
        log
    }

    #[test]
    fn the_end_is_followed_unless_something_else_is_looked_at() {
        let mut log = log(10);
        let seen = |log: &Log, top| log.window(top, SIZE).0.join(",");
        assert_eq!(seen(&log, None), "line 6,line 7,line 8,line 9");
        let top = log.moved(None, -2, SIZE);
        assert_eq!(seen(&log, top), "line 4,line 5,line 6,line 7");
        log.push("line 10".to_owned());
        assert_eq!(seen(&log, top), "line 4,line 5,line 6,line 7");
        assert_eq!(seen(&log, None), "line 7,line 8,line 9,line 10");
        assert_eq!(log.moved(top, 2, SIZE), Some(6));
        assert_eq!(log.moved(top, 3, SIZE), None, "the end is followed again");
        assert_eq!(log.moved(None, -100, SIZE), Some(0));
    }

    #[test]
    fn what_fits_is_never_scrolled() {
        for lines in 0..=4 {
            let log = log(lines);
            assert_eq!(log.moved(None, -1, SIZE), None);
            assert_eq!(log.window(None, SIZE).0.len(), lines);
        }
    }

    #[test]
    fn long_lines_are_broken_and_their_end_is_seen() {
        let mut log = log(3);
        log.push("word ".repeat(40));
        log.push("the end".to_owned());
        let (rows, ..) = log.window(None, SIZE);
        assert_eq!((rows.len(), rows.last().map(String::as_str)), (1, Some("the end")));
        log.push("word ".repeat(40));
        assert_eq!(log.window(None, SIZE).0.len(), 4);
        assert_eq!(log.window(Some(3), SIZE).0.len(), 4);
        assert!(log.window(None, (1, 1)).0.len() <= 1);
        assert!(log.window(None, (0, 0)).0.is_empty());
    }

    #[test]
    fn the_oldest_lines_make_room_and_are_counted() {
        let mut log = log(MOST_LINES + 5);
        assert_eq!((log.dropped(), log.lines().count()), (5, MOST_LINES));
        assert_eq!(log.window(Some(0), SIZE).0[0], "line 5");
        assert_eq!(log.end(), MOST_LINES + 5);
        log.push("x".repeat(MOST_BYTES));
        assert_eq!(log.lines().count(), 1);
        log.push("y".to_owned());
        assert_eq!(log.lines().collect::<Vec<_>>(), ["y"]);
    }
}
