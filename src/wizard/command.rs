//! Everything that a key can mean, and what the help says about it.

use crate::{
    field::Edit,
    wizard::page::Page,
    words::{TextId, id},
};

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
    /// Type how the network is to be.
    Mend,
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
    /// Use this install code although another one has set this machine up, by way of the review.
    UseCode,
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
    /// What the help says about it; nothing of those that lead to a page, which it names.
    pub(crate) const fn help(self) -> Option<TextId> {
        Some(match self {
            Self::Type(_) => id!("help-type"),
            Self::Edit(edit) => match edit {
                Edit::Left => id!("help-left"),
                Edit::Right => id!("help-right"),
                Edit::WordLeft => id!("help-word-left"),
                Edit::WordRight => id!("help-word-right"),
                Edit::Home => id!("help-home"),
                Edit::End => id!("help-end"),
                Edit::Backspace => id!("help-backspace"),
                Edit::Delete => id!("help-delete"),
                Edit::KillWord => id!("help-kill-word"),
                Edit::KillBefore => id!("help-kill-before"),
                Edit::KillAfter => id!("help-kill-after"),
            },
            Self::Next => id!("help-next"),
            Self::Back => id!("help-back"),
            Self::NextField => id!("help-next-field"),
            Self::PreviousField => id!("help-previous-field"),
            Self::Reveal => id!("help-reveal"),
            Self::Mend => id!("help-mend"),
            Self::CheckAgain => id!("help-check-again"),
            Self::Change(_) | Self::ChangeNumber(_) => return None,
            Self::Start => id!("help-start"),
            Self::Complete => id!("help-complete"),
            Self::Correct => id!("help-correct"),
            Self::UseCode => id!("help-use-code"),
            Self::Leave => id!("help-leave"),
            Self::Stop => id!("help-stop"),
            Self::Yes => id!("help-yes"),
            Self::No => id!("help-no"),
            Self::Finish => id!("help-finish"),
            Self::Scroll(_) => id!("help-scroll"),
            Self::Top => id!("help-top"),
            Self::Bottom => id!("help-bottom"),
            Self::NextLanguage => id!("help-language"),
            Self::Pick { .. } => id!("help-pick"),
            Self::NextChoice => id!("help-next-choice"),
            Self::PreviousChoice => id!("help-previous-choice"),
            Self::Help => id!("help-help"),
            Self::Log => id!("help-log"),
            Self::Camera => id!("help-camera"),
            Self::Close => id!("help-close"),
            Self::Causes => id!("help-causes"),
            Self::SaveReport => id!("help-report"),
            Self::Redraw => id!("help-redraw"),
        })
    }
}
