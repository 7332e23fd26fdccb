//! The states between migrations, in the order in which those stand in their directory: a plan's contract may come after the expand of
//! plans that build on it.

use super::log::{releases, replay, settle};
use super::{LogError, PlanId, PlanLog};
use crate::schema::{Schema, State};

impl PlanLog {
    /// The state before each of `steps`, which are done in this order: plans with the places of their steps. `None` before those of
    /// plans that the log doesn't hold; there may be some where they were deployed before all that it holds, and what they did is in
    /// the state from the beginning on.
    ///
    /// # Errors
    /// A step that its plan doesn't have, or that doesn't fit.
    pub fn states_before(
        &self,
        snapshot: &Schema,
        steps: &[(PlanId, usize)],
    ) -> Result<Vec<Option<State>>, LogError> {
        self.check_order()?;
        let mut state = State::at_rest(releases(&self.ordered(), snapshot).swap_remove(0));
        let mut states = Vec::new();
        for (nth, (id, place)) in steps.iter().enumerate() {
            let Some(plan) = self.plans.get(id) else {
                states.push(None);
                continue;
            };
            let no_step = || LogError::NoStep { plan: id.clone(), step: place + 1 };
            let step = plan.steps.get(*place).ok_or_else(no_step)?;
            states.push(Some(state.clone()));
            replay(&mut state, plan, *place, step)?;
            if steps.get(nth + 1).is_none_or(|(next, _)| next != id) {
                settle(&mut state, plan);
            }
        }
        Ok(states)
    }
}
