//! Notes: the models, and the schema that schemig writes.

pub mod models;
pub mod schema;
