//! What a database holds: tables, columns, keys; and the state in which a migration leaves it.

mod column;
mod comment;
mod constraint;
mod conversion;
pub mod dependant;
pub mod domains;
mod enumeration;
mod expression;
pub(crate) mod format;
mod hints;
mod index;
mod name;
mod partitioning;
mod rows;
mod shared;
pub mod snapshot;
mod sql_type;
mod state;
mod table;
mod tables;
mod violation;

pub use column::{Column, Fact, Generated, Identity, Provenance};
pub use comment::Comment;
pub use constraint::{Action, Check, Deferral, ForeignKey};
pub use conversion::Conversion;
pub use dependant::{Dependant, DependantKind};
pub use domains::Domains;
pub use enumeration::{Beside, Enum, EnumName, ExtensionName, SpaceName};
pub use expression::{Expression, Volatility, Word};
pub use format::{FORMAT, FormatError};
pub use hints::{Dropped, Hints};
pub use index::{Index, IndexKey, KeyOrder, Nulls};
pub use name::{ColumnName, ColumnRef, ConstraintName, IndexName, TableName, fitted};
pub use partitioning::{Partitioning, Strategy};
pub use rows::RowsFrom;
pub use shared::{Iter, Shared, SharedSet};
pub use snapshot::ModelMark;
pub use sql_type::SqlType;
pub use state::{Conformity, InFlight, IndexStatus, Mirrored, Origin, Source, State, View};
pub use table::Table;
pub(crate) use table::are_same;
pub use tables::Tables;
pub use violation::Violation;

/// The tables and enums of a database, or of a release: what its models say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The tables, by name.
    pub tables: Tables,
    /// The types whose values are labels, by name.
    pub enums: Shared<EnumName, Enum>,
}

impl Schema {
    /// The same schema with one more table.
    pub fn with_table(mut self, name: &str, table: Table) -> Self {
        self.tables.insert(name.into(), table);
        self
    }

    /// The same schema as a database has it that no model was asked about: each fact of it is observed.
    #[must_use]
    pub fn observed(mut self) -> Self {
        for table in self.tables.values_mut() {
            let Table {
                primary_key: _,
                identifier: _,
                comment: _,
                partition_by: _,
                columns,
                indexes,
                foreign_keys,
                checks,
            } = table;
            columns.values_mut().for_each(|column| column.provenance = Provenance::Observed);
            indexes.values_mut().for_each(|index| index.provenance = Provenance::Observed);
            foreign_keys.values_mut().for_each(|key| key.provenance = Provenance::Observed);
            checks.values_mut().for_each(|check| check.provenance = Provenance::Observed);
        }
        for known in self.enums.values_mut() {
            (known.provenance, known.declared) = (Provenance::Observed, None);
        }
        self
    }

    /// Gives a table another name, for its foreign keys' referrers too. One that isn't there is left alone.
    pub fn rename_table(&mut self, from: &TableName, to: &TableName) {
        if let Some(table) = self.tables.remove(from) {
            self.tables.insert(to.clone(), table);
        }
        self.tables.keys_to(from).for_each(|key| key.references = to.clone());
    }

    /// A column, if it is there.
    pub fn column(&self, at: &ColumnRef) -> Option<&Column> {
        self.tables.get(&at.table)?.columns.get(&at.column)
    }
}
