//! Writing: all or nothing. Everything is written to a temporary directory beside first, then moved to its place; when a move fails, all
//! moves are taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::exit::Stop;

/// Files to write and to remove, by absolute path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changeset {
    files: BTreeMap<PathBuf, Option<String>>,
}

impl Changeset {
    /// Writes `text` to a file. Nothing when it stands there already. What was to become of the file before counts no more.
    pub fn put(&mut self, path: PathBuf, text: String) {
        if fs::read_to_string(&path).ok().as_ref() == Some(&text) {
            self.files.remove(&path);
        } else {
            self.files.insert(path, Some(text));
        }
    }

    /// Does what another would do, too.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
    }

    /// Removes a file, or a directory with all it holds. Nothing when it isn't there.
    pub fn remove(&mut self, path: PathBuf) {
        if path.exists() {
            self.files.insert(path, None);
        }
    }

    /// Makes the files of a directory those given, by name below it: writes them and removes the others.
    ///
    /// # Errors
    /// The directory can't be read.
    pub fn mirror(&mut self, directory: &Path, files: BTreeMap<PathBuf, String>) -> Result<(), Stop> {
        for path in all_files(directory).map_err(|error| Stop::failed(directory, "read", &error))? {
            if !files.contains_key(&path) {
                self.files.insert(path, None);
            }
        }
        for (path, text) in files {
            self.put(path, text);
        }
        Ok(())
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files that are written, in order.
    pub fn written(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().filter(|(_, text)| text.is_some()).map(|(path, _)| path.as_path())
    }

    /// The files that are removed, in order.
    pub fn removed(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().filter(|(_, text)| text.is_none()).map(|(path, _)| path.as_path())
    }

    /// Does it, or leaves everything as it was. `beside` is a directory on the same file system as the files.
    ///
    /// # Errors
    /// The first path that can't be written; nothing is changed then.
    pub fn commit(&self, beside: &Path) -> Result<(), Stop> {
        if self.is_empty() {
            return Ok(());
        }
        let staged = tempfile::Builder::new().prefix(".schemig-").tempdir_in(beside);
        let staged = staged.map_err(|error| Stop::failed(beside, "write to", &error))?;
        let mut moves = Moves { temporary: &staged, done: Vec::new() };
        let outcome = self.stage(&staged).and_then(|()| self.place(&mut moves));
        outcome.map_err(|(path, error)| {
            moves.take_back();
            Stop::failed(&path, "write", &error)
        })
    }

    /// Writes all new texts below the temporary directory, under the path that they are to have.
    fn stage(&self, staged: &TempDir) -> Result<(), Failure> {
        for (path, text) in &self.files {
            if let Some(text) = text {
                let target = below(staged.path(), "new", path);
                let parent = target.parent().unwrap_or(staged.path());
                fs::create_dir_all(parent)
                    .and_then(|()| fs::write(&target, text))
                    .map_err(|error| (path.clone(), error))?;
            }
        }
        Ok(())
    }

    /// Removes the directories that lost their last file.
    fn sweep(&self) {
        for (path, _) in self.files.iter().filter(|(_, text)| text.is_none()) {
            // A directory that still holds something can't be removed, and then those around it stay too.
            let emptied = |directory: &&Path| fs::remove_dir(directory).is_ok() || !directory.exists();
            let _ = path.ancestors().skip(1).take_while(emptied).count();
        }
    }

    fn place(&self, moves: &mut Moves<'_>) -> Result<(), Failure> {
        // Found before anything moves: a directory that isn't there yet comes with all its files.
        let texts = self.files.iter().filter(|(_, text)| text.is_some());
        let tops: BTreeSet<PathBuf> = texts.map(|(path, _)| topmost_missing(path)).collect();
        for top in &tops {
            moves.away(top)?;
            moves.move_in(top)?;
        }
        for (path, _) in self.files.iter().filter(|(_, text)| text.is_none()) {
            moves.away(path)?;
        }
        self.sweep();
        Ok(())
    }
}

type Failure = (PathBuf, io::Error);

/// What has been moved so far.
struct Moves<'a> {
    temporary: &'a TempDir,
    done: Vec<(PathBuf, PathBuf)>,
}

impl Moves<'_> {
    /// Moves what stands at `path` to the temporary directory.
    fn away(&mut self, path: &Path) -> Result<(), Failure> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let kept = below(self.temporary.path(), "old", path);
        let parent = kept.parent().unwrap_or(self.temporary.path());
        fs::create_dir_all(parent).map_err(|error| (path.to_owned(), error))?;
        self.rename(path.to_owned(), kept, path)
    }

    /// Moves what was staged for `path` there: a file, or a directory that isn't there yet, whole.
    fn move_in(&mut self, path: &Path) -> Result<(), Failure> {
        self.rename(below(self.temporary.path(), "new", path), path.to_owned(), path)
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf, named: &Path) -> Result<(), Failure> {
        fs::rename(&from, &to).map_err(|error| (named.to_owned(), error))?;
        self.done.push((from, to));
        Ok(())
    }

    fn take_back(&mut self) {
        for (from, to) in self.done.drain(..).rev() {
            // What can't be taken back can't be mended here; the first error is the one to report.
            let _ = fs::rename(to, from);
        }
    }
}

/// An absolute path, below another directory.
fn below(directory: &Path, side: &str, path: &Path) -> PathBuf {
    use std::path::Component;
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("up".into()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    directory.join(side).join(names.collect::<PathBuf>())
}

/// The path, or the outermost of the directories around it that aren't there: that one is moved whole.
fn topmost_missing(path: &Path) -> PathBuf {
    let missing = path.ancestors().skip(1).take_while(|ancestor| ancestor.symlink_metadata().is_err());
    missing.last().unwrap_or(path).to_owned()
}

fn all_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(all_files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All files below a directory with what they hold.
    fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
        let files = all_files(root).unwrap();
        files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }

    fn start() -> TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("schemig")).unwrap();
        fs::write(home.path().join("schemig/a"), "old a").unwrap();
        fs::write(home.path().join("schemig/b"), "old b").unwrap();
        home
    }

    #[test]
    fn files_are_written_replaced_and_removed() {
        let home = start();
        let mut changes = Changeset::default();
        changes.put(home.path().join("schemig/a"), "new a".to_owned());
        changes.put(home.path().join("migrations/1/up.sql"), "up".to_owned());
        changes.put(home.path().join("migrations/1/down.sql"), "down".to_owned());
        changes.remove(home.path().join("schemig/b"));
        changes.commit(home.path()).unwrap();
        let held: Vec<String> = tree(home.path()).into_values().collect();
        assert_eq!(held, ["down", "up", "new a"]);
        let left = fs::read_dir(home.path()).unwrap().count();
        assert_eq!(left, 2, "nothing temporary is left");
    }

    #[test]
    fn what_stands_already_is_not_written() {
        let home = start();
        let mut changes = Changeset::default();
        changes.put(home.path().join("schemig/a"), "old a".to_owned());
        changes.remove(home.path().join("schemig/c"));
        changes.remove(home.path().join("schemig/a"));
        changes.put(home.path().join("schemig/a"), "old a".to_owned());
        assert!(changes.is_empty(), "what is to go and to come back stays");
    }

    #[test]
    fn a_failed_write_leaves_the_tree_as_it_was() {
        let home = start();
        fs::write(home.path().join("schemig/c"), "a file").unwrap();
        let before = tree(home.path());
        let mut changes = Changeset::default();
        changes.put(home.path().join("migrations/1/up.sql"), "up".to_owned());
        changes.put(home.path().join("schemig/a"), "new a".to_owned());
        changes.remove(home.path().join("schemig/b"));
        // A file stands where a directory is needed: the last move fails, after the others were made.
        changes.files.insert(home.path().join("schemig/c/deeper"), Some("no".to_owned()));
        let stop = changes.commit(home.path()).unwrap_err();
        assert_eq!(stop.exit, crate::exit::Exit::Failed);
        assert_eq!(tree(home.path()), before);
        assert!(!home.path().join("migrations").exists());
    }
}
