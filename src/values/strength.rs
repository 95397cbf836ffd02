//! How hard a password is to guess, and why it is not harder.

use serde::{Deserialize, Serialize};
use zxcvbn::{
    feedback::{Feedback, Suggestion, Warning},
    zxcvbn,
};

use super::SecretText;
use crate::words::{TextId, id};

/// The most characters that are judged; the time that it takes grows faster than the text.
const JUDGED: usize = 100;

/// What parts the password from the words about its owner; no field takes it.
const SEPARATOR: &str = "\0";

/// A verdict on a password; nothing of the password is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// From 0, guessed at once, to 4, hardly guessed at all.
    pub score: u8,
    /// What says why it is weak.
    pub reason: Option<TextId>,
    /// What says what would be better.
    pub advice: Vec<TextId>,
}

impl Strength {
    /// The highest score.
    pub const MOST: u8 = 4;

    /// What [`Self::judge`] takes in another process: the password, and the words in `about`, which are easily guessed.
    pub fn encode(password: &str, about: &[&str]) -> SecretText {
        let end = password.char_indices().nth(JUDGED).map_or(password.len(), |(index, _)| index);
        let words = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]));
        let parts: Vec<&str> = [&password[..end]].into_iter().chain(words.filter(|word| word.len() > 2)).collect();
        SecretText::new(parts.join(SEPARATOR))
    }

    /// Judges what [`Self::encode`] has made.
    ///
    /// zxcvbn leaves parts of the password behind in memory that it has freed, and its
    /// dictionaries take some 7 MiB: it belongs into a process that ends after the verdict.
    pub fn judge(encoded: &str) -> Self {
        let mut parts = encoded.split(SEPARATOR);
        let password = parts.next().unwrap_or_default();
        let verdict = zxcvbn(password, &parts.collect::<Vec<_>>());
        let feedback = verdict.feedback();
        let advice = feedback.map(|feedback| feedback.suggestions().iter().map(|one| advice(*one)));
        Self {
            score: verdict.score().into(),
            reason: feedback.and_then(Feedback::warning).map(reason),
            advice: advice.into_iter().flatten().collect(),
        }
    }
}

const fn reason(warning: Warning) -> TextId {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => id!("weak-key-row"),
        Warning::ShortKeyboardPatternsAreEasyToGuess => id!("weak-key-pattern"),
        Warning::RepeatsLikeAaaAreEasyToGuess => id!("weak-repeat"),
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => id!("weak-repeats"),
        Warning::ThisIsATop10Password => id!("weak-top-10"),
        Warning::ThisIsATop100Password => id!("weak-top-100"),
        Warning::ThisIsACommonPassword => id!("weak-common"),
        Warning::ThisIsSimilarToACommonlyUsedPassword => id!("weak-similar"),
        Warning::SequencesLikeAbcAreEasyToGuess => id!("weak-sequence"),
        Warning::RecentYearsAreEasyToGuess => id!("weak-year"),
        Warning::AWordByItselfIsEasyToGuess => id!("weak-word"),
        Warning::DatesAreOftenEasyToGuess => id!("weak-date"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => id!("weak-name"),
        Warning::CommonNamesAndSurnamesAreEasyToGuess => id!("weak-names"),
    }
}

const fn advice(suggestion: Suggestion) -> TextId {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => id!("better-words"),
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => id!("better-no-symbols"),
        Suggestion::AddAnotherWordOrTwo => id!("better-more-words"),
        Suggestion::CapitalizationDoesntHelpVeryMuch => id!("better-than-a-capital"),
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => id!("better-than-capitals"),
        Suggestion::ReversedWordsArentMuchHarderToGuess => id!("better-than-reversed"),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => id!("better-than-substitutes"),
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => id!("better-key-pattern"),
        Suggestion::AvoidRepeatedWordsAndCharacters => id!("better-no-repeats"),
        Suggestion::AvoidSequences => id!("better-no-sequences"),
        Suggestion::AvoidRecentYears => id!("better-no-years"),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => id!("better-no-own-years"),
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => id!("better-no-own-dates"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str, about: &[&str]) -> Strength {
        Strength::judge(Strength::encode(password, about).expose())
    }

    #[test]
    fn verdicts() {
        for (password, about, score, reason) in [
            ("correct horse battery", &[][..], 4, None),
            ("password", &[], 0, Some(id!("weak-top-10"))),
            ("qwertyuiop[", &[], 1, Some(id!("weak-key-row"))),
            ("aaaaaaaaaaaa", &[], 0, Some(id!("weak-repeat"))),
            ("", &[], 0, None),
        ] {
            let verdict = judge(password, about);
            assert_eq!((verdict.score, verdict.reason), (score, reason), "{password}");
        }
    }

    #[test]
    fn what_is_known_of_the_owner_makes_it_weaker() {
        let about = ["Theodosia", "Winterbourne-Fitzalan", "theodosia@zyxquor.example", ""];
        for password in ["theodosia", "Fitzalan", "zyxquor"] {
            assert!(judge(password, &about).score < 2, "{password}");
            assert!(judge(password, &about).score <= judge(password, &[]).score, "{password}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_judged() {
        let long = "李".repeat(250);
        assert_eq!(Strength::encode(&long, &[]).expose().chars().count(), JUDGED);
    }
}
