//! `cargo schemig verify`: the pending plan, proved on databases that are made for it.

use super::Outcome;
use crate::arguments::Verify;
use crate::database::{self, Url};
use crate::exit::{Exit, Stop};
use crate::project::Project;
use crate::report::{file, html};
use crate::server::{Ground, clear_on_interrupt};
use crate::verify::base::Base;
use crate::verify::{Options, verify};

/// Proves the pending plan, or finds out what is wrong with it.
///
/// # Errors
/// No plan; no server to be had; files that can't be read or don't fit together.
pub fn run(arguments: &Verify) -> Result<Outcome, Stop> {
    clear_on_interrupt();
    let selection = arguments.common.selection();
    let project = Project::find(&selection)?;
    let base =
        arguments.base.as_deref().map(|reference| Base::at(reference, &project, &selection)).transpose()?;
    let ground = match (project.dialect.name(), &arguments.database_url) {
        ("sqlite", None) => Ground::sqlite()?,
        ("sqlite", Some(_)) => {
            let help =
                "leave --database-url out: verify makes files of its own, with the SQLite that it brings";
            return Err(Stop::refused("SQLite needs no server to verify on", help));
        }
        (_, given) => Ground::postgres(server(&project, given.as_deref())?.as_ref())?,
    };
    // Minutes are spent only where what comes of them can be written.
    if let Some(path) = &arguments.report {
        file::probe(path)?;
    }
    let options = Options { rows: arguments.rows.get(), seed: arguments.seed };
    let verdict = verify(&project, base.as_ref(), &ground, &options)?;
    let exit = if verdict.holds() { Exit::Done } else { Exit::Found };
    file::put(arguments.report.as_deref(), || html::verdict::page(&verdict), || Ok(()))?;
    Ok(Outcome::Verdict { exit, verdict: Box::new(verdict) })
}

/// The server that is given. What DATABASE_URL says isn't meant: nobody wants to verify on production by accident.
fn server(project: &Project, given: Option<&str>) -> Result<Option<Url>, Stop> {
    given.map(|given| database::url(project, Some(given))).transpose()
}
