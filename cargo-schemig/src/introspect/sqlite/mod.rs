//! SQLite, read back through its pragmas, and through the text that it keeps of each table where they say too little.

mod ddl;
mod dependants;
mod token;

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{SqliteConnection, sql_query};
use indexmap::IndexMap;
use schemig_core::dialect::sqlite::declared_type;
use schemig_core::schema::{
    Action, Check, Column, ColumnName, ConstraintName, ForeignKey, Generated, Identity, Index, IndexKey,
    IndexName, Provenance, Schema, Table, TableName,
};

use super::{Error, Introspected, KEPT_TABLES};
pub(super) use dependants::dependants;

/// Reads a SQLite database back.
///
/// A row number column is an identity: `Always` with AUTOINCREMENT, which never gives a number twice, else `ByDefault`.
///
/// # Errors
/// When the database can't be read, or a table's text isn't understood.
pub fn sqlite(connection: &mut SqliteConnection) -> Result<Introspected, Error> {
    let mut schema = Schema::default();
    let mut unmodelled = Vec::new();
    for object in objects(connection)? {
        match object.kind.as_str() {
            "table" => match table(connection, &object)? {
                Some(table) => {
                    schema.tables.insert(TableName::new(object.name), table);
                }
                None => unmodelled.push(format!("virtual table {}", object.name)),
            },
            _ => unmodelled.push(format!("{} {}", object.kind, object.name)),
        }
    }
    Ok(Introspected { schema, invalid_indexes: Vec::new(), unvalidated: Vec::new(), unmodelled })
}

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

fn objects(connection: &mut SqliteConnection) -> Result<Vec<Object>, Error> {
    let query = "SELECT type AS kind, name, sql FROM sqlite_schema \
                 WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN (?, ?) \
                 AND name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') \
                 ORDER BY type, name";
    Ok(sql_query(query).bind::<Text, _>(KEPT_TABLES[0]).bind::<Text, _>(KEPT_TABLES[1]).load(connection)?)
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
    #[diesel(sql_type = Integer)]
    required: i32,
    #[diesel(sql_type = Nullable<Text>)]
    default_text: Option<String>,
    #[diesel(sql_type = Integer)]
    key: i32,
    #[diesel(sql_type = Integer)]
    hidden: i32,
}

fn is_virtual(object: &Object) -> bool {
    object.sql.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("CREATE VIRTUAL"))
}

/// A table, or `None` for a virtual one.
fn table(connection: &mut SqliteConnection, object: &Object) -> Result<Option<Table>, Error> {
    if is_virtual(object) {
        return Ok(None);
    }
    let unreadable = |what| Error::Unreadable { table: object.name.clone(), what };
    let text = ddl::table(&object.sql).ok_or_else(|| unreadable("its text has no columns"))?;
    let rows: Vec<ColumnRow> = sql_query(
        "SELECT name, type AS declared, \"notnull\" AS required, dflt_value AS default_text, pk AS key, hidden \
         FROM pragma_table_xinfo(?) ORDER BY cid",
    )
    .bind::<Text, _>(&object.name)
    .load(connection)?;
    let mut keys: Vec<&ColumnRow> = rows.iter().filter(|row| row.key > 0).collect();
    keys.sort_by_key(|row| row.key);
    let primary_key: Vec<ColumnName> = keys.iter().map(|row| row.name.as_str().into()).collect();
    let row_number = |row: &ColumnRow| {
        primary_key.len() == 1
            && row.key == 1
            && row.declared.eq_ignore_ascii_case("integer")
            && !without_row_numbers(&object.sql)
    };
    let columns: IndexMap<ColumnName, Column> =
        rows.iter().map(|row| (row.name.as_str().into(), column(row, row_number(row), &text))).collect();
    Ok(Some(Table {
        partition_by: None,
        primary_key,
        identifier: None,
        comment: None,
        columns,
        indexes: indexes(connection, object, &text)?,
        foreign_keys: foreign_keys(connection, object, &text)?,
        checks: checks(&object.name, &text),
    }))
}

/// WITHOUT ROWID stands behind the last bracket.
fn without_row_numbers(sql: &str) -> bool {
    sql.rfind(')').is_some_and(|end| sql[end..].to_ascii_uppercase().contains("ROWID"))
}

fn column(row: &ColumnRow, row_number: bool, text: &ddl::Text) -> Column {
    let same = |name: &str| name.eq_ignore_ascii_case(&row.name);
    let declared = row.declared.trim();
    // A computed column without a type has these two words for one.
    let declared = if declared.eq_ignore_ascii_case("generated always") { "" } else { declared };
    let generated = text.generated.iter().find(|(name, _)| same(name));
    let identity = if text.autoincrement { Identity::Always } else { Identity::ByDefault };
    Column {
        nullable: row.required == 0,
        default: row.default_text.as_deref().map(Into::into),
        generated: generated
            .map(|(_, expression)| Generated { expression: expression.clone(), stored: row.hidden == 3 }),
        identity: row_number.then_some(identity),
        collation: text
            .collations
            .iter()
            .find(|(name, _)| same(name))
            .map(|(_, collation)| collation.clone()),
        ..Column::required(declared_type(declared))
    }
}

fn checks(table: &str, text: &ddl::Text) -> BTreeMap<ConstraintName, Check> {
    let mut checks = BTreeMap::new();
    for check in &text.checks {
        let (column, expression) = &check.what;
        let stem = match column {
            Some(column) => format!("{table}_{column}_check"),
            None => format!("{table}_check"),
        };
        let name = free_name(&checks, check.name.as_ref(), &stem);
        checks.insert(name, Check { expression: expression.clone(), provenance: Provenance::Declared });
    }
    checks
}

/// The constraint's own name, or one that says what it is on, with a number where that is taken.
fn free_name<T>(taken: &BTreeMap<ConstraintName, T>, own: Option<&String>, stem: &str) -> ConstraintName {
    let numbered = (1..).map(|number| format!("{stem}{number}"));
    let mut names = own.cloned().into_iter().chain([stem.to_owned()]).chain(numbered).map(ConstraintName);
    names.find(|name| !taken.contains_key(name)).unwrap_or_else(|| ConstraintName(stem.to_owned()))
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    child_column: String,
    #[diesel(sql_type = Nullable<Text>)]
    parent_column: Option<String>,
    #[diesel(sql_type = Text)]
    on_update: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

/// The pragma numbers a table's keys backwards.
fn foreign_keys(
    connection: &mut SqliteConnection,
    object: &Object,
    text: &ddl::Text,
) -> Result<BTreeMap<ConstraintName, ForeignKey>, Error> {
    let rows: Vec<KeyRow> = sql_query(
        "SELECT id, \"table\" AS parent, \"from\" AS child_column, \"to\" AS parent_column, on_update, on_delete \
         FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq",
    )
    .bind::<Text, _>(&object.name)
    .load(connection)?;
    let mut names = text.foreign_keys.iter();
    let mut keys = BTreeMap::new();
    for rows in rows.chunk_by(|one, next| one.id == next.id) {
        let [first, ..] = rows else { continue };
        let columns: Vec<ColumnName> = rows.iter().map(|row| row.child_column.as_str().into()).collect();
        let key = match rows.iter().map(|row| row.parent_column.as_deref().map(Into::into)).collect() {
            Some(named) => named,
            None => primary_key(connection, &first.parent)?,
        };
        let stem = columns.iter().map(ColumnName::as_str).collect::<Vec<_>>().join("_");
        let named = names.next();
        let own = named.and_then(|named| named.name.as_ref());
        let name = free_name(&keys, own, &format!("{}_{stem}_fkey", object.name));
        let foreign_key = ForeignKey {
            columns,
            references: TableName::new(first.parent.clone()),
            key,
            on_delete: action(&first.on_delete),
            on_update: action(&first.on_update),
            deferral: named.map(|named| named.what.1).unwrap_or_default(),
            provenance: Provenance::Declared,
        };
        keys.insert(name, foreign_key);
    }
    Ok(keys)
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

fn primary_key(connection: &mut SqliteConnection, table: &str) -> Result<Vec<ColumnName>, Error> {
    let rows: Vec<NameRow> = sql_query("SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk")
        .bind::<Text, _>(table)
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.name.into()).collect())
}

fn action(text: &str) -> Action {
    [Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault]
        .into_iter()
        .find(|action| action.sql().eq_ignore_ascii_case(text))
        .unwrap_or_default()
}

#[derive(QueryableByName)]
struct IndexRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    is_unique: i32,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

fn indexes(
    connection: &mut SqliteConnection,
    object: &Object,
    text: &ddl::Text,
) -> Result<BTreeMap<IndexName, Index>, Error> {
    let rows: Vec<IndexRow> = sql_query(
        "SELECT list.name, list.\"unique\" AS is_unique, list.origin, made.sql FROM pragma_index_list(?) AS list \
         LEFT JOIN sqlite_schema AS made ON made.type = 'index' AND made.name = list.name \
         WHERE list.origin <> 'pk' ORDER BY list.name",
    )
    .bind::<Text, _>(&object.name)
    .load(connection)?;
    let mut indexes = BTreeMap::new();
    for row in rows {
        let unreadable = Error::Unreadable { table: object.name.clone(), what: "an index has no keys" };
        let (keys, orders, predicate) = match &row.sql {
            Some(sql) => ddl::index(sql).ok_or(unreadable)?,
            None => (constraint_keys(connection, &row.name)?, Vec::new(), None),
        };
        let constraint = row.origin == "u";
        let index =
            Index { keys, unique: row.is_unique == 1, predicate, constraint, ..Index::on([]) }.sorted(orders);
        let own = if constraint { constraint_name(&index, text) } else { None };
        indexes.insert(own.unwrap_or(row.name).into(), index);
    }
    Ok(indexes)
}

fn constraint_keys(connection: &mut SqliteConnection, index: &str) -> Result<Vec<IndexKey>, Error> {
    let rows: Vec<NameRow> = sql_query("SELECT name FROM pragma_index_info(?) ORDER BY seqno")
        .bind::<Text, _>(index)
        .load(connection)?;
    Ok(rows.into_iter().map(|row| IndexKey::Column(row.name.into())).collect())
}

/// The name of the UNIQUE constraint on the same columns.
fn constraint_name(index: &Index, text: &ddl::Text) -> Option<String> {
    let columns = index.key_columns()?;
    let same = |named: &&ddl::Named<Vec<String>>| {
        named.what.len() == columns.len()
            && named.what.iter().zip(&columns).all(|(one, other)| one.eq_ignore_ascii_case(other.as_str()))
    };
    text.uniques.iter().find(same)?.name.clone()
}
