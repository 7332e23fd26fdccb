//! What a way back asks the catalog first (DOCTRINE, R13): expand isn't taken back while its contract's result stands.

use super::Postgres;
use super::quote::{dollar, literal, shorten};
use crate::operation::Operation;
use crate::schema::{Column, ColumnName, ColumnRef, State, TableName};

impl Postgres {
    /// A statement that raises while later steps stand; `None` where the catalog can't tell, or nothing would be lost.
    pub(super) fn retreat(&self, operations: &[Operation], before: &State) -> Option<String> {
        let mut checks = Vec::new();
        for check in operations.iter().flat_map(|operation| self.advances(operation, before)) {
            if !checks.contains(&check) {
                checks.push(check);
            }
        }
        (!checks.is_empty()).then(|| format!("DO {};", dollar(&format!("BEGIN\n{}\nEND", checks.join("\n")))))
    }

    /// What tells, for one operation of a way back, that the database is further on than the state that it was written for.
    fn advances(&self, operation: &Operation, before: &State) -> Vec<String> {
        if let Operation::DropColumn { table, column }
        | Operation::StopFilling { table, column }
        | Operation::StopFollowing { table, column, .. } = operation
        {
            let known = before.schema.column(&ColumnRef::new(table, column));
            return known.map(|known| self.outgrown(table, column, known)).unwrap_or_default();
        }
        if let Operation::Unmirror { table, new } = operation
            && let Some(old) = before.in_flight.mirrors.get(&ColumnRef::new(table, new))
        {
            let gone = format!(
                "{} IS NOT NULL AND NOT EXISTS ({})",
                self.to_regclass(table),
                self.attribute(table, old, "true")
            );
            return vec![self.stop(&gone, &format!("{}.{old} is gone", self.table(table)))];
        }
        Vec::new()
    }

    /// NOT NULL on a column that is nullable here, or no default where there is one: both come with a contract.
    fn outgrown(&self, table: &TableName, column: &ColumnName, known: &Column) -> Vec<String> {
        let name = format!("{}.{column}", self.table(table));
        let mut checks = Vec::new();
        if known.nullable {
            let required = format!("EXISTS ({})", self.attribute(table, column, "attnotnull"));
            checks.push(self.stop(&required, &format!("{name} is NOT NULL")));
        }
        if known.default.as_ref().is_some_and(|default| !default.is_null()) {
            let bare = format!("EXISTS ({})", self.attribute(table, column, "NOT atthasdef"));
            checks.push(self.stop(&bare, &format!("{name} has no default")));
        }
        checks
    }

    fn attribute(&self, table: &TableName, column: &ColumnName, condition: &str) -> String {
        format!(
            "SELECT FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped AND {condition}",
            self.to_regclass(table),
            literal(&shorten(column.as_str()))
        )
    }

    fn stop(&self, condition: &str, sign: &str) -> String {
        let message = literal(&format!(
            "schemig: {sign}, so later migrations of this plan still stand; revert them first, the contract before all, and only \
             when release N is gone"
        ));
        format!("    IF {condition} THEN\n        RAISE EXCEPTION USING MESSAGE = {message};\n    END IF;")
    }
}
