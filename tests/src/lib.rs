//! What the workspace's tests share: private PostgreSQL clusters, the real Diesel CLI, projects to run schemig in, a migration under
//! live traffic, and fixtures: pairs of models with databases to try their plans on.

pub mod cluster;
pub mod diesel_cli;
pub mod findings;
pub mod fixture;
pub mod judge;
pub mod pair;
pub mod populate;
pub mod programs;
pub mod project;
pub mod random_pair;
pub mod release;
pub mod round_trip;
pub mod run;
pub mod server;
pub mod snapshot;
pub mod story;
