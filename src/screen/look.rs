//! What a terminal can show, told from its environment; pure, so that a table can test it.

use serde::{Deserialize, Serialize};

use crate::words::{Language, is_utf8};

/// What the environment says about the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Environment<'a> {
    /// Whether `NO_COLOR` is set and not empty (no-color.org).
    pub no_color: bool,
    /// `TERM`.
    pub term: &'a str,
    /// `COLORTERM`.
    pub colorterm: &'a str,
    /// The locale of characters: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set (locale(7)).
    pub characters: &'a str,
    /// Its device, such as `/dev/tty1` (ttyname(3)); empty without one.
    pub name: &'a str,
    /// `COLUMNS`.
    pub columns: &'a str,
    /// `LINES`.
    pub lines: &'a str,
    /// Whether lines are wanted also where more could be shown.
    pub plain: bool,
}

/// How many colours there are, from none to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Colours {
    /// None: bold and reverse video must do.
    #[default]
    None,
    /// The eight of ECMA-48.
    Eight,
    /// Those and their bright ones.
    Sixteen,
    /// A palette of 256.
    Indexed,
    /// 24 bits.
    True,
}

/// Which characters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Glyphs {
    /// ASCII alone.
    #[default]
    Ascii,
    /// Latin letters, lines and blocks, as in the fonts of the Linux console.
    Basic,
    /// Whatever a font of today has.
    Unicode,
}

/// What the terminal can show, and the language to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Look {
    pub colours: Colours,
    pub glyphs: Glyphs,
    /// The language of the locale.
    pub language: Language,
    /// Whether it is a virtual console of this machine, whose keyboard is this machine's (console(4)).
    pub virtual_console: bool,
    /// Whether everything is asked and told line by line, with nothing drawn.
    pub plain: bool,
}

impl Look {
    /// What `environment` can show; the texts are in `language`.
    #[must_use]
    pub(crate) fn of(environment: Environment<'_>, language: Language) -> Self {
        // Without a cursor that can be moved there is nothing to draw with.
        let plain = environment.plain || matches!(environment.term, "" | "dumb" | "unknown");
        // What reads the lines aloud has words for `[ok]`, and seldom for a tick.
        let most = if plain { Glyphs::Basic } else { Glyphs::Unicode };
        let (glyphs, virtual_console) = (glyphs(environment).min(most), is_virtual(environment.name));
        Self { colours: colours(environment), glyphs, language, virtual_console, plain }
    }
}

/// The first console is `/dev/tty1`, and `/dev/tty` itself is none (console(4)); serial lines are `/dev/ttyS0` and so on.
fn is_virtual(name: &str) -> bool {
    name.strip_prefix("/dev/tty").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// Terminals of which no colours are known have none: what is readable without is readable everywhere.
fn colours(environment: Environment<'_>) -> Colours {
    let Environment { no_color, term, colorterm, .. } = environment;
    let has = |parts: &[&str]| parts.iter().any(|part| term.contains(part));
    if no_color || is_plain(term) || has(&["mono"]) || term.ends_with("-m") {
        Colours::None
    } else if term.starts_with("linux") {
        // It takes other colours, and shows the nearest of those that it has.
        if has(&["16color"]) { Colours::Sixteen } else { Colours::Eight }
    } else if matches!(colorterm, "truecolor" | "24bit") || has(&["direct", "truecolor", "24bit"]) {
        Colours::True
    } else if has(&["256", "kitty", "alacritty", "foot", "ghostty", "wezterm"]) {
        Colours::Indexed
    } else if has(&["16color", "88color"]) || !colorterm.is_empty() {
        Colours::Sixteen
    } else if has(&["xterm", "screen", "tmux", "rxvt", "ansi", "cygwin", "putty", "konsole", "color"]) {
        Colours::Eight
    } else {
        Colours::None
    }
}

fn glyphs(environment: Environment<'_>) -> Glyphs {
    match environment.term {
        term if !is_utf8(environment.characters) || is_plain(term) || term.starts_with("ansi") => Glyphs::Ascii,
        term if term.starts_with("linux") => Glyphs::Basic,
        _ => Glyphs::Unicode,
    }
}

/// Unknown, dumb, or one of DEC's (`vt100`, `vt220`): also what a serial line calls itself.
fn is_plain(term: &str) -> bool {
    let dec = term.strip_prefix("vt").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    dec || matches!(term, "" | "dumb" | "unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_characters_of_terminals() {
        use Colours::{Eight, Indexed, None, Sixteen, True};
        use Glyphs::{Ascii, Basic, Unicode};
        for (term, colorterm, characters, wanted) in [
            ("", "", "en_GB.UTF-8", (None, Ascii)),
            ("dumb", "truecolor", "en_GB.UTF-8", (None, Ascii)),
            ("unknown", "", "C.UTF-8", (None, Ascii)),
            ("vt52", "", "C.UTF-8", (None, Ascii)),
            ("vt100", "truecolor", "C.UTF-8", (None, Ascii)),
            ("vt220", "", "", (None, Ascii)),
            ("linux", "", "de_DE.UTF-8", (Eight, Basic)),
            ("linux", "truecolor", "", (Eight, Ascii)),
            ("linux-16color", "", "C.utf8", (Sixteen, Basic)),
            ("linux-m", "", "C.utf8", (None, Basic)),
            ("ansi", "", "C.UTF-8", (Eight, Ascii)),
            ("xterm", "", "C", (Eight, Ascii)),
            ("xterm", "yes", "POSIX", (Sixteen, Ascii)),
            ("xterm", "truecolor", "en_US.UTF-8", (True, Unicode)),
            ("xterm-mono", "", "en_US.UTF-8", (None, Unicode)),
            ("xterm-16color", "", "en_US.UTF-8", (Sixteen, Unicode)),
            ("xterm-256color", "", "en_US.utf8", (Indexed, Unicode)),
            ("xterm-256color", "24bit", "en_US.UTF-8@euro", (True, Unicode)),
            ("xterm-direct", "", "en_US.ISO-8859-1", (True, Ascii)),
            ("xterm-kitty", "", "UTF-8", (Indexed, Ascii)),
            ("screen", "", "de_AT.UTF-8", (Eight, Unicode)),
            ("tmux-256color", "", "de_AT.UTF-8", (Indexed, Unicode)),
            ("rxvt-88color", "", "de_AT@euro", (Sixteen, Ascii)),
            ("something-else", "", "C.UTF-8", (None, Unicode)),
        ] {
            let environment = Environment { term, colorterm, characters, ..Environment::default() };
            assert_eq!((colours(environment), glyphs(environment)), wanted, "{environment:?}");
            let without = Environment { no_color: true, ..environment };
            assert_eq!((colours(without), glyphs(without)), (None, wanted.1), "{without:?}");
        }
    }

    #[test]
    fn only_the_machines_own_consoles_are_virtual() {
        for (name, is) in [
            ("/dev/tty1", true),
            ("/dev/tty63", true),
            ("/dev/ttyS0", false),
            ("/dev/tty", false),
            ("/dev/pts/0", false),
            ("", false),
        ] {
            assert_eq!(is_virtual(name), is, "{name}");
        }
    }

    #[test]
    fn lines_are_the_choice_where_nothing_can_be_drawn_and_where_they_are_wanted() {
        for (term, wanted, plain) in [
            ("", false, true),
            ("dumb", false, true),
            ("unknown", false, true),
            ("vt52", false, false),
            ("linux", false, false),
            ("xterm", true, true),
        ] {
            let environment = Environment { term, characters: "C.UTF-8", plain: wanted, ..Environment::default() };
            let look = Look::of(environment, Language::English);
            assert_eq!(
                (look.plain, look.glyphs < Glyphs::Unicode),
                (plain, plain || term == "vt52" || term == "linux")
            );
        }
    }
}
