//! Another primary key for a table (DOCTRINE, B20).

use super::Postgres;
use super::layout::indent;
use super::lock::Piece;
use super::quote::{columns, ident, literal, shorten};
use crate::schema::{ColumnName, IndexName, Table, TableName};

impl Postgres {
    /// The constraint keeps its name, whatever that is. Where the key is the wanted one already, it was done.
    pub(super) fn change_primary_key(
        &self,
        table: &TableName,
        key: &[ColumnName],
        index: Option<&IndexName>,
    ) -> Piece {
        let name = self.table(table);
        let wanted: Vec<String> = key.iter().map(|column| literal(&shorten(column.as_str()))).collect();
        let add = match index {
            Some(index) => format!("USING INDEX {}", ident(index.as_str())),
            None => format!("({})", columns(key)),
        };
        let add = format!("ALTER TABLE {name} ADD CONSTRAINT %I PRIMARY KEY {add}");
        let drop = format!("ALTER TABLE {name} DROP CONSTRAINT %I");
        let usual = literal(Table::key_name(table).as_str());
        let mut steps = vec![
            format!("SELECT conname INTO schemig_key FROM pg_constraint WHERE {};", self.is_primary(table)),
            format!(
                "IF schemig_key IS NOT NULL THEN\n    EXECUTE format({}, schemig_key);\nEND IF;",
                literal(&drop)
            ),
        ];
        if !key.is_empty() {
            steps.push(format!("EXECUTE format({}, coalesce(schemig_key, {usual}));", literal(&add)));
        }
        let block = format!(
            "IF ({}) IS DISTINCT FROM {} THEN\n{}\nEND IF;",
            self.key_columns(table),
            if wanted.is_empty() {
                "NULL".to_owned()
            } else {
                format!("ARRAY[{}]::name[]", wanted.join(", "))
            },
            indent(&steps.join("\n"), 4),
        );
        let declared = format!("DECLARE\n    schemig_key name;\nBEGIN\n{}\nEND;", indent(&block, 4));
        Piece::strong_block(vec![table.clone()], declared)
    }

    /// The columns of the table's key, in order; NULL where it has none.
    fn key_columns(&self, table: &TableName) -> String {
        format!(
            "SELECT array_agg(attname ORDER BY place) FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute ON attnum = number WHERE attrelid = conrelid AND {}",
            self.is_primary(table)
        )
    }

    fn is_primary(&self, table: &TableName) -> String {
        format!("conrelid = {} AND contype = 'p'", self.regclass(table))
    }
}
