//! What one kind of software does about bytes that it cannot decode, and what became of the text
//! behind it.

use std::fmt;

/// How a decoder treats bytes that it cannot decode, and what was done to the text afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flavour {
    /// What decoded the bytes.
    pub software: Software,
    /// What was done to the text that it left.
    pub afterwards: Afterwards,
}

/// A kind of software that decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Software {
    /// Browsers: vendor extensions are known, an ASCII second byte is kept, any other
    /// pair is lost as a whole.
    Web,
    /// Windows: one `?`, in Shift_JIS `・`, and the second byte is swallowed, even an ASCII one.
    Windows,
    /// iconv-like: as the web, without the extensions.
    Narrow,
    /// Java: the extensions but no euro sign, only the first byte is lost.
    Java,
    /// Python: as Java, without the extensions.
    Python,
}

/// What was done to a text behind its decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Afterwards {
    /// Nothing.
    Kept,
    /// The markers of lost bytes were taken out, or none were written in the first place: Python's
    /// `ignore`, `iconv -c`.
    Unmarked,
    /// It was saved in a codec that has no U+FFFD, so that each became a `?`, as Java's `getBytes` and
    /// Python's `replace` write it: 。 before a line break, E3 80 82, is `銆?` of GBK, and the line
    /// break is still there.
    Questioned,
    /// Private-use characters were taken out: of 中文 in UTF-8, E4B8 ADE6 9687, GBK leaves `涓枃` and
    /// U+E15F between, which nobody sees.
    Stripped,
    /// Of a single-byte codec, something was done about characters that cannot be seen.
    Scraped(Scraped),
}

/// What a scraper does about characters that cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scraped {
    /// Whether no-break spaces became plain ones: `Ã\u{A0}`, à in Latin-1, became `Ã `.
    pub spaces: bool,
    /// Whether C1 controls went missing: of `å\u{9B}½`, 国, `å½` was left.
    pub controls: bool,
    /// Whether soft hyphens went missing: of `ä¸\u{AD}`, 中, `ä¸` was left.
    pub hyphens: bool,
}

impl Scraped {
    /// Nothing.
    pub(crate) const NOTHING: Scraped = Scraped { spaces: false, controls: false, hyphens: false };
}

impl Flavour {
    /// Browsers.
    pub const WEB: Flavour = Software::Web.then(Afterwards::Kept);
    /// Windows.
    pub const WINDOWS: Flavour = Software::Windows.then(Afterwards::Kept);
    /// iconv and what is like it.
    pub const NARROW: Flavour = Software::Narrow.then(Afterwards::Kept);
    /// Java.
    pub const JAVA: Flavour = Software::Java.then(Afterwards::Kept);
    /// Python's `replace`.
    pub const PYTHON: Flavour = Software::Python.then(Afterwards::Kept);
    /// Python's `ignore` and `iconv -c`, which write no marker.
    pub const DROP: Flavour = Software::Python.then(Afterwards::Unmarked);

    /// Every flavour that is met, the most frequent first.
    pub const ALL: [Flavour; 20] = [
        Flavour::WEB,
        Flavour::WINDOWS,
        Flavour::NARROW,
        Flavour::JAVA,
        Flavour::PYTHON,
        Flavour::DROP,
        Software::Web.then(Afterwards::Unmarked),
        Software::Web.then(Afterwards::Questioned),
        Software::Java.then(Afterwards::Questioned),
        Software::Python.then(Afterwards::Questioned),
        Software::Web.then(Afterwards::Stripped),
        Software::Windows.then(Afterwards::Stripped),
        Software::Java.then(Afterwards::Stripped),
        Flavour::scraped(true, false, false),
        Flavour::scraped(false, false, true),
        Flavour::scraped(false, true, false),
        Flavour::scraped(false, true, true),
        Flavour::scraped(true, true, true),
        Flavour::scraped(true, false, true),
        Flavour::scraped(true, true, false),
    ];

    /// How many tables a codec has at most: of each software, of each where private use was taken out,
    /// and of the web for each scraper.
    pub(super) const SLOTS: usize = 2 * Software::COUNT + (1 << 3);

    /// That of a scraper which does something about these.
    const fn scraped(spaces: bool, controls: bool, hyphens: bool) -> Flavour {
        Software::Web.then(Afterwards::Scraped(Scraped { spaces, controls, hyphens }))
    }

    /// What decoded the text, before anything was done to that.
    pub const fn as_decoded(self) -> Flavour {
        self.software.then(Afterwards::Kept)
    }

    /// The place of its table among those of a codec.
    pub(super) const fn slot(self) -> usize {
        let software = self.software as usize;
        match self.afterwards {
            Afterwards::Kept | Afterwards::Unmarked | Afterwards::Questioned => software,
            Afterwards::Stripped => Software::COUNT + software,
            Afterwards::Scraped(Scraped { spaces, controls, hyphens }) => {
                let kinds = (spaces as usize) + 2 * (controls as usize) + 4 * (hyphens as usize);
                2 * Software::COUNT + kinds
            }
        }
    }

    /// Whether private-use characters were taken out.
    pub const fn is_stripped(self) -> bool {
        matches!(self.afterwards, Afterwards::Stripped)
    }
}

impl Software {
    /// How many there are.
    const COUNT: usize = Software::Python as usize + 1;

    /// The flavour of this software with something done to its text afterwards.
    pub const fn then(self, afterwards: Afterwards) -> Flavour {
        Flavour { software: self, afterwards }
    }
}

impl fmt::Debug for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.software)?;
        match self.afterwards {
            Afterwards::Kept => Ok(()),
            afterwards => write!(f, " {afterwards:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_flavours_share_a_place() {
        let afterwards = |flavour: &Flavour| match flavour.afterwards {
            // what was done to markers is no matter of the table
            Afterwards::Unmarked | Afterwards::Questioned => Afterwards::Kept,
            afterwards => afterwards,
        };
        for one in Flavour::ALL {
            assert!(one.slot() < Flavour::SLOTS);
            for other in Flavour::ALL {
                let has_same_table =
                    (one.software, afterwards(&one)) == (other.software, afterwards(&other));
                assert_eq!(one.slot() == other.slot(), has_same_table, "{one:?} {other:?}");
            }
        }
    }
}
