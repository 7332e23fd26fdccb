//! Proving a plan on a scratch database: rows, and the traffic of the releases that run.

pub mod connection;
mod dice;
mod fresh;
pub mod renames;
pub mod rows;
pub mod traffic;
