//! What must hold of every plan, over random schemas.

mod capabilities;
mod exclusions;
mod findings;
mod guards;
mod one_plan;
mod order;
mod pairs;
mod partitions;
mod rows;
mod several_plans;
