//! The tables, as PostgreSQL's own catalog describes them: what a revert must give back.

use diesel::prelude::*;
use diesel::sql_types::Text;

const CATALOG: &str = "
    WITH tables AS (
        SELECT oid, relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relname <> '__diesel_schema_migrations'
    ), lines AS (
        SELECT format('%s column %s %s%s %s', relname, attname, format_type(atttypid, atttypmod),
                      CASE WHEN attnotnull THEN ' not null' END, pg_get_expr(adbin, adrelid)) AS line
        FROM tables JOIN pg_attribute ON attrelid = tables.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT format('%s constraint %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
        FROM tables JOIN pg_constraint ON conrelid = tables.oid
        UNION ALL
        SELECT format('%s index %s %s', relname, pg_get_indexdef(indexrelid), indisvalid)
        FROM tables JOIN pg_index ON indrelid = tables.oid
        UNION ALL
        SELECT format('%s trigger %s', relname, pg_get_triggerdef(pg_trigger.oid))
        FROM tables JOIN pg_trigger ON tgrelid = tables.oid WHERE NOT tgisinternal
        UNION ALL
        SELECT format('function %s %s', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    )
    SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') AS text FROM lines";

#[derive(QueryableByName)]
struct Description {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Columns, constraints, indexes, triggers and functions of the schema `public`, a line each.
///
/// Diesel's own functions are there when they are there: its CLI makes none in a run.
pub fn describe(connection: &mut PgConnection) -> String {
    diesel::sql_query(CATALOG).get_result::<Description>(connection).expect("the catalog is readable").text
}
