//! A colour of a brand.

use std::str::FromStr;

use crate::words::{Phrase, phrase};

/// A colour by its red, green and blue (sRGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl FromStr for Rgb {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Self, Phrase> {
        // A sign is taken for a digit otherwise.
        let is_form = |digits: &&str| digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        let digits = text.strip_prefix('#').filter(is_form);
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = number.ok_or(phrase!("colour-form"))?.to_be_bytes();
        Ok(Self(red, green, blue))
    }
}

impl Rgb {
    /// How much two colours differ in lightness, from 1 to 21 (WCAG 2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The square of the distance of two colours.
    pub fn distance(self, other: Self) -> u32 {
        let square = |one: u8, two: u8| u32::from(one.abs_diff(two)).pow(2);
        square(self.0, other.0) + square(self.1, other.1) + square(self.2, other.2)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        for (text, colour) in [
            ("#0b7285", Some(Rgb(0x0b, 0x72, 0x85))),
            ("#FFFFFF", Some(Rgb(255, 255, 255))),
            ("#fff", None),
            ("0b7285", None),
            ("#+b7285", None),
            ("#0b72855", None),
            ("red", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Rgb>().ok(), colour, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert!((white.contrast(white) - 1.0).abs() < 1e-9);
        assert!((Rgb(0x77, 0x77, 0x77).contrast(white) - 4.48).abs() < 0.01);
    }
}
