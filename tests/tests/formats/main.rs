//! What `--format json` prints, held against the schemas in `docs/`, and those against the types.

mod output;
mod schema;
