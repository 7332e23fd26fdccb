//! What became of tables and columns on the way from one release to the next.

use schemig_core::change::Change;
use schemig_core::schema::{ColumnName, TableName};

/// The renames and drops of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Renames<'a>(pub &'a [Change]);

impl Renames<'_> {
    /// A table of the release before as the one after calls it; `None` when it goes.
    pub fn table(&self, table: &TableName) -> Option<TableName> {
        let mut renamed = table.clone();
        for change in self.0 {
            if let Change::RenameTable { from, to } = change
                && from == table
            {
                renamed = to.clone();
            } else if matches!(change, Change::DropTable { table: gone } if gone == table) {
                return None;
            }
        }
        Some(renamed)
    }

    /// A column of the release before as the one after calls it; `None` when it goes, or holds something else from then on.
    pub fn column(&self, table: &TableName, column: &ColumnName) -> Option<(TableName, ColumnName)> {
        let table = self.table(table)?;
        let mut renamed = column.clone();
        for change in self.0 {
            if let Change::RenameColumn { table: of, from, to } = change
                && (of, from) == (&table, column)
            {
                renamed = to.clone();
            } else if let Change::ReplaceColumn { table: of, from, to, conversion } = change
                && (of, from) == (&table, column)
            {
                // What the user's expression makes of a value only the server knows: `lag` asks it.
                if !conversion.is_plain() {
                    return None;
                }
                renamed = to.clone();
            } else if let Change::DropColumn { table: of, column: gone, .. } = change
                && (of, gone) == (&table, column)
            {
                return None;
            }
        }
        Some((table, renamed))
    }
}
