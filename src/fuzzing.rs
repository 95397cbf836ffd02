//! Everything that parses what others wrote, each as a function of bytes for a fuzzer (`tests/fuzz`): none of them may
//! panic, take long or fill the memory, whatever it is given.

use std::{fmt::Display, io, str, sync::LazyLock};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    answers::{self, Draft},
    faces::replay::play,
    field::{Field, FieldKind},
    profile::Profile,
    screen::decode::Decoder,
    values::{
        CodeFormat, Found, Grant, Proxies, Received, SecretText, TenantId, TokenAudience, TokenKeys, TokenRules,
        check_token, is_formatting,
        pki::{KeyForm, own},
    },
    words::{Language, Words},
    world::fuzzing as world,
};

/// A target, by the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("answers", answers),
    ("certificate", certificate),
    ("chart", chart),
    ("code", code),
    ("grant", grant),
    ("journal", journal),
    ("kubeconfig", kubeconfig),
    ("plugin", plugin),
    ("profile", profile),
    ("proxies", proxies),
    ("recording", recording),
    ("terminal", terminal),
    ("token", token),
];

/// The profile of the tests, with a question of each kind.
static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    Profile::parse(include_str!("../tests/answers/questions.toml")).unwrap_or_else(|_stale| Profile::built_in())
});

/// A key that has signed nothing.
const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEN8amRs1XWjk5tu67EROHYH7ivwu/\n\
    aL+UTnYkm7ewnQt8gvk/vhrAAhanLQ2p1fWylO7F1F02/l52YcPToeI1gQ==\n\
    -----END PUBLIC KEY-----\n";

/// What is told is for people, whatever it quotes: no terminal acts on it.
fn told(what: &impl Display) {
    let acts = |character: char| character != '\n' && (character.is_control() || is_formatting(character));
    let text = what.to_string();
    assert!(!text.contains(acts), "{text:?}");
}

/// An answers file.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn answers(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (draft, problems) = Draft::from_toml(text, &PROFILE);
    let problems = problems.into_iter().chain(draft.finish(&PROFILE).err().into_iter().flatten());
    problems.for_each(|problem| told(&problem));
}

/// A certificate of somebody's own, and its key in the same file.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn certificate(bytes: &[u8]) {
    let password = SecretText::from("sesame");
    let files = own::Files { file: bytes, key_file: None, password: Some(&password) };
    let Ok(bundle) = own::Bundle::read(&files) else { return };
    let (form, now) = (KeyForm::Pkcs8, Timestamp::UNIX_EPOCH);
    match bundle.judged(&own::Wanted { names: &[], key: None, form, trusted: &[], now }) {
        Ok(own) => told(&own.told()),
        Err(faults) => faults.iter().for_each(told),
    }
}

/// A packaged chart; what is no archive is packed as one.
pub fn chart(bytes: &[u8]) {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return world::chart(bytes);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    let packed = io::Write::write_all(&mut packed, bytes).and_then(|()| packed.finish());
    if let Ok(packed) = packed {
        world::chart(&packed);
    }
}

/// A text in which an install code may stand.
///
/// # Panics
/// When what is found is no code.
pub fn code(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    for (alphabet, length, group) in [("23456789ABCDEFGHJKMNPQRSTUVWXYZ", 8, 4), ("0123456789", 6, 3), ("ABC1", 25, 5)]
    {
        let Ok(format) = CodeFormat::new(alphabet, length, group) else { continue };
        if let Ok(Found::Alone(code) | Found::InText(code)) = format.find(text) {
            let again = format.parse(&format.grouped(code.expose()));
            assert!(again.is_ok_and(|again| again.expose() == code.expose()), "a code that is none");
        }
    }
}

/// The body of a license service's answer, and the token in it.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn grant(bytes: &[u8]) {
    for (kind, coding) in [("", ""), ("application/json; charset=utf-16", "gzip"), ("", "deflate")] {
        let (kind, coding, body) = (kind.to_owned(), coding.to_owned(), Zeroizing::new(bytes.to_vec()));
        let received = Received { body, kind, coding, ..Received::default() };
        let _ = Grant::secrets_in(&received);
        match Grant::of(&received) {
            Ok(grant) => drop(grant),
            Err(error) => told(&error),
        }
    }
}

/// The journal.
pub fn journal(bytes: &[u8]) {
    str::from_utf8(bytes).into_iter().for_each(world::journal);
}

/// A kubeconfig.
pub fn kubeconfig(bytes: &[u8]) {
    str::from_utf8(bytes).into_iter().for_each(world::kubeconfig);
}

/// What a credential plugin answers.
pub fn plugin(bytes: &[u8]) {
    world::plugin(bytes);
}

/// A profile, and what follows from one that is sound.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn profile(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match Profile::parse(text) {
        Ok(profile) => drop((answers::template(&profile), answers::schema(&profile))),
        Err(problems) => problems.iter().for_each(told),
    }
}

/// A proxy, exceptions from it, and an address, a line each.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn proxies(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.lines();
    let [proxy, exceptions, url] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let proxies = Proxies::of(|name| match name {
        "https_proxy" | "http_proxy" => Some(proxy.to_owned()),
        "no_proxy" => Some(exceptions.to_owned()),
        _ => None,
    });
    for url in [url, "https://license.example", "https://192.0.2.1:8443", "http://[2001:db8::1]/"] {
        let Ok(url) = Url::parse(url) else { continue };
        match proxies.towards(&url, |_| false) {
            Ok(proxy) => drop(proxy.map(|proxy| proxy.shown())),
            Err(fault) => told(&fault),
        }
    }
}

/// A recording.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn recording(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Err(error) = play::replay(text, None, &Words::new(Language::English), &mut io::sink()) {
        told(&error);
    }
}

/// What a terminal sends, typed and pasted into fields of each kind.
///
/// # Panics
/// When a cursor leaves its field.
pub fn terminal(bytes: &[u8]) {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for byte in bytes {
        decoder.push(*byte, &mut events);
    }
    events.extend(decoder.pause());
    let kinds = [FieldKind::Plain, FieldKind::Masked, FieldKind::Digits];
    let code = Field::code(&PROFILE.license.code);
    for mut field in kinds.map(|kind| Field::new(kind, 40)).into_iter().chain([code]) {
        for event in &events {
            match event {
                crossterm::event::Event::Paste(text) => drop(field.paste(text)),
                crossterm::event::Event::Key(key) => {
                    let _ = key.code.as_char().map(|character| field.insert(character));
                }
                _ => {}
            }
        }
        let _ = (field.window(true, 20), field.window(false, 3));
        assert!(field.cursor() <= field.length(), "a cursor outside the field");
    }
}

/// A license token, or the key that is to have signed it.
///
/// # Panics
/// When a terminal would act on what is told of it.
pub fn token(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (token, tenant) = (SecretText::from(text), "7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66".parse::<TenantId>());
    let _ = TokenKeys::read(text);
    let (Ok(tenant), keys) = (tenant, TokenKeys::read(KEY).ok()) else { return };
    for keys in [None, keys.as_ref()] {
        let rules = TokenRules { keys, audience: TokenAudience::IfPresent, skew_seconds: 60 };
        if let Err(error) = check_token(&token, tenant, rules, Timestamp::UNIX_EPOCH) {
            told(&error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// What a fuzzer begins with, and what one has found, on every toolchain.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the corpora are files")]
    fn corpora() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
        for (name, target) in TARGETS {
            let files: Vec<_> = fs::read_dir(corpora.join(name)).expect(name).flatten().collect();
            assert!(!files.is_empty(), "{name}");
            for file in files {
                target(&fs::read(file.path()).expect("a file"));
            }
        }
    }
}
