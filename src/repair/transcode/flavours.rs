//! What a whole document says about the flavour of a decoder.
//!
//! A line of a few characters often reads nearly as well in two flavours, which show different
//! characters for the same bytes or lose different ones. Other lines of the document came the
//! same way, and some of them tell.

use super::path::Path;
use super::reading::Reading;
use super::suspect::DOUBTFUL;

/// By path: how much worse than the best the suspects of a document read along it, each counted
/// up to [`DOUBTFUL`].
#[derive(Default)]
pub struct Flavours {
    penalties: Vec<(Path, i32)>,
    /// Whether all suspects were taken into account.
    is_finished: bool,
}

impl Flavours {
    /// Takes the readings of one suspect into account, the best first; `tried` are the paths that
    /// were searched, those that were given up included.
    pub fn learn(&mut self, tried: &[Path], readings: &[Reading]) {
        let Some(best) = readings.first().filter(|_| !self.is_finished) else { return };
        let of_codecs = || readings.iter().filter(|it| it.path.has_same_codecs(&best.path));
        let least = of_codecs().map(|reading| reading.cost).min().unwrap_or(best.cost);
        for path in tried.iter().filter(|path| path.has_same_codecs(&best.path)) {
            let reading = of_codecs().find(|reading| reading.path == *path);
            let penalty =
                reading.map_or(DOUBTFUL.0, |reading| (reading.cost - least).min(DOUBTFUL.0));
            match self.penalties.iter_mut().find(|(known, _)| known == path) {
                Some((_, sum)) => *sum = sum.saturating_add(penalty),
                None => self.penalties.push((path.clone(), penalty)),
            }
        }
    }

    /// Ends the learning, so that what is read again does not count twice.
    pub fn finish(&mut self) {
        self.is_finished = true;
    }

    /// Whether the document as far as it was read speaks against all other flavours of a path.
    pub fn tell(&self, path: &Path) -> bool {
        let others = |(known, _): &&(Path, i32)| known.has_same_codecs(path) && known != path;
        let mut others = self.penalties.iter().filter(others).peekable();
        others.peek().is_some() && others.all(|(known, _)| self.exclude(known))
    }

    /// Whether the document as far as it was read speaks against the flavour of a path.
    pub fn exclude(&self, path: &Path) -> bool {
        let of_codecs = self.penalties.iter().filter(|(known, _)| known.has_same_codecs(path));
        let least = of_codecs.map(|&(_, penalty)| penalty).min().unwrap_or(0);
        let penalty = self.penalties.iter().find(|(known, _)| known == path);
        penalty.is_some_and(|&(_, penalty)| penalty - least >= DOUBTFUL.0)
    }
}
