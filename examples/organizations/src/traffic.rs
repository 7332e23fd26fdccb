//! Traffic: several connections that run a release's queries without pause, and count what goes wrong.

mod control;
mod dice;
mod tally;

use diesel::prelude::*;

pub use control::serve;
pub use dice::Dice;
pub use tally::Tally;

/// What a query that succeeded found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing is wrong.
    Right,
    /// Data that another row contradicts, with both values.
    Stale(String),
}

/// One query or transaction of a release, through Diesel's query builder.
pub type Query = fn(&mut PgConnection, &mut Dice) -> QueryResult<Finding>;

/// A release's traffic: each query with its name and how often it runs, in parts of the sum.
pub type Mix = &'static [(u32, &'static str, Query)];
