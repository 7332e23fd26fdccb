//! Exclusion constraints, on a server that has them.

use schemig_core::schema::{ColumnName, ColumnRef, Deferral, Expression, Index, IndexKey, SqlType, Table};

use super::{Making, pick};
use crate::fixture::Product;

impl Making {
    /// Numbers as ranges, of which no two overlap; or values of which no two are alike, which an extension has an operator class for. It may take
    /// the name of a plain index over from it, and leave it to one.
    pub(super) fn exclude(&mut self, at: &ColumnRef, z: u8) {
        let mut index = match self.type_of(at) {
            Some(SqlType::BigInt) if z.is_multiple_of(2) => {
                let range =
                    IndexKey::Expression(format!("int8range({0}, {0}, '[]')", at.column).as_str().into());
                Index { keys: vec![range], ..Index::excluding([("id", "&&")]) }
            }
            Some(SqlType::BigInt | SqlType::Text | SqlType::Timestamp) => {
                Index::excluding([(at.column.as_str(), "=")])
            }
            _ => return,
        };
        if self.product != Product::Postgres {
            return;
        }
        index.predicate = z.is_multiple_of(5).then(|| Expression::from("id > 0"));
        index.deferral = pick(&[Deferral::Never, Deferral::Immediate, Deferral::Deferred], z / 4);
        let name = format!("{}_{}_idx", at.table, at.column);
        self.with_table(at, |table, _| drop(table.indexes.insert(name.as_str().into(), index)));
    }
}

/// Whether the column is an end of a range, which must be a number.
pub(super) fn in_range(table: &Table, column: &ColumnName) -> bool {
    let reads = |key: &IndexKey| match key {
        IndexKey::Column(_) => false,
        IndexKey::Expression(expression) => !expression.columns([column]).is_empty(),
    };
    table.indexes.values().any(|index| index.excludes() && index.keys.iter().any(reads))
}
