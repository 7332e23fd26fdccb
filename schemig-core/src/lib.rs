//! Schemas, changes, plans and their safety: the pure part of schemig. No I/O, no clock, no environment, no randomness.

pub mod capture;
pub mod change;
pub mod dialect;
pub mod operation;
pub mod plan;
pub mod safety;
pub mod schema;
pub mod script;
