//! The edits as a unified diff, for a person to read and for `git apply` or `patch -p1` to take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use diffy::DiffOptions;

/// What leads from the old texts to the new ones, with paths from `root`.
pub fn patch(
    root: &Path,
    old: &BTreeMap<PathBuf, String>,
    new: &BTreeMap<PathBuf, String>,
) -> Option<String> {
    let mut out = String::new();
    for (path, text) in new {
        let Some(before) = old.get(path) else { continue };
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        let mut options = DiffOptions::new();
        options.set_original_filename(format!("a/{shown}")).set_modified_filename(format!("b/{shown}"));
        out.push_str(&options.create_patch(before, text).to_string());
    }
    (!out.is_empty()).then_some(out)
}
