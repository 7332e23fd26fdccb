//! What a plan and a schema leave on disk.

pub mod schema_rs;
