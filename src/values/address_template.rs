//! Texts that are made of where the appliance is reached.

use std::fmt;

use super::{Address, plain_text};
use crate::words::{Phrase, phrase};

/// A text in which `{url}`, `{scheme}`, `{host}`, `{port}` and `{origin}` stand for the address or a part of it; `{{` and
/// `}}` for a brace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressTemplate(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Of(Placeholder),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Url,
    Scheme,
    Host,
    Port,
    Origin,
}

const PLACEHOLDERS: [(&str, Placeholder); 5] = [
    ("{url}", Placeholder::Url),
    ("{scheme}", Placeholder::Scheme),
    ("{host}", Placeholder::Host),
    ("{port}", Placeholder::Port),
    ("{origin}", Placeholder::Origin),
];

impl AddressTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let (mut parts, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(place) = rest.find(['{', '}']) {
            literal.push_str(&rest[..place]);
            rest = &rest[place..];
            if let Some(doubled) = ["{{", "}}"].into_iter().find(|doubled| rest.starts_with(doubled)) {
                literal.push_str(&doubled[1..]);
                rest = &rest[doubled.len()..];
                continue;
            }
            let known = PLACEHOLDERS.iter().find(|(name, _)| rest.starts_with(name));
            let (name, placeholder) = known.ok_or_else(|| unknown(rest))?;
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Of(*placeholder));
            rest = &rest[name.len()..];
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Self(parts))
    }

    /// The text for this address. An IPv6 address has brackets where it stands as in a URL: behind `//` or `@`, or before `:`.
    pub fn fill(&self, address: &Address) -> String {
        let text = |place: usize| match self.0.get(place) {
            Some(Part::Text(text)) => text.as_str(),
            _ => "",
        };
        let in_url = |place: usize| {
            let before = place.checked_sub(1).map_or("", text);
            before.ends_with("//") || before.ends_with('@') || text(place + 1).starts_with(':')
        };
        let said = |(place, part): (usize, &Part)| match part {
            Part::Text(text) => text.clone(),
            Part::Of(Placeholder::Url | Placeholder::Origin) => address.origin(),
            Part::Of(Placeholder::Scheme) => address.scheme().to_string(),
            Part::Of(Placeholder::Host) if in_url(place) => address.host().in_url(),
            Part::Of(Placeholder::Host) => address.host().to_string(),
            Part::Of(Placeholder::Port) => address.port().to_string(),
        };
        self.0.iter().enumerate().map(said).collect()
    }

    /// The first part of an address that stands in it.
    pub fn placeholder(&self) -> Option<&'static str> {
        let of = self.0.iter().find_map(|part| if let Part::Of(of) = part { Some(of) } else { None })?;
        PLACEHOLDERS.iter().find(|(_, known)| known == of).map(|(name, _)| *name)
    }

    /// Whether nothing stands in it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text that stands in it as it is.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None })
    }
}

/// As a profile writes it.
impl fmt::Display for AddressTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Of(placeholder) => {
                let (name, _) = PLACEHOLDERS.iter().find(|(_, known)| known == placeholder).unwrap_or(&PLACEHOLDERS[0]);
                f.write_str(name)
            }
        })
    }
}

fn unknown(rest: &str) -> Phrase {
    let end = rest.find('}').map_or(rest.len(), |end| end + 1);
    let known = PLACEHOLDERS.map(|(name, _)| format!("`{name}`")).join(", ");
    phrase!("value-template" { part: plain_text(&rest[..end], 60), known, brace: "{{" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_placeholder() {
        let addresses = ["http://192.168.1.50:3000", "https://a.example", "http://[2001:db8::1]:8080"];
        let addresses = addresses.map(|text| text.parse::<Address>().expect("an address"));
        for (template, filled) in [
            ("{url}", ["http://192.168.1.50:3000", "https://a.example", "http://[2001:db8::1]:8080"]),
            ("{origin}/v1", ["http://192.168.1.50:3000/v1", "https://a.example/v1", "http://[2001:db8::1]:8080/v1"]),
            ("{scheme}", ["http", "https", "http"]),
            ("{host}", ["192.168.1.50", "a.example", "2001:db8::1"]),
            ("{host}:{port}", ["192.168.1.50:3000", "a.example:443", "[2001:db8::1]:8080"]),
            ("wss://{host}/x", ["wss://192.168.1.50/x", "wss://a.example/x", "wss://[2001:db8::1]/x"]),
            ("host: {host}\n", ["host: 192.168.1.50\n", "host: a.example\n", "host: 2001:db8::1\n"]),
            ("{port}", ["3000", "443", "8080"]),
            (
                "{{\"h\": \"{host}\"}}",
                ["{\"h\": \"192.168.1.50\"}", "{\"h\": \"a.example\"}", "{\"h\": \"2001:db8::1\"}"],
            ),
            ("fixed", ["fixed"; 3]),
            ("", [""; 3]),
        ] {
            let parsed = AddressTemplate::parse(template).expect(template);
            assert_eq!(addresses.each_ref().map(|address| parsed.fill(address)), filled, "{template}");
            assert_eq!(parsed.to_string(), template);
        }
    }

    #[test]
    fn what_is_no_template() {
        for text in ["{hostname}", "{Host}", "{", "}", "{}", "a}b", "{host", "{ host }", "{{{host}}", "{{host}"] {
            AddressTemplate::parse(text).expect_err(text);
        }
        let told = AddressTemplate::parse("{hostname}/").map_err(|reason| reason.to_string());
        let expected = "has `{hostname}` in it: known are `{url}`, `{scheme}`, `{host}`, `{port}`, `{origin}`; a brace itself \
                        is written twice, as in `{{`";
        assert_eq!(told, Err(expected.to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "([a-z/:\"]|\\{\\{|\\}\\}|\\{host\\}|\\{port\\}){0,12}") {
            let template = AddressTemplate::parse(&text).expect("a template");
            prop_assert_eq!(template.to_string(), text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[{}hostur l]{0,20}") {
            let template = AddressTemplate::parse(&text);
            prop_assert!(template.is_err() || template.is_ok_and(|template| template.to_string() == text));
        }
    }
}
