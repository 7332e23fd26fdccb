//! The question before a contract: whether its release can have come between expand and this (DOCTRINE, R15).

use super::Postgres;
use super::quote::{dollar, literal};
use crate::dialect::ContractGuard;
use crate::schema::TableName;

/// Lets contracts through in a session that runs expand and contract in one go, and knows that no release runs.
pub const LET_CONTRACT: &str = "SET schemig.contract = 'on'";

impl Postgres {
    /// A block that raises. It looks into tables only where the expand is young, and asks nothing of a session that has the setting on.
    ///
    /// `run_on` has no zone. Diesel's connections are in UTC, and so is what they record; but an app may have changed its own before it
    /// migrates, and a person may run a file in a session of any zone. So `run_on` is held against both clocks that it may be of, UTC's
    /// and the session's, and the shorter time counts. A clock by which it is still to come is none that it was read from; five minutes
    /// are left to servers that took over from each other. In UTC the two are one. In another zone the guard may stop once more for its
    /// time, when the other clock passes by; it never lets through what is young by the clock that it was recorded with. What isn't
    /// recorded is NULL, which lets nothing through.
    pub(super) fn contract_guard_of(&self, guard: &ContractGuard<'_>) -> String {
        let ContractGuard { plan, expand, seconds: _, tables } = guard;
        let time = guard.time();
        let names: Vec<String> = tables.iter().map(|table| self.table(table)).collect();
        let any: Vec<String> = tables.iter().map(|table| self.has_rows(table)).collect();
        let before = literal(&format!(
            "schemig: the contract of plan {plan} came too early: before it, migration {expand} has to have run {time} ago, for there \
             are rows in {}; it ",
            names.join(" or ")
        ));
        let advice = ContractGuard::advice();
        let behind = literal(&format!(
            "; {advice}. Where no release before it runs, say so to the session: PGOPTIONS='-c schemig.contract=on' or {LET_CONTRACT}"
        ));
        let body = format!(
            "DECLARE
    schemig_ran timestamp;
    schemig_age interval;
BEGIN
    IF current_setting('schemig.contract', true) = 'on' THEN
        RETURN;
    END IF;
    IF to_regclass('__diesel_schema_migrations') IS NOT NULL THEN
        -- Diesel records in UTC, other sessions in their own zone: the shorter time counts.
        SELECT run_on, (
            SELECT min(clock - run_on) FROM (VALUES (localtimestamp), (now() AT TIME ZONE 'UTC')) AS clocks (clock)
            WHERE clock - run_on > interval '-5 minutes'
        ) INTO schemig_ran, schemig_age FROM __diesel_schema_migrations WHERE version = {};
    END IF;
    IF schemig_age >= interval '{time}' THEN
        RETURN;
    END IF;
    IF {} THEN
        RAISE EXCEPTION USING MESSAGE = {before}
            || coalesce('ran at ' || date_trunc('second', schemig_ran), 'is not recorded')
            || ', and now it is ' || date_trunc('second', now() AT TIME ZONE 'UTC') || ' (UTC)'
            || {behind};
    END IF;
END",
            literal(expand),
            any.join("\n        OR "),
        );
        format!("DO {};", dollar(&body))
    }

    /// Whether there may be rows: those that a policy hides from whoever runs this count too.
    fn has_rows(&self, table: &TableName) -> String {
        let name = self.table(table);
        format!("row_security_active({}) OR EXISTS (SELECT FROM {name})", literal(&name))
    }
}
