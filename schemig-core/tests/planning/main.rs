//! What must hold of every plan, over random schemas.

mod capabilities;
mod exclusions;
mod findings;
mod one_plan;
mod order;
mod pairs;
mod rows;
mod several_plans;
