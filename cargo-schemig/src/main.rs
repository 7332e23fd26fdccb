//! `cargo schemig`: see the library of the same package.

use std::process::ExitCode;

/// A run is thousands of small allocations, on two threads: syntax trees, names, tables. The system's allocator takes a third of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cargo_schemig::run(std::env::args_os())
}
