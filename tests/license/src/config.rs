//! What a service is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

use crate::certificates::Validity;
use crate::mail::Smtp;
use crate::store::{CODE_LIFETIME, Replays};
use crate::tokens::TokenForm;

/// What a service is started with. [`Config::new`] gives a service on a free local port; change the fields that matter.
#[derive(Debug, Clone)]
pub struct Config {
    /// The state directory; made when it is missing.
    pub state: PathBuf,
    /// Where to listen; port 0 means any free one.
    pub listen: SocketAddr,
    /// The URL that clients know the service by; the listening address when there is none.
    pub public_url: Option<String>,
    /// Further names and addresses of the certificate, besides `localhost`, `127.0.0.1` and `::1`.
    pub names: Vec<String>,
    /// The common name of the certificate authority; used when the state directory has no authority yet.
    pub ca_name: String,
    /// From when to when the server certificate is valid; a day ago until 397 days from now when nothing is said.
    pub leaf_validity: Option<Validity>,
    /// How far the service's clock is ahead of the system's. It moves everything but the certificates.
    pub clock_offset: SignedDuration,
    /// How long an install code is good for.
    pub code_lifetime: SignedDuration,
    /// How long a license token is good for.
    pub token_lifetime: SignedDuration,
    /// What a license token looks like.
    pub token_form: TokenForm,
    /// How long a download link is good for; zero makes links that have expired already.
    pub link_lifetime: SignedDuration,
    /// Who gets the grant of a claimed code again.
    pub replays: Replays,
    /// How many wrong codes one address may send; any number when nothing is said.
    pub wrong_codes: Option<WrongCodes>,
    /// Where mail is handed over; it stays in the outbox when nothing is said.
    pub smtp: Option<Smtp>,
}

/// How many wrong codes one address may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongCodes {
    /// As many as this …
    pub limit: u32,
    /// … within this time, from the first wrong one on.
    pub window: Duration,
}

impl Config {
    /// A service on a free port of 127.0.0.1, with the documented lifetimes, no limit on wrong codes and no mail delivery.
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            names: Vec::new(),
            ca_name: "License Service CA".to_owned(),
            leaf_validity: None,
            clock_offset: SignedDuration::ZERO,
            code_lifetime: CODE_LIFETIME,
            token_lifetime: SignedDuration::from_hours(30 * 24),
            token_form: TokenForm::default(),
            link_lifetime: SignedDuration::from_hours(7 * 24),
            replays: Replays::default(),
            wrong_codes: None,
            smtp: None,
        }
    }
}
