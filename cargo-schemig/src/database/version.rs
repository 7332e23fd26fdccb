//! Whether a server is older than those that plans are written for.

use schemig_core::dialect::Dialect;

use super::{Connection, Url, failed};
use crate::exit::Stop;

/// What is to be said of a server on which steps may not run, since it is older than schemig.toml says. SQLite comes with the app, and what reads
/// the file here is another.
///
/// # Errors
/// The server doesn't say its version.
pub fn older(connection: &mut Connection, url: &Url, dialect: &dyn Dialect) -> Result<Option<String>, Stop> {
    let Connection::Postgres(_) = connection else { return Ok(None) };
    let number = connection
        .texts("SELECT current_setting('server_version_num')")
        .map_err(|error| failed(url, "its version can't be read", &error))?;
    // What says it in another way is no server of which a version is known.
    let Ok(number) = number.concat().parse::<u32>() else { return Ok(None) };
    let (is, (wanted, _)) = (number / 10_000, dialect.version());
    Ok((is < wanted).then(|| {
        format!(
            "this server is version {is}, and plans are written for {wanted} on, so some steps don't run here: server = \"{is}\" in schemig.toml"
        )
    }))
}
