//! The traffic of a release: what it does to its tables through Diesel, on connections that are older than the migration.

pub mod codec;
mod course;
mod ledger;
mod query;
mod session;
mod statement;
mod value;
mod worker;

pub use course::Course;
pub use ledger::{Ledger, Wrong};
pub(crate) use query::{Query, execute};
pub(crate) use session::ask;
pub use session::{Class, Failure, Row, Session, with_causes};
pub(crate) use statement::Sql;
pub use statement::{Arbiter, Field, Kind, Known, Release, Side, Slot, Spelling, Statement, statements};
pub use value::Value;
pub use worker::{Deed, Fault, Job, Misread, Ran, Who, Worker};
