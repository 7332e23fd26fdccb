//! A plan on a real server: up from a populated database to what building the target directly gives, back to the start, and up again.

use std::collections::BTreeMap;

use schemig_core::change::Change;
use schemig_core::schema::{Column, ColumnName, ColumnRef, Expression, Schema, Table, TableName};

use crate::fixture::Product;
use crate::pair::{Directory, Pair, Planned};
use crate::populate::{populate, quoted, quoted_table};
use crate::server::{Contents, Server, Way};

/// What came of a plan on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trip {
    /// It went up, down and up again.
    Whole,
    /// A guard stopped it, for rows that stand in the way; it was gone through without rows.
    Guarded,
}

impl Trip {
    /// Whether rows that the generator made to fit the plan may end so: only values that are lost on the way may stop a guard.
    pub fn is_expected(self, pair: &Pair, planned: &Planned) -> bool {
        match (self, &planned.back) {
            (Self::Whole, Ok(_)) | (Self::Guarded, Err(_)) => true,
            (Self::Whole, Err(_)) => false,
            (Self::Guarded, Ok(back)) => back.schema != pair.before,
        }
    }
}

/// Two databases: one that a plan goes through, and one to build directly what it should come to.
pub struct Ground {
    travelled: Server,
    built: Server,
}

impl Ground {
    /// Two empty databases.
    pub fn new(product: Product) -> Self {
        Self { travelled: Server::new(product), built: Server::new(product) }
    }

    /// What a schema is when it is built directly.
    fn built(&mut self, schema: &Schema) -> Contents {
        self.built.build(schema);
        self.built.contents()
    }
}

/// Sends a plan up, down and up again, and compares at each end.
///
/// # Errors
/// What fails or differs, with the place.
pub fn round_trip(ground: &mut Ground, pair: &Pair, planned: &Planned, rows: usize) -> Result<Trip, String> {
    let dialect = Server::dialect(ground.travelled.product());
    let directories = planned.directories(dialect.as_ref());
    let target = ground.built(&planned.assessment.end.schema);
    let back = planned.back.as_ref().ok().filter(|back| back.schema != pair.before);
    let back = back.map(|back| ground.built(&back.schema));
    ground.travelled.build(&pair.before);
    let start = ground.travelled.contents();
    let counts = populate(&mut ground.travelled, dialect.as_ref(), &pair.before, Some(planned), rows);
    same("populating leaves the tables as they were", &start, &ground.travelled.contents())?;
    // A table whose rows must refer to one that refers to it can have no first row.
    let refers = |table: &TableName| !pair.before.tables[table].foreign_keys.is_empty();
    // Nor one with a column that SQLite is to number beside the key: nothing gives it a number.
    let able = dialect.capabilities().numbers_any_column;
    let unnumbered = |table: &TableName| {
        let Table { columns, primary_key, .. } = &pair.before.tables[table];
        let beside = |(name, column): (&ColumnName, &Column)| {
            column.identity.is_some() && *primary_key != [name.clone()]
        };
        !able && columns.iter().any(beside)
    };
    let fillable = |table: &TableName| !refers(table) && !unnumbered(table);
    if let Some((table, count)) = counts.iter().find(|(table, count)| **count < rows / 3 && fillable(table)) {
        return Err(format!("only {count} rows of {rows} could be written to {table}\n{}", planned.lines()));
    }
    let server = &mut ground.travelled;
    let mut trip = Travelled { server, directories: &directories, pair, planned, emptied: false, counts };
    let before = trip.values(&pair.before);
    trip.up()?;
    same("up ends at the target", &target, &trip.server.contents())?;
    trip.compare("up", &before, false)?;
    trip.down()?;
    same("the downs give back the start", back.as_ref().unwrap_or(&start), &trip.server.contents())?;
    trip.compare("down", &before, true)?;
    trip.up()?;
    same("up again ends at the target", &target, &trip.server.contents())?;
    Ok(if trip.emptied { Trip::Guarded } else { Trip::Whole })
}

/// Checksums of columns: by table and column, as `before` names them.
type Values = BTreeMap<(TableName, ColumnName), String>;

struct Travelled<'a> {
    server: &'a mut Server,
    directories: &'a [Directory],
    pair: &'a Pair,
    planned: &'a Planned,
    /// Whether the rows were deleted, because a guard said that they stand in the way.
    emptied: bool,
    /// How many rows each table of `before` had.
    counts: BTreeMap<TableName, usize>,
}

impl Travelled<'_> {
    fn up(&mut self) -> Result<(), String> {
        self.directories.iter().try_for_each(|directory| self.run(directory, Way::Up))
    }

    fn down(&mut self) -> Result<(), String> {
        self.directories.iter().rev().try_for_each(|directory| self.run(directory, Way::Down))
    }

    /// Runs a directory; where its guard stops, once more without the rows.
    fn run(&mut self, directory: &Directory, way: Way) -> Result<(), String> {
        let Err(error) = self.server.run(directory, way) else { return Ok(()) };
        let foreseen = way == Way::Up || self.planned.back.is_err() || loses_keys(self.planned, self.pair);
        if self.emptied || !foreseen || !self.is_refusal_of_rows(&error) {
            return Err(self.failed(directory, way, &error));
        }
        self.empty(directory.place + usize::from(way == Way::Down));
        self.server.run(directory, way).map_err(|error| self.failed(directory, way, &error))
    }

    /// Whether a step stopped because of rows that its constraint rejects: legitimate, for what stands comes from a generator.
    fn is_refusal_of_rows(&self, error: &str) -> bool {
        match self.server.product() {
            Product::Postgres => error.contains("schemig: rows of") || error.contains("schemig: keys that"),
            Product::Sqlite => error.contains("constraint failed"),
        }
    }

    fn failed(&self, directory: &Directory, way: Way, error: &str) -> String {
        let [up, down] = &directory.files;
        let sql = if way == Way::Up { up } else { down };
        format!("{} {way:?}: {error}\nin {sql}\n{}", directory.name(), self.planned.lines())
    }

    /// Deletes all rows, children first.
    fn empty(&mut self, step: usize) {
        let tables: Vec<&TableName> = self.planned.states[step].schema.tables.keys().collect();
        for _ in 0..tables.len() {
            for table in &tables {
                let _ = self.server.execute(&format!("DELETE FROM {}", quoted_table(table)));
            }
        }
        self.emptied = true;
    }

    /// The values of all columns.
    fn values(&mut self, schema: &Schema) -> Values {
        let mut values = Values::new();
        for (name, table) in &schema.tables {
            for column in table.columns.keys() {
                let value = checksum(self.server, name, table, column);
                values.insert((name.clone(), column.clone()), value);
            }
        }
        values
    }

    /// Compares rows and values with those of the start, as far as the plan says that they stay.
    fn compare(&mut self, when: &str, before: &Values, back: bool) -> Result<(), String> {
        if self.emptied {
            return Ok(());
        }
        let (planned, pair) = (self.planned, self.pair);
        for (name, table) in &pair.before.tables {
            let Some(renamed) = planned.renamed(name) else { continue };
            let now = if back { name } else { &renamed };
            let count = self.server.ask(&format!("SELECT count(*) AS value FROM {}", quoted_table(now)));
            let expected = self.counts[name].to_string();
            if count != [expected.clone()] {
                return Err(format!(
                    "{when}: {now} has {count:?} rows and had {expected}\n{}",
                    planned.lines()
                ));
            }
            for column in table.columns.keys() {
                let Some((_, successor)) = planned.successor(name, column) else { continue };
                if rewritten(planned, &renamed, &successor) {
                    continue;
                }
                let (table, column_now) = if back {
                    (table.clone(), column.clone())
                } else {
                    (planned.assessment.end.schema.tables[now].clone(), successor)
                };
                let value = checksum(self.server, now, &table, &column_now);
                let was = &before[&(name.clone(), column.clone())];
                // Another key gives another order.
                let rekeyed = planned.plan.changes.iter().any(
                    |change| matches!(change, Change::ChangePrimaryKey { table, .. } if *table == renamed),
                );
                if value != *was && !(rekeyed && sorted(&value) == sorted(was)) {
                    return Err(format!(
                        "{when}: the values of {now}.{column_now} changed\n{was}\n{value}\n{}",
                        planned.lines()
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Whether a plan writes to a column that stands, or has its values written otherwise.
fn rewritten(planned: &Planned, table: &TableName, column: &ColumnName) -> bool {
    let at = ColumnRef::new(table, column);
    let known = planned.assessment.end.schema.column(&at);
    let relabelled = |change: &Change| matches!(change, Change::RenameEnumValue { name, .. } if known.is_some_and(|known| known.sql_type.is_of(name)));
    if planned.plan.changes.iter().any(relabelled) {
        return true;
    }
    planned.plan.changes.iter().any(|change| {
        matches!(change, Change::RequireColumn { table: of, column: at, .. } if of == table && at == column)
            || matches!(change, Change::RecomputeColumn { table: of, column: at, from, to }
                if of == table && at == column && computes(to).is_some() && computes(from) != computes(to))
            || matches!(change, Change::RetypeColumn { table: of, column: at, conversion, .. }
                | Change::ReplaceColumn { table: of, to: at, conversion, .. }
                if of == table && at == column && !conversion.is_plain())
    })
}

fn computes(column: &Column) -> Option<&Expression> {
    column.generated.as_ref().map(|by| &by.expression)
}

/// Whether a column of a unique key is dropped: when it comes back its rows may all hold its default, which the key rejects.
fn loses_keys(planned: &Planned, pair: &Pair) -> bool {
    pair.before.tables.iter().any(|(name, table)| {
        let lost = |column: &&ColumnName| planned.successor(name, column).is_none();
        table.columns.keys().filter(lost).any(|column| table.keeps_apart(column))
    })
}

fn sorted(values: &str) -> Vec<&str> {
    let mut values: Vec<&str> = values.split('\u{1f}').collect();
    values.sort_unstable();
    values
}

/// The values of a column, row by row in the order of the key, in one text.
fn checksum(server: &mut Server, name: &TableName, table: &Table, column: &ColumnName) -> String {
    let order = table.primary_key.iter().map(|key| quoted(key.as_str())).collect::<Vec<_>>().join(", ");
    let query =
        format!("SELECT {} AS value FROM {} ORDER BY {order}", quoted(column.as_str()), quoted_table(name));
    server.ask(&query).join("\u{1f}")
}

fn same(what: &str, expected: &Contents, found: &Contents) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}\n--- expected\n{expected:#?}\n--- found\n{found:#?}"))
}
