//! The traffic that `cargo schemig verify` drives, against what an app's own typed code does.

mod letters;
mod story;
