//! The commands on crates in temporary directories.

#[cfg(unix)]
mod bad_input;
mod flow;
mod support;
