//! `cargo schemig init`: starts an empty project, or takes over a database that stands.

mod adopt;
mod annotate;
mod replay;
mod take_over;

use schemig_core::plan::log;

use super::Outcome;
use crate::arguments::Init;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::{Project, home};
use crate::report::Report;
use crate::store::{self, Changeset};
use adopt::{Adopted, From};

/// Makes `schemig/`, with what a database holds where it is to be adopted, and takes schema.rs over from Diesel.
///
/// # Errors
/// Migrations that stand already, where nothing says what they make; a database that can't be read, or that isn't what they make; with
/// `--annotate`, sources that don't parse.
pub fn run(arguments: &Init) -> Result<Outcome, Stop> {
    let project = Project::find(&arguments.common.selection())?;
    if project.home.is_dir() {
        if arguments.annotate {
            return annotate::of_snapshot(arguments, &project);
        }
        let summary = format!("{} is there already: nothing to do", project.shown(&project.home));
        return Ok(Outcome::report(Exit::Done, Report { summary, ..Report::default() }));
    }
    let adopted = match (arguments.from_migrations, &arguments.database_url) {
        (true, url) => Some(adopt::adopt(&project, From::Migrations(url.as_deref()))?),
        (false, Some(url)) => Some(adopt::adopt(&project, From::Database(url))?),
        (false, None) if arguments.annotate => return Err(annotate::nothing_to_compare(&project)),
        (false, None) => must_be_new(&project).map(|()| None)?,
    };
    let mut changes = Changeset::default();
    changes.put(store::deployed_path(&project), log::write_deployed(&[]));
    changes.put(project.home.join(".gitattributes"), MERGED.to_owned());
    let left = take_over::schema_rs(&project, &mut changes)?;
    home::put(&project, &[], &mut changes);
    let mut report = match adopted {
        None => empty(),
        Some(Adopted { schema, changes: adopted, mut report }) => {
            changes.extend(adopted);
            if arguments.annotate {
                annotate::add(arguments, &project, &schema, &mut changes, &mut report)?;
            }
            report
        }
    };
    report.notes.extend(left);
    if arguments.dry_run {
        report.next.insert(0, "run it again without --dry-run".to_owned());
    } else {
        changes.commit(&project.root)?;
    }
    Ok(Outcome::report(Exit::Done, report.with_files(&changes, arguments.dry_run)))
}

/// Two branches may both add to the list: git is to keep the lines of both.
const MERGED: &str = "deployed merge=union\n";

fn empty() -> Report {
    let summary = "Ready: schemig knows that the database is empty".to_owned();
    let next = vec!["derive Migratable on the models, then run `cargo schemig diff`".to_owned()];
    Report { summary, next, ..Report::default() }
}

/// A project that has migrations has a database that isn't empty.
fn must_be_new(project: &Project) -> Result<(), Stop> {
    let Some(first) = migrations::existing(project)?.into_iter().next() else { return Ok(()) };
    let mut stop = Stop::refused(
        format!("{} already holds {first}", project.shown(&project.migrations)),
        "add --database-url URL to adopt a database on which they have run",
    );
    for found in &mut stop.diagnostics {
        *found = found
            .clone()
            .help("or --from-migrations to adopt what they make, found out on a scratch database");
    }
    Err(stop)
}
