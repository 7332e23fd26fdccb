//! Schemas, changes, plans and their safety: the pure part of schemig. No I/O, no clock, no environment, no randomness: text in,
//! values out.
//!
//! The modules are the stages, each of which uses only those before it:
//! [`schema`] and [`capture`] (models to a schema), [`change`] (two schemas to changes), [`operation`] (what a step does),
//! [`plan`] (changes to steps), [`dialect`] (steps to SQL), [`safety`] (who fits when), [`script`] (files).
//!
//! ```
//! use schemig_core::change::diff;
//! use schemig_core::dialect::{Dialect, postgres::Postgres};
//! use schemig_core::plan::{Phase, PlanId, Request, plan};
//! use schemig_core::safety::assess;
//! use schemig_core::schema::{Column, Hints, Schema, SqlType, State, Table};
//!
//! let users = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
//! let before = Schema::default().with_table("users", users.clone());
//! let after = Schema::default().with_table(
//!     "users",
//!     users.with_column("seen", Column::required(SqlType::Timestamptz).with_default("now()")),
//! );
//!
//! let dialect = Postgres::default();
//! let difference = diff(&before, &after, &Hints::default(), &[], true).expect("nothing to ask");
//! let physical = State::at_rest(before.clone());
//! let plan = plan(&Request {
//!     id: PlanId("0001_add_users_seen".into()),
//!     parents: Vec::new(),
//!     physical: &physical,
//!     from: &before,
//!     to: &after,
//!     difference: &difference,
//!     open: &[],
//!     overlap: true,
//!     capabilities: dialect.capabilities(),
//! })
//! .expect("a plan");
//! let assessment = assess(&plan, &physical, &[&before], &after).expect("the steps fit");
//!
//! assert_eq!(plan.steps.len(), 1);
//! assert_eq!(plan.steps[0].phase, Phase::Expand);
//! assert!(assessment.breaks.is_empty());
//! let up = dialect.render(&plan.steps[0].up, &physical);
//! assert!(up.transactional && up.sql.contains("ADD COLUMN IF NOT EXISTS seen timestamptz DEFAULT now() NOT NULL"));
//! ```

pub mod capture;
pub mod change;
pub mod dialect;
pub mod operation;
pub mod plan;
pub mod safety;
pub mod schema;
pub mod script;
