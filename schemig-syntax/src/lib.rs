//! The grammar of a schemig model, shared by the derive and the scan.
//!
//! Both must read a struct alike: the derive sees it while the crate compiles, the scan when the crate doesn't (in a
//! model-first flow nothing compiles between the change of a model and the new `schema.rs`). So there is one grammar,
//! and it needs nothing but the item's own tokens: no aliases, no other files, no database.
//!
//! [`parse::model`] turns a struct into a [`Model`], [`parse::enumeration`] an enum into an [`EnumModel`]. Every mistake is
//! collected, each with its span. [`Model::canonical`] is the text that stands for what a model says, and
//! [`fingerprint`] the short form that the snapshot keeps.
//!
//! ```
//! let item: syn::ItemStruct = syn::parse_quote! {
//!     #[diesel(table_name = users)]
//!     #[schemig(index(organization_id, created_at))]
//!     struct User {
//!         id: i64,
//!         #[schemig(unique, renamed_from = "mail")]
//!         email: String,
//!         #[schemig(references(organizations(id), on_delete = cascade))]
//!         organization_id: Option<i64>,
//!         #[schemig(default = "now()")]
//!         created_at: Timestamp,
//!     }
//! };
//! let model = schemig_syntax::parse::model(&item).unwrap();
//! assert_eq!(model.table.name.text, "users");
//! assert_eq!(model.fields[1].renamed_from.value().unwrap().text, "mail");
//! assert!(schemig_syntax::option_inner(&model.fields[2].ty).is_some());
//! ```
//!
//! # What a struct may say
//!
//! Diesel's own attributes are read first: `table_name`, `primary_key`, `column_name`, `embed`, `select_expression`,
//! `deserialize_as`. What Diesel has no word for stands in `#[schemig(…)]`. A key that isn't written says nothing; `none` says that
//! there is no such thing. Columns are named as Diesel sees them (the field, or its `column_name`). SQL stands in strings.
//!
//! | on the struct | says |
//! |---|---|
//! | `name = "User Accounts"` | the table's name in the database |
//! | `schema = "auth"` | the schema it lives in |
//! | `renamed_from = "accounts"`, `= none` | rename the table; or really drop the one and add the other |
//! | `rows_from("users", user_id = "id", shout = "upper(bio)")` | a new table gets a row for each of another one |
//! | `index(a, b)`, `unique(a, b)` | an index; also `columns(a, b)`, `expression = "lower(email)"`, `name`, `method`, `where`, `include(c)` |
//! | `exclude(room with "=", during with "&&")` | no two rows for which all of this holds; options as of an index, and `deferrable`, `deferred` |
//! | `check("low < high")` | a check; also `name` |
//! | `dropped("legacy", fill = "''")` | the column goes: what keeps it filled until then (or `none`), `with = ["index"]` goes too |
//! | `comment = "…"`, `= none` | the table's comment |
//! | `doc_comments` | the first paragraph of `///`, on the struct and on its fields, is the comment |
//!
//! | on a field | says |
//! |---|---|
//! | `name = "e-mail"` | the column's name in the database |
//! | `sql_type = "varchar(20)"` | its type, as the database writes it |
//! | `default = "now()"`, `= 0`, `= none` | its default, an SQL expression |
//! | `renamed_from = "mail"`, `= none` | rename the column; or really drop the one and add the other |
//! | `backfill = "lower(email)"` | what rows that exist get |
//! | `backfill(from = "org_memberships", key = "user_id", value = "organization_id", otherwise = "0")` | the same, from another table, kept in step |
//! | `new_column` | the column takes over from the one that is called as the field is: for another type, under another `column_name` |
//! | `convert = "…"`, `convert_back = "…"` | how values of the old type become values of the new one, and back |
//! | `references = "organizations"`, `references(organizations(id), on_delete = cascade)` | a foreign key; also `on_update`, `name` |
//! | `index`, `unique` | one on this column alone; options as on the struct |
//! | `check("age > 0")` | a check; also `name` |
//! | `generated = "price * quantity"`, `generated("…", virtual)` | computed by the database |
//! | `identity`, `identity = always`, `= none` | numbered by the database |
//! | `collate = "C"` | its collation |
//! | `comment = "…"`, `= none` | its comment |
//! | `skip` | this field is no column |
//!
//! An enum says `name = "mood"`, and a variant `label = "very happy"` and `renamed_from = "glad"`; diesel-derive-enum's attributes are read too.

#![warn(missing_docs)]

mod attribute;
mod canonical;
mod enumeration;
mod error;
mod fingerprint;
mod key;
mod model;
pub mod parse;
mod tokens;

pub use attribute::{
    Action, Backfill, CheckAttr, Deferral, DroppedAttr, Generated, Identity, IdentityKind, IndexAttr,
    IndexKey, KeyOrder, Nulls, References, RowsFromAttr, Storage,
};
pub use enumeration::{EnumModel, Label};
pub use error::{Errors, Mistake};
pub use fingerprint::{fingerprint, hash};
pub use key::{ENUM_KEYS, FIELD_KEYS, Key, STRUCT_KEYS, VARIANT_KEYS, nearest};
pub use model::{Field, FieldKind, Model, Name, Said, TableRef, Text, inferred_table_name};
pub use tokens::{option_inner, type_text};
