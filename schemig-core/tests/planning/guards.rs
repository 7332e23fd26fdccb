//! A guard finds room before each contract, whatever later plans take back, and something before it whose time Diesel records.

use std::collections::BTreeSet;

use proptest::prelude::*;
use schemig_core::dialect::Dialect as _;
use schemig_core::dialect::postgres::Postgres;
use schemig_core::plan::{Phase, Plan, Step};
use schemig_core::schema::State;
use schemig_core::script::make_room;

/// Looks at the first contract step of each change: a later plan may take back all those before it.
pub fn each_contract_can_be_guarded(plan: &Plan, start: &State) -> Result<(), TestCaseError> {
    let (dialect, mut plan) = (Postgres::default(), plan.clone());
    make_room(&mut plan, start, &dialect);
    let is_first_of_all = |step: &Step| step.phase == Phase::Contract;
    prop_assert!(!plan.steps.first().is_some_and(is_first_of_all), "nothing comes before the contract");
    let (mut state, mut begun) = (start.clone(), BTreeSet::new());
    for (place, step) in plan.steps.iter().enumerate() {
        if step.phase == Phase::Contract && begun.insert(step.cause) {
            let rendered = dialect.render(&step.up, &state);
            prop_assert!(rendered.transactional, "step {place} can't be guarded: {}", rendered.sql);
        }
        for operation in &step.up {
            state.apply(operation).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
        }
    }
    Ok(())
}
