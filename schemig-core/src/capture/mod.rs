//! What the sources of crates say, and what that means as a schema.
//!
//! [`read`] turns items into data, [`resolve()`] data into a [`Schema`](crate::schema::Schema) and its hints. In between, the scan of
//! cargo-schemig finds the items; here is no file and no `mod` tree.

pub mod builtin;
mod declaration;
mod fit;
mod model;
mod place;
pub mod read;
pub mod resolve;
mod rust_type;

pub use declaration::{Crates, Declaration, Enumeration, Import, Label, Leads, Shape, TableFacts, Types};
pub use fit::{Fit, agrees};
pub use model::{
    BackfillWish, CheckWish, ColumnField, DroppedWish, Field, IndexWish, KeyWish, Model, PartitionWish,
    ReferenceWish, RowsWish, Said, TypeUse, Word,
};
pub use place::{Fault, Missing, Place};
pub use resolve::{
    Input, Note, Resolved, Spread, Storable, Suit, SuitField, SuitKey, Trouble, in_turn, resolve, suit,
};
pub use rust_type::RustType;
