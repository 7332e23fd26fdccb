//! What `apply` does for a step that a file can't do for itself. Which steps those are, the dialect knows.

use schemig_core::dialect::{Batches, Cursor, Dialect, Leftover};

use super::log::{Event, Log};
use super::pending::Pending;

/// What is done in a file's stead or before it.
#[derive(Debug, Default)]
pub struct Tricks {
    /// Batches in the place of the file.
    pub batches: Option<Batches>,
    /// What is cleared away before the file runs.
    pub leftover: Option<Leftover>,
}

/// What can be done for a pending migration: nothing for one that was written by hand or changed since, or that shares a transaction.
pub fn tricks(pending: &Pending<'_>, dialect: &dyn Dialect, log: &Log) -> Tricks {
    let Some(planned) = pending.planned.as_ref().filter(|_| !pending.migration.run_in_transaction) else {
        return Tricks::default();
    };
    let [operation] = planned.step().up.as_slice() else { return Tricks::default() };
    let cursor = Cursor { plan: planned.plan.id.0.clone(), step: planned.place + 1 };
    let batches = dialect.batches(operation, &planned.before, &cursor);
    let tricks = Tricks { batches, leftover: dialect.leftover(operation) };
    let has_any = tricks.batches.is_some() || tricks.leftover.is_some();
    if !has_any
        || is_as_written(&pending.migration.up, &dialect.render(&planned.step().up, &planned.before).sql)
    {
        return tricks;
    }
    let name = &pending.migration.name;
    let message = format!(
        "{name}: up.sql isn't as this schemig writes it, so it runs as it stands: without batches of apply's own, and with no index repaired"
    );
    log.say(Event::new("warning", message).of(name));
    Tricks::default()
}

/// Whether the file holds what schemig writes for this step, and before it nothing but comments. One that somebody changed means something
/// else. A carriage return ends a comment too.
fn is_as_written(up: &str, rendered: &str) -> bool {
    let Some(head) = up.trim_end().strip_suffix(rendered.trim_end()) else { return false };
    let mut lines = head.split(['\n', '\r']).map(str::trim);
    (head.is_empty() || head.ends_with('\n')) && lines.all(|line| line.is_empty() || line.starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::is_as_written;

    #[test]
    fn only_comments_stand_before_what_schemig_writes() {
        let rendered = "DO $$ BEGIN END $$;\n";
        for head in ["", "-- why\n\n", "\n  -- why\r\n--\n"] {
            assert!(is_as_written(&format!("{head}{rendered}"), rendered), "{head:?}");
        }
        for head in
            ["-- why\nUPDATE users SET n = 1;\n", "-- why ", "-- why\rDELETE FROM users;\n", "SELECT 1; "]
        {
            assert!(!is_as_written(&format!("{head}{rendered}"), rendered), "{head:?}");
        }
        assert!(!is_as_written("DO $$ BEGIN END $$;\nDELETE FROM users;", rendered));
    }
}
