//! Release N: `users.organization_id` is there and holds a value. It still writes `org_memberships`, for N-1 reads that.

pub mod models;
pub mod schema;
mod traffic;

pub use traffic::MIX;
