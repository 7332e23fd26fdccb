//! Whether a server is older than those that plans are written for.

use diesel::QueryResult;
use schemig_core::dialect::Dialect;

use super::Connection;

/// What is to be said of a server on which steps may not run, since it is older than schemig.toml says. SQLite comes with the app, and what reads
/// the file here is another.
///
/// # Errors
/// The server doesn't say its version.
pub fn older(connection: &mut Connection, dialect: &dyn Dialect) -> QueryResult<Option<String>> {
    let Connection::Postgres(_) = connection else { return Ok(None) };
    let number = connection.texts("SELECT current_setting('server_version_num')")?.concat();
    let is = number.parse::<u32>().unwrap_or_default() / 10_000;
    let (wanted, _) = dialect.version();
    Ok((is < wanted).then(|| {
        format!(
            "this server is version {is}, and plans are written for {wanted} on, so some steps don't run here: server = \"{is}\" in schemig.toml"
        )
    }))
}
