//! `cargo schemig`: see the library of the same package.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_schemig::run(std::env::args_os())
}
