//! The rulings about plans on a real server, each beside what happens without it: what a plan does, and the advice that it doesn't follow.
//!
//! Those about single operations (R1, R2, R5 to R8, R14) stand in `postgres_render`, R11 in `sqlite_render`, R12 in `pooled`.

mod case;
mod locks;
mod nulls;
mod unique;
