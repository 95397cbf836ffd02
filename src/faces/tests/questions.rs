//! The address and the vendor's own questions: each kind by keys, on the way and in the review.

use super::{ways::networked, *};
use crate::{
    answers::{FieldId, Told, question_path},
    profile::EndpointAnswer,
    wizard::{Input, Watch, page, way},
};

fn text(app: &App, index: u8) -> &str {
    app.form().field(Input::Answer(FieldId::Question(index))).text()
}

#[test]
fn keys_answer_each_kind_of_question() {
    use Page::{Address, Question, Review};
    let choice = Question(0);
    for (from, keys, answer, to) in [
        // A list: the ends hold, and letters look for what begins with them.
        (choice, "<down>", "us", choice),
        (choice, "<down><down><up>", "eu", choice),
        (choice, "u", "us", choice),
        (choice, "U<enter>", "us", Question(1)),
        (choice, "uux", "us", choice),
        (choice, "<f5><bs><c-u><left>", "eu", choice),
        (choice, "<esc>", "eu", Address),
        // A line with a pattern that may stay empty.
        (Question(1), "<c-u><enter>", "", Question(2)),
        (Question(1), "<c-u>ACME<enter>", "ACME", Question(1)),
        (Question(1), "<c-u>a.test<enter>", "a.test", Question(2)),
        // A number within bounds.
        (Question(2), "<c-u>x1-6<enter>", "16", Question(3)),
        (Question(2), "<c-u>17<enter>", "17", Question(2)),
        (Question(2), "<c-u><enter>", "", Question(2)),
        (Question(2), "<c-u>0<enter>", "0", Question(2)),
        (Question(2), "<c-u>123<enter>", "12", Question(3)),
        // Yes or no.
        (Question(3), "<down><enter>", "false", Question(4)),
        (Question(3), "n<up><enter>", "true", Question(4)),
        // A secret.
        (Question(4), "<enter>", "seven blue ferries", Review),
        (Question(4), "<c-u>short<enter>", "short", Question(4)),
        (Question(4), "<f2><enter>", "seven blue ferries", Review),
    ] {
        let mut app = at(from);
        play(&mut app, keys);
        let Question(index) = from else { unreachable!("a question") };
        assert_eq!((text(&app, index), app.page()), (answer, to), "{from:?} {keys}");
        assert!(!app.reveal() || app.page() == from, "{from:?} {keys}");
    }
}

#[test]
fn the_host_name_is_asked_for_where_the_profile_says_so() {
    for (keys, page) in [
        ("<enter>", Page::Question(0)),
        ("<c-u><enter>", Page::Address),
        ("<c-u>192.0.2.7<enter>", Page::Address),
        ("<c-u>a_b<enter>", Page::Address),
        ("<c-u>Appliance.Example<enter>", Page::Question(0)),
        ("<esc>", Page::Password),
    ] {
        let mut app = at(Page::Address);
        play(&mut app, keys);
        assert_eq!(app.page(), page, "{keys}");
    }
    let mut app = at(Page::Password);
    play(&mut app, "<enter><enter>");
    assert_eq!(app.page(), Page::Review, "the built-in profile does not ask");
}

/// A wizard that asks for a URL, on the page that does.
fn asked_for_a_url(settings: &str) -> App {
    let profile = format!("[license]\nurl = 'https://license.example'\n[endpoint]\nkind = 'url'\n{settings}");
    on(wizard(Profile::parse(&profile).expect("a sound profile"), COMPLETE), Page::Address)
}

#[test]
fn a_url_is_asked_for_where_the_profile_says_so() {
    for (keys, page) in [
        ("http://192.168.1.50:3000<enter>", Page::Review),
        ("http://[2001:db8::1]<enter>", Page::Review),
        ("<enter>", Page::Address),
        ("192.168.1.50<enter>", Page::Address),
        ("http://a.example/x<enter>", Page::Address),
        ("<esc>", Page::Password),
    ] {
        let mut app = asked_for_a_url("");
        play(&mut app, keys);
        assert_eq!(app.page(), page, "{keys}");
    }
    let mut app = asked_for_a_url("url = 'https://{hostname}/'");
    play(&mut app, "http://a.example:3000");
    keep("address_url", &screen(&mut app, 80, 24));
}

#[test]
fn what_the_machine_finds_out_is_proposed_with_its_reason() {
    let settings = "scheme = 'http'\nport = 3000\nsources = ['answer', 'interface']";
    let proposed = || networked(asked_for_a_url(settings));
    let endpoint = Input::Answer(FieldId::Endpoint);
    let reason = "This is the address of eth0, over which";
    for (keys, text, page) in [
        ("", "http://192.0.2.7:3000", Page::Address),
        ("<enter>", "http://192.0.2.7:3000", Page::Review),
        ("<c-u>https://a.example<enter>", "https://a.example", Page::Review),
        ("<c-u><enter>", "", Page::Address),
    ] {
        let mut app = proposed();
        play(&mut app, keys);
        // The network is looked at again with the checks: an answer stays.
        let mut app = networked(app);
        assert_eq!((app.form().field(endpoint).text(), app.page()), (text, page), "{keys}");
        app.put_on(Page::Address);
        let told = screen(&mut app, 80, 24);
        assert_eq!(told.contains(reason), text.contains("192.0.2.7"), "{told}");
    }
    keep("address_proposed", &screen(&mut proposed(), 80, 24));
    // An answer of the file's stays too, and what is asked anyway is asked with what was found.
    let profile = format!("[license]\nurl = 'https://license.example'\n[endpoint]\nkind = 'url'\n{settings}");
    for (given, text, page) in [
        ("\n[endpoint]\nurl = 'https://b.example'", "https://b.example", Page::Review),
        ("", "http://192.0.2.7:3000", Page::Address),
    ] {
        let profile = Profile::parse(&profile).expect("a sound profile");
        let mut app = networked(wizard(profile, &format!("{COMPLETE}{given}")));
        play(&mut app, "<enter>");
        assert_eq!((app.form().field(endpoint).text(), app.page()), (text, page), "{given}");
    }
}

#[test]
fn what_the_cloud_says_later_replaces_no_answer() {
    let cloud = |app: &mut App| {
        let facts = NetworkFacts { instance_address: Some([198, 51, 100, 7].into()), ..app.network().clone() };
        update(app, Msg::Reply(Reply::Network { facts }));
    };
    let settings = "scheme = 'http'\nsources = ['answer', 'metadata', 'interface']";
    let (before, after) = ("http://192.0.2.7", "http://198.51.100.7");
    for (page, keys, text) in [
        (Page::Welcome, "", after),
        (Page::Password, "", after),
        // Seen already, or confirmed.
        (Page::Address, "", before),
        (Page::Address, "<enter>", before),
        (Page::Address, "<c-u>http://a<enter>", "http://a"),
        // It will be seen once more.
        (Page::Address, "<esc>", after),
    ] {
        let mut app = networked(asked_for_a_url(settings));
        app.put_on(page);
        play(&mut app, keys);
        cloud(&mut app);
        let app = networked(app);
        assert_eq!(app.form().field(Input::Answer(FieldId::Endpoint)).text(), text, "{page:?} {keys}");
    }
}

#[test]
fn the_steps_are_counted_with_the_questions_that_are_asked() {
    let without = |left_out: &str| ANSWERED.split(left_out).map(str::to_owned).collect::<Vec<_>>().concat();
    for (given, keys, page, step) in [
        (ANSWERED.to_owned(), "<enter>", Page::Review, (2, 4)),
        (without("region='eu'\n"), "<enter>", Page::Question(0), (2, 5)),
        // What the profile prefills is looked at.
        (without("workers=4\n"), "<enter>", Page::Question(2), (2, 5)),
        (without("workers=4\n"), "<enter><enter>", Page::Review, (3, 5)),
        (without("hostname='appliance.acme.example'\n"), "<enter>", Page::Address, (2, 5)),
        // What may stay empty is asked, unless the file says that it does.
        (without("mail-domain='acme.example'\n"), "<enter>", Page::Question(1), (2, 5)),
        (ANSWERED.replace("'acme.example'", "''"), "<enter>", Page::Review, (2, 4)),
        // What will not do is asked again.
        (ANSWERED.replace("'eu'", "'asia'"), "<enter><enter>", Page::Question(0), (2, 5)),
        (ANSWERED.replace("workers=4", "workers=40"), "<enter><enter>", Page::Question(2), (2, 5)),
        (String::new(), "<enter>", Page::Address, (2, 10)),
    ] {
        let mut app = questioned(&format!("{COMPLETE}{given}"));
        play(&mut app, keys);
        assert_eq!((app.page(), way::step(&app)), (page, step), "{given} {keys}");
    }
}

#[test]
fn every_answer_is_changed_from_the_review() {
    let reviewed = || on(at(Page::Address), Page::Review);
    let pages: Vec<Page> = page::numbered(reviewed().profile()).collect();
    assert_eq!(pages.len(), 9, "code, administrator, password, address and five questions: {pages:?}");
    for (number, page) in (1..).zip(pages) {
        let mut app = reviewed();
        play(&mut app, &number.to_string());
        assert_eq!(app.page(), page, "{number}");
        play(&mut app, "<esc>");
        assert_eq!(app.page(), Page::Review, "{number}");
    }
    let mut app = at(Page::Review);
    play(&mut app, "4");
    assert_eq!(app.page(), Page::Review, "there are three");
    // Enter goes to what is missing, and comes back.
    let mut app = reviewed();
    play(&mut app, "7<c-u><esc>");
    play(&mut app, "<enter>");
    assert_eq!(app.page(), Page::Question(2));
    play(&mut app, "3<enter>");
    assert_eq!(app.page(), Page::Review);
}

#[test]
fn the_answers_of_the_run_are_those_on_the_screen() {
    let mut app = questioned(COMPLETE);
    let keys = "<enter>Appliance.acme.example<enter><down><enter><enter><c-u>8<enter><down><enter>a secret line<enter>";
    play(&mut app, keys);
    assert_eq!(app.page(), Page::Review);
    let effects = play(&mut app, "<enter>");
    let [Effect::Ask(Request::Start(answers))] = &effects[..] else { unreachable!("{effects:?}") };
    assert_eq!(
        answers.public.endpoint.as_ref().map(EndpointAnswer::to_string).as_deref(),
        Some("appliance.acme.example")
    );
    for (id, told) in [
        ("mail-domain", Told::Nothing),
        ("mail-password", Told::Secret),
        ("region", Told::Shown("eu".into())),
        ("telemetry", Told::Shown(true.into())),
        ("workers", Told::Shown(8.into())),
    ] {
        assert_eq!(*answers.public.told(id), told, "{id}");
    }
    assert_eq!(answers.secret.questions["mail-password"].expose(), "a secret line");
}

#[test]
fn nothing_is_pasted_into_a_list() {
    let mut app = at(Page::Question(0));
    update(&mut app, Msg::Paste("us".to_owned().into()));
    assert_eq!(text(&app, 0), "eu");
}

#[test]
fn a_list_that_does_not_fit_follows_what_is_chosen() {
    let choices: Vec<String> =
        (0..40).map(|index| format!("{{ value = 'v{index}', label = 'Entry {index}' }}")).collect();
    let question = format!(
        "[[question]]\nid='a'\nkind='choice'\nlabel='A'\noptional=true\nvalue='a'\nchoices=[{}]",
        choices.join(",")
    );
    let profile = format!("[license]\nurl='https://l.example'\n[bootstrap]\nchart='/c'\n{question}");
    let mut app = on(wizard(Profile::parse(&profile).expect("sound"), COMPLETE), Page::Question(0));
    assert!(screen(&mut app, 80, 24).contains("> (*) no answer"), "it may stay without one");
    for _ in 0..40 {
        play(&mut app, "<down>");
    }
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("> (*) Entry 39"), "{text}");
}

#[test]
fn a_failure_leads_to_the_answer_that_it_is_about() {
    let built_in = Profile::built_in();
    let questions = Profile::parse(QUESTIONS).expect("a sound profile");
    let workers = question_path(&questions.questions[2].id);
    for (profile, about, input) in [
        (&questions, Some(workers.as_str()), Some(Input::Answer(FieldId::Question(2)))),
        (&questions, Some("endpoint.hostname"), Some(Input::Answer(FieldId::Endpoint))),
        (&built_in, Some("install-code"), Some(Input::Answer(FieldId::InstallCode))),
        (&built_in, Some(workers.as_str()), None),
        (&built_in, None, None),
    ] {
        let failures = vec![Report { about: about.map(str::to_owned), ..report(ErrorId::ChartRefused) }];
        let mut run = Watch::default();
        run.begin();
        run.apply(&Event::Plan { steps: PLAN.to_vec() });
        run.apply(&Event::StepFailed { id: PLAN[0].id.clone(), failures, elapsed_ms: 1 });
        run.apply(&ended(ErrorId::ChartRefused, false));
        assert_eq!(run.answer_to_correct(profile), input, "{about:?}");
    }
}
