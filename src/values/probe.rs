//! What is asked of an HTTP address, what of its answer counts, and what of an answer will not do.

use std::{net::IpAddr, time::Duration};

use url::Url;

use super::SecretText;
use crate::words::{Phrase, said};

/// How an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of RFC 9110 section 9 and RFC 5789")]
pub enum Method {
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// Where that is, in the place of what its name resolves to; no proxy is the way then.
    pub connect_to: Option<IpAddr>,
    /// What is said besides, by the names of the headers.
    pub headers: Vec<(String, String)>,
    /// What lets us in (RFC 6750).
    pub bearer: Option<SecretText>,
    /// What is sent.
    pub content: Option<Content>,
    /// How long it has for its answer.
    pub patience: Duration,
    /// Whether somebody wants to know what the answer's body says.
    pub reads_body: bool,
}

/// What is sent with a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Content {
    /// Its content type.
    pub kind: &'static str,
    /// It may have a password in it.
    pub text: SecretText,
}

/// What an address answered.
#[derive(Debug, Default)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// The proxy whose own status this may be: on the way to `http` it speaks for whoever is behind it.
    pub proxy: Option<String>,
    /// What it says of its body's form.
    pub content_type: Option<String>,
    /// Its body as far as it was read; nobody repeats it.
    pub body: SecretText,
}

/// What an answer must be like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One of these.
    pub statuses: Statuses,
    /// The form of its body, without parameters.
    pub content_type: Option<String>,
    /// What must stand in its body.
    pub body: Option<String>,
}

/// Which statuses will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Statuses {
    /// Any that is no error.
    #[default]
    Good,
    /// Whoever answers is there.
    Any,
    /// One of these.
    Of(Vec<u16>),
}

/// What of an answer is not as it was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// It is an error.
    Status(u16),
    /// It is another one than those that were wanted.
    OtherStatus {
        /// What it is.
        status: u16,
        /// What would have done.
        wanted: Vec<u16>,
    },
    /// The status may be the proxy's own.
    OfProxy {
        /// What it is.
        status: u16,
        /// Host and port.
        proxy: String,
    },
    /// Its body has another form, such as a web page in the place of an API.
    ContentType {
        /// What it says; `None` when it says nothing.
        found: Option<String>,
        /// What would have done.
        wanted: String,
    },
    /// This does not stand in its body.
    Body(String),
}

said! { Mismatch:
    Self::Status(status) => "machine-probe-status" { status },
    Self::OtherStatus { status, wanted } => "machine-probe-other-status" { status, wanted: listed(wanted) },
    Self::OfProxy { status, proxy } => "machine-probe-proxy" { status, proxy },
    Self::ContentType { found: Some(found), wanted } => "machine-probe-content-type" { found, wanted },
    Self::ContentType { found: None, wanted } => "machine-probe-no-content-type" { wanted },
    Self::Body(wanted) => "machine-probe-body" { wanted, most: Response::MOST_BYTES / 1024 },
}

impl Method {
    /// As it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

impl Response {
    /// No more of a body is read.
    pub const MOST_BYTES: usize = 64 * 1024;
}

impl Statuses {
    /// Whether this one will do; `by_proxy` if it may be a proxy's own.
    fn have(&self, status: u16, by_proxy: bool) -> bool {
        match self {
            Self::Good => status < 400,
            // A proxy that refuses, wants a login or gets no answer says so itself: that is nobody's who is there.
            Self::Any => !by_proxy || !matches!(status, 403 | 407 | 500..),
            Self::Of(statuses) => statuses.contains(&status),
        }
    }
}

impl Wanted {
    /// Compares an answer with what is wanted.
    ///
    /// # Errors
    /// The first thing that is otherwise: a status says more than what comes with it.
    pub fn check(&self, response: &Response) -> Result<(), Mismatch> {
        let status = response.status;
        if !self.statuses.have(status, response.proxy.is_some()) {
            return Err(match (&response.proxy, &self.statuses) {
                (Some(proxy), _) => Mismatch::OfProxy { status, proxy: proxy.clone() },
                (None, Statuses::Of(wanted)) => Mismatch::OtherStatus { status, wanted: wanted.clone() },
                (None, _) => Mismatch::Status(status),
            });
        }
        if let Some(wanted) = &self.content_type {
            let found = response.content_type.as_deref().map(without_parameters).filter(|found| !found.is_empty());
            if !found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)) {
                let found = found.map(str::to_owned);
                return Err(Mismatch::ContentType { found, wanted: wanted.clone() });
            }
        }
        match &self.body {
            Some(wanted) if !response.body.expose().contains(wanted) => Err(Mismatch::Body(wanted.clone())),
            _ => Ok(()),
        }
    }
}

/// `text/html` of `text/html; charset=utf-8` (RFC 9110 section 8.3.1).
fn without_parameters(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// "200, 401". As texts: languages group the digits of numbers.
fn listed(statuses: &[u16]) -> Vec<Phrase> {
    statuses.iter().map(|status| status.to_string().into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of an answer with `text/html; charset=utf-8` and `<h1>Sign in</h1>` is told.
    fn told(status: u16, wanted: &Wanted) -> Result<(), String> {
        let response = Response {
            status,
            proxy: None,
            content_type: Some("Text/HTML; charset=utf-8".to_owned()),
            body: "<h1>Sign in</h1>".into(),
        };
        wanted.check(&response).map_err(|mismatch| mismatch.to_string())
    }

    #[test]
    fn an_answer_is_compared_with_what_is_wanted() {
        let good = Wanted::default();
        let any = Wanted { statuses: Statuses::Any, ..Wanted::default() };
        let some = Wanted { statuses: Statuses::Of(vec![200, 401]), ..Wanted::default() };
        let page = Wanted { content_type: Some("text/html".to_owned()), ..Wanted::default() };
        let api = Wanted { content_type: Some("application/json".to_owned()), ..Wanted::default() };
        let title = Wanted { body: Some("Sign in".to_owned()), ..Wanted::default() };
        let other = Wanted { body: Some("\"ok\"".to_owned()), ..Wanted::default() };
        let all = Wanted { statuses: Statuses::Of(vec![201]), ..api.clone() };
        for (status, wanted, expected) in [
            (200, &good, None),
            (302, &good, None),
            (400, &good, Some("it answers with status 400")),
            (503, &any, None),
            (401, &some, None),
            (302, &some, Some("it answers with status 302, and not with 200, 401")),
            (200, &page, None),
            (200, &api, Some("it answers with Text/HTML, and not with application/json")),
            (200, &title, None),
            (200, &other, Some("“\"ok\"” does not stand in the first 64 KiB of its answer")),
            // One thing at a time, the status first.
            (200, &all, Some("it answers with status 200, and not with 201")),
        ] {
            assert_eq!(told(status, wanted).err().as_deref(), expected, "{status} {wanted:?}");
        }
    }

    #[test]
    fn what_an_answer_does_not_say() {
        let api = Wanted { content_type: Some("application/json".to_owned()), ..Wanted::default() };
        for silent in [None, Some(String::new()), Some("; charset=utf-8".to_owned())] {
            let response = Response { status: 200, content_type: silent, ..Response::default() };
            let mismatch = api.check(&response).expect_err("it does not say");
            assert_eq!(mismatch.to_string(), "it answers without a content type, and not with application/json");
        }
    }

    #[test]
    fn a_proxys_own_status_is_no_answer_of_the_address() {
        let told = |status: u16, statuses: Statuses| {
            let proxy = Some("proxy.example:3128".to_owned());
            let response = Response { status, proxy, ..Response::default() };
            let wanted = Wanted { statuses, ..Wanted::default() };
            wanted.check(&response).map_err(|mismatch| mismatch.to_string())
        };
        let by_proxy = |status| Err(format!("by way of the proxy `proxy.example:3128` the answer is status {status}"));
        for (status, statuses, expected) in [
            (503, Statuses::Good, by_proxy(503)),
            (401, Statuses::Any, Ok(())),
            (404, Statuses::Any, Ok(())),
            (403, Statuses::Any, by_proxy(403)),
            (407, Statuses::Any, by_proxy(407)),
            (504, Statuses::Any, by_proxy(504)),
            (403, Statuses::Of(vec![403]), Ok(())),
            (404, Statuses::Of(vec![403]), by_proxy(404)),
        ] {
            assert_eq!(told(status, statuses.clone()), expected, "{status} {statuses:?}");
        }
    }
}
