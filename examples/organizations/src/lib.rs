//! An app with users, organizations, and who belongs to which.
//!
//! [`models`] and [`schema`] are the app's own: a developer edits the models, and schemig writes the schema. A crate holds
//! one version of them at a time, but a deployment runs two. So the two releases of this app's story stand here as
//! programs that keep the models they were built with:
//!
//! - [`before`], release N-1: a user's organization is in `org_memberships` alone;
//! - [`after`], release N: `users.organization_id` says it too.
//!
//! `release_before` and `release_after` put each under [`traffic`]; `seed` fills the database.

pub mod after;
pub mod before;
pub mod models;
pub mod schema;
pub mod traffic;
