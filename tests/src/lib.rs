//! What the workspace's tests share: private PostgreSQL clusters and the real Diesel CLI.

pub mod cluster;
pub mod diesel_cli;
pub mod unprivileged;
