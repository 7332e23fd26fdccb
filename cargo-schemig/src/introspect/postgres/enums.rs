//! Types whose values are labels.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, sql_query};
use schemig_core::schema::{Enum, EnumName, Provenance, Schema};

use crate::introspect::Error;

#[derive(QueryableByName)]
struct EnumRow {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    labels: Vec<String>,
}

/// The user's enums, without those of extensions.
const ENUMS: &str = "
    SELECT space.nspname::text AS schema, type.typname::text AS name,
        ARRAY(
            SELECT label.enumlabel::text FROM pg_catalog.pg_enum AS label WHERE label.enumtypid = type.oid
            ORDER BY label.enumsortorder
        ) AS labels
    FROM pg_catalog.pg_type AS type JOIN pg_catalog.pg_namespace AS space ON space.oid = type.typnamespace
    WHERE type.typtype = 'e' AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (
            SELECT 1 FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.pg_type'::regclass AND owned.objid = type.oid AND owned.deptype = 'e'
        )";

pub(super) fn read(
    connection: &mut PgConnection,
    default_schema: &str,
    schema: &mut Schema,
) -> Result<(), Error> {
    for EnumRow { schema: space, name, labels } in sql_query(ENUMS).load::<EnumRow>(connection)? {
        let name = EnumName { schema: (space != default_schema).then_some(space), name };
        schema.enums.insert(name, Enum { labels, provenance: Provenance::Declared, declared: None });
    }
    Ok(())
}
