//! The judgement on a plan by the sizes of its tables.

use std::collections::BTreeMap;

use schemig_core::dialect::Dialect;
use schemig_core::safety::estimate::{Given, Timing, timings};
use schemig_core::safety::{Case, Escalation, Limits, escalations};
use schemig_core::schema::TableName;

use crate::fixture::Facts;
use crate::pair::Planned;

/// What each step holds and how long it takes, and what a person must sign off.
///
/// # Panics
/// When a step doesn't fit the state that it meets.
pub fn judge(planned: &Planned, facts: &Facts, dialect: &dyn Dialect) -> (Vec<Timing>, Vec<Escalation>) {
    let Planned { plan, assessment, states, .. } = planned;
    let known = facts.known(&states[0].schema);
    let timings = timings(plan, &states[0], Given { dialect, known: &known }).expect("each step fits");
    let mut services: BTreeMap<TableName, Vec<String>> = BTreeMap::new();
    for (service, tables) in &facts.services {
        tables
            .iter()
            .for_each(|table| services.entry(table.as_str().into()).or_default().push(service.clone()));
    }
    let case = Case { plan, assessment, timings: &timings, limits: Limits::default(), services: &services };
    let escalations = escalations(&case);
    (timings, escalations)
}
