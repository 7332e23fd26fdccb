//! Text for other tools to read: a plan as migration directories for Diesel, a schema as schema.rs.

mod guard;
mod header;
mod layout;
pub mod schema_rs;
mod version;
mod words;

pub use guard::{Guard, make_room};
pub use layout::{Directory, LayoutError, Request, checksum, lay_out, lock, preview};
pub use version::{Versions, normalise};
pub use words::{basis, estimate};
