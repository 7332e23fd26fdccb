//! What `apply` does for a step that a file can't do for itself. Which steps those are, the dialect knows.

use schemig_core::dialect::{Batches, Cursor, Dialect, Leftover};

use super::log::{Event, Log};
use super::pending::{Pending, Planned};

/// What is done in a file's stead or before it.
#[derive(Debug, Default)]
pub struct Tricks {
    /// Batches in the place of the file.
    pub batches: Option<Batches>,
    /// What is cleared away before the file runs.
    pub leftover: Option<Leftover>,
}

/// What can be done for a pending migration: nothing for one that was written by hand, or that shares a transaction.
pub fn tricks(pending: &Pending<'_>, dialect: &dyn Dialect, log: &Log) -> Tricks {
    let Some(planned) = pending.planned.as_ref().filter(|_| !pending.migration.run_in_transaction) else {
        return Tricks::default();
    };
    let [operation] = planned.step().up.as_slice() else { return Tricks::default() };
    let leftover = dialect.leftover(operation);
    let cursor = Cursor { plan: planned.plan.id.0.clone(), step: planned.place + 1 };
    let batches = dialect.batches(operation, &planned.before, &cursor);
    let batches = batches.filter(|_| is_as_written(pending, planned, dialect, log));
    Tricks { batches, leftover }
}

/// Whether the file holds what schemig writes for this step. One that somebody changed means something else, and runs as it stands.
fn is_as_written(pending: &Pending<'_>, planned: &Planned, dialect: &dyn Dialect, log: &Log) -> bool {
    let name = &pending.migration.name;
    let rendered = dialect.render(&planned.step().up, &planned.before).sql;
    let same = pending.migration.up.trim_end().ends_with(rendered.trim_end());
    if !same {
        let message = format!(
            "{name}: up.sql isn't as this schemig writes it, so it runs as it stands, not in batches of apply's own"
        );
        log.say(Event::new("warning", message).of(name));
    }
    same
}
