//! How large a terminal is: what it says itself where that can be, else what the environment says, else 80 by 24.

use std::io;

use rustix::termios::tcgetwinsize;

use crate::screen::look::Environment;

/// What a terminal has that does not say more: as every page is made for.
const USUAL: (u16, u16) = (80, 24);

/// The most that is drawn on. A line that claims more says nonsense, and each cell of it would be memory.
const MOST: (u16, u16) = (500, 200);

/// The columns and rows of a terminal that does not know its own: serial lines, `docker exec` and BMCs say 0 by 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Otherwise {
    columns: u16,
    rows: u16,
}

impl Otherwise {
    /// `COLUMNS` and `LINES` (environ(7)), each where it is a number to draw on.
    pub(crate) fn of(environment: Environment<'_>) -> Self {
        let number = |text: &str, usual| text.trim().parse().ok().filter(|number| *number > 0).unwrap_or(usual);
        Self { columns: number(environment.columns, USUAL.0), rows: number(environment.lines, USUAL.1) }
    }

    /// The columns and rows to draw on, as things stand now: a terminal may learn its size later.
    pub(crate) fn size(self) -> (u16, u16) {
        let said = tcgetwinsize(io::stdout()).map_or((0, 0), |size| (size.ws_col, size.ws_row));
        self.unless(said)
    }

    /// What was `said`, each number where it can be.
    fn unless(self, (columns, rows): (u16, u16)) -> (u16, u16) {
        let or = |said, otherwise| if said == 0 { otherwise } else { said };
        drawable((or(columns, self.columns), or(rows, self.rows)))
    }
}

/// As much of a size as is drawn on.
pub(crate) fn drawable((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.min(MOST.0), rows.min(MOST.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_cannot_be_is_the_environments_or_the_usual_one() {
        for (columns, lines, said, drawn) in [
            ("", "", (0, 0), (80, 24)),
            ("", "", (0, 30), (80, 30)),
            ("", "", (100, 0), (100, 24)),
            ("132", "43", (0, 0), (132, 43)),
            ("132", "43", (60, 18), (60, 18)),
            ("132", "0", (0, 0), (132, 24)),
            ("-1", "many", (0, 0), (80, 24)),
            ("70000", "65535", (0, 0), (80, 200)),
            ("", "", (65535, 65535), (500, 200)),
            ("", "", (1, 1), (1, 1)),
        ] {
            let otherwise = Otherwise::of(Environment { columns, lines, ..Environment::default() });
            assert_eq!(otherwise.unless(said), drawn, "{columns:?} {lines:?} {said:?}");
        }
    }
}
