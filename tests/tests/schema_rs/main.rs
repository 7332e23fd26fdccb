//! schema.rs, byte for byte what the real `diesel print-schema` prints for the same database and the same diesel.toml.

mod bench;
mod docs;
mod domains;
mod lite;
mod mistakes;
mod names;
mod patches;
mod places;
mod rows;
mod rustfmt;
mod sections;
mod types;
mod which;
