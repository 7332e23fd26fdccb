//! Servers and databases that are made for a while and thrown away: for `verify`, and for the tests.

mod binaries;
mod cluster;
mod leftovers;
mod replica;
mod scratch;
pub mod unprivileged;

use std::io::Read as _;

pub use binaries::binaries;
pub use cluster::{Cluster, Database, Settings};
pub use leftovers::clear_on_interrupt;
pub use replica::Replica;
pub use scratch::{Ground, Kept, Scratch};
use tempfile::TempDir;

use crate::exit::Stop;

/// A temporary directory that Ctrl-C removes too.
///
/// # Errors
/// The disk refuses.
pub fn directory(prefix: &str) -> Result<TempDir, Stop> {
    let made = tempfile::Builder::new().prefix(prefix).tempdir();
    let made = made.map_err(|error| Stop::failed(&std::env::temp_dir(), "write to", &error))?;
    leftovers::keep(leftovers::Leftover::Directory(made.path().to_owned()));
    Ok(made)
}

/// 32 hex digits that nobody can guess.
fn secret() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
