//! Log-likelihoods in bits, by which everything is decided.

use std::fmt;
use std::sync::LazyLock;

/// A log-likelihood in bits, as a fixed-point number of 1/256 bit.
///
/// Integers make every decision the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bits(pub i32);

impl Bits {
    /// One bit.
    pub const ONE: Bits = Bits(256);

    /// A whole number of bits.
    pub const fn whole(bits: i32) -> Bits {
        Bits(bits * Bits::ONE.0)
    }

    /// The odds that it stands for: two to its power.
    ///
    /// Made of correctly rounded operations only, so that they are the same on every machine, as
    /// those of `exp2` are not.
    pub fn odds(self) -> f64 {
        static FRACTIONS: LazyLock<[f64; Bits::ONE.0 as usize]> = LazyLock::new(|| {
            let root = (0..Bits::ONE.0.ilog2()).fold(2.0f64, |root, _| root.sqrt());
            let mut power = 1.0;
            std::array::from_fn(|_| {
                let this = power;
                power *= root;
                this
            })
        });
        // 2^n for whole n is an exponent and nothing else: a seventh of the time of `powi`
        let (least, most) = (f64::MIN_EXP - 1, f64::MAX_EXP - 1);
        let whole = self.0.div_euclid(Bits::ONE.0).clamp(least, most);
        let power = f64::from_bits(((whole - least + 1) as u64) << (f64::MANTISSA_DIGITS - 1));
        power * FRACTIONS[self.0.rem_euclid(Bits::ONE.0) as usize]
    }

    /// −log2 of a share, of which neither part is zero.
    pub(crate) fn of_share(part: u64, whole: u64) -> Bits {
        Bits(log2(whole) - log2(part))
    }

    /// So many 1/256 bit, or the most or least there can be.
    pub(crate) fn saturating(steps: i64) -> Bits {
        Bits(steps.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
    }
}

/// The binary logarithm of a count that is not zero, in 1/256 bit.
fn log2(count: u64) -> i32 {
    const MANTISSA: u32 = 10;
    /// The logarithms of 1 up to 2, for each mantissa: neighbours differ by less than 1/256 bit.
    static FRACTIONS: LazyLock<Vec<i32>> = LazyLock::new(|| {
        let powers: Vec<f64> = (1..Bits::ONE.0).map(|steps| Bits(steps).odds()).collect();
        let mantissas = (1 << MANTISSA..2 << MANTISSA).map(|m: u32| f64::from(m));
        let fraction = |m| powers.partition_point(|power| power * f64::from(1 << MANTISSA) <= m);
        mantissas.map(|m| fraction(m) as i32).collect()
    });
    let whole = count.max(1).ilog2();
    let mantissa = count.max(1) << (u64::BITS - 1 - whole) >> (u64::BITS - 1 - MANTISSA);
    let step = mantissa as usize & (FRACTIONS.len() - 1);
    whole as i32 * Bits::ONE.0 + FRACTIONS[step]
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", f64::from(self.0) / f64::from(Bits::ONE.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_powers_of_two() {
        for (bits, odds) in [(0, 1.0), (3, 8.0), (-2, 0.25), (-1022, f64::MIN_POSITIVE)] {
            assert_eq!(Bits::whole(bits).odds(), odds);
        }
        for steps in [-1000, -100, -1, 1, 128, 700] {
            let odds = Bits(steps).odds();
            assert!((odds.log2() * 256.0 - f64::from(steps)).abs() < 1e-9, "{odds}");
        }
        assert_eq!(Bits(i32::MIN).odds(), f64::MIN_POSITIVE);
        assert!(Bits(i32::MAX).odds().is_finite());
    }
}
