//! A database beside the files: which migrations have run there, which were edited since, and what was changed by hand.

use std::collections::BTreeSet;

use crate::apply::pending::{self, Pending};
use crate::database::{self, Connection, Url};
use crate::drift::{Drift, Expected, Found, drift, other_domains};
use crate::exit::Stop;
use crate::introspect;
use crate::migrations::{self, Migration};
use crate::owners;
use crate::project::Project;
use crate::report::Report;
use crate::store::{self, Stored};

/// What a look at the migrations, and at a database where one is named, comes to.
pub(super) struct Compared {
    /// Whether something isn't as it should be.
    pub found_something: bool,
    /// What the database holds; `None` where none is named.
    pub found: Option<Found>,
    /// How it differs.
    pub drift: Drift,
    /// Migrations that haven't run there.
    pub pending: Vec<String>,
    lines: Vec<String>,
    next: Vec<String>,
}

impl Compared {
    /// Says so.
    pub fn tell(self, report: &mut Report) {
        let Self { found_something: _, found: _, drift, pending: _, lines, next } = self;
        let Drift { changes, sql, unproved, beside } = drift;
        report.notes.extend(lines);
        report
            .notes
            .extend(changes.iter().map(|change| format!("changed by hand; what would undo it: {change}")));
        report.notes.extend(unproved.into_iter().map(|line| format!("changed by hand: {line}")));
        report.notes.extend(beside.into_iter().map(|line| format!("beside the tables: {line}")));
        report.statements.extend(sql);
        report.next.extend(next);
    }
}

/// Looks.
///
/// # Errors
/// Migrations or the database can't be read.
pub(super) fn compare(project: &Project, stored: &Stored, url: Option<&str>) -> Result<Compared, Stop> {
    let all = migrations::read(project)?;
    let edited = edited(project, &all)?;
    let mut compared = Compared {
        found_something: !edited.is_empty(),
        found: None,
        drift: Drift::default(),
        pending: Vec::new(),
        lines: Vec::new(),
        next: Vec::new(),
    };
    let Some(url) = url else {
        compared.lines.extend(edited.iter().map(Edited::line));
        return Ok(compared);
    };
    let url = database::url(project, Some(url))?;
    let mut connection = Connection::to_standing(&url)?;
    let applied = migrations::applied(&mut connection)
        .map_err(|error| database::failed(&url, "which migrations have run can't be read", &error))?;
    compared.count(&all, &applied, &edited);
    compared.lines.extend(database::older(&mut connection, &url, &*project.dialect)?);
    let pending = pending::look(project, &all, &applied)?;
    let expected = expected(stored, &pending)?;
    let found = look(&mut connection, project, &url)?;
    let hindrances = owners::hindrances(&mut connection, &*project.dialect, &pending)
        .map_err(|error| database::failed(&url, "whom the tables belong to can't be read", &error))?;
    compared.lines.extend(hindrances);
    if let Some(expected) = expected {
        compared.drift = drift(&expected, &stored.dependants, &found, &mut connection, &*project.dialect);
        compared.drift.beside.extend(other_domains(&stored.domains, &found));
    } else {
        compared.lines.push("what was changed by hand isn't looked for: a hand-written migration is pending before a planned one".to_owned());
    }
    if !compared.drift.is_empty() {
        compared.found_something = true;
        compared
            .next
            .push("undo it (-v shows the statements), or take it into the snapshot: add --accept".to_owned());
    }
    compared.found = Some(found);
    Ok(compared)
}

fn look(connection: &mut Connection, project: &Project, url: &Url) -> Result<Found, Stop> {
    let unreadable = |error: introspect::Error| database::failed(url, "the database can't be read", &error);
    let introspected = introspect::introspect(connection, &*project.dialect).map_err(unreadable)?;
    let dependants = introspect::dependants(connection, &*project.dialect).map_err(unreadable)?;
    let domains = introspect::domains(connection, &*project.dialect).map_err(unreadable)?;
    Ok(Found { introspected, dependants, domains })
}

/// What the database should hold, with the migrations that have run; `None` where that can't be known.
fn expected(stored: &Stored, pending: &[Pending<'_>]) -> Result<Option<Expected>, Stop> {
    let last = stored.log.state(&stored.schema)?;
    let coming = last.schema.clone();
    Ok(match pending.iter().position(|one| one.planned.is_some()) {
        None => Some(Expected { state: last, coming }),
        Some(0) => {
            let before = pending[0].planned.as_ref().map(|planned| planned.before.clone());
            before.map(|state| Expected { state, coming })
        }
        // One that was written by hand is to run before it.
        Some(_) => None,
    })
}

/// A migration that isn't what schemig wrote, or adopted.
struct Edited<'a> {
    migration: &'a Migration,
    /// Which of its files.
    files: Vec<&'static str>,
}

/// Those that were edited.
fn edited<'a>(project: &Project, all: &'a [Migration]) -> Result<Vec<Edited<'a>>, Stop> {
    let written = all.iter().filter(|one| !one.edited.is_empty());
    let written = written.map(|migration| Edited { migration, files: migration.edited.clone() });
    let adopted = store::adopted::edited(project, all)?.into_iter();
    let adopted = adopted.map(|migration| Edited { migration, files: vec!["up.sql"] });
    Ok(written.chain(adopted).collect())
}

impl Edited<'_> {
    /// What is known without a database.
    fn line(&self) -> String {
        format!("{} was edited since it was written ({})", self.migration.name, self.files.join(", "))
    }

    /// What is to be done about it on a database.
    fn on(&self, applied: &BTreeSet<String>) -> String {
        let line = self.line();
        if !applied.contains(&self.migration.version) {
            format!("{line}; it hasn't run here")
        } else if self.files.contains(&"up.sql") {
            format!("{line}, and a version of it has run here: restore it, and write a new one")
        } else {
            format!("{line}, and it has run here: look whether it still takes back what ran")
        }
    }
}

impl Compared {
    fn count(&mut self, all: &[Migration], applied: &BTreeSet<String>, edited: &[Edited<'_>]) {
        let (ran, pending): (Vec<&Migration>, Vec<&Migration>) =
            all.iter().partition(|one| applied.contains(&one.version));
        let mut line = format!("{} of {} migrations have run", ran.len(), all.len());
        if let [first, ..] = pending.as_slice() {
            line.push_str(&format!("; the first that is pending is {}", first.name));
        }
        self.lines.push(line);
        self.pending = pending.iter().map(|one| one.name.clone()).collect();
        let here: BTreeSet<&str> = all.iter().map(|one| one.version.as_str()).collect();
        let elsewhere: Vec<&str> =
            applied.iter().map(String::as_str).filter(|version| !here.contains(version)).collect();
        if !elsewhere.is_empty() {
            self.found_something = true;
            self.lines.push(format!(
                "recorded as applied, but not in the migrations directory: {}",
                elsewhere.join(", ")
            ));
        }
        self.lines.extend(edited.iter().map(|one| one.on(applied)));
    }
}
