//! `cargo schemig apply`: runs pending migrations.

use std::sync::Arc;

use super::Outcome;
use crate::apply::log::{Form, Log};
use crate::apply::{Limits, Options, apply};
use crate::arguments::{Apply, LogForm};
use crate::database;
use crate::exit::Stop;
use crate::project::Project;

/// Runs what is pending. It says what it does while it does it, so nothing is left to report.
///
/// # Errors
/// As [`apply`].
pub fn run(arguments: &Apply) -> Result<Outcome, Stop> {
    let project = Project::find(&arguments.common.selection())?;
    let url = database::url(&project, arguments.database_url.as_deref())?;
    let form = match arguments.log {
        LogForm::Text => Form::Text,
        LogForm::Json => Form::Json,
    };
    let options = Options {
        until: arguments.until.into(),
        dry_run: arguments.dry_run,
        wait: arguments.wait,
        batch_time: arguments.batch_time,
        limits: Limits { replica_lag: arguments.max_replica_lag, load: arguments.max_load },
        lock_timeout: arguments.lock_timeout,
        lock_attempts: arguments.lock_attempts,
    };
    let log = Arc::new(Log::new(form, &url));
    match apply(&project, &url, &options, &log) {
        Ok(()) => Ok(Outcome::Text { text: String::new(), notes: Vec::new() }),
        Err(stop) => {
            log.stopped(&stop);
            Err(stop)
        }
    }
}
