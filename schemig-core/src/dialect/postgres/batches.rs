//! The batches of a backfill one by one, for a runner that keeps its place in the database. The rows are locked and written as in the
//! file (DOCTRINE, R6).

use super::Postgres;
use super::backfill::Batch;
use super::quote::{dollar, ident, literal};
use crate::dialect::{Batches, CURSORS, Cursor};
use crate::operation::Operation;
use crate::schema::State;

/// What Diesel has recorded until now. Whoever takes a migration back and applies it again changes it, for the time changes.
const APPLIED: &str = "(SELECT md5(coalesce(string_agg(version || ' ' || extract(epoch FROM run_on), ',' ORDER BY version), '')) \
    FROM __diesel_schema_migrations)";

impl Postgres {
    pub(super) fn in_batches(
        &self,
        operation: &Operation,
        before: &State,
        cursor: &Cursor,
    ) -> Option<Batches> {
        let (table, batch) = if let Operation::Backfill { table, column, origin, batched: true } = operation {
            (table, self.batch_of(table, column, origin, before)?)
        } else if let Operation::CopyRows { table, rows, batched: true } = operation {
            (&rows.table, self.batch_of_rows(table, rows, before)?)
        } else {
            return None;
        };
        let Cursor { plan, step } = cursor;
        let own = format!("plan = {} AND step = {step}", literal(plan));
        let Batch { name, bare: _, key, .. } = &batch;
        let last = key.texts(&key.columns());
        let begin = format!(
            "CREATE TABLE IF NOT EXISTS {CURSORS} (
    plan text NOT NULL,
    step integer NOT NULL,
    since text NOT NULL,
    started timestamptz NOT NULL DEFAULT now(),
    done text[],
    last text[],
    passed bigint NOT NULL DEFAULT 0,
    written bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (plan, step)
);
DELETE FROM {CURSORS} WHERE {own} AND since <> {APPLIED};
INSERT INTO {CURSORS} (plan, step, since, last)
    SELECT {}, {step}, {APPLIED}, (SELECT {last} FROM {name} ORDER BY {} LIMIT 1)
    ON CONFLICT (plan, step) DO UPDATE SET last = excluded.last;",
            literal(plan),
            key.descending
        );
        let outcome = format!(
            "SELECT current_setting('schemig.outcome') AS outcome, passed, written FROM {CURSORS} WHERE {own}"
        );
        let estimate = format!(
            "SELECT nullif(reltuples, -1)::bigint AS rows FROM pg_class WHERE oid = {}",
            self.regclass(table)
        );
        let count = format!("SELECT count(*) AS rows FROM {name}");
        Some(Batches { begin, batch: next(&batch, &own), outcome, estimate, count, end: end(&own) })
    }
}

/// The block of one batch, before and behind the number of its keys.
fn next(batch: &Batch, own: &str) -> [String; 2] {
    let Batch { name, bare: _, key, .. } = batch;
    let (low, high, last, done) =
        (key.variables("low"), key.variables("high"), key.variables("last"), key.variables("done"));
    let (list, row, last_row) = (&key.list, &key.row, key.variable_row("last"));
    let gone =
        literal(&format!("schemig: this backfill's place is gone from {}; run this again", ident(CURSORS)));
    let body = format!(
        "DECLARE
    schemig_most integer := ;
{declarations}
    schemig_begun boolean;
    schemig_passed bigint;
    schemig_written bigint;
BEGIN
    PERFORM set_config('schemig.outcome', 'end', false);
    SELECT place.done IS NOT NULL, {place_done}, {place_last} INTO schemig_begun, {done}, {last}
        FROM {CURSORS} AS place WHERE {own} FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING MESSAGE = {gone};
    END IF;
    IF schemig_begun THEN
        SELECT {list} INTO {low} FROM {name} WHERE {row} > {done_row} AND {row} <= {last_row} ORDER BY {list} LIMIT 1;
    ELSE
        SELECT {list} INTO {low} FROM {name} WHERE {row} <= {last_row} ORDER BY {list} LIMIT 1;
    END IF;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT {list}, count(*) OVER () INTO {high}, schemig_passed FROM (
        SELECT {list} FROM {name} WHERE {row} >= {low_row} AND {row} <= {last_row} ORDER BY {list} LIMIT schemig_most
    ) AS batch ORDER BY {descending} LIMIT 1;
    BEGIN
{attempt}
        GET DIAGNOSTICS schemig_written = ROW_COUNT;
        UPDATE {CURSORS} SET done = {high_texts}, passed = passed + schemig_passed, written = written + schemig_written
            WHERE {own};
        PERFORM set_config('schemig.outcome', 'done', false);
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        PERFORM set_config('schemig.outcome', 'locked', false);
    END;
END",
        declarations = key.declare(&["low", "high", "last", "done"]),
        place_done = key.elements("place.done"),
        place_last = key.elements("place.last"),
        done_row = key.variable_row("done"),
        low_row = key.variable_row("low"),
        descending = key.descending,
        attempt = batch.attempt(),
        high_texts = key.texts(&key.numbered("high")),
    );
    let whole = format!("DO {};", dollar(&body));
    // The first that looks like this is the number's place: nothing that a user wrote stands before it.
    let (before, behind) = whole.split_once(":= ;").unwrap_or((&whole, ""));
    [format!("{before}:= "), format!(";{behind}")]
}

fn end(own: &str) -> String {
    let body = format!(
        "BEGIN
    IF to_regclass('{CURSORS}') IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM {CURSORS} WHERE {own};
    IF NOT EXISTS (SELECT FROM {CURSORS}) THEN
        DROP TABLE {CURSORS};
    END IF;
END"
    );
    format!("DO {};", dollar(&body))
}
