//! The first pass: each directory up, down and up again, then all of them down and up, with nobody else there. What the catalog says and
//! what the rows hold is compared at each turn.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use schemig_core::dialect::LockMode;
use schemig_core::operation::Operation;
use schemig_core::schema::{ColumnRef, Schema, TableName};

use super::contents::{Contents, Labels};
use super::findings::{Findings, Pass};
use super::holds::Looked;
use super::locks;
use super::loss::{Loss, drawn, fires, labels, lost, renamed, writes};
use super::run::{Locks, Way, run_on};
use super::sequence::{Sequence, Stage};
use super::trial::Trial;
use super::values::Values;
use super::waits::Held;
use crate::database::Connection;
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::server::Kept;

/// What a database was at one moment.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it holds beside rows.
    pub contents: Contents,
    /// What the rows hold.
    pub values: Values,
}

/// A scratch database that can't be read back.
pub fn unreadable(error: &str) -> Stop {
    let found = Diagnostic::new(format!("the scratch database can't be read back: {error}"));
    Stop { exit: Exit::Failed, diagnostics: vec![found] }
}

impl Mark {
    /// Reads what a database holds, which should be in a state with this schema.
    ///
    /// # Errors
    /// The catalog can't be read.
    pub fn read(connection: &mut Connection, schema: &Schema, trial: &Trial<'_>) -> Result<Self, Stop> {
        let contents = Contents::read(connection).map_err(|error| unreadable(&error))?;
        Ok(Self { contents, values: Values::read(connection, schema).except(&trial.rewritten) })
    }
}

/// What a stage left when it went up undisturbed.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The database after it.
    pub mark: Mark,
    /// How long it took.
    pub took: Duration,
    /// The locks that its transaction ended with, or that were seen meanwhile, where the server lists them.
    pub locks: Option<Locks>,
    /// What was seen of its locks from outside.
    pub looked: Option<Looked>,
    /// Whether its down refused, as one may that can't bring values back.
    pub refused: bool,
}

/// Walks the whole sequence. What each stage reached is given back as far as it went.
///
/// # Errors
/// A scratch database fails.
pub fn walk(trial: &Trial<'_>, findings: &mut Findings) -> Result<Vec<Reached>, Stop> {
    let kept = Kept::new(trial.copy()?);
    let drawn = drawn(trial.sequence.operations());
    let mut walk = Walk { trial, kept, findings, reached: Vec::new(), by_hand: Vec::new(), drawn };
    let start = walk.mark(0)?;
    let mut before = start.clone();
    for place in 0..trial.sequence.stages.len() {
        let Some(reached) = walk.turn(place, &before)? else { return Ok(walk.reached) };
        before = reached.mark.clone();
        walk.reached.push(reached);
    }
    walk.at_target()?;
    if walk.all_down(&start)? {
        walk.all_up()?;
    }
    Ok(walk.reached)
}

struct Walk<'a, 'b> {
    trial: &'a Trial<'a>,
    kept: Kept,
    findings: &'b mut Findings,
    reached: Vec<Reached>,
    /// Columns that no two runs give the same values.
    drawn: BTreeSet<ColumnRef>,
    /// How the database differs from the target because of migrations that somebody wrote by hand.
    by_hand: Vec<String>,
}

impl Walk<'_, '_> {
    fn sequence(&self) -> &Sequence {
        self.trial.sequence
    }

    /// The database as it is, which should be in the state after so many stages.
    fn mark(&mut self, done: usize) -> Result<Mark, Stop> {
        let schema = &self.trial.sequence.before(done).schema;
        Mark::read(self.kept.connection()?, schema, self.trial)
    }

    fn run(&mut self, stage: &Stage, way: Way) -> Result<Result<Option<Locks>, String>, Stop> {
        run_on(&mut self.kept, stage, way)
    }

    fn fail(&mut self, stage: &Stage, what: impl Into<String>, details: Vec<String>) {
        self.findings.fail(Pass::Walk, Some(&stage.name), what, details);
    }

    /// A stage up, down and up; `None` when it can't go up.
    fn turn(&mut self, place: usize, before: &Mark) -> Result<Option<Reached>, Stop> {
        let stage = self.trial.sequence.stages[place].clone();
        self.trial.progress.step(format!("up, down, up: {}", stage.name));
        let outside = self.kept.scratch.connect()?;
        let watch = Held::watch(self.kept.connection()?, outside);
        let began = Instant::now();
        let ran = self.run(&stage, Way::Up)?;
        let took = began.elapsed();
        let looked = watch.and_then(Held::end);
        let locks = match ran {
            Ok(locks) => locks.or_else(|| looked.as_ref().map(|looked| looked.locks.clone())),
            Err(error) => {
                self.fail(&stage, "up fails", vec![error]);
                return Ok(None);
            }
        };
        let mark = self.mark(place + 1)?;
        self.see_values(place, before, &mark);
        self.see_locks(place, locks.as_deref().unwrap_or_default());
        if stage.planned.is_none() {
            self.by_hand.extend(mark.contents.differences(&before.contents));
        }
        let refused = self.down(&stage, place, before, &mark)?;
        // What stands now is what the second up left: a clock's values are others than after the first.
        let mark = if refused { mark } else { self.up_again(&stage, place, mark)? };
        Ok(Some(Reached { mark, took, locks, looked, refused }))
    }

    /// Up may write to nothing but what its plan says.
    fn see_values(&mut self, place: usize, before: &Mark, after: &Mark) {
        let stage = &self.trial.sequence.stages[place].clone();
        let Some(planned) = &stage.planned else { return };
        let start = self.trial.sequence.before(place);
        let schema = &start.schema;
        let mut lost = Vec::new();
        for (at, sums) in &before.values.0 {
            let now = renamed(at, &planned.up);
            // Another type may write the same value otherwise.
            let was = schema.column(at).map(|known| &known.sql_type);
            let stands = stage.after.schema.column(&now).is_some_and(|known| Some(&known.sql_type) == was);
            let found = after.values.0.get(&now);
            let same = found.is_some_and(|found| sums.are_same(found));
            let written = writes(&planned.up, &now, &stage.after.schema) || fires(&planned.up, at, start);
            if stands && !written && !same {
                let found = found.map_or("can't be read", |found| found.in_order.as_str());
                lost.push(format!("{at} was {}, and is {found}", sums.in_order));
            }
        }
        if !lost.is_empty() {
            self.fail(stage, "up changes values that it has no business with", lost);
        }
    }

    fn see_locks(&mut self, place: usize, held: &[(TableName, LockMode)]) {
        let stage = &self.trial.sequence.stages[place];
        let Some(planned) = &stage.planned else { return };
        let before = self.trial.sequence.before(place);
        let said = locks::predicted(self.trial.dialect, &planned.up, before);
        let stronger = locks::unforeseen(held, &said, before);
        if !stronger.is_empty() {
            self.fail(&stage.clone(), "up takes stronger locks than the plan says", stronger);
        }
    }

    /// Down gives back what was, but for what it says that is lost; or it refuses, and changes nothing.
    fn down(&mut self, stage: &Stage, place: usize, before: &Mark, after: &Mark) -> Result<bool, Stop> {
        let first = self.sequence().first_of_way_back(place);
        for back in (first..=place).rev() {
            let step = self.sequence().stages[back].clone();
            if let Err(error) = self.run(&step, Way::Down)? {
                return self.not_down(stage, place, after, error);
            }
        }
        self.see_back(stage, place, before)?;
        Ok(false)
    }

    /// A down that doesn't go through: it may refuse, and change nothing.
    fn not_down(&mut self, stage: &Stage, place: usize, after: &Mark, error: String) -> Result<bool, Stop> {
        let found = self.mark(place + 1)?;
        let mut touched = found.contents.differences(&after.contents);
        touched
            .extend(after.values.changed(&found.values).map(|at| format!("the values of {at} are others")));
        if !touched.is_empty() {
            self.fail(stage, "down stops half-way", [vec![error], touched].concat());
        } else if is_refusal(stage, &error) {
            self.findings.note(format!("{}: down refuses while there are rows: {error}", stage.name));
        } else {
            self.fail(stage, "down fails", vec![error]);
        }
        Ok(true)
    }

    fn see_back(&mut self, stage: &Stage, place: usize, before: &Mark) -> Result<(), Stop> {
        let back = self.mark(place)?;
        let lost = self.lost(place);
        let left = alike(&back.contents, &before.contents, &lost, &labels(stage));
        if !left.is_empty() {
            self.fail(stage, "down doesn't give back what was", left);
        }
        let declared = Loss::declared(&stage.down);
        let undeclared: Vec<String> = before
            .values
            .without_order_of(&lost)
            .changed(&back.values)
            .filter(|at| !lost.contains(*at) && !declared.covers_values(at) && self.is_known(place, at))
            .map(|at| format!("the values of {at}; the first line of down.sql doesn't say so"))
            .collect();
        if !undeclared.is_empty() {
            self.fail(stage, "down loses what it doesn't declare", undeclared);
        }
        Ok(())
    }

    /// Whether a release from before the stage's plan, or one that may run before the stage, knows the column: what stands in others is
    /// nobody's yet.
    fn is_known(&self, place: usize, at: &ColumnRef) -> bool {
        let sequence = self.sequence();
        let older = sequence.stages[place].planned.as_ref().map_or(0, |planned| planned.plan + 1);
        let mut releases = (0..older).chain(sequence.running(place));
        releases.any(|release| sequence.releases[release].column(at).is_some())
    }

    /// Up once more, which ends where the first did. Gives back what stands then.
    fn up_again(&mut self, stage: &Stage, place: usize, after: Mark) -> Result<Mark, Stop> {
        for again in self.sequence().first_of_way_back(place)..place {
            let step = self.sequence().stages[again].clone();
            if let Err(error) = self.run(&step, Way::Up)? {
                self.fail(&step, "up fails after a down", vec![error]);
            }
        }
        if let Err(error) = self.run(stage, Way::Up)? {
            self.fail(stage, "up fails after a down", vec![error]);
            return Ok(after);
        }
        let found = self.mark(place + 1)?;
        let mut differs = found.contents.differences(&after.contents);
        let lost = self.lost(place);
        let others = after.values.changed(&found.values);
        let declared = Loss::declared(&stage.down);
        let others = others
            .filter(|at| !self.drawn.contains(*at) && !lost.contains(*at) && !declared.covers_values(at));
        differs.extend(others.map(|at| format!("the values of {at} are others")));
        if !differs.is_empty() {
            self.fail(stage, "up after a down ends elsewhere", differs);
        }
        Ok(found)
    }

    /// The end is the target, but for what was there before and what somebody wrote by hand.
    fn at_target(&mut self) -> Result<(), Stop> {
        let found = self.mark(self.trial.sequence.stages.len())?.contents;
        let mut off = self.trial.off_target(&found);
        off.retain(|line| !self.by_hand.contains(line));
        if !off.is_empty() {
            let last = self.trial.sequence.stages.last().cloned();
            let name = last.as_ref().map(|stage| stage.name.as_str());
            self.findings.fail(Pass::Walk, name, "the end isn't what the models say", off);
        }
        Ok(())
    }

    /// All downs, last first; `false` when one refuses, or has lost what the way up would need again.
    fn all_down(&mut self, start: &Mark) -> Result<bool, Stop> {
        let (mut lost, mut stay) = (BTreeSet::new(), Labels::new());
        for place in (0..self.trial.sequence.stages.len()).rev() {
            let stage = self.trial.sequence.stages[place].clone();
            let before = place
                .checked_sub(1)
                .map_or(start.contents.clone(), |last| self.reached[last].mark.contents.clone());
            match self.run(&stage, Way::Down)? {
                Err(error) if is_refusal(&stage, &error) => {
                    self.findings
                        .note(format!("{}: the downs end here while there are rows: {error}", stage.name));
                    return Ok(false);
                }
                Err(error) => {
                    self.fail(&stage, "down fails after those of later migrations", vec![error]);
                    return Ok(false);
                }
                Ok(_) => {
                    lost.extend(self.lost(place));
                    stay.extend(labels(&stage));
                    let left = alike(&self.mark(place)?.contents, &before, &lost, &stay);
                    // Between stages that are taken back together nothing is as it was on the way up.
                    let between = self.sequence().is_between_ways_back(place);
                    if !left.is_empty() && !between && !self.reached[place].refused {
                        self.fail(
                            &stage,
                            "down doesn't give back what was, after those of later migrations",
                            left,
                        );
                    }
                }
            }
        }
        Ok(lost.is_empty())
    }

    /// What a stage's down declares that is lost.
    fn lost(&self, place: usize) -> BTreeSet<ColumnRef> {
        let sequence = self.sequence();
        lost(&sequence.stages[place], [&sequence.before(place).schema])
    }

    fn all_up(&mut self) -> Result<(), Stop> {
        for stage in self.trial.sequence.stages.clone() {
            if let Err(error) = self.run(&stage, Way::Up)? {
                self.fail(&stage, "up fails after all downs", vec![error]);
                return Ok(());
            }
        }
        self.at_target()
    }
}

/// How one differs from the other, but for what may differ after a way back.
fn alike(found: &Contents, wanted: &Contents, lost: &BTreeSet<ColumnRef>, stay: &Labels) -> Vec<String> {
    let part = |contents: &Contents| contents.proved_or_not().without(lost).without_labels(stay);
    part(found).differences(&part(wanted))
}

/// Whether a way back stopped by itself, for rows that it can't bring to what it needs: schemig's guards say so, and where none stands in
/// front, the constraint that comes back does.
pub fn is_refusal(stage: &Stage, error: &str) -> bool {
    let constrains = |operation: &Operation| {
        matches!(
            operation,
            Operation::Guard { .. }
                | Operation::SetNotNull { .. }
                | Operation::AlterType { .. }
                | Operation::RebuildTable { .. }
                | Operation::AddCheck { .. }
                | Operation::AddForeignKey { .. }
                | Operation::CreateIndex { .. }
        )
    };
    let may_reject = stage.planned.as_ref().is_some_and(|planned| planned.down.iter().any(constrains));
    error.contains("schemig: ") || (may_reject && error.contains("constraint failed"))
}
