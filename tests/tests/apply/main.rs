//! `cargo schemig apply`, run as a user would: on private servers, beside Diesel's CLI, killed at random, in its own way.

mod blockers;
mod cli;
mod contract_guard;
mod kills;
mod leftovers;
mod passwords;
mod refusals;
mod runners;
mod speed;
mod sqlite;
mod stage;
mod throttle;
