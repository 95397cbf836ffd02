//! Array `[[ready]]`: what answers once the appliance is up, what must not, and how somebody signs in.

mod address;
mod login;

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};

use super::{
    endpoint::Endpoint,
    kinds::{boolean, line, map, one_of, seconds, statuses, text},
    setting::{Form, Setting, Visit, described_tables, optional_table},
};
use crate::{
    document::Section,
    values::{Address, Line, Method, Statuses, Wanted},
    words::{Phrase, phrase},
};

pub use address::{OwnText, ProbeUrl, is_private};
pub use login::{Fields, Login};

use address::{BEGINNING, is_for_login};

/// Something that answers once the appliance is up, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// For people.
    pub name: Option<Line>,
    /// How long it may take.
    pub timeout: Duration,
    /// What is to be found out.
    pub kind: ProbeKind,
    /// How it is asked.
    pub method: Method,
    /// Where it is asked.
    pub url: ProbeUrl,
    /// Where that is, in the place of what its name resolves to.
    pub connect_to: Option<IpAddr>,
    /// What is said besides.
    pub headers: BTreeMap<String, OwnText>,
    /// What an answer must be like.
    pub wanted: Wanted,
}

/// What is to be found out of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeKind {
    /// That it answers as it should.
    Present,
    /// That it cannot be reached: nothing answers, or an answer says so.
    Absent,
    /// That it takes the administrator's password, with which this is sent.
    Login(Fields),
}

impl Probe {
    /// What answers there, for people.
    pub fn name(&self) -> Phrase {
        self.name.as_ref().map_or_else(|| phrase!("ready-appliance"), |name| name.as_str().into())
    }

    /// What is said besides; `None` when it needs the appliance's own address, and that is not known.
    pub fn headers(&self, own: Option<&Address>) -> Option<Vec<(String, String)>> {
        let header = |(name, value): (&String, &OwnText)| Some((name.clone(), value.of(own)?));
        self.headers.iter().map(header).collect()
    }
}

/// All of them. An address that nobody will know cannot stand in them.
pub(super) fn probes(endpoint: Option<&Endpoint>) -> impl Setting<Vec<Probe>> {
    let asks = endpoint.is_none_or(|endpoint| endpoint.ask || endpoint.address(None).is_some());
    let read = move |mut table: Section<'_>| {
        let probe = probe(&mut Visit::Read(&mut table));
        if let Some(probe) = &probe {
            compare(&table, probe, asks);
        }
        table.finish();
        probe
    };
    move |visit: &mut Visit<'_, '_>| {
        let probes = visit.key(
            || described_tables("ready", false, probe),
            |section| Some(section.sections("ready").into_iter().filter_map(read).collect()),
        );
        visit.schema(|schema| {
            let own = ["method", "status", "absent"].map(|key| (key.to_owned(), false.into()));
            let own = Value::Object(own.into_iter().collect());
            let login = json!({"required": ["login"], "properties": own});
            schema["items"]["oneOf"] = json!([{"required": ["url"]}, login]);
        });
        probes
    }
}

/// What only all of an entry tells; `asks` if the appliance's own address will be known.
fn compare(table: &Section<'_>, probe: &Probe, asks: bool) {
    let is_login = matches!(probe.kind, ProbeKind::Login(_));
    if let Some(hostname) = probe.url.needs().filter(|_| !asks) {
        table.wrong(if is_login { "login.url" } else { "url" }, phrase!("profile-url-unasked" { hostname }));
    }
    if let Some(hostname) = probe.headers.values().find_map(OwnText::needs).filter(|_| !asks) {
        table.wrong("headers", phrase!("profile-url-unasked" { hostname }));
    }
    match probe.connect_to {
        Some(_) if !probe.url.has_name() => table.wrong("connect-to", phrase!("profile-connect-to-name")),
        // A name of this machine may not lead out of it.
        Some(address) if is_login && !probe.url.is_tls() && !address.is_loopback() => {
            table.wrong("connect-to", phrase!("profile-login-plain"));
        }
        _ => {}
    }
}

fn probe(visit: &mut Visit<'_, '_>) -> Option<Probe> {
    let name = visit.setting("For people; called the appliance when it is left out.", line("name").optional("console"));
    let timeout = visit.setting("How long it may take until it is so.", seconds("timeout-seconds").or(300));
    let asked = asked(visit);
    let about = "An IP address in the place of what the name in the address resolves to, where it may not be in the DNS yet. \
                 Host and certificate are still the name's.";
    let connect_to = text("connect-to", json!({"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}), |text| {
        text.parse::<IpAddr>().map_err(|_form| phrase!("profile-connect-to"))
    });
    let connect_to = visit.setting(about, connect_to.optional("127.0.0.1"));
    let about = "The content type that it must answer with; a web page in the place of an API will not do then.";
    let content_type = visit.setting(about, content_type().optional("application/json"));
    let body = text("body", json!({"minLength": 1}), |text| match text {
        "" => Err(phrase!("value-empty" { what: Phrase::OPEN })),
        text if is_for_login(text) => Err(phrase!("profile-login-only")),
        text => Ok(text.to_owned()),
    });
    let body = visit.setting("What must stand in the first 64 KiB of its answer.", body.optional("\"status\":\"ok\""));
    let about =
        "What the request says besides, such as the host that a route is for; `{host}` and the like as in the address.";
    let headers = visit.setting(about, map("headers", &["string"], json!({"Host": "api.example"}), headers));
    let (kind, method, url, statuses) = asked?;
    let wanted = Wanted { statuses, content_type: content_type?, body: body? };
    let (name, timeout, connect_to, headers) = (name?, timeout?, connect_to?, headers?);
    Some(Probe { name, timeout, kind, method, url, connect_to, headers, wanted })
}

/// What is asked, and which statuses it may answer with.
fn asked(visit: &mut Visit<'_, '_>) -> Option<(ProbeKind, Method, ProbeUrl, Statuses)> {
    let url = address("url").optional("https://127.0.0.1/health");
    let url = visit.setting("Where it is asked; `{url}`, `{origin}`, `{scheme}`, `{host}` and `{port}` stand for the appliance's own address.", url);
    let method = visit.setting("How it is asked: `GET`, `HEAD`, `OPTIONS`, `POST`.", method());
    let about = "Which it must answer with, one or several. When it is left out: any below 400; where it must be absent, \
                 403 and 404.";
    let statuses = visit.setting(about, statuses("status").optional(json!([200, 401])));
    let about = "Whether it must not be reachable: then nothing may answer, or only with such a status. Asked after the \
                 others are ready.";
    let absent = visit.setting(about, boolean("absent").or(false));
    let about = "In the place of `url`: how the administrator signs in, with the password that was chosen (`json` or \
                 `form`). Asked last, with a status of 200 if it does not say another (`status`).";
    let login = visit.setting(about, |visit: &mut Visit<'_, '_>| {
        let login = optional_table("login", Login::visit)(visit);
        visit.example(login::example);
        visit.schema(|schema| schema["oneOf"] = json!([{"required": ["json"]}, {"required": ["form"]}]));
        login
    });
    let Visit::Read(section) = visit else { return None };
    match (section.has("url"), section.has("login")) {
        (true, true) => section.wrong("login", phrase!("profile-ready-two")),
        (false, false) => section.missing("url", phrase!("profile-ready-hint")),
        (false, true) => {
            for key in ["method", "status", "absent"].into_iter().filter(|key| section.has(key)) {
                section.wrong(key, phrase!("profile-ready-login"));
            }
        }
        (true, false) if method == Some(Method::Head) && section.has("body") => {
            section.wrong("body", phrase!("profile-head-body"));
        }
        (true, false) => {}
    }
    match (url?, login?, statuses?) {
        (None, Some(Login { url, method, fields, statuses }), _) => {
            Some((ProbeKind::Login(fields), method, url, statuses))
        }
        (Some(url), None, statuses) if absent? => {
            let absent = || Statuses::Of(vec![403, 404]);
            Some((ProbeKind::Absent, method?, url, statuses.unwrap_or_else(absent)))
        }
        (Some(url), None, statuses) => Some((ProbeKind::Present, method?, url, statuses.unwrap_or_default())),
        _ => None,
    }
}

fn address(key: &'static str) -> Form<ProbeUrl> {
    text(key, json!({"pattern": BEGINNING}), ProbeUrl::parse)
}

fn method() -> impl Setting<Method> {
    let methods = &[("GET", Method::Get), ("HEAD", Method::Head), ("OPTIONS", Method::Options), ("POST", Method::Post)];
    one_of("method", methods, phrase!("profile-methods")).or("GET")
}

/// A media type without parameters (RFC 9110 section 8.3.1).
fn content_type() -> Form<String> {
    text("content-type", json!({"pattern": "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$"}), |text| {
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c));
        let parts = text.split_once('/').filter(|(kind, form)| is_name(kind) && is_name(form));
        parts.map(|_| text.to_owned()).ok_or_else(|| phrase!("profile-content-type"))
    })
}

/// What may be said besides; how a body is framed is not for a profile to say.
fn headers(section: &mut Section<'_>) -> BTreeMap<String, OwnText> {
    let framing = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];
    let mut headers = BTreeMap::new();
    for (name, given) in section.texts("headers") {
        let known = HeaderName::try_from(name.as_str());
        let is_sound = HeaderValue::from_str(&given.value).is_ok();
        if is_for_login(&given.value) {
            section.report(given.problem(phrase!("profile-login-only")));
        } else if is_sound && known.is_ok_and(|known| !framing.contains(&known)) {
            match OwnText::parse(&given.value) {
                Ok(text) => drop(headers.insert(name, text)),
                Err(reason) => section.report(given.problem(reason)),
            }
        } else {
            section.report(given.problem(phrase!("profile-header")));
        }
    }
    headers
}

#[cfg(test)]
mod tests;
