//! `cargo schemig verify`: how do you know? The pending plan, tried on databases that are made for it.

pub mod contents;
mod sequence;
mod spelling;
mod timeline;
mod values;
