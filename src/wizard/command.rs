//! Everything that a key can mean, and what the help says about it.

use crate::{field::Edit, wizard::page::Page};

/// What a key can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Put this character into the field.
    Type(char),
    /// Move in the field or delete from it.
    Edit(Edit),
    /// On to the next field or page.
    Next,
    /// To the page before.
    Back,
    /// To the next field of this page.
    NextField,
    /// To the field before on this page.
    PreviousField,
    /// Show or hide the password.
    Reveal,
    /// Make the checks again.
    CheckAgain,
    /// Go to this page and come back to the review.
    Change(Page),
    /// The same, to the page that the review gives this number, from 1.
    ChangeNumber(u8),
    /// Carry the setup out, for the first time or again.
    Start,
    /// To the first answer that is missing or wrong.
    Complete,
    /// Correct the answer that the failure is about.
    Correct,
    /// Ask whether to leave.
    Leave,
    /// Ask whether to stop the run.
    Stop,
    /// Yes, to the question on the screen.
    Yes,
    /// No, to the question on the screen.
    No,
    /// Leave without another question.
    Finish,
    /// Scroll by so many lines.
    Scroll(i16),
    /// Speak the next language.
    NextLanguage,
    /// What stands after this in the list, or before.
    Pick {
        /// Whether the one after.
        forward: bool,
    },
    /// Scroll to the beginning.
    Top,
    /// Scroll to the end.
    Bottom,
    /// Choose the next key of the footer, for Enter to press.
    NextChoice,
    /// Choose the key before.
    PreviousChoice,
    /// Show every key that works here.
    Help,
    /// Show the log.
    Log,
    /// Show the address to the camera of a phone.
    Camera,
    /// Close the help, the log or the code.
    Close,
    /// Show or hide what led to the failure.
    Causes,
    /// Save a report for support.
    SaveReport,
    /// Draw everything again.
    Redraw,
}

impl Command {
    /// The id of what the help says about it.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::Type(_) => "help-type",
            Self::Edit(edit) => match edit {
                Edit::Left => "help-left",
                Edit::Right => "help-right",
                Edit::WordLeft => "help-word-left",
                Edit::WordRight => "help-word-right",
                Edit::Home => "help-home",
                Edit::End => "help-end",
                Edit::Backspace => "help-backspace",
                Edit::Delete => "help-delete",
                Edit::KillWord => "help-kill-word",
                Edit::KillBefore => "help-kill-before",
                Edit::KillAfter => "help-kill-after",
            },
            Self::Next => "help-next",
            Self::Back => "help-back",
            Self::NextField => "help-next-field",
            Self::PreviousField => "help-previous-field",
            Self::Reveal => "help-reveal",
            Self::CheckAgain => "help-check-again",
            Self::Change(_) | Self::ChangeNumber(_) => "help-change",
            Self::Start => "help-start",
            Self::Complete => "help-complete",
            Self::Correct => "help-correct",
            Self::Leave => "help-leave",
            Self::Stop => "help-stop",
            Self::Yes => "help-yes",
            Self::No => "help-no",
            Self::Finish => "help-finish",
            Self::Scroll(_) => "help-scroll",
            Self::Top => "help-top",
            Self::Bottom => "help-bottom",
            Self::NextLanguage => "help-language",
            Self::Pick { .. } => "help-pick",
            Self::NextChoice => "help-next-choice",
            Self::PreviousChoice => "help-previous-choice",
            Self::Help => "help-help",
            Self::Log => "help-log",
            Self::Camera => "help-camera",
            Self::Close => "help-close",
            Self::Causes => "help-causes",
            Self::SaveReport => "help-report",
            Self::Redraw => "help-redraw",
        }
    }
}
