//! Whether the role of a connection may do what is pending: only a table's owner may change it, and what a role may not do fails half-way,
//! behind the steps before it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};
use diesel::{QueryResult, sql_query};
use schemig_core::dialect::Dialect;
use schemig_core::schema::TableName;

use crate::apply::pending::Pending;
use crate::database::Connection;

/// What stands in its way, a line each. What a migration that somebody wrote by hand does first nobody knows, so behind one nothing is said.
///
/// # Errors
/// The catalog can't be read.
pub fn hindrances(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    pending: &[Pending<'_>],
) -> QueryResult<Vec<String>> {
    let Connection::Postgres(connection) = connection else { return Ok(Vec::new()) };
    let planned = pending.iter().map_while(|one| one.planned.as_ref());
    let (mut stand, mut come) = (BTreeSet::new(), BTreeSet::new());
    for planned in planned {
        let step = planned.step().up.iter().map(|operation| operation.table());
        let named: BTreeSet<&TableName> = step.collect();
        for (table, delta) in planned.plan.tables.iter().filter(|(table, _)| named.contains(table)) {
            if delta.before.is_some() {
                stand.insert(table.clone())
            } else {
                come.insert(table.clone())
            };
        }
    }
    let default = dialect.default_schema().unwrap_or("public");
    let mut lines: Vec<String> = held_back(connection)?
        .into_iter()
        .filter(|row| stand.contains(&row.name(default)))
        .map(line)
        .collect();
    let homes: BTreeSet<String> =
        come.into_iter().map(|table| table.schema.unwrap_or_else(|| default.to_owned())).collect();
    lines.extend(closed(connection, homes.into_iter().collect())?.into_iter().map(Closed::line));
    Ok(lines)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    /// Who owns it, where the role isn't one of them.
    #[diesel(sql_type = Nullable<Text>)]
    other_owner: Option<String>,
    #[diesel(sql_type = Text)]
    role: String,
}

impl Row {
    fn name(&self, default_schema: &str) -> TableName {
        let schema = (self.schema != default_schema).then(|| self.schema.clone());
        TableName { schema, name: self.table_name.clone() }
    }
}

fn line(row: Row) -> String {
    let Row { schema, table_name, other_owner, role } = row;
    let table = format!("{schema}.{table_name}");
    match other_owner {
        Some(owner) => format!(
            "as {role} what is pending would fail: {table} belongs to {owner}, and only its owner may change it; run it as {owner}, or as a \
             role that was granted {owner}"
        ),
        None => format!(
            "row security hides rows of {table} from {role}, who owns it: what is pending would neither see nor fill them; run it as a role \
             with BYPASSRLS"
        ),
    }
}

/// The tables that the role doesn't own, or whose rows it may not all see.
fn held_back(connection: &mut PgConnection) -> QueryResult<Vec<Row>> {
    sql_query(
        "SELECT space.nspname::text AS schema, class.relname::text AS table_name,
            CASE WHEN NOT pg_catalog.pg_has_role(class.relowner, 'USAGE')
                THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(class.relowner)) END AS other_owner,
            pg_catalog.quote_ident(current_user) AS role
        FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
        WHERE class.relkind IN ('r', 'p')
            AND (NOT pg_catalog.pg_has_role(class.relowner, 'USAGE') OR pg_catalog.row_security_active(class.oid))
        ORDER BY 1, 2",
    )
    .load(connection)
}

#[derive(QueryableByName)]
struct Closed {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    role: String,
}

impl Closed {
    fn line(self) -> String {
        let Self { schema, role } = self;
        format!(
            "as {role} what is pending would fail: it may make no table in schema {schema}; GRANT CREATE ON SCHEMA {schema} TO {role}"
        )
    }
}

/// Those of the schemas (namespaces) in which the role may make nothing. One that isn't there comes with the plan.
fn closed(connection: &mut PgConnection, schemas: Vec<String>) -> QueryResult<Vec<Closed>> {
    sql_query(
        "SELECT pg_catalog.quote_ident(space.nspname) AS schema, pg_catalog.quote_ident(current_user) AS role
        FROM pg_catalog.pg_namespace AS space
        WHERE space.nspname = ANY ($1) AND NOT pg_catalog.has_schema_privilege(space.oid, 'CREATE')
        ORDER BY 1",
    )
    .bind::<Array<Text>, _>(schemas)
    .load(connection)
}
