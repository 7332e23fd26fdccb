//! The only place that names a product: how operations are spelled, what they lock, what the server can do.

mod batches;
mod contract_guard;
mod effect;
mod named;
pub mod postgres;
mod rates;
pub mod sqlite;

use std::collections::BTreeSet;

pub use batches::{Batches, CURSORS, Cursor, GAVE_UP, Leftover};
pub use contract_guard::ContractGuard;
pub use effect::{Effect, LockMode, Queue, Work};
pub use named::{named, names};
pub use rates::{Pace, Rate, Rates};

use crate::operation::Operation;
use crate::plan::Capabilities;
use crate::schema::{Schema, SqlType, State, Table, TableName};

/// One direction of a migration directory, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The statements. Diesel sends them as one string.
    pub sql: String,
    /// Whether they may share a transaction. When not, `sql` is a single statement, or opens and ends its own transaction.
    pub transactional: bool,
}

/// A database product of one version. The only trait of the pipeline: products are open, everything else is closed.
pub trait Dialect: Send + Sync {
    /// Its product, by the name that [`named`] takes.
    fn name(&self) -> &'static str;

    /// The oldest version of a server that its statements are for: major and minor.
    fn version(&self) -> (u32, u32) {
        (0, 0)
    }

    /// What its version can do.
    fn capabilities(&self) -> Capabilities;

    /// Takes out of what models ask for what the server has no place for, and what nothing depends on: a difference in it would
    /// be there for ever.
    fn forget_unkept(&self, _schema: &mut Schema) {}

    /// The SQL that does `operations` in this order to a database in the state `before`; never empty.
    ///
    /// Strong locks are taken as DOCTRINE R5 says, and what is there already is passed by, so that a second run converges.
    fn render(&self, operations: &[Operation], before: &State) -> Rendered;

    /// The same for a way back, which is run long after it was written: it stops where the catalog says that later steps, a
    /// contract's above all, still stand (DOCTRINE, R13).
    ///
    /// Without more ado where a file can't ask the catalog before it acts.
    fn render_back(&self, operations: &[Operation], before: &State) -> Rendered {
        self.render(operations, before)
    }

    /// The statements that stop a contract which meets a database too early, to stand before `up`, the first of it that is written;
    /// `in_transaction` says whether Diesel opens one around them. They pass where the session says that contracts may run.
    ///
    /// `None` where nothing may stand before `up`, or where the server can't ask.
    fn guard_contract(
        &self,
        _guard: &ContractGuard<'_>,
        _up: &Rendered,
        _in_transaction: bool,
    ) -> Option<String> {
        None
    }

    /// A backfill as batches that a runner asks for one by one, so that it can size them, pause between them, and go on after a crash.
    ///
    /// `None` for all other operations, and where a server or a table has no batches: the file runs as it stands then.
    fn batches(&self, _operation: &Operation, _before: &State, _cursor: &Cursor) -> Option<Batches> {
        None
    }

    /// What the triggers are called that plans under way have in a state, and their functions: they are no person's.
    fn own_triggers(&self, _state: &State) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// What a stopped attempt at an operation may have left behind, where the next attempt would trip over it or pass it by in silence.
    fn leftover(&self, _operation: &Operation) -> Option<Leftover> {
        None
    }

    /// What one operation locks, how it works, and what it destroys.
    fn effect(&self, operation: &Operation, before: &State) -> Effect;

    /// How fast its server works, where nobody has measured the one at hand.
    fn rates(&self) -> Rates;

    /// How its files wait for locks that block queries; `None` where they wait as the connection does.
    fn queue(&self) -> Option<Queue> {
        None
    }

    /// How many rows a batch of a backfill has in a file; `None` where all are written in one go.
    fn batch_rows(&self) -> Option<u32> {
        None
    }

    /// The type as DDL spells it.
    fn type_name(&self, sql_type: &SqlType) -> String;

    /// The type as Diesel's `table!` spells it; `None` when Diesel has none.
    fn diesel_type(&self, sql_type: &SqlType) -> Option<String>;

    /// The same of a column that no model has: as `diesel print-schema` takes it from what the database declares.
    fn found_type(&self, sql_type: &SqlType) -> Option<String> {
        self.diesel_type(sql_type)
    }

    /// Whether Diesel can store values of the type: under a name of its own, or under one that schema.rs defines.
    fn stores(&self, sql_type: &SqlType) -> bool {
        let defined = match sql_type {
            SqlType::Named(name) => self.sends(name) && self.custom_type(name).is_some(),
            SqlType::Array(element) => self.has_enums() && self.stores(element),
            SqlType::SmallInt
            | SqlType::Integer
            | SqlType::BigInt
            | SqlType::Real
            | SqlType::Double
            | SqlType::Numeric(_)
            | SqlType::Text
            | SqlType::Varchar(_)
            | SqlType::Char(_)
            | SqlType::Boolean
            | SqlType::Binary
            | SqlType::Date
            | SqlType::Time
            | SqlType::Timestamp
            | SqlType::Timestamptz
            | SqlType::Interval
            | SqlType::Uuid
            | SqlType::Json
            | SqlType::Jsonb => false,
        };
        defined || self.diesel_type(sql_type).is_some()
    }

    /// Whether its server sends values of this type of the user's own, or of an extension's, in the form that Diesel asks for.
    fn sends(&self, _name: &str) -> bool {
        true
    }

    /// The schema (namespace) of tables that name none; `None` where tables live in no schema.
    fn default_schema(&self) -> Option<&str>;

    /// Whether its server has types whose values are labels.
    fn has_enums(&self) -> bool;

    /// Whether its server has tables whose rows are in partitions.
    fn has_partitions(&self) -> bool;

    /// What a database that is made for a while needs before rows can be written to these tables: partitions, which nobody else makes
    /// there. Run twice, it does nothing the second time.
    fn stand_ins(&self, _tables: &[(TableName, &Table)]) -> Option<String> {
        None
    }

    /// What schema.rs defines for a type that Diesel has no name for; `None` where the server has no types of its users.
    fn custom_type(&self, name: &str) -> Option<CustomType>;

    /// Whether a type may be a domain: a name for another type, which Diesel looks through.
    fn may_be_domain(&self, _sql_type: &SqlType) -> bool {
        false
    }

    /// How `diesel print-schema` looks at a database of this kind.
    fn printing(&self) -> Printing;
}

/// What `diesel print-schema` makes of a database beside what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printing {
    /// What a table without a primary key has for one: a number that the server gives each row, under the first of these names that
    /// no column has. Empty where such a table has nothing, and can't be printed.
    pub row_numbers: &'static [&'static str],
    /// Whether the columns of a key are named in the table's order instead of the key's.
    pub keys_follow_columns: bool,
    /// How the names begin of tables that it passes by, in small letters or large ones.
    pub passes_by: &'static [&'static str],
    /// Types of these Rust names it takes for Diesel's own, whatever they are, and defines none.
    pub provided: &'static [&'static str],
}

/// A type of the user's own, or one that Diesel doesn't know, as schema.rs defines it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomType {
    /// Its Rust name.
    pub name: String,
    /// Its SQL name, with its schema where Diesel has to say that.
    pub sql_name: String,
    /// What its `#[diesel(…)]` attribute calls a type of this server.
    pub kind: &'static str,
    /// What stands in the brackets of that, so that Diesel finds the type on the server.
    pub arguments: Vec<String>,
}

impl CustomType {
    /// What stands in its `#[diesel(…)]` attribute.
    pub fn attribute(&self) -> String {
        format!("{}({})", self.kind, self.arguments.join(", "))
    }
}
