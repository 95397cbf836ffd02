//! What the machine was started with: the kernel's command line, as the kernel itself reads it (bootparam(7)).

/// The arguments, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KernelArguments(Vec<String>);

impl KernelArguments {
    /// Those of a line such as `/proc/cmdline`. White space separates them, except within double quotes, which are no part of
    /// them; there is no way to have such a quote in one. One that is not closed reaches to the end.
    pub fn of(line: &str) -> Self {
        let (mut arguments, mut argument, mut quoted) = (Vec::new(), None::<String>, false);
        for character in line.chars() {
            match character {
                '"' => {
                    quoted = !quoted;
                    argument.get_or_insert_default();
                }
                character if character.is_ascii_whitespace() && !quoted => arguments.extend(argument.take()),
                character => argument.get_or_insert_default().push(character),
            }
        }
        arguments.extend(argument);
        Self(arguments)
    }

    /// The value of an argument: of several the last one counts, as with the kernel's own. `-` and `_` in names are the same.
    pub fn value(&self, name: &str) -> Option<&str> {
        let same = |own: &str| own.replace('_', "-") == name.replace('_', "-");
        let mut values = self.0.iter().filter_map(|argument| argument.split_once('='));
        values.rfind(|(own, _)| same(own)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arguments_are_read_as_the_kernel_does() {
        for (line, value) in [
            ("", None),
            ("quiet ro", None),
            ("firstlight.answers", None),
            ("firstlight.answers=", Some("")),
            ("ro firstlight.answers=https://a.example/b?c=d quiet\n", Some("https://a.example/b?c=d")),
            (r#"firstlight.answers="LABEL=DATA:/node 7.toml" quiet"#, Some("LABEL=DATA:/node 7.toml")),
            (r#""firstlight.answers=LABEL=DATA:/node 7.toml" quiet"#, Some("LABEL=DATA:/node 7.toml")),
            (r#"firstlight.answers=LABEL=DATA:/"node 7".toml"#, Some("LABEL=DATA:/node 7.toml")),
            (r#"firstlight.answers="/a b quiet"#, Some("/a b quiet")),
            (r#"note="firstlight.answers=/no" quiet"#, None),
            ("firstlight.answers='/a b'", Some("'/a")),
            ("firstlight.answers=/a firstlight.answers=/b", Some("/b")),
            ("firstlight_answers=/a xfirstlight.answers=/b", None),
        ] {
            assert_eq!(KernelArguments::of(line).value("firstlight.answers"), value, "{line}");
        }
        let arguments = KernelArguments::of("firstlight.answers_sha256=ab");
        assert_eq!(arguments.value("firstlight.answers-sha256"), Some("ab"));
    }

    proptest! {
        /// Whatever stands around it, an argument in quotes is found whole.
        #[test]
        fn what_is_quoted_stays_together(
            before in "[a-z= ]{0,20}", value in "[^\"\\p{Cc}]{0,40}", after in "[^\"]{0,20}"
        ) {
            let line = format!("{before} firstlight.answers=\"{value}\" {after}");
            prop_assume!(!after.contains("firstlight"));
            let arguments = KernelArguments::of(&line);
            prop_assert_eq!(arguments.value("firstlight.answers"), Some(value.as_str()));
        }

        #[test]
        fn any_line_is_read(line in ".{0,200}") {
            let arguments = KernelArguments::of(&line);
            prop_assert!(arguments.0.iter().all(|argument| !argument.contains('"')));
        }
    }
}
