//! Release N-1 under traffic: `DATABASE_URL=postgres://… cargo run -p organizations --bin release_before -- --seconds 10`.

use std::process::ExitCode;

fn main() -> ExitCode {
    organizations::traffic::serve("before", 5, organizations::before::MIX)
}
