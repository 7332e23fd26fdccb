//! How large tables are: what is typed, what a server's statistics say, what schemig/statistics.toml says, in this order.

mod file;
mod server;
mod typed;

pub use file::{path, read};
use schemig_core::safety::estimate::Known;
pub use server::{Found, sizes as of_server};
pub(crate) use typed::number;
pub use typed::{Typed, typed};

use crate::database::{self, Connection, Url};
use crate::exit::{Exit, Stop};
use crate::project::Project;

/// What is known of the tables. A server that is asked is only read.
///
/// # Errors
/// statistics.toml can't be read; the URL is none; nobody answers there.
pub fn known(project: &Project, rows: &[Typed], url: Option<&str>) -> Result<Known, Stop> {
    let mut known = read(project)?;
    if url.is_some() {
        known.tables.extend(found(project, &database::url(project, url)?)?.counted);
    }
    known.tables.extend(rows.iter().map(Typed::size));
    Ok(known)
}

/// What the server at a URL says of its tables; it is only read.
///
/// # Errors
/// Nobody answers there, or there is no such file.
pub fn found(project: &Project, url: &Url) -> Result<Found, Stop> {
    // SQLite would make it.
    if let Some(file) = url.file().filter(|file| !file.exists()) {
        let message = format!("there is no database {}", project.shown(&file));
        return Err(Stop {
            exit: Exit::Failed,
            ..Stop::refused(message, "check --database-url or DATABASE_URL")
        });
    }
    of_server(&mut Connection::establish(url)?, &*project.dialect)
        .map_err(|error| database::failed(url, "the database's statistics can't be read", &error))
}
