//! How hard a password is to guess, and why it is not harder.

use serde::{Deserialize, Serialize};
use zxcvbn::{
    feedback::{Feedback, Suggestion, Warning},
    zxcvbn,
};

use super::SecretText;

/// The most characters that are judged; the time that it takes grows faster than the text.
const JUDGED: usize = 100;

/// What parts the password from the words about its owner; no field takes it.
const SEPARATOR: &str = "\0";

/// A verdict on a password; nothing of the password is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// From 0, guessed at once, to 4, hardly guessed at all.
    pub score: u8,
    /// The id of the text that says why it is weak.
    pub reason: Option<String>,
    /// The ids of the texts that say what would be better.
    pub advice: Vec<String>,
}

impl Strength {
    /// The highest score.
    pub const MOST: u8 = 4;

    /// The question whether `password` is strong, when the words in `about` are easily guessed.
    #[must_use]
    pub fn question(password: &str, about: &[&str]) -> SecretText {
        let end = password.char_indices().nth(JUDGED).map_or(password.len(), |(index, _)| index);
        let words = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]));
        let parts: Vec<&str> = [&password[..end]].into_iter().chain(words.filter(|word| word.len() > 2)).collect();
        SecretText::new(parts.join(SEPARATOR))
    }

    /// Answers such a question.
    ///
    /// zxcvbn leaves parts of the password behind in memory that it has freed, and its
    /// dictionaries take some 7 MiB: it belongs into a process that ends after the answer.
    #[must_use]
    pub fn answer(question: &str) -> Self {
        let mut parts = question.split(SEPARATOR);
        let password = parts.next().unwrap_or_default();
        let verdict = zxcvbn(password, &parts.collect::<Vec<_>>());
        let feedback = verdict.feedback();
        let advice = feedback.map(|feedback| feedback.suggestions().iter().map(|one| advice(*one).to_owned()));
        Self {
            score: verdict.score().into(),
            reason: feedback.and_then(Feedback::warning).map(|warning| reason(warning).to_owned()),
            advice: advice.into_iter().flatten().collect(),
        }
    }
}

const fn reason(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => "weak-key-row",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "weak-key-pattern",
        Warning::RepeatsLikeAaaAreEasyToGuess => "weak-repeat",
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => "weak-repeats",
        Warning::ThisIsATop10Password => "weak-top-10",
        Warning::ThisIsATop100Password => "weak-top-100",
        Warning::ThisIsACommonPassword => "weak-common",
        Warning::ThisIsSimilarToACommonlyUsedPassword => "weak-similar",
        Warning::SequencesLikeAbcAreEasyToGuess => "weak-sequence",
        Warning::RecentYearsAreEasyToGuess => "weak-year",
        Warning::AWordByItselfIsEasyToGuess => "weak-word",
        Warning::DatesAreOftenEasyToGuess => "weak-date",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => "weak-name",
        Warning::CommonNamesAndSurnamesAreEasyToGuess => "weak-names",
    }
}

const fn advice(suggestion: Suggestion) -> &'static str {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => "better-words",
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => "better-no-symbols",
        Suggestion::AddAnotherWordOrTwo => "better-more-words",
        Suggestion::CapitalizationDoesntHelpVeryMuch => "better-than-a-capital",
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => "better-than-capitals",
        Suggestion::ReversedWordsArentMuchHarderToGuess => "better-than-reversed",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => "better-than-substitutes",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "better-key-pattern",
        Suggestion::AvoidRepeatedWordsAndCharacters => "better-no-repeats",
        Suggestion::AvoidSequences => "better-no-sequences",
        Suggestion::AvoidRecentYears => "better-no-years",
        Suggestion::AvoidYearsThatAreAssociatedWithYou => "better-no-own-years",
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => "better-no-own-dates",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str, about: &[&str]) -> Strength {
        Strength::answer(Strength::question(password, about).expose())
    }

    #[test]
    fn verdicts() {
        for (password, about, score, reason) in [
            ("correct horse battery", &[][..], 4, None),
            ("password", &[], 0, Some("weak-top-10")),
            ("qwertyuiop[", &[], 1, Some("weak-key-row")),
            ("aaaaaaaaaaaa", &[], 0, Some("weak-repeat")),
            ("", &[], 0, None),
        ] {
            let verdict = judge(password, about);
            assert_eq!((verdict.score, verdict.reason.as_deref()), (score, reason), "{password}");
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
        assert_eq!(Strength::question(&long, &[]).expose().chars().count(), JUDGED);
    }
}
