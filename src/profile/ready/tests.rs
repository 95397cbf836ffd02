//! What is to answer, and every problem with it at once.

use super::*;
use crate::profile::Profile;

/// What is wrong with these entries, line by line.
fn problems_of(text: &str) -> String {
    let text = format!("[license]\nurl = 'https://license.example'\n{text}");
    let problems = Profile::parse(&text).expect_err("wrong throughout");
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_wanted_of_an_answer() {
    let probe = |text: &str| {
        let text = format!("[license]\nurl = 'https://license.example'\n[endpoint]\nask = true\n[[ready]]\n{text}");
        Profile::parse(&text).expect("sound").ready.remove(0)
    };
    let least = probe("url = 'http://127.0.0.1'");
    assert_eq!((least.kind, least.method, &least.wanted), (ProbeKind::Present, Method::Get, &Wanted::default()));
    assert_eq!((least.name, least.headers.len()), (None, 0));
    assert_eq!(probe("url = 'http://a'\nstatus = 401").wanted.statuses, Statuses::Of(vec![401]));
    assert_eq!(probe("url = 'http://a'\nstatus = [200, 401]").wanted.statuses, Statuses::Of(vec![200, 401]));
    let absent = probe("url = 'http://a'\nabsent = true");
    assert_eq!((absent.kind, absent.wanted.statuses), (ProbeKind::Absent, Statuses::Of(vec![403, 404])));
    assert_eq!(probe("url = 'http://a'\nabsent = true\nstatus = 421").wanted.statuses, Statuses::Of(vec![421]));
    let named = probe("url = 'https://{hostname}/'\nheaders = { Host = 'api.{hostname}' }");
    let own = "https://appliance.acme.example".parse().expect("an address");
    assert_eq!(named.url.of(Some(&own)).expect("an address").as_str(), "https://appliance.acme.example/");
    let said = [("Host".to_owned(), "api.appliance.acme.example".to_owned())];
    assert_eq!(named.headers(Some(&own)).as_deref(), Some(&said[..]));
    assert_eq!((named.url.of(None), named.headers(None)), (None, None));
}

#[test]
fn every_problem_with_what_is_wanted_of_an_answer() {
    let text = "\
[[ready]]
url = 'https://{hostname}/'
method = 'DELETE'
status = 99
content-type = 'application/json; charset=utf-8'
body = ''
headers = { 'Content-Length' = '7', 'X Y' = 'z', Good = \"a\\nb\", Host = '{hostname}' }
absent = 'no'
[[ready]]
url = 'health'
method = 'HEAD'
status = [200, 600]
body = 'ok'
[[ready]]
status = []
contenttype = 'x'
[[ready]]
url = 'http://a'
status = ['200']
method = 'HEAD'
body = 'ok'
headers = 7
";
    insta::assert_snapshot!(problems_of(text), @"
    4:7 ready[0].url: needs `ask = true`: `{hostname}` stands for the answer
    5:10 ready[0].method: must be `GET`, `HEAD`, `OPTIONS` or `POST`
    6:10 ready[0].status: must be a status from 200 to 599, or a list of them
    7:16 ready[0].content-type: is not a content type without parameters, such as `application/json`
    8:8 ready[0].body: is empty
    9:11 ready[0].headers: needs `ask = true`: `{hostname}` stands for the answer
    9:32 ready[0].headers.Content-Length: is no header of a request: a name and a value as HTTP allows them, and none that says how a body is framed
    9:45 ready[0].headers.X Y: is no header of a request: a name and a value as HTTP allows them, and none that says how a body is framed
    9:57 ready[0].headers.Good: is no header of a request: a name and a value as HTTP allows them, and none that says how a body is framed
    10:10 ready[0].absent: must be `true` or `false`, not a string
    12:7 ready[1].url: is not an `http://` or `https://` address
    14:10 ready[1].status: must be a status from 200 to 599, or a list of them
    15:8 ready[1].body: is never there: an answer to `HEAD` has no body
    16:1 ready[2].url: is missing
      hint: the address that answers once the appliance is up
    17:10 ready[2].status: must be a status from 200 to 599, or a list of them
    18:1 ready[2].contenttype: is not a known key
      hint: did you mean `content-type`?
    21:10 ready[3].status: must be a whole number, or a list of them, not an array
    23:8 ready[3].body: is never there: an answer to `HEAD` has no body
    24:11 ready[3].headers: must be a table (`[ready[3].headers]`), not an integer
    ");
}

#[test]
fn what_the_bootstrap_needs() {
    let text = "[license]\nurl = 'https://license.example'\n[[reach]]\nurl = 'https://registry.example/v2/'\n[[reach]]\n\
                name = 'the mirror'\nurl = 'http://mirror.example'\nstatus = 200\ntimeout-seconds = 3\n";
    let reach = Profile::parse(text).expect("sound").reach;
    assert_eq!((reach[0].wanted().statuses, reach[0].timeout), (Statuses::Any, Duration::from_secs(10)));
    assert_eq!((reach[1].wanted().statuses, reach[1].timeout), (Statuses::Of(vec![200]), Duration::from_secs(3)));
    insta::assert_snapshot!(problems_of("[[reach]]\nname = ''\nurl = 'registry'\nstatus = 7\n[[reach]]\nmethod = 'GET'\n"), @"
    4:8 reach[0].name: is empty
    5:7 reach[0].url: is not an `http://` or `https://` address
    6:10 reach[0].status: must be a status from 200 to 599, or a list of them
    7:1 reach[1].url: is missing
      hint: the address that the bootstrap needs
    8:1 reach[1].method: is not a known key
      hint: known here: name, url, status, timeout-seconds
    ");
}

#[test]
fn how_somebody_signs_in() {
    let text = crate::profile::built_in_text();
    let example = text.lines().find_map(|line| line.strip_prefix("# login = ")).expect("an example");
    let probe = |login: &str| {
        let text = format!(
            "[license]\nurl = 'https://license.example'\n[endpoint]\nask = true\n[[ready]]\ncontent-type = 'text/html'\n\
             login = {login}\n"
        );
        Profile::parse(&text).expect("sound").ready.remove(0)
    };
    let own = "https://appliance.acme.example".parse().expect("an address");
    let json = probe(example);
    let fields = Fields::Json(json!({"email": "{email}", "password": "{password}"}));
    assert_eq!((json.kind, json.method), (ProbeKind::Login(fields), Method::Post));
    assert_eq!(json.url.of(Some(&own)).map(String::from).as_deref(), Some("https://appliance.acme.example/api/login"));
    assert_eq!(json.wanted.statuses, Statuses::Of(vec![200]));
    assert_eq!(json.wanted.content_type.as_deref(), Some("text/html"));
    let form = probe("{ url = 'http://127.0.0.1/', method = 'PUT', form = { p = '{password}' }, status = [302, 303] }");
    let fields = Fields::Form([("p".to_owned(), "{password}".to_owned())].into());
    assert_eq!((form.kind, form.method), (ProbeKind::Login(fields), Method::Put));
    assert_eq!(form.wanted.statuses, Statuses::Of(vec![302, 303]));
    for url in ["http://localhost:8080/", "http://[::1]/", "http://127.9.9.9/", "http://api.localhost/"] {
        probe(&format!("{{ url = '{url}', json = {{ a = [1, {{ b = 'x{{password}}' }}] }} }}"));
    }
}

#[test]
fn every_problem_with_how_somebody_signs_in() {
    let text = "\
[[ready]]
url = 'https://a/{password}'
body = '{email}'
headers = { A = 'x{password}' }
login = { url = 'https://{hostname}/', json = { p = '{password}' } }
[[ready]]
method = 'GET'
status = 200
absent = true
login = { url = 'http://appliance.example/login', method = 'GET', json = { p = 'x' }, form = { p = 'x' }, status = 7 }
[[ready]]
login = { method = 'POST', from = { p = '{password}' } }
[[ready]]
login = { url = 'http://10.0.0.7/', form = { p = 1, q = '{email}' } }
[[ready]]
login = { url = 'https://{hostname}/', json = { p = '{password}', at = 2020-01-01 } }
[[ready]]
login = { url = 'https://{hostname}/', json = '{password}' }
[[ready]]
login = { url = 'https://{hostname}/', json = { p = '{password}' } }
[[ready]]
login = 7
";
    insta::assert_snapshot!(problems_of(text), @"
    4:7 ready[0].url: has `{email}` or `{password}` in it, which may stand in `json` and `form` of a `login` alone
    5:8 ready[0].body: has `{email}` or `{password}` in it, which may stand in `json` and `form` of a `login` alone
    6:17 ready[0].headers.A: has `{email}` or `{password}` in it, which may stand in `json` and `form` of a `login` alone
    7:9 ready[0].login: use one of `url` and `login`, not both
    7:17 ready[0].login.url: needs `ask = true`: `{hostname}` stands for the answer
    9:10 ready[1].method: is not for an entry with `login`, which has a `method` and a `status` of its own
    10:10 ready[1].status: is not for an entry with `login`, which has a `method` and a `status` of its own
    11:10 ready[1].absent: is not for an entry with `login`, which has a `method` and a `status` of its own
    12:17 ready[1].login.url: would send the password without TLS: use `https://`; `http://` only for `localhost` and addresses such as `127.0.0.1`
    12:60 ready[1].login.method: must be `POST`, `PUT` or `PATCH`
    12:94 ready[1].login.form: use one of `json` and `form`, not both
    12:116 ready[1].login.status: must be a status from 200 to 599, or a list of them
    14:9 ready[2].login.url: is missing
      hint: where the administrator signs in
    14:9 ready[2].login.json: is missing
      hint: what is sent to sign in: `json` or `form`
    14:28 ready[2].login.from: is not a known key
      hint: did you mean `form`?
    16:17 ready[3].login.url: would send the password without TLS: use `https://`; `http://` only for `localhost` and addresses such as `127.0.0.1`
    16:44 ready[3].login.form: has `{password}` in none of its texts: nothing would be proved
    16:50 ready[3].login.form.p: must be a string in quotes, not an integer
    18:47 ready[4].login.json: has something in it that has no form in JSON, such as a time
    20:47 ready[5].login.json: must be a table (`[ready[5].login.json]`), not a string
    22:17 ready[6].login.url: needs `ask = true`: `{hostname}` stands for the answer
    24:9 ready[7].login: must be a table (`[ready[7].login]`), not an integer
    ");
}

#[test]
fn where_an_address_is_that_has_a_name() {
    let entry = |connect_to: &str, rest: &str| format!("[[ready]]\nconnect-to = '{connect_to}'\n{rest}\n");
    let login = |url: &str| format!("login = {{ url = '{url}', json = {{ p = '{{password}}' }} }}");
    let (named, local) = (login("https://a.example/"), login("http://localhost/"));
    let good =
        [entry("127.0.0.1", "url = 'http://a.example'"), entry("fd00::7", &named), entry("::1", &local)].concat();
    let text = format!("[license]\nurl = 'https://license.example'\n{good}");
    let given: Vec<_> = Profile::parse(&text).expect("sound").ready.into_iter().map(|probe| probe.connect_to).collect();
    assert_eq!(given, ["127.0.0.1", "fd00::7", "::1"].map(|address| address.parse().ok()));
    let bad = [
        entry("localhost", "url = 'http://a.example'"),
        entry("127.0.0.1", "url = 'http://10.0.0.7'"),
        // What is said in the clear would leave the machine.
        entry("10.0.0.7", &local),
    ];
    insta::assert_snapshot!(problems_of(&bad.concat()), @"
    4:14 ready[0].connect-to: is not an IP address
    7:14 ready[1].connect-to: needs a name in the address that is asked: it stands in the place of what that resolves to
    10:14 ready[2].connect-to: would send the password without TLS: use `https://`; `http://` only for `localhost` and addresses such as `127.0.0.1`
    ");
}
