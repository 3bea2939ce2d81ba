//! The undo journal: what a run changed, so that it can be put back.
//!
//! Every run that changes a file has a directory, by a number that is never used again, with a
//! file `changes.jsonl`: one line a changed file, written and synced before the file
//! itself. A line holds the digests of both versions and the bytes that were
//! replaced, so a file is put back exactly or not at all. Where that would make a
//! long line, the bytes are in a file of their own, one line a replacement. Only the owner may
//! read any of it, and only the last [`KEPT_RUNS`] are kept.

mod format;
mod record;
mod runs;
mod undo;

pub use self::record::{Journal, Recorded, Recording};
pub use self::runs::{Journals, KEPT_RUNS, RunSummary};
pub use self::undo::{UndoError, Undone, UndoneRun};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    use super::record::LINE;
    use super::*;
    use crate::decode::{Splice, splice};
    use crate::write::Digest;

    /// A directory with a file that a run changed, and the journals.
    fn changed_file(before: &[u8], splices: &[Splice]) -> (tempfile::TempDir, PathBuf, Journals) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        fs::write(&path, before).unwrap();
        let journals = Journals::new(directory.path().join("state/hanfix"));
        let journal = journals.clone().start();
        let after = splice(before, splices);
        record(&journal, &path, before, splices);
        fs::write(&path, after).unwrap();
        assert_eq!(journal.run(), Some(1));
        (directory, path, journals)
    }

    fn record<'a>(
        journal: &'a Journal,
        path: &Path,
        before: &[u8],
        splices: &[Splice],
    ) -> Recorded<'a> {
        let mut recording = journal.record();
        recording.part(before, splices).unwrap();
        let [before, after] = [before, &splice(before, splices)].map(|b| Digest::of(b).unwrap());
        recording.finish(path, before, after).unwrap()
    }

    /// A file that went from `a` to `b`.
    fn small_change() -> (tempfile::TempDir, PathBuf, Journals) {
        changed_file(b"a\n", &[Splice { range: 0..1, after: b"b".to_vec() }])
    }

    #[test]
    fn a_run_is_put_back_byte_for_byte() {
        let before = b"\xd2\xbb\r\n\x00\xff\nlast".as_slice();
        let splices = [
            Splice { range: 0..2, after: b"one".to_vec() },
            Splice { range: 4..4, after: b"\xfe".to_vec() },
            Splice { range: 6..11, after: vec![] },
        ];
        let (_directory, path, journals) = changed_file(before, &splices);
        assert_eq!(fs::read(&path).unwrap(), b"one\r\n\xfe\x00\xff");
        let listed = journals.list().unwrap();
        assert_eq!((listed[0].run, listed[0].files), (1, 1));
        assert!(journals.undo(1).unwrap().files[0].result.is_ok());
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(journals.last().unwrap(), None, "nothing is left to undo");
    }

    #[test]
    fn many_replacements_are_put_aside() {
        let before = b"a\n".repeat(100_000);
        let splice = |at| Splice { range: at..at + 1, after: b"bc".to_vec() };
        let splices: Vec<Splice> = (0..before.len()).step_by(2).map(splice).collect();
        let (directory, path, journals) = changed_file(&before, &splices);
        assert_eq!(fs::read_dir(directory.path().join("state/hanfix/1")).unwrap().count(), 2);
        assert!(journals.undo(1).unwrap().files[0].result.is_ok());
        assert_eq!(fs::read(&path).unwrap(), before);
        assert!(!directory.path().join("state/hanfix/1").exists());
    }

    #[test]
    fn what_is_not_finished_leaves_no_trace() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journals::new(directory.path().to_owned()).start();
        let mut recording = journal.record();
        let all = |len| [Splice { range: 0..len, after: vec![] }];
        recording.part(&[b'a'; 2 * LINE], &all(2 * LINE)).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        drop(recording);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        assert_eq!(journal.run(), None);
    }

    #[test]
    fn a_file_that_changed_since_is_left() {
        let (_directory, path, journals) = small_change();
        fs::write(&path, "c\n").unwrap();
        let undone = journals.undo(1).unwrap().files;
        assert!(matches!(undone[0].result, Err(UndoError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"c\n");
        assert_eq!(journals.last().unwrap(), Some(1), "it can be tried again");
    }

    #[test]
    fn a_run_that_ended_before_the_file_was_written_is_undone_by_nothing() {
        let (_directory, path, journals) = small_change();
        fs::write(&path, "a\n").unwrap();
        assert!(journals.undo(1).unwrap().files[0].result.is_ok());
    }

    #[test]
    fn runs_are_numbered_upwards() {
        let (_directory, path, journals) = small_change();
        let second = journals.clone().start();
        record(&second, &path, b"b\n", &[Splice { range: 0..1, after: b"c".to_vec() }]);
        assert_eq!(journals.last().unwrap(), Some(2));
    }

    #[test]
    fn the_number_of_a_run_that_was_undone_is_not_used_again() {
        let (_directory, path, journals) = small_change();
        assert!(journals.undo(1).unwrap().files[0].result.is_ok());
        let again = journals.start();
        record(&again, &path, b"a\n", &[Splice { range: 0..1, after: b"b".to_vec() }]);
        assert_eq!(again.run(), Some(2));
    }

    #[test]
    fn a_change_that_did_not_come_is_taken_back() {
        let (_directory, path, journals) = small_change();
        let next = journals.clone().start();
        let all = [Splice { range: 0..1, after: b"c".to_vec() }];
        record(&next, &path, b"b\n", &all).take_back().unwrap();
        assert_eq!(journals.last().unwrap(), Some(1));
        let first = record(&next, &path, b"b\n", &all);
        record(&next, &path, b"c\n", &all);
        first.take_back().unwrap();
        assert_eq!(journals.list().unwrap()[1].files, 2, "what came behind it stays where it is");
    }

    #[test]
    fn the_oldest_runs_are_forgotten() {
        let (directory, path, journals) = small_change();
        // neither a run nor ours
        let other = directory.path().join("state/hanfix/0");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("photo"), "of a cat").unwrap();
        for _ in 0..KEPT_RUNS {
            let journal = journals.clone().start();
            record(&journal, &path, b"b\n", &[Splice { range: 0..1, after: b"b".to_vec() }]);
        }
        let runs = journals.list().unwrap();
        assert_eq!((runs.len(), runs[0].run), (KEPT_RUNS, 2));
        assert!(other.join("photo").exists());
    }

    #[test]
    fn what_files_held_is_nobody_elses_business() {
        let (directory, ..) = small_change();
        let modes = ["state", "state/hanfix", "state/hanfix/1", "state/hanfix/1/changes.jsonl"]
            .map(|name| fs::metadata(directory.path().join(name)).unwrap().mode() & 0o777);
        assert_eq!(modes, [0o700, 0o700, 0o700, 0o600]);
    }

    #[test]
    fn a_run_without_a_change_is_none() {
        let (directory, path, journals) = small_change();
        let run = |name| directory.path().join("state/hanfix").join(name);
        fs::create_dir(run("2")).unwrap();
        fs::write(run("4"), "no directory").unwrap();
        fs::create_dir(run("3")).unwrap();
        fs::write(run("3/changes.jsonl"), "{\"cut sh").unwrap();
        assert_eq!(journals.last().unwrap(), Some(1));
        assert_eq!(journals.list().unwrap().len(), 1);
        let next = journals.start();
        record(&next, &path, b"b\n", &[Splice { range: 0..1, after: b"c".to_vec() }]);
        assert_eq!(next.run(), Some(5));
    }

    #[test]
    fn a_line_that_was_cut_short_is_passed_over() {
        let (directory, path, journals) = small_change();
        let list = directory.path().join("state/hanfix/1/changes.jsonl");
        let whole = fs::read(&list).unwrap();
        fs::write(&list, [&whole, &whole[..whole.len() - 20]].concat()).unwrap();
        assert_eq!(journals.list().unwrap()[0].files, 1);
        let undone = journals.undo(1).unwrap();
        assert!(undone.is_torn && undone.files.len() == 1 && undone.files[0].result.is_ok());
        assert_eq!(fs::read(&path).unwrap(), b"a\n");
    }
}
