//! This machine's clock, when it is wrong.

use crate::{
    error::{ErrorId, Report},
    pages::failure,
    screen::{Body, FieldRow, Mark, Theme, text::sentence},
    wizard::{App, own::Setting},
    words::{id, phrase},
};

/// What is wrong with what was typed, as a sentence.
pub(super) fn objection(app: &App) -> Option<String> {
    let is_unknown = app.clock().setting == Setting::Unknown;
    is_unknown.then(|| sentence(&app.words().say(id!("set-clock-time-form"))))
}

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let page = app.clock();
    body.say(id!("clock-why"));
    body.gap();
    body.field(FieldRow { label: app.words().say(id!("clock-by")), field: &page.by, focused: true, reveal: false });
    let (text, style) = match &page.setting {
        Setting::Not => (phrase!("clock-names"), Theme::plain()),
        Setting::Unknown => (phrase!("set-clock-time-form"), body.theme.bad()),
        Setting::UnderWay => (phrase!("clock-under-way"), body.theme.busy()),
        Setting::Done(done) => (done.clone(), body.theme.good()),
        Setting::Failed(report) => (report.message.clone(), body.theme.bad()),
    };
    body.below_field(text, style);
    body.gap();
    match &page.setting {
        Setting::Failed(report) => body.say(failure::hint(report)),
        Setting::Done(_) => body.say(id!("clock-on")),
        Setting::Not | Setting::Unknown | Setting::UnderWay => {
            let run = app.run().into_iter().flat_map(|run| &run.failures);
            let wrong = |report: &&Report| report.id == ErrorId::ClockWrong;
            if let Some(report) = app.checks().failures.iter().chain(run).find(wrong) {
                body.styled(body.theme.mark(Mark::Failed), failure::sentence(report), body.theme.bad());
                body.below(failure::hint(report), Theme::plain());
            }
        }
    }
    body.gap();
    body.say(id!("clock-how"));
}
