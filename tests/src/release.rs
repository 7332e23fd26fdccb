//! What a release does to a database, through Diesel and its cache of prepared statements: it selects all its columns, inserts with RETURNING,
//! inserts no more than it must, updates, and upserts by each of its keys.
//!
//! The statements never change from run to run, so that they are prepared once: a row to insert is a copy of one that stands, with values of its
//! own where a key wants them.

use std::collections::BTreeSet;

use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::{Field as _, NamedRow, Row};
use diesel::sql_types::Untyped;
use diesel::{QueryResult, QueryableByName, RunQueryDsl};
use schemig_core::plan::Promise;
use schemig_core::safety::{Access, Fit};
use schemig_core::schema::{
    Column, ColumnName, ColumnRef, Identity, Index, Schema, SqlType, Table, TableName,
};

use crate::pair::Planned;
use crate::populate::{quoted, quoted_table};

/// A statement of a release.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The table, as the release calls it.
    pub table: TableName,
    /// What it does.
    pub access: Access,
    /// The statement. It gives back all columns of the release.
    pub sql: String,
    /// The columns, by place, that the release can't read NULL from.
    required: BTreeSet<usize>,
    /// The promises that a release which runs it doesn't keep.
    breaks: Vec<Promise>,
}

/// What the statements of [`statements`] need in the database.
pub const NEEDS: &str = "CREATE SCHEMA IF NOT EXISTS schemig_test; \
     CREATE SEQUENCE IF NOT EXISTS schemig_test.fresh START 1000000";

/// What `release`, one of the two sides of `planned`, does. Tables of `unwritten` are read only.
pub fn statements(
    release: &Schema,
    planned: &Planned,
    unwritten: impl Fn(&TableName) -> bool,
) -> Vec<Statement> {
    let mut all = Vec::new();
    for (name, table) in &release.tables {
        let does = Does { name, table, planned };
        all.push(
            does.statement(Access::Read, format!("SELECT {} FROM {}", does.columns(), quoted_table(name))),
        );
        if !unwritten(name) {
            all.extend(does.writes());
        }
    }
    all
}

/// One table of a release.
struct Does<'a> {
    name: &'a TableName,
    table: &'a Table,
    planned: &'a Planned,
}

impl Does<'_> {
    fn statement(&self, access: Access, sql: String) -> Statement {
        let required = self.table.columns.values().enumerate().filter(|(_, column)| !column.nullable);
        Statement {
            table: self.name.clone(),
            access,
            sql,
            required: required.map(|(place, _)| place).collect(),
            breaks: Vec::new(),
        }
    }

    fn columns(&self) -> String {
        list(self.table.columns.keys())
    }

    fn writes(&self) -> Vec<Statement> {
        let write = |sql| self.statement(Access::Write, sql);
        let insert = |least| format!("{} RETURNING {}", self.insert(least), self.columns());
        let alone = self.source_left();
        let inserts = |sql| Statement { breaks: alone.clone(), ..write(sql) };
        let nulls = alone.iter().cloned().chain(self.nulls()).collect();
        let least = Statement { breaks: nulls, ..write(insert(true)) };
        let mut all = vec![inserts(insert(false)), write(self.update()), least];
        let key = Index::unique_on(self.table.primary_key.iter().map(ColumnName::as_str));
        all.push(inserts(self.upsert(&key)));
        for (name, index) in
            self.table.indexes.iter().filter(|(_, index)| index.unique && index.key_columns().is_some())
        {
            let waits = Promise::WaitsForIndex { table: self.name.clone(), index: name.clone() };
            let breaks = alone.iter().cloned().chain([waits]).collect();
            all.push(Statement { breaks, ..write(self.upsert(index)) });
        }
        all
    }

    /// What an insert of this table alone doesn't keep: the row's source isn't written with it.
    fn source_left(&self) -> Vec<Promise> {
        let left = |promise: &&Promise| {
            if let Promise::WritesTheSourceToo { at, .. } = promise {
                return at.table == *self.name && self.table.columns.contains_key(&at.column);
            }
            matches!(promise, Promise::WritesBothInOneTransaction { table, .. } if table == self.name)
        };
        self.planned.assessment.promises.iter().filter(left).cloned().collect()
    }

    /// What an insert that leaves all out that it may doesn't keep.
    fn nulls(&self) -> impl Iterator<Item = Promise> {
        let nullable = self.table.columns.iter().filter(|(_, column)| column.nullable);
        nullable.map(|(name, _)| Promise::WritesNoNull { at: ColumnRef::new(self.name, name) })
    }

    fn upsert(&self, index: &Index) -> String {
        let which = index.predicate.iter().map(|predicate| format!(" WHERE {predicate}")).collect::<String>();
        let conflict =
            format!("ON CONFLICT ({}){which} DO NOTHING", list(index.key_columns().unwrap_or_default()));
        format!("{} {conflict} RETURNING {}", self.insert(false), self.columns())
    }

    /// A copy of a row, with `least` without what may be left out.
    fn insert(&self, least: bool) -> String {
        let mut targets = Vec::new();
        let mut values = Vec::new();
        for (name, column) in &self.table.columns {
            let given = column.generated.is_none() && column.identity != Some(Identity::Always);
            if given && !(least && column.may_be_left_out()) {
                targets.push(name);
                values.push(if self.is_fresh(name) { fresh(column) } else { quoted(name.as_str()) });
            }
        }
        let table = quoted_table(self.name);
        let order = list(&self.table.primary_key);
        format!(
            "INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} ORDER BY {order} LIMIT 1 OFFSET 5) AS copied",
            list(targets),
            values.join(", ")
        )
    }

    /// Writes a row as it is. Whatever a constraint thinks of rows that stand comes out.
    fn update(&self) -> String {
        let table = quoted_table(self.name);
        let key = list(&self.table.primary_key);
        let writable = self.table.columns.iter().filter(|(name, column)| {
            column.generated.is_none() && column.identity.is_none() && !self.table.primary_key.contains(name)
        });
        let mut sets: Vec<String> =
            writable.map(|(name, _)| quoted(name.as_str())).map(|name| format!("{name} = {name}")).collect();
        if sets.is_empty() {
            sets = self
                .table
                .primary_key
                .iter()
                .map(|name| quoted(name.as_str()))
                .map(|name| format!("{name} = {name}"))
                .collect();
        }
        format!(
            "UPDATE {table} SET {} WHERE ({key}) IN (SELECT {key} FROM {table} ORDER BY {key} LIMIT 3) RETURNING {}",
            sets.join(", "),
            self.columns()
        )
    }

    /// Whether a key wants each row to have its own value in this column, in any state of the plan and under any of its names.
    fn is_fresh(&self, column: &ColumnName) -> bool {
        let is_same = |old: &(TableName, ColumnName), new: &(TableName, ColumnName)| {
            self.planned.successor(&old.0, &old.1).as_ref() == Some(new)
        };
        let own = (self.name.clone(), column.clone());
        let start = &self.planned.states[0].schema;
        let mut names = BTreeSet::from([own.clone()]);
        for (table, known) in &start.tables {
            for column in known.columns.keys() {
                let old = (table.clone(), column.clone());
                if own == old || is_same(&old, &own) {
                    names.extend(self.planned.successor(table, column));
                    names.insert(old);
                }
            }
        }
        self.planned.states.iter().any(|state| {
            names.iter().any(|(table, column)| {
                state.schema.tables.get(table).is_some_and(|table| table.is_in_unique_key(column))
            })
        })
    }
}

fn list<'a>(columns: impl IntoIterator<Item = &'a ColumnName>) -> String {
    columns.into_iter().map(|column| quoted(column.as_str())).collect::<Vec<_>>().join(", ")
}

/// A value that no row has.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "types of keys in fixtures; another one stops the test and says so"
)]
fn fresh(column: &Column) -> String {
    match &column.sql_type {
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => "nextval('schemig_test.fresh')".to_owned(),
        SqlType::Uuid => "gen_random_uuid()".to_owned(),
        SqlType::Text | SqlType::Varchar(_) => "'n' || nextval('schemig_test.fresh')".to_owned(),
        other => panic!("no fresh values of {other} yet"),
    }
}

impl Statement {
    /// Whether it has to work for a release that fits so, reads and writes. What it writes it also reads back.
    pub fn has_to_work(&self, [reads, writes]: &[Fit; 2]) -> bool {
        let fits = |fit: &Fit| match fit {
            Fit::Fits => true,
            Fit::FitsIf(promises) => self.keeps(promises),
            Fit::Breaks(_) => false,
        };
        fits(reads) && (self.access == Access::Read || fits(writes))
    }

    /// Whether a release that runs it keeps these promises.
    pub fn keeps(&self, promises: &[Promise]) -> bool {
        !promises.iter().any(|promise| self.breaks.contains(promise))
    }

    /// Runs it as Diesel's typed queries run: prepared at first, kept by the connection after that.
    ///
    /// # Errors
    /// What the server or Diesel says, or that a column is NULL which the release can't read so.
    pub fn run(&self, connection: &mut PgConnection) -> Result<(), String> {
        let rows: QueryResult<Vec<Nulls>> = Cached(self.sql.clone()).load(connection);
        let rows = rows.map_err(|error| error.to_string())?;
        match rows.iter().flat_map(|Nulls(places)| places).find(|place| self.required.contains(place)) {
            Some(place) => Err(format!("column {place} is NULL")),
            None => Ok(()),
        }
    }
}

/// A statement that the connection's cache takes, unlike `sql_query`'s.
pub struct Cached(pub String);

impl QueryFragment<Pg> for Cached {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql(&self.0);
        Ok(())
    }
}

impl QueryId for Cached {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Cached {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Cached {}

/// The places of a row's NULLs.
pub struct Nulls(Vec<usize>);

impl QueryableByName<Pg> for Nulls {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> diesel::deserialize::Result<Self> {
        let mut nulls = Vec::new();
        for place in 0..row.field_count() {
            if Row::get(row, place).is_some_and(|field| field.is_null()) {
                nulls.push(place);
            }
        }
        Ok(Self(nulls))
    }
}
