//! A database that is given a schema at once: what a server says of that is what the migrations have to come to.

use schemig_core::dialect::Dialect;
use schemig_core::plan::creation;
use schemig_core::schema::{Schema, State, TableName};

use super::sequence::Sequence;
use super::spelling::quoted_table;
use crate::database::Connection;
use crate::exit::Stop;
use crate::server::{Ground, Scratch};

/// Makes one. Where the schema alone doesn't do, since a default or an index calls a function of the user's own, it is made on what the
/// earlier migrations leave, without their tables.
///
/// # Errors
/// No database can be had, or it refuses the schema.
pub(super) fn built(
    ground: &Ground,
    dialect: &dyn Dialect,
    schema: &Schema,
    sequence: &Sequence,
    replayed: Option<&Scratch>,
) -> Result<Scratch, Stop> {
    let scratch = ground.empty()?;
    let scratch = match (create(&mut scratch.connect()?, dialect, schema), replayed) {
        (Ok(()), _) => scratch,
        (Err(stop), None) => return Err(stop),
        (Err(_), Some(replayed)) => {
            let scratch = ground.copy(replayed)?;
            let mut connection = scratch.connect()?;
            clear(&mut connection, &sequence.start.schema)?;
            create(&mut connection, dialect, schema)?;
            scratch
        }
    };
    if let Some(sql) = &sequence.stand_ins {
        scratch.connect()?.execute(sql).map_err(|error| {
            Stop::refused(
                format!("a scratch database refuses the partitions that the models name: {error}"),
                "write the migration's partitions by hand into an earlier one, so that verify finds them",
            )
        })?;
    }
    Ok(scratch)
}

fn create(connection: &mut Connection, dialect: &dyn Dialect, schema: &Schema) -> Result<(), Stop> {
    let mut state = State::default();
    for operation in creation(schema, dialect.capabilities()) {
        let sql = dialect.render(std::slice::from_ref(&operation), &state).sql;
        let refused = |error: String| {
            Stop::refused(
                format!("a scratch database refuses to {operation}: {error}"),
                "see whether the server has the extensions, types and functions that the models use, or an earlier migration makes them",
            )
        };
        connection.execute(&sql).map_err(|error| refused(error.to_string()))?;
        state.apply(&operation).map_err(|error| refused(error.to_string()))?;
    }
    Ok(())
}

/// Takes the tables and enums of a schema off a scratch database, with whatever hangs on them there. Nobody else has it.
fn clear(connection: &mut Connection, schema: &Schema) -> Result<(), Stop> {
    let drop =
        |what: &str, name: &TableName| format!("DROP {what} IF EXISTS {} CASCADE;\n", quoted_table(name));
    let tables = schema.tables.keys().map(|name| drop("TABLE", name));
    let sql: String = tables.chain(schema.enums.keys().map(|name| drop("TYPE", name))).collect();
    connection.execute(&sql).map_err(|error| {
        Stop::refused(
            format!("a scratch database can't be emptied: {error}"),
            "look at what the earlier migrations make",
        )
    })
}
