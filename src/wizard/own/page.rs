//! What a page is asked that has state of its own.

use crate::{
    field::Field,
    wizard::{keys::Context, notice::Notice, port::Request},
    words::TextId,
};

/// What Enter or Esc leads to on such a page.
#[derive(Debug)]
pub(crate) enum Reaction {
    /// Nowhere: there is something to be said first.
    Stay,
    /// To something that is to be done first.
    Ask(Request),
    /// To the next page, or the one before.
    On,
}

/// A page with state of its own. What has nothing to type on it says only what it is for.
pub(crate) trait OwnPage {
    /// Whether it has something to ask.
    fn is_shown(&self) -> bool;

    /// Where the operator is on it, for the keys.
    fn context(&self) -> Context;

    /// How many fields it has.
    fn fields(&self) -> usize {
        0
    }

    /// The index of the field that keys go to.
    fn focus(&self) -> usize {
        0
    }

    /// Has keys go to the field with this index.
    fn focus_on(&mut self, _index: usize) {}

    /// The field that keys go to, and what stands before it.
    fn field(&self) -> Option<(TextId, &Field)> {
        None
    }

    /// The same field, to be changed.
    fn field_mut(&mut self) -> Option<&mut Field> {
        None
    }

    /// Something was typed or deleted: what was said of the text before is over.
    fn has_changed(&mut self) {}

    /// Something was typed or pasted that the field does not take.
    fn refused(&mut self, _why: Notice) {}

    /// Picks the next of what can be chosen for the field, or the one before it.
    fn pick(&mut self, _forward: bool) {}

    /// What Enter does.
    fn enter(&mut self) -> Reaction;

    /// What Esc does, where that is not to go back.
    fn leave(&mut self) -> Reaction {
        Reaction::On
    }

    /// Whether `character` may stand in a recording as it is typed.
    fn shows_typed(&self, _character: char) -> bool {
        false
    }

    /// Whether `text` may stand in a recording as it is pasted.
    fn shows_pasted(&self, _text: &str) -> bool {
        false
    }
}
