//! `cargo schemig stats`: how large the tables are, from a database's catalog to schemig/statistics.toml; with `--calibrate`, how fast it is.

use std::collections::BTreeMap;

use schemig_core::safety::estimate::{Known, Size, amount, grouped, write};
use schemig_core::schema::TableName;

use super::Outcome;
use crate::arguments::Stats;
use crate::calibrate::{ROWS, calibrate};
use crate::database::{self, Url};
use crate::exit::{Exit, Stop};
use crate::project::Project;
use crate::report::Report;
use crate::sizes::{self, Found};
use crate::store::{self, Changeset};

/// Writes what the server says of all tables that it has, those without a model too: a model may come to one, and a foreign key may refer to
/// one. How fast the server is stays as it was measured.
///
/// # Errors
/// No database, or one that doesn't answer; files under `schemig/` that can't be read. Nothing is written then.
pub fn run(arguments: &Stats) -> Result<Outcome, Stop> {
    let project = Project::find(&arguments.common.selection())?;
    let stored = store::load(&project)?;
    let old = sizes::read(&project)?;
    let url = database::url(&project, arguments.database_url.as_deref())?;
    if arguments.calibrate {
        return pace(&project, old, &url, arguments.dry_run);
    }
    let Found { counted, uncounted } = sizes::found(&project, &url)?;
    let mut told = Told::default();
    let mut known = Known { tables: counted, pace: old.pace };
    for table in stored.schema.tables.keys().filter(|table| !known.tables.contains_key(table)) {
        let list = if uncounted.contains(table) { &mut told.uncounted } else { &mut told.missing };
        list.push(table.to_string());
    }
    for (table, size) in &old.tables {
        // It may have been written by hand for want of a count.
        if !known.tables.contains_key(table) && stored.schema.tables.contains_key(table) {
            told.kept.push(table.to_string());
            known.tables.insert(table.clone(), *size);
        }
    }
    let mut changes = Changeset::default();
    changes.put(sizes::path(&project), write(&known));
    let report = told.report(&project, &known.tables, changes.is_empty(), arguments.common.verbose);
    finish(&project, &changes, report, arguments.dry_run)
}

/// Writes how fast the server is; the sizes stay as they are, for a server that may be measured seldom is the one whose tables are as large.
fn pace(project: &Project, mut known: Known, url: &Url, dry_run: bool) -> Result<Outcome, Stop> {
    let calibration = calibrate(&project.dialect.rates(), url, ROWS)?;
    known.pace = Some(calibration.pace);
    let mut changes = Changeset::default();
    changes.put(sizes::path(project), write(&known));
    let next = match known.tables.is_empty() {
        true => vec!["cargo schemig stats: how large the tables are isn't known yet".to_owned()],
        false => Vec::new(),
    };
    let summary = "How fast the server is".to_owned();
    finish(
        project,
        &changes,
        Report { summary, notes: calibration.lines(), next, ..Report::default() },
        dry_run,
    )
}

/// Writes, unless it was asked not to.
fn finish(
    project: &Project,
    changes: &Changeset,
    mut report: Report,
    dry_run: bool,
) -> Result<Outcome, Stop> {
    if changes.is_empty() {
        return Ok(Outcome::report(Exit::Done, report));
    }
    if dry_run {
        report.next.insert(0, "run it again without --dry-run".to_owned());
    } else {
        changes.commit(&project.root)?;
    }
    Ok(Outcome::report(Exit::Done, report.with_files(changes, dry_run)))
}

/// The tables of the snapshot of which the server says nothing.
#[derive(Default)]
struct Told {
    /// It has them and hasn't counted them.
    uncounted: Vec<String>,
    /// It doesn't have them.
    missing: Vec<String>,
    /// Of those, the ones that stood in the file before.
    kept: Vec<String>,
}

/// The tables that are listed where nobody wants more.
const LISTED: usize = 10;

impl Told {
    fn report(
        self,
        project: &Project,
        tables: &BTreeMap<TableName, Size>,
        same: bool,
        verbose: bool,
    ) -> Report {
        let Self { uncounted, missing, kept } = self;
        let file = project.shown(&sizes::path(project));
        let summary = match (same, tables.len()) {
            (true, _) => format!("{file} says already what the database says: nothing to do"),
            (false, 1) => "The size of 1 table".to_owned(),
            (false, count) => format!("The sizes of {count} tables"),
        };
        let mut notes = list(tables, if verbose { usize::MAX } else { LISTED });
        let mut next = Vec::new();
        if !uncounted.is_empty() {
            notes.push(format!("nobody has counted the rows of {} there", uncounted.join(", ")));
            next.push(format!("run ANALYZE there for {}, then this again", uncounted.join(", ")));
        }
        if !missing.is_empty() {
            notes.push(format!("the database has no {}", missing.join(", no ")));
        }
        if !kept.is_empty() {
            notes.push(format!("what stood in the file stays for {}", kept.join(", ")));
        }
        Report { summary, notes, next, ..Report::default() }
    }
}

/// The largest tables, a line each.
fn list(tables: &BTreeMap<TableName, Size>, most: usize) -> Vec<String> {
    let mut sorted: Vec<(&TableName, &Size)> = tables.iter().collect();
    sorted.sort_by_key(|(_, size)| std::cmp::Reverse((size.rows, size.bytes)));
    let line = |(table, Size { rows, bytes, basis: _ }): &(&TableName, &Size)| {
        let bytes = bytes.map(|bytes| format!(" in {}", amount(bytes))).unwrap_or_default();
        format!("{table}: {} rows{bytes}", grouped(*rows))
    };
    let mut lines: Vec<String> = sorted.iter().take(most).map(line).collect();
    if let Some(more) = sorted.len().checked_sub(most).filter(|more| *more > 0) {
        lines.push(format!("and {more} more; --verbose lists all"));
    }
    lines
}
