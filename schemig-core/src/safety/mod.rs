//! The judgement: who fits at each state, on which promises, and what a person must sign off. Computed from states and effects, never
//! declared and never stored beside them.

mod assess;
mod compat;
pub mod estimate;
mod fit;
mod inherent;
mod kin;
mod misfit;
pub mod rules;
mod scope;

pub use assess::assess;
pub use compat::{Release, misfits};
pub use fit::{Assessment, Fit, Reasons, StateFit};
pub use misfit::{Access, Cause, Label, Misfit, Session};
pub use rules::{Case, Escalation, Limits, approval, escalations};
pub use scope::named as named_tables;
