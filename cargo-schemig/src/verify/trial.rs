//! What the passes share: the sequence, a database in the state before, filled with rows, and copies of it.

use std::collections::BTreeSet;

use schemig_core::change::Change;
use schemig_core::dialect::Dialect;
use schemig_core::schema::{ColumnRef, State};

use super::Options;
use super::built::built;
use super::contents::Contents;
use super::findings::{Findings, Pass};
use super::progress::Progress;
use super::rewritten;
use super::rows::{self, Filling};
use super::run::{Way, run};
use super::sequence::{Sequence, Stage};
use super::walk::unreadable;
use crate::database::{self, Connection};
use crate::exit::Stop;
use crate::server::{Ground, Scratch};

/// A verification in progress.
pub struct Trial<'a> {
    /// What is verified.
    pub sequence: &'a Sequence,
    /// Who spells it.
    pub dialect: &'a dyn Dialect,
    /// Where databases are made.
    pub ground: &'a Ground,
    /// The state before, with rows; only ever copied.
    pub base: Scratch,
    /// What the end has to hold, as a server says that was given the target at once.
    pub target: Contents,
    /// What the state before holds that no model has.
    pub unmodelled: Vec<String>,
    /// Columns that triggers of the user's own write: what stands there isn't compared.
    pub rewritten: BTreeSet<ColumnRef>,
    /// How far all of it is.
    pub progress: Progress,
}

impl<'a> Trial<'a> {
    /// Makes the state before by running what ran before; where that can't be run, from the snapshot. Then fills it with rows, which
    /// satisfy what the plans will demand of them.
    ///
    /// # Errors
    /// No database can be had.
    pub fn prepare(
        sequence: &'a Sequence,
        dialect: &'a dyn Dialect,
        ground: &'a Ground,
        options: &Options,
        findings: &mut Findings,
    ) -> Result<Self, Stop> {
        let progress = Progress::over(sequence.stages.len());
        progress.step("filling the state before");
        let replayed = replayed(ground, sequence)?;
        let build = |state: &State| built(ground, dialect, &state.schema, sequence, replayed.as_ref().ok());
        let from_snapshot = build(&sequence.start)?;
        let target = contents(&build(sequence.end())?)?;
        let wanted = contents(&from_snapshot)?;
        let base = match replayed {
            Ok(base) => base,
            Err(why) => {
                findings.note(format!("the earlier migrations don't run on an empty database ({why}): the state before is made from the snapshot"));
                from_snapshot
            }
        };
        let found = contents(&base)?;
        let (missing, unmodelled): (Vec<_>, Vec<_>) =
            found.differences(&wanted).into_iter().partition(|line| line.starts_with("missing: "));
        if !missing.is_empty() {
            let what =
                "what the earlier migrations make isn't what the snapshot says of the time before the plan";
            findings.fail(Pass::Before, None, what, missing);
        }
        let rewritten = BTreeSet::new();
        let mut trial = Self { sequence, dialect, ground, base, target, unmodelled, rewritten, progress };
        trial.fill(options, findings)?;
        trial.rewritten = rewritten::rewritten(&trial.base, &sequence.start.schema)?;
        let notes = trial.rewritten.iter();
        notes.for_each(|at| findings.note(format!("{at} isn't compared: a trigger of your own writes it")));
        Ok(trial)
    }

    fn fill(&self, options: &Options, findings: &mut Findings) -> Result<(), Stop> {
        let Sequence { plans, releases, start, .. } = self.sequence;
        let mut connection = self.base.connect()?;
        let changes: Vec<Change> = plans.iter().flat_map(|plan| plan.changes.clone()).collect();
        let filling = Filling {
            dialect: self.dialect,
            spelling: connection.spelling(),
            schema: &start.schema,
            demands: &rows::demands(&start.schema, &releases[releases.len() - 1], &changes),
            lookups: &rows::lookups(plans.iter().flat_map(|plan| &plan.steps).flat_map(|step| &step.up)),
            rows: options.rows,
            seed: options.seed,
        };
        let filled = rows::fill(&mut connection, &filling).map_err(|error| {
            database::failed(self.base.url(), "the scratch database can't be filled", &error)
        })?;
        for (table, why) in filled.rejected {
            let count = filled.counts.get(&table).copied().unwrap_or_default();
            findings
                .note(format!("{table} has only {count} rows: the server rejects more like them ({why})"));
        }
        Ok(())
    }

    /// The server, as it names itself.
    ///
    /// # Errors
    /// The server refuses.
    pub fn server(&self) -> Result<String, Stop> {
        let mut connection = self.base.connect()?;
        let (name, query) = match &connection {
            Connection::Postgres(_) => ("PostgreSQL", "SELECT current_setting('server_version')"),
            Connection::Sqlite(_) => ("SQLite", "SELECT sqlite_version()"),
        };
        Ok(format!("{name} {}", connection.texts(query).unwrap_or_default().concat()))
    }

    /// A database like the base, rows included.
    ///
    /// # Errors
    /// The server refuses.
    pub fn copy(&self) -> Result<Scratch, Stop> {
        self.ground.copy(&self.base)
    }

    /// How a database differs from the target, a line each. What stood there before and in no model is passed by.
    pub fn off_target(&self, found: &Contents) -> Vec<String> {
        let mut lines = found.differences(&self.target);
        lines.retain(|line| !self.unmodelled.contains(line));
        lines
    }
}

fn contents(scratch: &Scratch) -> Result<Contents, Stop> {
    Contents::read(&mut scratch.connect()?).map_err(|error| unreadable(&error))
}

/// A database on which the earlier migrations ran, or why they don't.
fn replayed(ground: &Ground, sequence: &Sequence) -> Result<Result<Scratch, String>, Stop> {
    let scratch = ground.empty()?;
    for migration in &sequence.earlier {
        let mut stage: Stage = migration.clone().into();
        stage.stand_ins.clone_from(&sequence.stand_ins);
        if let Err(why) = run(&mut scratch.connect()?, &stage, Way::Up) {
            return Ok(Err(format!("{}: {why}", migration.name)));
        }
    }
    Ok(Ok(scratch))
}
