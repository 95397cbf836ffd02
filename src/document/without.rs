//! A document that a person wrote, with some of its values taken out.

use toml_edit::{DocumentMut, TableLike};

/// The same text without the values at these dotted paths, and with a comment in the place of none of them but before
/// everything; `None` where it is no document.
pub fn without(text: &str, paths: &[&str], note: &str) -> Option<String> {
    // What a first line such as `#name` is for it stays for; a comment would go with what stands behind it.
    let is_header = text.starts_with('#') && !text.starts_with("# ");
    let (header, body) = text.split_at(if is_header { text.find('\n').map_or(text.len(), |end| end + 1) } else { 0 });
    let mut document: DocumentMut = body.parse().ok()?;
    for path in paths {
        remove(document.as_table_mut(), path);
    }
    Some(format!("{header}# {note}\n{document}"))
}

fn remove(table: &mut dyn TableLike, path: &str) {
    match path.split_once('.') {
        None => drop(table.remove(path)),
        Some((key, rest)) => {
            if let Some(inner) = table.get_mut(key).and_then(toml_edit::Item::as_table_like_mut) {
                remove(inner, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_in_whatever_form_they_stand() {
        let paths = ["code", "admin.password", "answers.db"];
        for (text, left) in [
            ("", "# n\n"),
            ("#first\ncode = 'A'\nname = 'B'\n", "#first\n# n\nname = 'B'\n"),
            ("# gone\ncode = 'A'\n# kept\nname = 'B' # too\n", "# n\n# kept\nname = 'B' # too\n"),
            ("[admin]\nname = 'B'\npassword = \"\"\"\nlong\none\"\"\"\n", "# n\n[admin]\nname = 'B'\n"),
            ("admin.password = 'A'\nadmin.name = 'B'\n", "# n\nadmin.name = 'B'\n"),
            ("admin = { password = 'A', name = 'B' }\n", "# n\nadmin = { name = 'B' }\n"),
            (
                "[answers]\n\"db\" = 'A'\n[admin]\npassword-file = '/a'\n",
                "# n\n[answers]\n[admin]\npassword-file = '/a'\n",
            ),
        ] {
            assert_eq!(without(text, &paths, "n").as_deref(), Some(left), "{text}");
        }
        assert_eq!(without("[", &paths, "n"), None);
    }
}
