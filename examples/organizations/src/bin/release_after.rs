//! Release N under traffic: `DATABASE_URL=postgres://… cargo run -p organizations --bin release_after -- --seconds 10`.

use std::process::ExitCode;

fn main() -> ExitCode {
    organizations::traffic::serve("after", 3, organizations::after::MIX)
}
