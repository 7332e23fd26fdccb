//! The traffic that `cargo schemig verify` drives, against what an app's own typed code does.

mod alike;
mod at_rest;
mod classes;
mod ledger;
mod letters;
mod rows;
mod story;
mod types;
