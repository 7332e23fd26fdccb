//! Domains, and what stands behind each.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::dialect::Dialect;
use schemig_core::schema::{Domains, SqlType};

use super::OWN_TABLES;
use crate::introspect::Error;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    behind: Option<String>,
}

/// Reads the domains that a column may have, and which types of columns, that might be some as far as the dialect knows, are none.
///
/// # Errors
/// The catalog can't be read.
pub fn domains(connection: &mut PgConnection, dialect: &dyn Dialect) -> Result<Domains, Error> {
    let (mut behind, mut others) = (BTreeMap::new(), BTreeSet::new());
    for row in sql_query(query()).load::<Row>(connection)? {
        if let Some(base) = row.behind {
            behind.insert(row.name, SqlType::parse(&base));
        } else if dialect.may_be_domain(&SqlType::parse(&row.name)) {
            others.insert(row.name);
        }
    }
    Ok(Domains::new(behind, others))
}

/// Those of the user's schemas and all that columns have; enums are in the schema, and arrays are named by their elements.
fn query() -> String {
    format!(
        "SELECT pg_catalog.format_type(type.oid, NULL) AS name,
            CASE WHEN type.typtype = 'd' THEN pg_catalog.format_type(type.typbasetype, type.typtypmod) END AS behind
        FROM pg_catalog.pg_type AS type JOIN pg_catalog.pg_namespace AS space ON space.oid = type.typnamespace
        LEFT JOIN pg_catalog.pg_class AS class ON class.oid = type.typrelid
        WHERE type.typtype <> 'e' AND space.nspname NOT LIKE 'pg\\_%'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element WHERE element.typarray = type.oid)
            AND (
                space.nspname <> 'information_schema' AND (type.typtype IN ('d', 'r', 'm') OR class.relkind = 'c')
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_attribute AS attribute
                    JOIN pg_catalog.pg_type AS used ON used.oid = attribute.atttypid
                    WHERE attribute.attrelid IN ({OWN_TABLES}) AND attribute.attnum > 0
                        AND NOT attribute.attisdropped AND type.oid IN (used.oid, used.typelem)
                )
            )
        ORDER BY 1"
    )
}
