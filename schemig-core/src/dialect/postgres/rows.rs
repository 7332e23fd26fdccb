//! Rows that come from another table: the triggers that follow it, and the copy of what stands (DOCTRINE, R1, R6, R14, for whole rows).

use super::Postgres;
use super::backfill::Batch;
use super::key::Key;
use super::lock::Piece;
use super::quote::{dollar, ident, literal, shorten};
use super::types::{differs, unlike};
use crate::schema::{ColumnName, RowsFrom, State, TableName};

/// What a trigger on the source does: the end of its name.
#[derive(Clone, Copy)]
enum Purpose {
    /// Makes the row, and keeps it in step.
    Rows,
    /// Deletes it.
    Gone,
}

impl Postgres {
    /// Two triggers: the row is made after its source, which it may refer to, and deleted before it.
    pub(super) fn follow_rows(&self, table: &TableName, rows: &RowsFrom, state: &State) -> Vec<Piece> {
        let source = self.table(&rows.table);
        let [made, gone] = names(table);
        let after = format!("AFTER INSERT OR UPDATE ON {source}\n    FOR EACH ROW");
        let before = format!("BEFORE DELETE ON {source}\n    FOR EACH ROW");
        vec![
            self.function(table, &made, &[&rows.table], &self.body(table, rows, state)),
            self.function(table, &gone, &[&rows.table], &self.deletion(table, rows)),
            self.trigger(&rows.table, table, &made, &after),
            self.trigger(&rows.table, table, &gone, &before),
        ]
    }

    pub(super) fn stop_following_rows(&self, table: &TableName, rows: &RowsFrom) -> Vec<Piece> {
        let drop = |purpose| self.drop_trigger(&rows.table, table, &function_name(table, purpose));
        [Purpose::Gone, Purpose::Rows].map(drop).into()
    }

    /// A condition: the table is there, and nothing follows its source any more.
    pub(super) fn has_stopped_following(&self, table: &TableName, rows: &RowsFrom) -> String {
        format!(
            "{} IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {} AND tgname = {})",
            self.to_regclass(table),
            self.to_regclass(&rows.table),
            literal(&function_name(table, Purpose::Rows))
        )
    }

    /// Does nothing where nothing changed that the row is made from: what N wrote to it stays.
    fn body(&self, table: &TableName, rows: &RowsFrom, state: &State) -> String {
        let (new, old) = (self.image("NEW", rows, state), self.image("OLD", rows, state));
        let made = self.made(rows, state).join(", ");
        let (key, source_key) = (ident(rows.key.as_str()), ident(rows.source_key.as_str()));
        format!(
            "BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (SELECT ROW({made})::text FROM {new})
            IS NOT DISTINCT FROM (SELECT ROW({made})::text FROM {old}) THEN
            RETURN NULL;
        END IF;
        IF NEW.{source_key} IS DISTINCT FROM OLD.{source_key} THEN
            UPDATE {name} SET {key} = NEW.{source_key} WHERE {own} = OLD.{source_key};
        END IF;
    END IF;
    {insert}
        SELECT {made} FROM {new}
        {conflict};
    RETURN NULL;
END",
            name = self.table(table),
            own = self.own(table, &rows.key),
            insert = self.insert(table, rows),
            conflict = self.on_conflict(table, rows),
        )
    }

    fn deletion(&self, table: &TableName, rows: &RowsFrom) -> String {
        format!(
            "BEGIN\n    DELETE FROM {} WHERE {} = OLD.{};\n    RETURN OLD;\nEND",
            self.table(table),
            self.own(table, &rows.key),
            ident(rows.source_key.as_str())
        )
    }

    /// A trigger's row as a table of one row, under the source's name: names mean in it what they mean there.
    fn image(&self, of: &str, rows: &RowsFrom, state: &State) -> String {
        let known = state.schema.tables.get(&rows.table);
        let read = known.map(|known| rows.reads(known)).unwrap_or_default();
        let column = |column: &ColumnName| format!("{of}.{0} AS {0}", ident(column.as_str()));
        let columns: Vec<String> = read.iter().map(column).collect();
        format!("(SELECT {}) AS {}", columns.join(", "), ident(&rows.table.name))
    }

    /// What each column gets, in a query whose only table is the source; the key first.
    fn made(&self, rows: &RowsFrom, state: &State) -> Vec<String> {
        let source = state.schema.tables.get(&rows.table);
        let value = |column: &ColumnName| match source.and_then(|source| rows.copied(column, source)) {
            Some(copied) => self.own(&rows.table, copied),
            None => format!("({})", rows.values[column]),
        };
        let key = self.own(&rows.table, &rows.source_key);
        std::iter::once(key).chain(rows.values.keys().map(value)).collect()
    }

    fn insert(&self, table: &TableName, rows: &RowsFrom) -> String {
        let columns: Vec<String> = rows.columns().map(|column| ident(column.as_str())).collect();
        format!("INSERT INTO {} ({})", self.table(table), columns.join(", "))
    }

    /// A row that is there already is brought in step, and not written where it is.
    fn on_conflict(&self, table: &TableName, rows: &RowsFrom) -> String {
        let key = ident(rows.key.as_str());
        if rows.values.is_empty() {
            return format!("ON CONFLICT ({key}) DO NOTHING");
        }
        let idents = || rows.values.keys().map(|column| ident(column.as_str()));
        let set: Vec<String> = idents().map(|column| format!("{column} = excluded.{column}")).collect();
        let other: Vec<String> = rows
            .values
            .keys()
            .map(|column| unlike(&self.own(table, column), &format!("excluded.{}", ident(column.as_str()))))
            .collect();
        format!("ON CONFLICT ({key}) DO UPDATE SET {}\n        WHERE {}", set.join(", "), other.join(" OR "))
    }

    pub(super) fn copy_rows(
        &self,
        table: &TableName,
        rows: &RowsFrom,
        batched: bool,
        state: &State,
    ) -> Piece {
        if batched && let Some(batch) = self.batch_of_rows(table, rows, state) {
            return Piece::Plain(format!("DO {};", dollar(&self.batches(&batch))));
        }
        let select = format!("SELECT {} FROM {}", self.made(rows, state).join(", "), self.table(&rows.table));
        let (insert, conflict) = (self.insert(table, rows), self.on_conflict(table, rows));
        Piece::Plain(format!("{insert}\n    {select}\n    {conflict};"))
    }

    /// What each batch does: the source's rows are locked, so that nobody changes them between the copy and its commit.
    pub(super) fn batch_of_rows(&self, table: &TableName, rows: &RowsFrom, state: &State) -> Option<Batch> {
        let source = &rows.table;
        let keys =
            &state.schema.tables.get(source).filter(|known| !known.primary_key.is_empty())?.primary_key;
        let key = Key::of(self, source, keys, state);
        let update = format!(
            "{}\n                    SELECT {} FROM {}",
            self.insert(table, rows),
            self.made(rows, state).join(", "),
            self.table(source)
        );
        let matches = format!("{}\n                    {}", key.matches, self.on_conflict(table, rows));
        let (name, bare) = (self.table(source), ident(&source.name));
        Some(Batch { name, bare, key, wrong: "true".to_owned(), update, matches })
    }

    /// The source's rows, as they should stand in the table and don't.
    pub(super) fn uncopied(&self, table: &TableName, rows: &RowsFrom, state: &State) -> String {
        let wanted: Vec<String> = rows
            .columns()
            .zip(self.made(rows, state))
            .map(|(column, value)| format!("{value} AS {}", ident(column.as_str())))
            .collect();
        let key = ident(rows.key.as_str());
        let other = rows.values.keys().map(|column| {
            let name = ident(column.as_str());
            let sql_type = self.type_of(table, column, state);
            differs(&format!("copied.{name}"), &format!("wanted.{name}"), sql_type)
        });
        let wrong: Vec<String> = std::iter::once(format!("copied.{key} IS NULL")).chain(other).collect();
        format!(
            "SELECT wanted.* FROM (SELECT {} FROM {}) AS wanted LEFT JOIN {} AS copied ON copied.{key} = wanted.{key} WHERE {}",
            wanted.join(", "),
            self.table(&rows.table),
            self.table(table),
            wrong.join(" OR ")
        )
    }
}

/// What the triggers of a table are called whose rows come from another.
pub(super) fn names(table: &TableName) -> [String; 2] {
    [Purpose::Rows, Purpose::Gone].map(|purpose| function_name(table, purpose))
}

/// Sorts behind the names that people give: what their BEFORE triggers refuse stays undone here.
fn function_name(table: &TableName, purpose: Purpose) -> String {
    let purpose = match purpose {
        Purpose::Rows => "rows",
        Purpose::Gone => "gone",
    };
    shorten(&format!("zz_schemig_{}_{purpose}", table.name))
}
