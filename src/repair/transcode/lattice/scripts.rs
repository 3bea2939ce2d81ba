//! Which script a lost character is in, told by the others.
//!
//! ```text
//! 故宮博物院的線上展覽      of 宮, E5 AE is left, and 宫 (E5 AE AB) is as likely behind 故
//! ```

use crate::convert::Evidence;
use crate::edit::Bits;

/// What it costs that a character is one which only Simplified or only Traditional text has, in 1/256
/// bit; nothing where the text does not tell.
#[derive(Default)]
pub(super) struct Scripts {
    simplified: i32,
    traditional: i32,
}

impl Scripts {
    /// What a text tells, with what is read in it for now where characters were lost.
    pub(super) fn of(text: &[char]) -> Scripts {
        let Evidence { simplified, traditional, foreign } =
            Evidence::of_characters(text.iter().copied());
        // Japanese and Korean write characters of both
        if foreign > 0 {
            return Scripts::default();
        }
        let all = simplified + traditional;
        // a script of which nothing was seen has half a character, and both are as likely at first
        let cost = |seen: usize| Bits::of_share(2 * seen as u64 + 1, all as u64 + 1).0;
        Scripts { simplified: cost(simplified), traditional: cost(traditional) }
    }

    /// What it costs that these characters were lost.
    pub(super) fn cost(&self, lost: &[char]) -> i32 {
        let Evidence { simplified, traditional, .. } =
            Evidence::of_characters(lost.iter().copied());
        simplified as i32 * self.simplified + traditional as i32 * self.traditional
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_character_is_in_the_script_of_the_others() {
        let scripts = |text: &str| Scripts::of(&text.chars().collect::<Vec<_>>());
        let traditional = scripts("故□博物院的線上展覽開始了");
        assert!(traditional.cost(&['宫']) >= 2 * Bits::ONE.0);
        assert!(traditional.cost(&['宮']) < 0);
        assert_eq!(traditional.cost(&['院']), 0);
        assert_eq!(scripts("故□").cost(&['宫']), 0);
        assert_eq!(scripts("東京の國立博物館").cost(&['宫']), 0);
    }
}
