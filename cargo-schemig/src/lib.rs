//! The parts of `cargo schemig` that its commands are made of.

pub mod introspect;
pub mod scan;
