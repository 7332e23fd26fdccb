//! The judgement: who fits at each state, on which promises, and what a person must sign off. Computed from states and effects, never
//! declared and never stored beside them.

mod assess;
mod compat;
mod escalation;
pub mod estimate;
mod inherent;
mod misfit;
mod scope;

pub use assess::{Assessment, Fit, StateFit, assess};
pub use compat::{Release, misfits};
pub use escalation::{Escalation, escalations};
pub use misfit::{Access, Cause, Label, Misfit, Session};
