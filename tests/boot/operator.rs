//! Somebody at a console, who answers what is asked.

use crate::console::{Console, key};

/// What somebody types.
pub(crate) struct Operator<'a> {
    pub(crate) code: &'a str,
    pub(crate) password: &'a str,
}

/// Nobody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Operator<'_> {
    /// Answers each page, until the screen is as wanted. Two emulated processors with a control plane on them are slow: where that
    /// does not answer in time, it is tried again.
    pub(crate) async fn answer(&self, serial: &mut Console, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let mut answered = None;
        loop {
            serial.wait_for(what, |screen| wanted(screen) || asked(screen) != answered).await;
            if serial.read(&wanted) {
                return;
            }
            answered = serial.read(asked);
            if let Some(keys) = answered.as_deref().and_then(|page| self.keys(page)) {
                serial.press(&keys).await;
            }
        }
    }

    fn keys(&self, page: &str) -> Option<String> {
        let Self { code, password } = self;
        let fields: &[&str] = match page {
            "Welcome" | "Disk" | "Review" | "Done" | "On another terminal" | UNREACHABLE => &[""],
            "Install code" => &[code],
            "Administrator" => &["Kim", "Admin", "kim@acme.example", ""],
            "Password" => &[password, password],
            // A machine that has been set up.
            "Sign in" => &[password],
            _ => return None,
        };
        // What is in a field already goes.
        let clear = if fields == [""] { "" } else { key::CTRL_U };
        Some(fields.iter().flat_map(|field| [clear, field, key::ENTER]).collect())
    }
}

const UNREACHABLE: &str = "kubernetes-unreachable";

/// What is to be answered: a page, or a failure that passes.
fn asked(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    if text.contains(UNREACHABLE) {
        return Some(UNREACHABLE.to_owned());
    }
    // Whose password it is comes once that was looked up, and Enter does nothing before.
    title(screen).filter(|title| title != "Sign in" || text.contains("Administrator: "))
}

/// The title of the page.
pub(crate) fn title(screen: &vt100::Screen) -> Option<String> {
    let header = screen.rows(0, screen.size().1.get()).next()?;
    let (_brand, title) = header.split_once(" - ")?;
    Some(title.split("  ").next()?.to_owned())
}

/// Whether this page is on the screen.
pub(crate) fn is_at(page: &str) -> impl Fn(&vt100::Screen) -> bool {
    move |screen| title(screen).is_some_and(|title| title == page)
}
