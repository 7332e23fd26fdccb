//! What tests found out and a person wants to read: cargo hides the output of tests that pass, so `tests/run` prints these files.

use crate::diesel_cli::target_directory;

/// Prints a finding, and keeps it in the target directory under a name of its own.
///
/// # Panics
/// When it can't be written.
pub fn keep(name: &str, finding: &str) {
    println!("{finding}");
    let directory = target_directory().join("findings");
    std::fs::create_dir_all(&directory).expect("a directory for what was found");
    std::fs::write(directory.join(format!("{name}.md")), format!("{finding}\n"))
        .expect("what was found is kept");
}
