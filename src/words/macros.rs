//! How phrases, and what errors say, are written down.

/// A phrase by its id, with values that are variables of their names or are given: `phrase!(ID { a, b: c.len() })`.
///
/// The id stands there as a literal; whether there is such a text with these values the compiler says.
macro_rules! phrase {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($id:tt) => { $crate::words::Phrase::from($crate::words::id!($id)) };
    ($id:tt { $($name:ident $(: $value:expr)?),* $(,)? }) => {
        $crate::words::valued!($id {
            $($name: $crate::words::Phrase::from($crate::words::phrase!(@value $name $($value)?))),*
        })
    };
}

/// What is said of each form of an error, and what led to it: `Say`, `Display` in English, and `std::error::Error`.
///
/// A form is a text with its values, `because` of a `Cause` if it has one; or what another error says: `=> (inner)`.
macro_rules! said {
    (@form ($inner:expr)) => { $crate::words::Say::said($inner) };
    (@form $id:tt $({ $($values:tt)* })?) => { ($crate::words::phrase!($id $({ $($values)* })?), None) };
    (@form $id:tt $({ $($values:tt)* })? because $kind:ident($($cause:tt)*)) => {
        ($crate::words::phrase!($id $({ $($values)* })?), $crate::words::Cause::$kind($($cause)*).into())
    };
    ($type:ty: $($form:pat => $id:tt $({ $($values:tt)* })? $(because $kind:ident($($cause:tt)*))?),* $(,)?) => {
        impl $crate::words::Say for $type {
            fn said(&self) -> ($crate::words::Phrase, Option<$crate::words::Cause<'_>>) {
                match self {
                    $($form => $crate::words::said!(@form $id $({ $($values)* })? $(because $kind($($cause)*))?),)*
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::words::Say::phrase(self), f)
            }
        }

        impl std::error::Error for $type {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                $crate::words::Say::because(self).map($crate::words::Cause::error)
            }
        }
    };
}

pub(crate) use phrase;
pub(crate) use said;
