//! The install code. What cannot be judged here is not: "looks complete" is all that is said.

use super::field;
use crate::tui::{app::App, form::Input, widgets::Body};

pub(super) fn body<'a>(app: &'a App, body: &mut Body<'a>) {
    let format = &app.profile.license.code;
    let brand = &app.profile.brand;
    body.say("Type or paste the install code. Capitals, spaces and dashes do not matter.");
    body.gap();
    let (have, want) = (app.form.field(Input::Code).length(), format.length());
    let state = if have < want {
        format!("{have} of {want} characters")
    } else {
        "looks complete; it will be checked when you confirm".to_owned()
    };
    field(app, body, Input::Code, &state);
    body.gap();
    body.say(&format!("Your install code is in {}.", brand.code_source));
    body.say(&format!("It looks like {}, and its characters are {}.", format.shape(), format.allowed()));
    body.gap();
    body.say(
        "It says whose appliance this becomes, and it works once. It is sent only after you confirm on the review \
         page, and only when every check has passed.",
    );
    body.gap();
    body.say(&format!("No code, or one that is refused? Ask {}.", brand.support));
}
