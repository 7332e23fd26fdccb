//! The least that a program could do: read Cargo.toml, read the snapshot, find the sources that hold a model, and parse those.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use memchr::memmem;

/// The word that makes the benchmark this program.
pub const VERB: &str = "bare";

/// Does it, on as many threads as schemig uses here.
pub fn run(root: &Path) {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("a manifest that parses");
    assert!(manifest.contains_key("package"));
    let snapshot = files(&root.join("schemig/snapshot"));
    let sources = files(&root.join("src"));
    in_shares(&snapshot, |path| {
        let text = fs::read_to_string(path).expect("a snapshot file");
        let table: toml::Table = text.parse().expect("a snapshot file that parses");
        assert!(table.contains_key("columns"));
    });
    in_shares(&sources, |path| {
        let bytes = fs::read(path).expect("a source file");
        if memmem::find(&bytes, b"Migratable").is_some() {
            let text = std::str::from_utf8(&bytes).expect("text");
            syn::parse_file(text).expect("a source file that parses");
            proc_macro2::extra::invalidate_current_thread_spans();
        }
    });
}

fn in_shares(paths: &[PathBuf], each: impl Fn(&Path) + Sync) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = &each;
    thread::scope(|scope| {
        for share in paths.chunks(paths.len().div_ceil(threads).max(1)) {
            scope.spawn(move || share.iter().for_each(|path| each(path)));
        }
    });
}

/// All files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("a directory").flatten() {
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory { &mut waiting } else { &mut found }.push(entry.path());
        }
    }
    found
}
