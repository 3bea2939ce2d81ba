//! What single characters become.

use super::u32_at;

/// What a character becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// One character, perhaps the same.
    One(char),
    /// Two characters (埠 → 端口).
    Two([char; 2]),
}

impl Replacement {
    /// Appends it to a text.
    pub fn push_to(self, out: &mut String) {
        match self {
            Replacement::One(c) => out.push(c),
            Replacement::Two(chars) => out.extend(chars),
        }
    }

    fn unpack(to: u32) -> Replacement {
        if let Some(c) = char::from_u32(to) {
            return Replacement::One(c);
        }
        let half = |bits: u32| char::from_u32(bits).expect("characters of the file are valid");
        Replacement::Two([half(to >> 16), half(to & 0xFFFF)])
    }
}

/// Characters and what they become.
pub struct CharTable {
    /// Those of the first plane, by code point; zero for itself.
    plane0: Box<[u32; 0x1_0000]>,
    /// The others, sorted.
    others: Vec<(char, u32)>,
}

impl CharTable {
    /// Unpacks sections of characters; later sections go over earlier ones.
    pub fn new<const N: usize>(sections: [&'static [u8]; N]) -> CharTable {
        let mut table = CharTable { plane0: Box::new([0; 0x1_0000]), others: Vec::new() };
        let records = sections.into_iter().flat_map(|section| section.as_chunks::<8>().0);
        for record in records {
            let (from, to) = (u32_at(record, 0), u32_at(record, 4));
            match table.plane0.get_mut(from as usize) {
                Some(entry) => *entry = to,
                None => {
                    let from = char::from_u32(from).expect("characters of the file are valid");
                    table.others.push((from, to));
                }
            }
        }
        // stable, and the last of equal ones is what the search below must find
        table.others.reverse();
        table.others.sort_by_key(|(from, _)| *from);
        table.others.dedup_by_key(|(from, _)| *from);
        table
    }

    /// What a character becomes.
    pub fn get(&self, c: char) -> Replacement {
        let to = match self.plane0.get(c as usize) {
            Some(0) => return Replacement::One(c),
            Some(to) => *to,
            None => match self.others.binary_search_by_key(&c, |(from, _)| *from) {
                Ok(at) => self.others[at].1,
                Err(_) => return Replacement::One(c),
            },
        };
        Replacement::unpack(to)
    }

    /// Appends what each character of a text becomes.
    pub fn convert(&self, text: &str, out: &mut String) {
        text.chars().for_each(|c| self.get(c).push_to(out));
    }

    /// The characters of the first plane that become something else.
    pub fn plane0(&self) -> impl Iterator<Item = char> {
        let changed = self.plane0.iter().enumerate().filter(|(_, to)| **to != 0);
        changed.filter_map(|(from, _)| char::from_u32(from as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::config::Config;
    use crate::convert::table::ConfigTable;

    #[test]
    fn later_sections_go_over_earlier_ones() {
        let table = ConfigTable::of(Config::T2s);
        assert!(!table.tofu.is_empty());
        let with = CharTable::new([table.first.chars, table.tofu]);
        let without = CharTable::new([table.first.chars]);
        assert_eq!(with.get('㑮'), Replacement::One('𫝈'));
        assert_eq!(without.get('㑮'), Replacement::One('㑮'));
        assert_eq!(with.get('門'), Replacement::One('门'));
    }

    #[test]
    fn one_character_may_become_two() {
        let table = ConfigTable::of(Config::Tw2sp);
        let chars = CharTable::new([table.first.chars]);
        assert_eq!(chars.get('埠'), Replacement::Two(['端', '口']));
    }
}
