//! The least that a program could do: find out where the sources are, read the snapshot, find the sources that hold a model, and parse
//! those.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use cargo_metadata::MetadataCommand;
use memchr::memmem;

/// As many as schemig uses.
const THREADS: usize = 2;

/// How the program learns where the sources are.
#[derive(Clone, Copy)]
pub enum Asks {
    /// By `cargo metadata --no-deps`, as most programs do.
    Cargo,
    /// By reading Cargo.toml itself, which is stricter: it takes no time.
    Manifest,
}

impl Asks {
    /// The word that makes the benchmark this program.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Cargo => "bare-with-cargo",
            Self::Manifest => "bare",
        }
    }

    /// The program of that word.
    pub fn from_verb(verb: &str) -> Option<Self> {
        [Self::Cargo, Self::Manifest].into_iter().find(|asks| asks.verb() == verb)
    }

    fn sources(self, root: &Path) -> PathBuf {
        match self {
            Self::Cargo => {
                let manifest = root.join("Cargo.toml");
                let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
                let metadata = metadata.expect("cargo knows the crate");
                let library = metadata.packages[0].targets.iter().find(|target| target.is_lib());
                let library = library.expect("the crate has a library").src_path.as_std_path();
                library.parent().expect("a file has a directory").to_owned()
            }
            Self::Manifest => {
                let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
                let manifest: toml::Table = manifest.parse().expect("a manifest that parses");
                assert!(manifest.contains_key("package"));
                root.join("src")
            }
        }
    }
}

/// Does it.
pub fn run(root: &Path, asks: Asks) {
    let sources = files(&asks.sources(root));
    let snapshot = files(&root.join("schemig/snapshot"));
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
    let each = &each;
    thread::scope(|scope| {
        for share in paths.chunks(paths.len().div_ceil(THREADS).max(1)) {
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
