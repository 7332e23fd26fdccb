//! What the workspace's tests share: private PostgreSQL clusters, the real Diesel CLI, projects to run schemig in, and a
//! migration under live traffic.

pub mod cluster;
pub mod diesel_cli;
pub mod programs;
pub mod project;
pub mod run;
pub mod story;
pub mod unprivileged;
