//! What can be wrong with a log of plans.

use thiserror::Error;

use super::PlanId;
use crate::operation::Inapplicable;

/// A log that doesn't hold together: a file was edited, lost, or merged badly.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LogError {
    /// A step doesn't fit the state that the steps before it leave.
    #[error("step {step} of plan {plan} doesn't fit what comes before it: {why}")]
    Inapplicable {
        /// The plan.
        plan: PlanId,
        /// The step, from 1.
        step: usize,
        /// Why.
        why: Inapplicable,
    },
    /// A step that its plan doesn't have.
    #[error("plan {plan} has no step {step}")]
    NoStep {
        /// The plan.
        plan: PlanId,
        /// The step, from 1.
        step: usize,
    },
    /// Plans build on each other in a circle.
    #[error("plan {0} builds on itself")]
    Circle(PlanId),
    /// Two plans of different branches touch the same thing, and neither was made with the other.
    #[error("plans {other} and {plan} both change {what}, and {plan} was made without {other}")]
    Apart {
        /// The plan.
        plan: PlanId,
        /// The one that it was made without.
        other: PlanId,
        /// The table or the enum.
        what: String,
    },
}
