//! Release N-1, as it was deployed: it knows nothing of `users.organization_id`.

pub mod models;
pub mod schema;
mod traffic;

pub use traffic::MIX;
