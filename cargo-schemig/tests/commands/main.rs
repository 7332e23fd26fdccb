//! The commands on crates in temporary directories.

#[cfg(unix)]
mod annotate;
#[cfg(unix)]
mod approvals;
#[cfg(unix)]
mod bad_input;
#[cfg(unix)]
mod deployed;
#[cfg(unix)]
mod direct;
#[cfg(unix)]
mod explain;
mod flow;
#[cfg(unix)]
mod order;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod printed;
#[cfg(unix)]
mod shared;
mod stats;
mod support;
#[cfg(unix)]
mod teams;
#[cfg(unix)]
mod workspace;
