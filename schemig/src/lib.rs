//! Zero-downtime migrations for Diesel: the part that a user's crate depends on.
//!
//! Derive [`Migratable`] beside Diesel's own derives. Change the struct, run `cargo schemig diff`, and it writes the migrations that
//! take the database there while the release in production and the next one both run.
//!
//! ```
//! use schemig::Migratable;
//!
//! /// An ordinary Diesel model; Diesel's derives stand beside this one.
//! #[derive(Migratable)]
//! #[diesel(table_name = users)]
//! #[schemig(index(organization_id, created_at))]
//! struct User {
//!     id: i64,
//!     #[schemig(unique)]
//!     email: String,
//!     #[schemig(references(organizations(id), on_delete = cascade))]
//!     #[schemig(backfill(from = "org_memberships", key = "user_id", value = "organization_id"))]
//!     organization_id: i64,
//!     #[schemig(default = "now()")]
//!     created_at: std::time::SystemTime,
//! }
//!
//! assert!(User::MODEL.starts_with("1;struct User;table users;key id;field id:i64;"));
//! assert_eq!(User::FINGERPRINT.len(), 16);
//! ```
//!
//! The derive reads one struct and no more: [`Migratable::MODEL`] is what the struct says, word for word. What the types mean in the
//! database is found out by `cargo schemig`, which sees the whole crate.
//!
//! # The test that comes with a model
//!
//! Each model brings a unit test `schemig_captured_<type>` into your crate. It fails while `schemig/snapshot/`, or the snapshot of the crate
//! that `schemig/home.toml` names, holds another state of the model, so `cargo test` tells you that a `cargo schemig diff` is due. Hints (`renamed_from`, `backfill`, `convert`, `dropped`)
//! don't count: you may take them out once they did their work.
//!
//! # What a struct may say
//!
//! Diesel's attributes are read first: `table_name`, `primary_key`, `column_name`, `embed`, `select_expression`, `deserialize_as`. What Diesel
//! has no word for stands in `#[schemig(…)]`. A key that isn't written says nothing; `none` says that there is no such thing:
//! `default = none`. Columns are named as Diesel sees them. SQL stands in strings.
//!
//! On the struct: `name = "…"` and `schema = "…"` (what the database calls it), `renamed_from = "…"`, `index(a, b)`, `unique(a, b)`,
//! `exclude(a with "=", b with "&&")` (no two rows for which all of this holds), `check("…")`, `dropped("column", fill = "…", with = ["…"])`, `rows_from("table", key = "id", column = "expression")` (a new
//! table gets a row for each of that one), `comment = "…"`, `doc_comments` (the first paragraph of `///` on the struct and on
//! its fields is their comment in the database, where no `comment` says another; fields of an embedded struct have no part in it).
//!
//! `partition_by(range(created_at))`, or `list` or `hash`, says how a new table's rows are spread over partitions (PostgreSQL), and
//! `partition_by(…, partitions = ["events_2025"])` which there are: they are yours, and an index is built on one after the other. Each key
//! holds the columns that it names.
//!
//! On a field: `name = "…"`, `sql_type = "…"`, `default = "…"`, `renamed_from = "…"`, `backfill = "…"` or
//! `backfill(from = "…", key = "…", value = "…", otherwise = "…")`, `new_column`, `convert = "…"`, `convert_back = "…"`,
//! `references(table(column), on_delete = …)` (with `deferrable`, `deferred` or `not_deferrable`),
//! `unique`, `index`, `check("…")`, `generated("…")`, `identity`, `collate = "…"`, `comment = "…"`, `skip`.
//!
//! An index takes the options `name`, `method`, `where`, `include(…)`, `with = "fillfactor = 70"` and, among its columns, `expression = "…"`; a unique
//! one `nulls_not_distinct`, and `deferrable`, `deferred` or `not_deferrable`, too, which `exclude` also takes; its `method` is `gist` where it names none. Behind a column or an expression stands how it is sorted: `index(title ops(text_pattern_ops), seen desc nulls last)`.
//!
//! # Enums
//!
//! ```
//! use schemig::MigratableEnum;
//!
//! #[derive(MigratableEnum)]
//! #[schemig(name = "mood")]
//! enum Mood {
//!     Sad,
//!     #[schemig(label = "over the moon")]
//!     VeryHappy,
//! }
//!
//! assert_eq!(Mood::MODEL, r#"1;enum Mood name="mood";Sad="sad";VeryHappy="over the moon""#);
//! ```
//!
//! On PostgreSQL the enum is a type there as long as a column of a model uses it. A variant that comes is added in its place, and until contract
//! the new release may not write it: the old one can't read it. `renamed_from = "glad"` on a variant renames its label, which only works while
//! no release runs, as removing one does; `renamed_from = none` says that a label is new though another one goes. Where a database has no
//! enums, as SQLite, a new column is text with a check.

#![warn(missing_docs)]

mod captured;
mod fingerprint;

#[doc(hidden)]
pub use captured::captured;
pub use schemig_derive::{Migratable, MigratableEnum};

/// A struct that stands for a table. Derive it.
pub trait Migratable {
    /// What the struct says, in one line: names, type tokens and attributes, without hints.
    const MODEL: &'static str;
    /// The short form of [`MODEL`](Self::MODEL) that the snapshot keeps: 16 hex digits.
    const FINGERPRINT: &'static str = fingerprint::text(&fingerprint::digits(Self::MODEL));
}

/// An enum whose variants are the labels of a database type. Derive it.
pub trait MigratableEnum {
    /// What the enum says, in one line: its type's name, and each variant with its label.
    const MODEL: &'static str;
    /// The short form of [`MODEL`](Self::MODEL): 16 hex digits.
    const FINGERPRINT: &'static str = fingerprint::text(&fingerprint::digits(Self::MODEL));
}
