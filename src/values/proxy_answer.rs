//! What a proxy answers to `CONNECT` (RFC 9110, section 9.3.6): its status, and how it wants to be logged in to; pure.

use super::plain_text;

/// More kinds of login than a proxy offers, and more characters than one of their names has.
const MOST: (usize, usize) = (6, 20);

/// The head of an answer, as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAnswer {
    /// The status.
    pub status: u16,
    /// The schemes of all its challenges.
    schemes: Vec<String>,
}

impl ProxyAnswer {
    /// What was received of an answer, if that has a status.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
        let fields = lines.take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
        let challenges = fields.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"));
        Some(Self { status, schemes: challenges.flat_map(|(_, value)| schemes(value)).collect() })
    }

    /// The schemes that it offers instead of `Basic`; one that offers none is taken to mean `Basic`.
    #[must_use]
    pub fn without_basic(&self) -> Option<String> {
        let has_basic = self.schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
        let shown = self.schemes.iter().take(MOST.0).map(|scheme| plain_text(scheme, MOST.1));
        (!has_basic && !self.schemes.is_empty()).then(|| shown.collect::<Vec<_>>().join(", "))
    }
}

/// The schemes of a list of challenges (RFC 9110, section 11.7.1).
fn schemes(challenges: &str) -> Vec<String> {
    let mut quoted = false;
    let parts = challenges.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    let schemes = parts.filter_map(|part| {
        let (first, rest) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        // What has an equals sign is a parameter of the scheme before it.
        let is_scheme = !first.is_empty() && !first.contains('=') && !rest.trim_start().starts_with('=');
        is_scheme.then(|| first.to_owned())
    });
    schemes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemes_that_are_offered() {
        for (challenges, schemes) in [
            ("Negotiate", &["Negotiate"][..]),
            ("NTLM TlRMTVNTUAAC==, Basic realm=\"a, b\"", &["NTLM", "Basic"]),
            ("Digest realm=\"x, Basic y\", nonce = \"b\", qop=auth,,Negotiate", &["Digest", "Negotiate"]),
            ("", &[]),
        ] {
            assert_eq!(super::schemes(challenges), schemes, "{challenges}");
        }
        let many =
            format!("HTTP/1.1 407\r\nProxy-Authenticate: {}\r\n\r\nProxy-Authenticate: Basic", "Xyz,".repeat(100));
        let answer = ProxyAnswer::of(many.as_bytes()).expect("a status");
        assert_eq!((answer.status, answer.without_basic()), (407, Some(["Xyz"; 6].join(", "))));
        assert_eq!(ProxyAnswer::of(b"SSH-2.0-OpenSSH_9.9\r\n"), None);
    }
}
