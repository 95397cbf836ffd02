//! What the characters of a password say: which lie elsewhere on another keyboard or on none, and Caps Lock.

/// The letters that lie elsewhere on one of QWERTY, QWERTZ and AZERTY.
const MOVED: &str = "aqwzym";

/// Fewer capitals than this are an abbreviation or the beginning of a word.
const FEW: usize = 3;

/// The characters of `text` that lie elsewhere on other keyboards, each once.
pub fn moved(text: &str) -> Vec<char> {
    once(text, |character| character.is_ascii_punctuation() || MOVED.contains(character.to_ascii_lowercase()))
}

/// The characters of `text` that the keyboard of a login console may lack, each once.
pub fn lacking(text: &str) -> Vec<char> {
    once(text, |character| !character.is_ascii())
}

/// Whether Caps Lock may have been on: several letters, and all of them capitals.
pub fn all_capitals(text: &str) -> bool {
    let capitals = text.chars().filter(|character| character.is_uppercase()).count();
    capitals >= FEW && !text.chars().any(char::is_lowercase)
}

fn once(text: &str, wanted: impl Fn(char) -> bool) -> Vec<char> {
    let mut characters: Vec<char> = text.chars().filter(|character| wanted(*character)).collect();
    characters.sort_unstable();
    characters.dedup();
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for (text, elsewhere, beyond) in [
            ("correct horse 12", "", ""),
            ("battery!", "!ay", ""),
            ("Zürich-Zug", "-Z", "ü"),
            ("p$!`\"'\\ ü 李", "!\"$'\\`", "ü李"),
        ] {
            let show = |characters: Vec<char>| characters.into_iter().collect::<String>();
            assert_eq!((show(moved(text)).as_str(), show(lacking(text)).as_str()), (elsewhere, beyond), "{text}");
        }
    }

    #[test]
    fn capitals() {
        for (text, expected) in [
            ("", false),
            ("CO", false),
            ("COR", true),
            ("CORRECT 12!", true),
            ("CORRECt", false),
            ("ÄÖÜ", true),
            ("123", false),
        ] {
            assert_eq!(all_capitals(text), expected, "{text}");
        }
    }
}
