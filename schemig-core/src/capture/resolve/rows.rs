//! `rows_from(…)`: which table a new one's rows come from, and what each column gets.

use indexmap::IndexMap;

use super::draft::{Draft, Drafts};
use super::{Note, Resolved, constraint, identifier};
use crate::capture::{Fault, RowsWish, Word};
use crate::schema::{Column, ColumnName, Expression, RowsFrom, Schema, Table, TableName};

/// The hint of one model, while its table isn't there.
pub(super) fn collect(
    draft: &Draft<'_>,
    drafts: &Drafts<'_>,
    snapshot: &Schema,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    let Some(wish) = &draft.model.rows_from else { return };
    if draft.base.is_some() {
        let message = "this `rows_from` has done its work and can be taken away".to_owned();
        return resolved.notes.push(Note { place: wish.place.clone(), message });
    }
    let Some((name, source)) = source(draft, wish, drafts, snapshot, faults) else { return };
    let Some(table) = resolved.schema.tables.get(&draft.name) else { return };
    let before = faults.len();
    let rows = Reading { draft, wish, name: &name, source, table }.rows(faults);
    if let Some(rows) = rows.filter(|_| faults.len() == before) {
        resolved.hints.rows.insert(draft.name.clone(), rows);
    }
}

/// The table that the rows come from, as the snapshot has it.
fn source<'s>(
    draft: &Draft<'_>,
    wish: &RowsWish,
    drafts: &Drafts<'_>,
    snapshot: &'s Schema,
    faults: &mut Vec<Fault>,
) -> Option<(TableName, &'s Table)> {
    let name = constraint::target(&wish.table, &draft.name, drafts, snapshot, faults)?;
    let mut refuse = |message: String, help: &str| {
        faults.push(Fault::at(&wish.table.place, message).help(help));
        None
    };
    if drafts.named(&name).is_some_and(|source| source.former.is_some()) {
        let message = format!("`{name}` is renamed at the same time");
        return refuse(message, "rename it first; make the new table when that plan's contract is done");
    }
    match snapshot.tables.get(&name) {
        Some(source) => Some((name, source)),
        None => refuse(format!("`{name}` is new itself, and has no rows"), "take `rows_from` away"),
    }
}

/// A wish, and the tables that it is about.
struct Reading<'a> {
    draft: &'a Draft<'a>,
    wish: &'a RowsWish,
    name: &'a TableName,
    source: &'a Table,
    table: &'a Table,
}

impl Reading<'_> {
    fn rows(&self, faults: &mut Vec<Fault>) -> Option<RowsFrom> {
        let [source_key] = self.source.primary_key.as_slice() else {
            let message = format!("the primary key of `{}` isn't one column", self.name);
            let help = "each row has to be found again by it: create the table without `rows_from`, and let the app fill it";
            faults.push(Fault::at(&self.wish.table.place, message).help(help));
            return None;
        };
        let [key] = self.table.primary_key.as_slice() else {
            let message = format!("the primary key of `{}` isn't one column", self.draft.name);
            let help = format!("make the column that holds `{}.{source_key}` its primary key", self.name);
            faults.push(Fault::at(&self.wish.place, message).help(help));
            return None;
        };
        let mut values = IndexMap::new();
        let mut keyed = false;
        for (column, word) in &self.wish.columns {
            let Some(column) = self.draft.expect(column, faults) else { continue };
            let value = self.value(word, faults);
            if column == *key {
                keyed = true;
                self.check_key(word, key, source_key, faults);
            } else if let Some(value) = value {
                self.check_null(word, &column, &value, faults);
                values.insert(column.clone(), value);
            }
            self.check_server(word, &column, faults);
        }
        if !keyed {
            let message = format!("`rows_from` doesn't say what the primary key `{key}` gets");
            let help = format!("`{key} = \"{source_key}\"`");
            faults.push(Fault::at(&self.wish.place, message).help(help));
        }
        self.left_out(&values, key, faults);
        let (table, source_key, key) = (self.name.clone(), source_key.clone(), key.clone());
        Some(RowsFrom { table, source_key, key, values })
    }

    /// A column of the source by either of its names, or an expression.
    fn value(&self, word: &Word, faults: &mut Vec<Fault>) -> Option<Expression> {
        let text = word.text.trim();
        if let Some(column) = identifier::column(self.source, text) {
            return Some(Expression::from(column.as_str()));
        }
        let expression = Expression::from(text);
        if expression.reads_other_rows() {
            let message = format!("`{text}` reads other rows than that of `{}`", self.name);
            let help = "nothing would keep it in step: fill that column in another way, with `backfill(from = …)` in a later plan";
            faults.push(Fault::at(&word.place, message).help(help));
            return None;
        }
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let bare = text.chars().all(is_word) && !text.starts_with(|first: char| first.is_ascii_digit());
        let constant = ["null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
        let fixed = text.to_ascii_lowercase().starts_with("current_");
        if bare && !constant && !fixed {
            constraint::target_column_of(word, self.name, self.source, faults)?;
        }
        Some(expression)
    }

    fn check_key(&self, word: &Word, key: &ColumnName, source_key: &ColumnName, faults: &mut Vec<Fault>) {
        if identifier::column(self.source, word.text.trim()) != Some(source_key) {
            let message = format!("the primary key `{key}` has to hold that of `{}`", self.name);
            let help = format!("`{key} = \"{source_key}\"`");
            faults.push(Fault::at(&word.place, message).help(help));
        }
    }

    /// NULL where the new column has none.
    fn check_null(&self, word: &Word, column: &ColumnName, value: &Expression, faults: &mut Vec<Fault>) {
        let required = self.table.columns.get(column).is_some_and(|column| !column.nullable);
        let replaced = value.words().iter().any(|word| word.text.eq_ignore_ascii_case("coalesce"));
        let read = value.columns(self.source.columns.keys());
        let nullable =
            read.iter().find(|column| self.source.columns.get(*column).is_some_and(|known| known.nullable));
        if let Some(nullable) = nullable.filter(|_| required && !replaced) {
            let message = format!("`{column}` is never NULL, and `{}.{nullable}` may be", self.name);
            let help = format!("`{column} = \"coalesce({nullable}, …)\"`, or an `Option`");
            faults.push(Fault::at(&word.place, message).help(help));
        }
    }

    /// Columns whose values are the server's.
    fn check_server(&self, word: &Word, column: &ColumnName, faults: &mut Vec<Fault>) {
        let server = |column: &Column| column.generated.is_some() || column.identity.is_some();
        if self.table.columns.get(column).is_some_and(server) {
            let message =
                format!("`{column}` is numbered or computed by the server, so nothing is copied there");
            let help = "take it out of `rows_from`; a key that is copied isn't numbered";
            faults.push(Fault::at(&word.place, message).help(help));
        }
    }

    /// Columns that get nothing and need something.
    fn left_out(&self, values: &IndexMap<ColumnName, Expression>, key: &ColumnName, faults: &mut Vec<Fault>) {
        let said = |column: &ColumnName| {
            let named = self.wish.columns.iter().filter_map(|(word, _)| self.draft.column(word));
            values.contains_key(column) || column == key || named.into_iter().any(|named| named == column)
        };
        for (field, column) in &self.draft.columns {
            let needs = self.table.columns.get(column).is_some_and(|known| !known.may_be_left_out());
            if needs && !said(column) {
                let message = format!("rows that come from `{}` get nothing for `{column}`", self.name);
                let help = format!("in `rows_from`: `{column} = \"…\"`; or a default, or an `Option`");
                faults.push(Fault::at(&field.column.place, message).help(help));
            }
        }
    }
}
