//! Why an image is not there.

use super::diagnosis::{Diagnosis, cause_last};
use crate::words::{Phrase, phrase};

/// What is wrong, and what helps: said about the registry.
type Told = fn(&str) -> (Phrase, Phrase);

/// What Kubernetes' own reason says already.
const REASONS: [(&str, Told); 3] = [
    ("InvalidImageName", |_| (phrase!("diagnosis-image-no-image"), phrase!("diagnosis-image-no-image-hint"))),
    ("ErrImageNeverPull", |_| (phrase!("diagnosis-image-absent"), phrase!("diagnosis-image-absent-hint"))),
    ("SignatureValidationFailed", |registry| {
        (phrase!("diagnosis-image-signature"), phrase!("diagnosis-image-signature-hint" { registry }))
    }),
];

/// The kubelet passes on what the container runtime says, and that is a sentence: what it has in it, outside of
/// quotation marks, in small letters. The first row that fits counts.
const MESSAGES: [(&[&str], Told); 17] = [
    (&["couldn't parse image", "invalid reference format"], |_| {
        (phrase!("diagnosis-image-no-image"), phrase!("diagnosis-image-no-image-hint"))
    }),
    (&["pull policy of never"], |_| (phrase!("diagnosis-image-absent"), phrase!("diagnosis-image-absent-hint"))),
    (&["no space left on device", "disk quota exceeded"], |_| {
        (phrase!("diagnosis-image-disk"), phrase!("diagnosis-image-disk-hint"))
    }),
    (&["proxyconnect", "proxy authentication required"], |registry| {
        (phrase!("diagnosis-image-proxy"), phrase!("diagnosis-image-proxy-hint" { registry }))
    }),
    (&["no such host", "lookup ", "name resolution"], |registry| {
        (phrase!("diagnosis-image-no-name"), phrase!("diagnosis-image-no-name-hint" { registry }))
    }),
    (&[" is before "], |_| (phrase!("diagnosis-image-clock"), phrase!("diagnosis-image-clock-hint"))),
    (&["certificate has expired"], |registry| {
        (phrase!("diagnosis-image-expired"), phrase!("diagnosis-image-expired-hint" { registry }))
    }),
    (&["certificate is valid for", "certificate is not valid for", "doesn't contain any ip sans"], |registry| {
        (phrase!("diagnosis-image-other-name"), phrase!("diagnosis-image-other-name-hint" { registry }))
    }),
    (&["x509:", "certificate signed by unknown", "failed to verify certificate"], |registry| {
        (phrase!("diagnosis-image-untrusted"), phrase!("diagnosis-image-untrusted-hint" { registry }))
    }),
    (&["server gave http response to https client"], |registry| {
        (phrase!("diagnosis-image-no-tls"), phrase!("diagnosis-image-no-tls-hint" { registry }))
    }),
    (&["toomanyrequests", "429 too many requests", "pull rate limit"], |registry| {
        (phrase!("diagnosis-image-too-many"), phrase!("diagnosis-image-too-many-hint" { registry }))
    }),
    (
        &["401 unauthorized", "403 forbidden", "unauthorized:", "denied", "authorization failed", "no basic auth"],
        |registry| (phrase!("diagnosis-image-denied"), phrase!("diagnosis-image-denied-hint" { registry })),
    ),
    (&["no match for platform", "no matching manifest", "does not match the specified platform"], |_| {
        (phrase!("diagnosis-image-platform"), phrase!("diagnosis-image-platform-hint"))
    }),
    (&["text/html", "invalid character '<'"], |registry| {
        (phrase!("diagnosis-image-foreign"), phrase!("diagnosis-image-foreign-hint" { registry }))
    }),
    (&["not found", "manifest unknown", "name unknown"], |_| {
        (phrase!("diagnosis-image-unknown"), phrase!("diagnosis-image-unknown-hint"))
    }),
    (&["500 internal", "502 bad", "503 service", "504 gateway"], |registry| {
        (phrase!("diagnosis-image-server"), phrase!("diagnosis-image-server-hint" { registry }))
    }),
    (
        &["timeout", "refused", "no route to host", "unreachable", "connection reset", "deadline exceeded", "eof"],
        |registry| (phrase!("diagnosis-image-unreachable"), phrase!("diagnosis-image-unreachable-hint" { registry })),
    ),
];

/// What is said of `image` with this reason, in the first of the messages in which there is a cause.
pub(super) fn image(image: &str, reason: &str, messages: &[&str], secret: Option<&str>) -> Diagnosis {
    let registry = registry(image);
    let by_reason = || REASONS.iter().find(|(known, _)| *known == reason).map(|(_, told)| told(registry));
    let local = || (registry == "localhost").then(local);
    let by_message = || messages.iter().find_map(|message| in_message(message, image, registry));
    let otherwise = || {
        let message = cause_last(messages.first().copied().unwrap_or_default());
        (message.into(), phrase!("diagnosis-image-hint"))
    };
    let (why, action) = by_reason().or_else(local).or_else(by_message).unwrap_or_else(otherwise);
    let sentence = phrase!("diagnosis-image" { image, why });
    // The registry's refusal is for somebody without a name then.
    let action = secret.map_or(action, |secret| phrase!("diagnosis-image-secret-hint" { message: secret }));
    Diagnosis::stuck(sentence, action)
}

fn local() -> (Phrase, Phrase) {
    (phrase!("diagnosis-image-local"), phrase!("diagnosis-image-absent-hint"))
}

fn in_message(message: &str, image: &str, registry: &str) -> Option<(Phrase, Phrase)> {
    // Names and digests may have anything in them. Most stand in quotation marks, the image's does not always.
    let own = message.replace('\\', "").replace(image, "");
    let own = own.split('"').step_by(2).collect::<String>().to_lowercase();
    let fits = |(parts, _): &&(&[&str], Told)| parts.iter().any(|part| own.contains(part));
    MESSAGES.iter().find(fits).map(|(_, told)| told(registry))
}

/// Where an image comes from: what stands before the first slash if it can be a host, and otherwise the runtime's default.
fn registry(image: &str) -> &str {
    let first = image.split_once('/').map(|(first, _)| first);
    first.filter(|first| *first == "localhost" || first.contains(['.', ':'])).unwrap_or("docker.io")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: &str = "images.invalid/app:1";

    #[test]
    fn every_form_of_a_message() {
        for (message, why, action) in [
            (
                "failed to pull and unpack image \"images.invalid/app:1\": failed to copy: unexpected status from GET request: 429 Too Many Requests: toomanyrequests: You have reached your pull rate limit",
                "the registry gives out no more for now",
                "wait, or give the container runtime credentials for `images.invalid`, then run again",
            ),
            (
                "no match for platform in manifest: not found",
                "there is none of it for this machine's processor",
                "name an image in the chart that is made for this machine's processor, then run again",
            ),
            (
                "failed to extract layer sha256:4031c3: write /var/lib/containerd/x: no space left on device",
                "this machine's disk is full",
                "make room where the container runtime keeps its images, then run again",
            ),
            (
                "failed to resolve reference \"images.invalid/app@sha256:9a403d\": failed to do request: Head \"https://images.invalid/v2/app/manifests/sha256:9a403d\": dial tcp 192.0.2.1:443: i/o timeout",
                "the registry cannot be reached",
                "check that this machine reaches `images.invalid`, then run again",
            ),
            (
                "failed to do request: Head \"https://images.invalid/v2/app\": x509: certificate has expired or is not yet valid: current time 1970-01-01T00:00:40Z is before 2026-01-01T00:00:00Z",
                "this machine's clock is wrong",
                "set this machine's clock, then run again",
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2026-01-02T00:00:40Z is after 2026-01-01T00:00:00Z",
                "the registry's certificate has expired by this machine's clock",
                "check this machine's clock; if it is right, have the certificate of `images.invalid` renewed; then run again",
            ),
            (
                "failed to do request: http: server gave HTTP response to HTTPS client",
                "the registry speaks no TLS",
                "have `images.invalid` speak TLS, or set the container runtime up to do without it there, then run again",
            ),
            (
                "Failed to apply default image tag \"Images.Example/App:1\": couldn't parse image reference: invalid reference format: repository name must be lowercase",
                "that is no name of an image",
                "correct it in the chart, then run again",
            ),
            (
                "Container image \"images.invalid/app:1\" is not present with pull policy of Never",
                "it is not on this machine, and is not to be pulled",
                "it should have come with this machine: import it into the container runtime, or ask the vendor; then run again",
            ),
            (
                "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
                "the registry refuses access",
                "check the image's name, and the credentials for `images.invalid`, then run again",
            ),
            ("it is Tuesday", "it is Tuesday", "correct what the message names, then run again"),
        ] {
            let told = image(OF, "ImagePullBackOff", &[message], None);
            assert_eq!(told.sentence.to_string(), format!("image `{OF}` cannot be pulled: {why}"), "{message}");
            assert_eq!(told.action.map(|action| action.to_string()).as_deref(), Some(action), "{message}");
            assert!(told.cannot_start);
        }
    }

    #[test]
    fn more_forms_of_a_message() {
        let no_name = "the registry's name does not resolve";
        for (message, why) in [
            ("dial tcp: lookup images.invalid on 10.255.255.53:53: no such host", no_name),
            ("dial tcp: lookup images.invalid: read udp 10.0.0.1:53: i/o timeout", no_name),
            (
                "proxyconnect tcp: dial tcp: lookup proxy.invalid: no such host",
                "the container runtime's proxy does not let it through",
            ),
            ("x509: certificate signed by unknown authority", "the registry's certificate is not trusted"),
            (
                "x509: certificate is valid for a.example, not b.example",
                "the registry's certificate is for another name",
            ),
            (
                "pull access denied, repository does not exist or may require authorization",
                "the registry refuses access",
            ),
            (
                "unexpected media type text/html for sha256:9a: not found",
                "something else answers in the registry's place",
            ),
            (
                "failed to authorize: invalid character '<' looking for beginning",
                "something else answers in the registry's place",
            ),
            ("pulling from host failed with status code [manifests 1]: 403 Forbidden", "the registry refuses access"),
            (
                "pulling from host failed with status code [manifests 1]: 429 Too Many Requests",
                "the registry gives out no more for now",
            ),
            ("EOF", "the registry cannot be reached"),
            ("manifest unknown: not found", "the registry does not have it"),
            ("unexpected status from HEAD request: 503 Service Unavailable", "the registry has a fault of its own"),
            ("dial tcp 127.0.0.1:5000: connect: connection refused", "the registry cannot be reached"),
        ] {
            let message =
                format!("failed to do request: Head \"https://images.invalid/v2/app/manifests/1\": {message}");
            let told = image(OF, "ErrImagePull", &[&message], None);
            assert_eq!(told.sentence.to_string(), format!("image `{OF}` cannot be pulled: {why}"), "{message}");
        }
    }

    #[test]
    fn the_reason_counts_before_the_message() {
        for (reason, why) in [
            ("InvalidImageName", "that is no name of an image"),
            ("ErrImageNeverPull", "it is not on this machine, and is not to be pulled"),
            ("SignatureValidationFailed", "its signature is not accepted"),
        ] {
            let told = image(OF, reason, &["connection refused"], None).sentence.to_string();
            assert_eq!(told, format!("image `{OF}` cannot be pulled: {why}"));
        }
    }

    #[test]
    fn the_name_of_an_image_is_no_message() {
        let name = "images.invalid/denied/timeout:1";
        let message = format!("failed to resolve reference \"{name}\": {name}: not found");
        let told = image(name, "ErrImagePull", &[&message], None).sentence.to_string();
        assert_eq!(told, format!("image `{name}` cannot be pulled: the registry does not have it"));
    }

    /// Older kubelets say why only once, and in an event.
    #[test]
    fn the_first_message_with_a_cause_in_it_counts() {
        let told = image(OF, "ImagePullBackOff", &["Back-off pulling image \"x\"", "dial tcp: no such host"], None);
        assert!(told.sentence.to_string().ends_with("the registry's name does not resolve"));
    }

    #[test]
    fn a_secret_that_is_missing_is_the_remedy() {
        let told = image(OF, "ErrImagePull", &["401 Unauthorized"], Some("no Secret regcred"));
        let hint = "correct this first, then run again: no Secret regcred";
        assert_eq!(told.action.map(|action| action.to_string()).as_deref(), Some(hint));
    }

    #[test]
    fn where_an_image_comes_from() {
        for (image, expected) in [
            ("app:1", "docker.io"),
            ("vendor/app:1", "docker.io"),
            ("localhost/x", "localhost"),
            ("127.0.0.1:5000/app:1", "127.0.0.1:5000"),
            ("images.invalid/app@sha256:9a403d", "images.invalid"),
        ] {
            assert_eq!(registry(image), expected);
        }
        let told = image("localhost/x:1", "ErrImagePull", &["dial tcp 127.0.0.1:80: connection refused"], None);
        let expected =
            "image `localhost/x:1` cannot be pulled: it is not on this machine, and `localhost` is no registry";
        assert_eq!(told.sentence.to_string(), expected);
    }
}
