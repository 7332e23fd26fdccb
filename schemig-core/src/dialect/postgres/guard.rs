//! Counting what would break the next step, and stopping with the number and the query that shows it (DOCTRINE, R4).

use super::Postgres;
use super::lock::Piece;
use super::quote::{dollar, ident, literal};
use super::types::unlike;
use crate::schema::{ForeignKey, Index, IndexKey, State, TableName, Violation};

impl Postgres {
    pub(super) fn guard(&self, table: &TableName, against: &Violation, state: &State) -> Piece {
        let name = self.table(table);
        let show = match against {
            Violation::Duplicate { index } if index.excludes() => self.excluded(table, index),
            Violation::Duplicate { index } => self.duplicates(table, index),
            Violation::Uncopied { rows } => self.uncopied(table, rows, state),
            Violation::Null { .. }
            | Violation::Stale { .. }
            | Violation::Differ { .. }
            | Violation::Check { .. }
            | Violation::Orphan { .. } => {
                format!(
                    "SELECT {}.* FROM {name} WHERE {}",
                    ident(&table.name),
                    self.guilty(table, against, state)
                )
            }
        };
        let fault = self.fault(table, against);
        let body = format!(
            "DECLARE
    schemig_guilty bigint;
BEGIN
    SELECT count(*) INTO schemig_guilty FROM (
        {show}
    ) AS guilty;
    IF schemig_guilty > 0 THEN
        RAISE EXCEPTION USING MESSAGE = {} || schemig_guilty || {};
    END IF;
END",
            literal(&format!("schemig: {fault}: ")),
            literal(&format!("; see them: {show};"))
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }

    fn fault(&self, table: &TableName, against: &Violation) -> String {
        let name = self.table(table);
        match against {
            Violation::Null { column } => format!("rows of {name} where {column} is NULL"),
            Violation::Stale { column, source } => {
                format!("rows of {name} where {column} is not what {} says", self.table(&source.table))
            }
            Violation::Differ { old, new } => format!("rows of {name} where {old} and {new} differ"),
            Violation::Check { expression } => format!("rows of {name} that break CHECK ({expression})"),
            Violation::Orphan { foreign_key } => {
                format!("rows of {name} that refer to no row of {}", self.table(&foreign_key.references))
            }
            Violation::Uncopied { rows } => {
                format!("rows of {} that aren't so in {name}", self.table(&rows.table))
            }
            Violation::Duplicate { index } if index.excludes() => {
                format!("rows of {name} that exclude each other")
            }
            Violation::Duplicate { .. } => format!("keys that stand more than once in {name}"),
        }
    }

    /// The condition for a row of the table.
    fn guilty(&self, table: &TableName, against: &Violation, state: &State) -> String {
        match against {
            Violation::Null { column } => format!("{} IS NULL", self.own(table, column)),
            Violation::Stale { column, source } => self.is_stale(table, column, source, None, state),
            Violation::Differ { old, new } => match self.mirrored(table, [old, new], state) {
                Some((columns, conversion)) => self.pair(table, columns, conversion, state).differs(),
                None => unlike(&self.own(table, old), &self.own(table, new)),
            },
            // A check rejects what is false; NULL passes.
            Violation::Check { expression } => format!("({expression}) IS FALSE"),
            Violation::Orphan { foreign_key } => self.is_orphan(table, foreign_key),
            Violation::Uncopied { .. } | Violation::Duplicate { .. } => "false".to_owned(),
        }
    }

    /// A row that refers to something, with no column NULL, and finds nothing.
    fn is_orphan(&self, table: &TableName, key: &ForeignKey) -> String {
        let alias = self.alias("parent", table);
        let own: Vec<String> = key.columns.iter().map(|column| self.own(table, column)).collect();
        let refers: Vec<String> = own.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let equal: Vec<String> = own
            .iter()
            .zip(&key.key)
            .map(|(own, parent)| format!("{alias}.{} = {own}", ident(parent.as_str())))
            .collect();
        format!(
            "{} AND NOT EXISTS (SELECT FROM {} AS {alias} WHERE {})",
            refers.join(" AND "),
            self.table(&key.references),
            equal.join(" AND ")
        )
    }

    /// The keys that a unique index would reject: NULLs collide only where it is told so.
    fn duplicates(&self, table: &TableName, index: &Index) -> String {
        let keys: Vec<String> = index
            .keys
            .iter()
            .map(|key| match key {
                IndexKey::Column(column) => self.own(table, column),
                IndexKey::Expression(expression) => format!("({expression})"),
            })
            .collect();
        let nulls = keys.iter().filter(|_| !index.nulls_not_distinct);
        let conditions: Vec<String> = nulls
            .map(|key| format!("{key} IS NOT NULL"))
            .chain(index.predicate.iter().map(|predicate| format!("({predicate})")))
            .collect();
        let rows = match conditions.as_slice() {
            [] => String::new(),
            conditions => format!(" WHERE {}", conditions.join(" AND ")),
        };
        let list = keys.join(", ");
        let numbers: Vec<String> = (1..=keys.len()).map(|number| number.to_string()).collect();
        format!(
            "SELECT {list}, count(*) FROM {}{rows} GROUP BY {} HAVING count(*) > 1",
            self.table(table),
            numbers.join(", ")
        )
    }
}
