//! How large tables are: what is typed, what a server's statistics say, what schemig/statistics.toml says, in this order.

mod file;
mod server;
mod typed;

pub use file::{path, read};
use schemig_core::safety::estimate::Known;
pub use server::sizes as of_server;
pub(crate) use typed::number;
pub use typed::{Typed, typed};

use crate::database::{self, Connection, Url};
use crate::exit::Stop;
use crate::project::Project;

/// What is known of the tables. A server that is asked is only read.
///
/// # Errors
/// statistics.toml can't be read; the URL is none; nobody answers there.
pub fn known(project: &Project, rows: &[Typed], url: Option<&str>) -> Result<Known, Stop> {
    let mut known = read(project)?;
    if url.is_some() {
        let url: Url = database::url(project, url)?;
        let found = of_server(&mut Connection::establish(&url)?, project)
            .map_err(|error| database::failed(&url, "the database's statistics can't be read", &error))?;
        known.tables.extend(found);
    }
    known.tables.extend(rows.iter().map(Typed::size));
    Ok(known)
}
