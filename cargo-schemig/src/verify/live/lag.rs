//! What is kept in step, compared: a filler or a mirror that lags is a failure though no query fails.

use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::schema::{ColumnRef, State, TableName, Violation};

use crate::database::Connection;
use crate::verify::findings::{Findings, Pass};

/// Counts, for all that is in flight in a state and has been filled, the rows that aren't what they should be.
pub fn look(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    state: &State,
    when: &str,
    findings: &mut Findings,
) {
    for (table, against) in kept(state) {
        let guard = Operation::Guard { table, against };
        let sql = dialect.render(std::slice::from_ref(&guard), state).sql;
        if let Err(error) = connection.execute(&sql) {
            let what = format!("something lags {when}: {guard}");
            findings.fail(Pass::Traffic, None, what, vec![error.to_string()]);
        }
    }
}

/// What no row may be guilty of in this state.
fn kept(state: &State) -> Vec<(TableName, Violation)> {
    let in_flight = &state.in_flight;
    let filled = |at: &ColumnRef| !in_flight.unfilled.contains(at);
    let mut kept = Vec::new();
    for (at, source) in in_flight.followers.iter().filter(|(at, _)| filled(at)) {
        kept.push((at.table.clone(), Violation::Stale { column: at.column.clone(), source: source.clone() }));
    }
    for (table, rows) in &in_flight.rows {
        if filled(&ColumnRef::new(table, &rows.key)) {
            kept.push((table.clone(), Violation::Uncopied { rows: rows.clone() }));
        }
    }
    for (new, mirrored) in in_flight.mirrors.iter().filter(|(new, _)| filled(new)) {
        let (table, old, new) = (new.table.clone(), mirrored.old.clone(), new.column.clone());
        kept.push((table, Violation::Differ { old, new }));
    }
    for at in in_flight.fillers.keys().filter(|at| state.null_free.contains(at)) {
        kept.push((at.table.clone(), Violation::Null { column: at.column.clone() }));
    }
    kept
}
