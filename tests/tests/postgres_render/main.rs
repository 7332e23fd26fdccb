//! What is rendered for PostgreSQL, sent to a real server as Diesel sends it.

mod backfill;
mod batches;
mod cases;
mod domain;
mod enumeration;
mod every_operation;
mod exclusion;
mod extension;
mod filler;
mod harness;
mod index;
mod locks;
mod log;
mod mirror;
mod number;
mod page;
mod partition;
mod rows;
mod view;
