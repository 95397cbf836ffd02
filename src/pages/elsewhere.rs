//! Another terminal of this machine leads. Nothing of what is typed there is told.

use crate::{
    screen::Body,
    setup::Leader,
    wizard::App,
    words::{Phrase, id, phrase},
};

pub(super) fn body(app: &App, body: &mut Body<'_>) {
    match app.elsewhere().leader() {
        Leader::Another { busy, doing: Some(doing), .. } => {
            body.stress(id!("elsewhere-itself"));
            body.gap();
            body.say(doing.clone());
            body.gap();
            body.say(if *busy { id!("elsewhere-itself-wait") } else { id!("elsewhere-itself-how") });
        }
        Leader::Another { terminal, busy, doing: None } => {
            let terminal = if terminal.is_empty() { id!("elsewhere-unknown").into() } else { Phrase::from(terminal) };
            if *busy {
                body.stress(phrase!("elsewhere-busy" { terminal }));
                body.gap();
                body.say(id!("elsewhere-wait"));
            } else {
                body.stress(phrase!("elsewhere-leads" { terminal }));
                body.gap();
                body.say(if app.elsewhere().is_wanted() { id!("elsewhere-wanted") } else { id!("elsewhere-how") });
            }
        }
        Leader::Nobody | Leader::Us | Leader::Finished => {
            body.stress(id!("elsewhere-nobody"));
            body.gap();
            body.say(id!("elsewhere-free"));
        }
    }
}
