//! Rows for any schema: parents and children, NULLs, defaults left out, duplicates where they are allowed, boundary values, a skew.
//!
//! The server judges: a row that it rejects is left out, so that what stands satisfies every key and check.

use std::collections::BTreeMap;

use schemig_core::dialect::Dialect;
use schemig_core::operation::{Operation, inverse};
use schemig_core::schema::{
    Column, ColumnName, ForeignKey, Identity, IndexKey, Schema, SqlType, State, Table, TableName,
};

use crate::pair::Planned;
use crate::server::Server;

/// Fills a database that is as `schema` says with up to `rows` rows for each table; returns how many each has.
///
/// The rows also satisfy what `planned` will demand of them, as far as its constraints read columns that are there already: while
/// they are written, those constraints stand.
///
/// # Panics
/// When a constraint can't be added for the time being, or taken away again.
pub fn populate(
    server: &mut Server,
    dialect: &dyn Dialect,
    schema: &Schema,
    planned: Option<&Planned>,
    rows: usize,
) -> BTreeMap<TableName, usize> {
    let mut state = State::at_rest(schema.clone());
    let mut back = Vec::new();
    for operation in planned.map(|planned| demands(schema, planned)).unwrap_or_default() {
        let mut after = state.clone();
        if after.apply(&operation).is_ok() && run(server, dialect, &operation, &state).is_ok() {
            back.extend(inverse(&operation, &state));
            state = after;
        }
    }
    let counts = schema.tables.keys().map(|table| (table.clone(), 0)).collect();
    let mut filled = Filled { server, schema: &state.schema.clone(), counts };
    for table in parents_first(schema) {
        filled.fill(&table, rows);
    }
    let counts = filled.counts;
    for operation in back.iter().rev() {
        run(server, dialect, operation, &state).unwrap_or_else(|error| panic!("{operation}: {error}"));
        state.apply(operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    counts
}

fn run(
    server: &mut Server,
    dialect: &dyn Dialect,
    operation: &Operation,
    state: &State,
) -> Result<(), String> {
    let sql = dialect.render(std::slice::from_ref(operation), state).sql;
    server.execute(&sql).map_err(|error| error.to_string())
}

/// The constraints that a plan adds, as far as they read columns that are there, under the names of before.
fn demands(schema: &Schema, planned: &Planned) -> Vec<Operation> {
    let mut demanded = Vec::new();
    for (old, known) in &schema.tables {
        let Some(new) = planned.renamed(old) else { continue };
        let Some(target) = planned.assessment.end.schema.tables.get(&new) else { continue };
        let mut target = target.clone();
        for column in known.columns.keys() {
            match planned.successor(old, column) {
                Some((_, to)) if to != *column => target = with_old_name(&target, &to, column),
                Some(_) | None => {}
            }
        }
        demanded.extend(own_demands(old, known, &target, planned, schema));
    }
    demanded
}

fn own_demands(
    table: &TableName,
    known: &Table,
    target: &Table,
    planned: &Planned,
    schema: &Schema,
) -> Vec<Operation> {
    let mut demanded = Vec::new();
    let is_new = |column: &&ColumnName| !known.columns.contains_key(*column);
    let new: Vec<&ColumnName> = target.columns.keys().filter(is_new).collect();
    for (name, index) in target.indexes.iter().filter(|(_, index)| index.unique) {
        if !new.iter().any(|column| index.reads(column)) && !known.indexes.values().any(|own| own == index) {
            let (index, definition) = (format!("demanded_{name}").into(), index.clone());
            demanded.push(Operation::CreateIndex { table: table.clone(), index, definition, online: false });
        }
    }
    for (name, check) in &target.checks {
        if check.expression.columns(new.iter().copied()).is_empty()
            && !known.checks.values().any(|own| own == check)
        {
            let (name, definition) = (format!("demanded_{name}").into(), check.clone());
            demanded.push(Operation::AddCheck { table: table.clone(), name, definition, validated: true });
        }
    }
    for (name, key) in &target.foreign_keys {
        let parent = schema.tables.keys().find(|old| planned.renamed(old).as_ref() == Some(&key.references));
        let Some(references) = parent.cloned() else { continue };
        let definition = ForeignKey { references, ..key.clone() };
        let there = definition.columns.iter().all(|column| known.columns.contains_key(column));
        if there && !known.foreign_keys.values().any(|own| *own == definition) {
            let name = format!("demanded_{name}").into();
            demanded.push(Operation::AddForeignKey {
                table: table.clone(),
                name,
                definition,
                validated: true,
            });
        }
    }
    demanded
}

fn with_old_name(table: &Table, new: &ColumnName, old: &ColumnName) -> Table {
    let mut table = table.clone();
    if let Some(place) = table.columns.get_index_of(new) {
        let _ = table.columns.replace_index(place, old.clone());
    }
    for index in table.indexes.values_mut() {
        *index = index.rename_column(new, old);
    }
    for check in table.checks.values_mut() {
        check.expression = check.expression.rename(new, old);
    }
    for key in table.foreign_keys.values_mut() {
        for column in key.columns.iter_mut().filter(|column| *column == new) {
            *column = old.clone();
        }
    }
    table
}

/// Tables, each after those that it refers to; in a circle, as they come.
fn parents_first(schema: &Schema) -> Vec<TableName> {
    let mut waiting: Vec<&TableName> = schema.tables.keys().collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let free = |name: &&TableName| {
            schema.tables[*name].parents(name).iter().all(|parent| !waiting.contains(&parent))
        };
        let next = waiting.remove(waiting.iter().position(free).unwrap_or(0));
        order.push(next.clone());
    }
    order
}

struct Filled<'a> {
    server: &'a mut Server,
    schema: &'a Schema,
    counts: BTreeMap<TableName, usize>,
}

impl Filled<'_> {
    fn fill(&mut self, name: &TableName, rows: usize) {
        let table = &self.schema.tables[name];
        let keys = self.parent_keys(name, table);
        let mut written = 0;
        for row in 0..rows {
            // A row that is rejected is tried again with other values, and then let go.
            for attempt in 0..3 {
                let sql = insert(name, table, &keys, row, attempt);
                if self.server.execute(&sql).is_ok() {
                    written += 1;
                    break;
                }
            }
        }
        self.counts.insert(name.clone(), written);
    }

    /// By foreign key, the keys of the rows that may be referred to, as literals.
    fn parent_keys(&mut self, own: &TableName, table: &Table) -> Vec<Vec<Vec<String>>> {
        let keys: Vec<ForeignKey> = table.foreign_keys.values().cloned().collect();
        keys.iter()
            .map(|key| {
                if key.references == *own {
                    return Vec::new();
                }
                let columns = key.key.iter().map(|column| {
                    let from = format!("{} ORDER BY 1", quoted_table(&key.references));
                    let order =
                        key.key.iter().map(|column| quoted(column.as_str())).collect::<Vec<_>>().join(", ");
                    let from = from.replace("ORDER BY 1", &format!("ORDER BY {order}"));
                    let column = quoted(column.as_str());
                    self.server.ask(&format!("SELECT {column} AS value FROM {from}"))
                });
                let columns: Vec<Vec<String>> = columns.collect();
                let rows = columns.first().map_or(0, Vec::len);
                (0..rows)
                    .map(|row| {
                        columns
                            .iter()
                            .map(|column| format!("'{}'", column[row].replace('\'', "''")))
                            .collect()
                    })
                    .collect()
            })
            .collect()
    }
}

fn insert(
    name: &TableName,
    table: &Table,
    parents: &[Vec<Vec<String>>],
    row: usize,
    attempt: usize,
) -> String {
    let mut values: Vec<(&ColumnName, String)> = Vec::new();
    for (place, (column, definition)) in table.columns.iter().enumerate() {
        if definition.generated.is_some() || definition.identity == Some(Identity::Always) {
            continue;
        }
        let left_out = definition.default.is_some() && (row + place).is_multiple_of(3) && attempt == 0;
        if !left_out {
            values.push((column, value(table, column, definition, place, row, attempt)));
        }
    }
    for (key, rows) in table.foreign_keys.values().zip(parents) {
        let nullable = key.columns.iter().any(|column| table.columns[column].nullable);
        if key.references == *name && !(nullable && row % 5 == 4) {
            // To itself: the one row that is sure to be there.
            let own: Vec<String> = key.key.iter().map(|column| given(&values, column)).collect();
            key.columns.iter().zip(own).for_each(|(column, literal)| put(&mut values, column, literal));
            continue;
        }
        let none = rows.is_empty() || (nullable && row % 5 == 4);
        // Half of the children have one parent, unless each must have its own.
        let distinct = key.columns.iter().any(|column| table.is_in_unique_key(column));
        let place = if distinct || row.is_multiple_of(2) { row + attempt } else { attempt };
        for (position, column) in key.columns.iter().enumerate() {
            let literal = if none { "NULL".to_owned() } else { rows[place % rows.len()][position].clone() };
            put(&mut values, column, literal);
        }
    }
    let table = quoted_table(name);
    if values.is_empty() {
        return format!("INSERT INTO {table} DEFAULT VALUES");
    }
    let columns = values.iter().map(|(column, _)| quoted(column.as_str())).collect::<Vec<_>>().join(", ");
    let values = values.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
    format!("INSERT INTO {table} ({columns}) VALUES ({values})")
}

fn put<'a>(values: &mut Vec<(&'a ColumnName, String)>, column: &'a ColumnName, literal: String) {
    match values.iter_mut().find(|(known, _)| *known == column) {
        Some(found) => found.1 = literal,
        None => values.push((column, literal)),
    }
}

fn given(values: &[(&ColumnName, String)], column: &ColumnName) -> String {
    let found = values.iter().find(|(known, _)| *known == column);
    found.map_or_else(|| "NULL".to_owned(), |(_, literal)| literal.clone())
}

/// A value for a column: its own for each row where a key wants that, else one of few, NULLs and boundaries among them.
fn value(
    table: &Table,
    column: &ColumnName,
    definition: &Column,
    place: usize,
    row: usize,
    attempt: usize,
) -> String {
    let distinct = table.is_in_unique_key(column) || reads_uniquely(table, column);
    if definition.nullable && (row + place) % 4 == 3 {
        return "NULL".to_owned();
    }
    // Later attempts are tamer: small numbers and plain words, which most checks let pass.
    let pick = match (distinct, attempt) {
        (true, _) => row * 3 + place + attempt,
        (false, 0) => (row + place) % 7,
        (false, _) => 1 + (row + attempt) % 3,
    };
    literal(&definition.sql_type, pick, distinct)
}

fn reads_uniquely(table: &Table, column: &ColumnName) -> bool {
    table.indexes.values().filter(|index| index.unique).any(|index| {
        index.keys.iter().any(|key| match key {
            IndexKey::Column(name) => name == column,
            IndexKey::Expression(expression) => !expression.columns([column]).is_empty(),
        })
    })
}

/// A value of a type; the same number gives the same value, and below 7 there are boundaries unless values are to be distinct.
fn literal(sql_type: &SqlType, pick: usize, distinct: bool) -> String {
    let boundary = !distinct && pick >= 5;
    let end = |low: &str, high: &str| if pick == 5 { low.to_owned() } else { high.to_owned() };
    match sql_type {
        SqlType::SmallInt if boundary => end("-32768", "32767"),
        SqlType::Integer if boundary => end("-2147483648", "2147483647"),
        SqlType::BigInt if boundary => end("-9223372036854775808", "9223372036854775807"),
        // Every second distinct key is negative, and the numbers have gaps.
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt if distinct && pick % 2 == 1 => {
            format!("-{}", pick + 1)
        }
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => format!("{pick}"),
        SqlType::Real | SqlType::Double => format!("{pick}.5"),
        SqlType::Numeric(_) => format!("{}.25", pick % 90),
        SqlType::Text | SqlType::Varchar(None) if boundary => end("''", "'it''s ünï \\ \"quoted\"'"),
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => format!("'w{pick}'"),
        SqlType::Boolean => if pick.is_multiple_of(2) { "true" } else { "false" }.to_owned(),
        SqlType::Binary => format!("'{pick:04}'"),
        SqlType::Date => format!("'20{:02}-02-28'", pick % 100),
        SqlType::Time => format!("'{:02}:59:59'", pick % 24),
        SqlType::Timestamp | SqlType::Timestamptz => {
            format!("'20{:02}-02-28 {:02}:59:59'", pick / 24 % 100, pick % 24)
        }
        SqlType::Interval => format!("'{pick} hours'"),
        SqlType::Uuid => format!("'00000000-0000-4000-8000-{pick:012x}'"),
        SqlType::Json => format!("'{{\"b\": {pick}, \"a\": 1, \"a\": 2}}'"),
        SqlType::Jsonb => format!("'{{\"b\": {pick}}}'"),
        SqlType::Array(inner) if **inner == SqlType::Text => format!("'{{w{pick},\"\"}}'"),
        SqlType::Array(_) => format!("'{{{pick}}}'"),
        SqlType::Named(_) => format!("'{pick}'"),
    }
}

/// A name as both servers quote it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name as both servers quote it.
pub fn quoted_table(name: &TableName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    }
}
