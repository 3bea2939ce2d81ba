//! Why a reading along a path is no repair.

use std::fmt;

use crate::edit::Bits;

/// Why the text stays as it is, though it reads otherwise along a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The reading is not enough likelier.
    TooFewBits {
        /// How much likelier it is.
        gain: Bits,
        /// How much it would have to be.
        needed: Bits,
    },
    /// The reading is likelier, but the same few characters say so again and again.
    Repeated,
    /// The reading is hardly less unlikely than what stands there: row against row of a table.
    AsUnlikely,
    /// The characters of the reading cost more than those of any text.
    NoText,
    /// Two characters came out that are hardly ever written together.
    NoWord,
    /// The reading shows private-use characters, which nobody writes.
    PrivateUse,
    /// What stands beside the damage looks the same, and was not damaged along the path.
    Torn,
    /// The text around the damage is in letters that only the wrong decoder's own language has.
    OwnScript,
    /// Too little of the reading speaks for UTF-16.
    NotUtf16,
    /// Nothing but signs and marks: any two of them are a character in some codec.
    Signs,
    /// A row of a list or a code table, of which another table makes another row.
    Listing,
    /// More characters lost bytes than did not.
    Ruin,
    /// Damaging it again does not give the text as it stands.
    Unproven,
    /// Another reading is likelier, by so much.
    Behind(Bits),
    /// Another reading is about as likely, and nothing tells which is right.
    Tied,
    /// The text is a picture made of signs.
    Drawing,
    /// Most of the text is lost, or nothing in it but what is lost looks damaged.
    MostlyLost,
    /// Another repair of the same characters has priority (of text that slipped by a byte, or along
    /// the path or the flavour of the rest of the document), or they are quoted.
    Overruled,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Refusal::TooFewBits { gain, needed } => {
                let (bits, more) =
                    (Bits(gain.0.abs()), if gain.0 < 0 { "less likely" } else { "likelier" });
                return write!(f, "{bits} bits {more}; {needed} are needed");
            }
            Refusal::Behind(bits) => return write!(f, "{bits} bits behind another reading"),
            Refusal::Repeated => "the same few characters speak for it again and again",
            Refusal::AsUnlikely => "hardly less unlikely than the text as it stands",
            Refusal::NoText => "no text: its characters do not go together",
            Refusal::NoWord => "two characters that are hardly ever written together",
            Refusal::PrivateUse => "shows private-use characters",
            Refusal::Torn => "stands beside more of the same that it does not explain",
            Refusal::OwnScript => "stands in text of the language of the wrong decoder",
            Refusal::NotUtf16 => "too little of it speaks for utf-16",
            Refusal::Signs => "nothing but signs, any of which mean something in some codec",
            Refusal::Listing => "a row of a list of characters, which is one in any codec",
            Refusal::Ruin => "more characters lost bytes than did not",
            Refusal::Unproven => "damaging it again does not give the text as it stands",
            Refusal::Tied => "another reading is about as likely",
            Refusal::Drawing => "the text is a picture made of signs",
            Refusal::MostlyLost => "most of the text is lost, or nothing but that looks damaged",
            Refusal::Overruled => "not taken, for what else is known of the text",
        };
        f.write_str(reason)
    }
}
