//! Servers that are started for a while and thrown away: a private PostgreSQL cluster, for `verify` and for the tests.

mod binaries;
mod cluster;
pub mod unprivileged;

pub use binaries::binaries;
pub use cluster::{Cluster, Database, Settings};
