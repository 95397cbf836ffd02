//! The journal as it stands in its file.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::Error};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::intent::Intent;
use crate::{
    values::{ApplianceId, End, Received},
    world::Moment,
};

/// From 2 on an intent names its license service, from 3 on it says what became of it, from 4 on an answer is what came
/// byte by byte, and there can be several.
pub(super) const VERSION: u32 = 4;

/// What an answer needs at most: in base64, with what its headers say.
pub(super) const MOST_OF_AN_ANSWER: u64 = (Received::MOST_BYTES as u64).div_ceil(3) * 4 + 4096;

#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    pub(super) version: u32,
    pub(super) intents: Vec<IntentWire>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct IntentWire {
    key: Uuid,
    fingerprint: String,
    appliance_id: ApplianceId,
    at: Timestamp,
    #[serde(default)]
    service: Option<String>,
    answer: Option<AnswerWire>,
    #[serde(default)]
    unread: Vec<AnswerWire>,
    #[serde(default)]
    settled: Option<Moment>,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    set_aside: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum AnswerWire {
    /// Of an older version, which kept what it could read.
    Text(Zeroizing<String>),
    Received(ReceivedWire),
}

#[derive(Serialize, Deserialize)]
struct ReceivedWire {
    body: Zeroizing<String>,
    /// Whether `body` is base64; else it is the text that came.
    base64: bool,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    coding: String,
    end: End,
}

impl From<&Received> for AnswerWire {
    fn from(received: &Received) -> Self {
        let Received { body, kind, coding, end } = received.clone();
        let packed = Zeroizing::new(STANDARD.encode(body.as_slice()));
        // JSON makes up to six characters of one: then base64 is shorter, and its length is known beforehand.
        let is_short = |text: &&str| serde_json::to_string(text).is_ok_and(|quoted| quoted.len() <= packed.len() + 2);
        let text = str::from_utf8(&body).ok().filter(is_short).map(|text| Zeroizing::new(text.to_owned()));
        let base64 = text.is_none();
        Self::Received(ReceivedWire { body: text.unwrap_or(packed), base64, kind, coding, end })
    }
}

impl TryFrom<AnswerWire> for Received {
    type Error = serde_json::Error;

    fn try_from(wire: AnswerWire) -> Result<Self, Self::Error> {
        let ReceivedWire { body, base64, kind, coding, end } = match wire {
            AnswerWire::Text(text) => return Ok(text.as_str().into()),
            AnswerWire::Received(wire) => wire,
        };
        let body = if base64 { STANDARD.decode(body.as_bytes()) } else { Ok(body.as_bytes().to_vec()) };
        let body = body.map_err(|_quotes_it| serde_json::Error::custom("base64"))?;
        Ok(Self { body: Zeroizing::new(body), kind, coding, end })
    }
}

impl TryFrom<IntentWire> for Intent {
    type Error = serde_json::Error;

    fn try_from(wire: IntentWire) -> Result<Self, Self::Error> {
        let IntentWire { key, fingerprint, appliance_id, at, service, answer, unread, settled, refused, set_aside } =
            wire;
        let answer = answer.map(Received::try_from).transpose()?;
        let unread = unread.into_iter().map(Received::try_from).collect::<Result<_, _>>()?;
        Ok(Self { key, fingerprint, appliance_id, at, service, answer, unread, settled, refused, set_aside })
    }
}

impl From<&Intent> for IntentWire {
    fn from(intent: &Intent) -> Self {
        let Intent { key, fingerprint, appliance_id, at, service, settled, refused, set_aside, .. } = intent.clone();
        let answer = intent.answer.as_ref().map(AnswerWire::from);
        // It goes with the answer beside which it stood.
        let unread = intent.answer.iter().flat_map(|_| &intent.unread).map(AnswerWire::from).collect();
        Self { key, fingerprint, appliance_id, at, service, answer, unread, settled, refused, set_aside }
    }
}
