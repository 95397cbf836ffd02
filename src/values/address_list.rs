//! Texts that are made of the address and stand in a list, such as the pages to which a sign-in may return: a new one joins
//! those that are there.

use std::net::IpAddr;

use url::Url;

use super::{Address, AddressTemplate, Host, Scheme};

/// How many earlier texts with an IP address stay in a list. Such an address may be somebody else's by now.
const EARLIER: usize = 10;

impl AddressTemplate {
    /// A list with the text for this address in it, as the last one that follows the machine. What else is there stays, as do
    /// the order and what somebody has written; only of the texts that this template has made of IP addresses, no more than
    /// ten stay besides.
    pub fn fill_list(&self, address: &Address, list: &str, separator: char) -> String {
        let text = self.fill(address);
        let all = list.split(separator).map(str::trim).filter(|one| !one.is_empty());
        let mut all: Vec<&str> = all.collect();
        let newest = all.iter().rfind(|one| self.follows(one));
        let is_newest = newest.is_none_or(|newest| *newest == text) || !self.follows(&text);
        if all.contains(&text.as_str()) && is_newest {
            return list.to_owned();
        }
        all.retain(|one| *one != text);
        let mut surplus = all.iter().filter(|one| self.follows(one)).count().saturating_sub(EARLIER);
        all.retain(|one| {
            let goes = surplus > 0 && self.follows(one);
            surplus -= usize::from(goes);
            !goes
        });
        all.push(&text);
        let spaced = format!("{separator} ");
        all.join(if list.contains(&spaced) { &spaced } else { &spaced[..separator.len_utf8()] })
    }

    /// Whether a text is made of an address that changes with the network: a name stays its owner's, and a machine is always
    /// its own.
    fn follows(&self, text: &str) -> bool {
        matches!(self.host_of(text), Some(Host::Ip(address)) if !address.is_loopback())
    }

    /// The host that a text was made of, if it was made of this template and tells.
    fn host_of(&self, text: &str) -> Option<Host> {
        let bare = text.parse::<IpAddr>().ok().map(|address| Host::Ip(address).in_url());
        [text.to_owned(), format!("https://{}", bare.as_deref().unwrap_or(text))].iter().find_map(|guess| {
            let url = Url::parse(guess).ok()?;
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            [Scheme::Http, Scheme::Https].into_iter().find_map(|scheme| {
                let address: Address = format!("{scheme}://{}{port}", url.host_str()?).parse().ok()?;
                (self.fill(&address) == text).then(|| address.host().clone())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALLBACK: &str = "{origin}/auth/callback";

    fn filled(template: &str, address: &str, list: &str, separator: char) -> String {
        let template = AddressTemplate::parse(template).expect("a template");
        template.fill_list(&address.parse().expect("an address"), list, separator)
    }

    #[test]
    fn a_text_joins_those_that_are_there() {
        for (list, expected) in [
            ("", "https://a/cb"),
            (" , ,", "https://a/cb"),
            ("https://b/cb", "https://b/cb,https://a/cb"),
            ("https://b/cb,", "https://b/cb,https://a/cb"),
            ("https://b/cb\n", "https://b/cb,https://a/cb"),
            ("x, https://b/cb", "x, https://b/cb, https://a/cb"),
            // What is there as it should be is not touched, whoever has written it.
            ("https://a/cb", "https://a/cb"),
            ("x ,https://a/cb , y,\n", "x ,https://a/cb , y,\n"),
            ("https://a/cb,https://a/cb", "https://a/cb,https://a/cb"),
            // Another one is no part of it.
            ("https://a/cb2", "https://a/cb2,https://a/cb"),
            ("https://A/cb", "https://A/cb,https://a/cb"),
        ] {
            assert_eq!(filled("{origin}/cb", "https://a", list, ','), expected, "{list:?}");
        }
        assert_eq!(filled(CALLBACK, "http://b", "x  y", ' '), "x  y  http://b/auth/callback");
        assert_eq!(filled(CALLBACK, "http://b", "x y", ' '), "x y http://b/auth/callback");
        assert_eq!(filled("{host}", "http://b", "x;y", ';'), "x;y;b");
    }

    #[test]
    fn one_that_comes_back_is_the_newest_again() {
        let [a, b] = ["10.0.0.1", "10.0.0.2"];
        let there = format!("{a},{b},theirs");
        assert_eq!(filled("{host}", &format!("http://{a}"), &there, ','), format!("{b},theirs,{a}"));
        assert_eq!(filled("{host}", &format!("http://{b}"), &there, ','), there);
        // A name has its place.
        assert_eq!(filled("{host}", "http://theirs", &format!("theirs,{a}"), ','), format!("theirs,{a}"));
    }

    #[test]
    fn what_a_text_was_made_of() {
        for (template, text, host) in [
            (CALLBACK, "https://192.0.2.7/auth/callback", Some("192.0.2.7")),
            (CALLBACK, "http://[2001:db8::1]:3000/auth/callback", Some("2001:db8::1")),
            (CALLBACK, "https://a.example:8443/auth/callback", Some("a.example")),
            (CALLBACK, "https://192.0.2.7/auth/callback/", None),
            (CALLBACK, "https://192.0.2.7/other", None),
            (CALLBACK, "//192.0.2.7/auth/callback", None),
            ("http://{host}:3060", "http://192.0.2.7:3060", Some("192.0.2.7")),
            ("http://{host}:3060", "https://192.0.2.7:3060", None),
            ("wss://{host}/x", "wss://192.0.2.7/x", Some("192.0.2.7")),
            ("app://{host}/x", "app://192.0.2.7/x", Some("192.0.2.7")),
            ("{host}", "192.0.2.7", Some("192.0.2.7")),
            ("{host}", "2001:db8::1", Some("2001:db8::1")),
            ("{host}:{port}", "192.0.2.7:443", Some("192.0.2.7")),
            ("{host}:{port}", "192.0.2.7:3000", Some("192.0.2.7")),
            ("{host}:{port}", "192.0.2.7:80", Some("192.0.2.7")),
            ("{host}", "", None),
            ("{host}", "a b", None),
        ] {
            let host_of = AddressTemplate::parse(template).expect(template).host_of(text);
            assert_eq!(host_of.map(|host| host.to_string()).as_deref(), host, "{template} {text}");
        }
    }

    #[test]
    fn ten_earlier_ones_stay_and_everything_that_follows_no_machine() {
        let kept = "https://lb.example/auth/callback,http://127.0.0.1/auth/callback,https://192.0.2.1/other";
        let mut list = kept.to_owned();
        for last in 1..=30 {
            list = filled(CALLBACK, &format!("https://192.0.2.{last}"), &list, ',');
        }
        let own = (20..=30).map(|last| format!("https://192.0.2.{last}/auth/callback"));
        assert_eq!(list, [kept.to_owned()].into_iter().chain(own).collect::<Vec<_>>().join(","));
        // Coming back to the oldest takes none away, and the next move none that was in use just now.
        let back = filled(CALLBACK, "https://192.0.2.20", &list, ',');
        let next = filled(CALLBACK, "https://192.0.2.99", &back, ',');
        assert!(next.ends_with("192.0.2.20/auth/callback,https://192.0.2.99/auth/callback"), "{next}");
        assert_eq!(next.split(',').count(), 3 + 11);
    }

    proptest! {
        #[test]
        fn twice_is_once_and_others_stay(
            list in "[a-c,; .:/\\n]{0,40}",
            last in 0_u8..4,
            separator in proptest::sample::select(vec![',', ';', ' ']),
        ) {
            for template in ["{host}", "{origin}/x"] {
                let address = format!("http://10.0.0.{last}");
                let once = filled(template, &address, &list, separator);
                prop_assert_eq!(&filled(template, &address, &once, separator), &once);
                let all = |list: &str| -> Vec<String> {
                    let all = list.split(separator).map(str::trim).filter(|one| !one.is_empty());
                    all.map(str::to_owned).collect()
                };
                let after = all(&once);
                prop_assert!(all(&list).iter().all(|one| after.contains(one)), "{list:?} {once:?}");
                let text = AddressTemplate::parse(template).expect("a template").fill(&address.parse().expect("one"));
                prop_assert!(after.contains(&text));
            }
        }
    }
}
