//! Places of backfills that somebody else has ended: Diesel's CLI runs the whole file, records it, and knows of no place.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Text};
use schemig_core::dialect::CURSORS;

use crate::migrations::StepRef;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Keeps only the places of these steps; the table goes with the last. A place that outlived its backfill would be taken for that of a
/// later one, after a revert.
///
/// # Errors
/// The server doesn't answer.
pub(super) fn keep_only(connection: &mut PgConnection, pending: &[&StepRef]) -> QueryResult<()> {
    let is_there = format!("SELECT to_regclass('{CURSORS}') IS NOT NULL AS found");
    if !sql_query(is_there).get_result::<Found>(connection)?.found {
        return Ok(());
    }
    let kept: Vec<String> = pending.iter().map(|step| format!("{} {}", step.plan, step.step + 1)).collect();
    sql_query(format!("DELETE FROM {CURSORS} WHERE plan || ' ' || step <> ALL ($1)"))
        .bind::<Array<Text>, _>(kept)
        .execute(connection)?;
    let any = format!("SELECT EXISTS (SELECT FROM {CURSORS}) AS found");
    if !sql_query(any).get_result::<Found>(connection)?.found {
        sql_query(format!("DROP TABLE {CURSORS}")).execute(connection)?;
    }
    Ok(())
}
