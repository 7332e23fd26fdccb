//! Plans made, applied and contracted in whatever order the commands allow, on PostgreSQL.

mod app;
mod many;
mod walk;
