//! A schema as `diesel print-schema` looks at it: which tables, which columns, which keys.

use std::borrow::Cow;

use crate::dialect::{Dialect, Printing};
use crate::schema::{Column, ColumnName, ForeignKey, Provenance, Schema, SqlType, Table, TableName};

use super::name::rust_name;
use super::options::{ColumnSorting, PrintSchema};

/// What is printed.
pub(super) struct View<'a> {
    /// The tables, in the order in which they are printed.
    pub tables: Vec<(&'a TableName, Cow<'a, Table>)>,
    /// The tables of the same schema that aren't: their foreign keys count.
    pub others: Vec<(&'a TableName, &'a Table)>,
    /// Tables that would be printed if they had a key.
    pub keyless: Vec<TableName>,
}

impl<'a> View<'a> {
    pub(super) fn of(schema: &'a Schema, dialect: &dyn Dialect, print: &PrintSchema) -> Self {
        let printing = dialect.printing();
        let wanted = print.schema.as_deref().filter(|schema| Some(*schema) != dialect.default_schema());
        let mut view = Self { tables: Vec::new(), others: Vec::new(), keyless: Vec::new() };
        for (name, table) in &schema.tables {
            if name.schema.as_deref() != wanted || passes_by(&printing, &name.name) {
                continue;
            }
            let seen = as_printed(table, &printing, print);
            if !print.filter.admits(&name.name) {
                view.others.push((name, table));
            } else if seen.primary_key.is_empty() {
                view.keyless.push(name.clone());
                view.others.push((name, table));
            } else {
                view.tables.push((name, seen));
            }
        }
        if print.row_numbers_are_bigint && !printing.row_numbers.is_empty() {
            view.widen(schema, dialect);
        }
        view
    }

    /// The table of this name, if it is printed.
    pub(super) fn get(&self, name: &TableName) -> Option<&Table> {
        let at = self.tables.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        self.tables.get(at).map(|(_, table)| &**table)
    }

    /// Gives row numbers, and what refers to them, their 64 bits.
    fn widen(&mut self, schema: &Schema, dialect: &dyn Dialect) {
        for (_, table) in &mut self.tables {
            let is_narrow =
                |known: &Column| dialect.diesel_type(&known.sql_type).as_deref() == Some("Integer");
            let narrow = table.columns.iter().filter(|(_, known)| is_narrow(known));
            let wide: Vec<ColumnName> = narrow
                .filter(|(column, known)| is_row_number((column, known), table, schema))
                .map(|(column, _)| column.clone())
                .collect();
            for column in wide {
                if let Some(column) = table.to_mut().columns.get_mut(&column) {
                    column.sql_type = SqlType::BigInt;
                }
            }
        }
    }
}

/// Whether an integer column numbers the rows of its table, or refers to a table that has such numbers.
fn is_row_number((column, known): (&ColumnName, &Column), table: &Table, schema: &Schema) -> bool {
    // A key that was found says whether it is a row number; `INT PRIMARY KEY` is none.
    let is_own = match known.provenance {
        Provenance::Observed => known.identity.is_some(),
        Provenance::Declared => known.sql_type == SqlType::Integer,
    };
    let numbers =
        |name: &TableName| schema.tables.get(name).is_some_and(|parent| parent.primary_key.len() < 2);
    let refers = |key: &ForeignKey| key.columns.contains(column) && numbers(&key.references);
    // print-schema looks for a column's foreign key by what `table!` calls the column.
    let found = rust_name(column.as_str(), None) == column.as_str();
    is_own && table.primary_key.as_slice() == [column.clone()]
        || found && table.foreign_keys.values().any(refers)
}

fn passes_by(printing: &Printing, table: &str) -> bool {
    let begins = |start: &&str| table.get(..start.len()).is_some_and(|is| is.eq_ignore_ascii_case(start));
    printing.passes_by.iter().any(begins)
}

/// The table with the key and the columns that are printed of it.
fn as_printed<'a>(table: &'a Table, printing: &Printing, print: &PrintSchema) -> Cow<'a, Table> {
    let mut seen = Cow::Borrowed(table);
    let free = |name: &&&str| !table.columns.contains_key(&ColumnName::from(**name));
    if table.primary_key.is_empty()
        && let Some(number) = printing.row_numbers.iter().find(free)
    {
        let number = ColumnName::from(*number);
        let own = seen.to_mut();
        own.columns.shift_insert(0, number.clone(), Column::required(SqlType::Integer));
        own.primary_key.push(number);
    }
    let place = |column: &ColumnName| table.columns.get_index_of(column);
    if printing.keys_follow_columns && !table.primary_key.is_sorted_by_key(place) {
        seen.to_mut().primary_key.sort_by_key(place);
    }
    match print.column_sorting {
        ColumnSorting::OrdinalPosition => {}
        ColumnSorting::Name => seen.to_mut().columns.sort_keys(),
    }
    seen
}
