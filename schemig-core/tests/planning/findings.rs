//! What the tests found out: cargo hides the output of tests that pass, so `tests/run` prints these files.

use std::path::Path;

/// Prints a finding, and keeps it in the target directory under a name of its own.
pub fn keep(name: &str, finding: &str) {
    println!("{finding}");
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a directory in the target directory");
    let directory = target.join("findings");
    std::fs::create_dir_all(&directory).expect("a directory for what was found");
    std::fs::write(directory.join(format!("{name}.md")), format!("{finding}\n"))
        .expect("what was found is kept");
}
