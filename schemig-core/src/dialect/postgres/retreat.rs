//! What a way back asks the catalog first (DOCTRINE, R13): expand isn't taken back while its contract's result stands.

use super::Postgres;
use super::lock::Piece;
use super::number::letter;
use super::quote::{dollar, ident, literal, shorten};
use crate::operation::{Operation, not_null_expression};
use crate::schema::{Column, ColumnName, ColumnRef, Identity, Mirrored, State, TableName};

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
        if let Operation::Number { table, column, identity } = operation {
            return vec![self.renumbered(table, column, before, *identity)];
        }
        if let Operation::StopFollowingRows { table, rows } = operation {
            let sign = format!("{} follows {} no more", self.table(table), self.table(&rows.table));
            return vec![self.stop(&self.has_stopped_following(table, rows), &sign)];
        }
        if let Operation::Unmirror { table, new } = operation
            && let Some(Mirrored { old, .. }) = before.in_flight.mirrors.get(&ColumnRef::new(table, new))
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

    /// Numbered as neither the state before nor the one after has it: a contract's form.
    fn renumbered(
        &self,
        table: &TableName,
        column: &ColumnName,
        before: &State,
        wanted: Option<Identity>,
    ) -> String {
        let known = before.schema.column(&ColumnRef::new(table, column)).and_then(|known| known.identity);
        let form = self.numbering(table, column);
        let further = format!("{form} NOT IN ('{}', '{}')", letter(known), letter(wanted));
        self.stop(&further, &format!("{}.{column} is numbered otherwise", self.table(table)))
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

    /// What a way back does otherwise than a way forth, where later steps of its plan may never have run: the check that is to prove a
    /// column free of NULL isn't needed where the column still rejects NULL, and then there is nothing to prove either.
    pub(super) fn back_from_half_way(&self, operation: &Operation) -> Option<Piece> {
        if let Operation::Validate { table, constraint } = operation {
            let exists = self.constraint_exists(table, constraint);
            let validate = format!(
                "ALTER TABLE {} VALIDATE CONSTRAINT {};",
                self.table(table),
                ident(constraint.as_str())
            );
            let block = format!("BEGIN\n    IF {exists} THEN\n        {validate}\n    END IF;\nEND");
            return Some(Piece::Scan(format!("DO {};", dollar(&block))));
        }
        let Operation::AddCheck { table, name, definition, validated } = operation else { return None };
        let only_null = |column: &ColumnName| definition.expression == not_null_expression(column);
        let column = definition.expression.names().into_iter().find(only_null)?;
        let nullable = format!("NOT EXISTS ({})", self.attribute(table, &column, "attnotnull"));
        Some(self.add_check_if(&nullable, table, name, definition, *validated))
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
