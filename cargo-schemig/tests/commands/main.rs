//! The commands on crates in temporary directories.

#[cfg(unix)]
mod bad_input;
#[cfg(unix)]
mod deployed;
#[cfg(unix)]
mod explain;
mod flow;
#[cfg(unix)]
mod order;
#[cfg(unix)]
mod stats;
mod support;
