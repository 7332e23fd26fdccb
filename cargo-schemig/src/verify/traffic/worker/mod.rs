//! A running release: its statements, and what it does in one transaction, with values of its own making.

mod desk;
mod draft;
mod flow;
mod job;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemig_core::schema::{ColumnRef, Source, TableName};

use super::ledger::{Ledger, Wrong};
use super::session::{Class, Failure, Row, Session};
use super::statement::{Kind, Slot, Statement, statements};
use super::{Course, Value};
use crate::verify::dice::Dice;
use crate::verify::rows::{Filling, order, top_up};

use desk::Desk;
use draft::Given;
use flow::Pair;
use job::What;
pub use job::{Deed, Job};

/// How many workers may write beside each other without getting at the same numbers.
const WORKERS: u64 = 64;

/// Where workers' numbers begin: above those of the rows that a database is filled with.
const FIRST: u64 = 10_000_000;

/// How many of its own rows a worker goes on with, by table.
const OWN: usize = 200;

/// How often things are tried before anything changes where a table has checks: what one refuses may hang on the row that it is tried with.
const REHEARSALS: usize = 24;

/// How many rows a table gets that has none.
const SEEDED: usize = 6;

/// A release on one pooled connection.
pub struct Worker {
    session: Session,
    /// What the release is called in reports.
    name: String,
    /// Its place in the course.
    release: usize,
    jobs: Vec<Job>,
    desks: BTreeMap<TableName, Desk>,
    lookups: Vec<(ColumnRef, Source)>,
    /// Rows that this worker wrote together with their source rows.
    pairs: BTreeMap<TableName, Vec<Pair>>,
    ledger: Arc<Ledger>,
    dice: Dice,
    /// Which worker this is: its numbers are no other's.
    place: u64,
    count: u64,
    /// Who has no rows to copy.
    notes: Vec<String>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// A statement failed.
    Failed(Box<Failure>),
    /// A statement was answered with other data than was written.
    Wrong(Box<Misread>),
}

/// A statement that was answered with other data than was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Misread {
    /// The table, as the release calls it.
    pub table: TableName,
    /// What the statement does.
    pub kind: Kind,
    /// The statement.
    pub sql: String,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Fault {
    fn wrong(statement: &Statement, wrong: Wrong) -> Self {
        let (table, kind) = (statement.known.name.clone(), statement.kind.clone());
        Self::Wrong(Box::new(Misread { table, kind, sql: statement.sql(), wrong }))
    }
}

/// What came of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// It was done.
    Done,
    /// There is nothing to do it to: no row to copy, none to delete.
    Idle,
}

/// Who a worker is.
#[derive(Clone, Debug)]
pub struct Who {
    /// What the release is called in reports, such as `N-1`.
    pub name: String,
    /// The release's place in the course.
    pub release: usize,
    /// Which of all workers this is, below 64.
    pub place: u64,
    /// The same seed gives the same values.
    pub seed: u64,
}

impl Worker {
    /// A release on a connection, which may be older than what follows.
    ///
    /// It looks at no row yet: [`Worker::look_around`] does, when the release is deployed.
    pub fn new(course: &Course<'_>, who: Who, session: Session, ledger: Arc<Ledger>) -> Self {
        let release = course.release(who.release);
        let mut statements = statements(release);
        // What leaves NULL where a key holds NULL to be like NULL works once.
        let alike = course.alike_nulls(who.release);
        statements.retain(|statement| {
            let of_table = alike.iter().filter(|at| at.table == statement.known.name);
            let leaves_null =
                |at: &ColumnRef| statement.leaves_out(&at.column) || statement.writes_null_to(&at.column);
            !of_table.into_iter().any(leaves_null)
        });
        let lookups = course.lookups();
        let desks = desk::desks(course, who.release, &statements);
        let flows = job::flows(&lookups, &statements);
        let parents = |table: &TableName| desk::inserts_before(&desks, table);
        let jobs = statements.into_iter().map(Job::alone).chain(flows);
        let jobs = jobs.filter(|job| job.is_of(course)).map(|job| job.with_parents(parents)).collect();
        let Who { name, release, place, seed } = who;
        let dice = Dice::new(seed.wrapping_mul(WORKERS) + place);
        Self {
            session,
            name,
            release,
            jobs,
            desks,
            lookups,
            pairs: BTreeMap::new(),
            ledger,
            dice,
            place,
            count: 0,
            notes: Vec::new(),
        }
    }

    /// Reads the rows that stand: the worker's own will be like them. A table without rows gets some first.
    ///
    /// # Errors
    /// When the release can't even read its tables.
    pub fn look_around(&mut self, course: &Course<'_>) -> Result<(), Fault> {
        let schema = &course.releases[self.release];
        let Course { dialect, spelling, releases: _, changes: _, states: _, operations: _, tables: _ } =
            course;
        let filling = Filling {
            dialect: *dialect,
            spelling,
            schema,
            demands: &[],
            lookups: &self.lookups,
            rows: SEEDED,
            seed: self.place,
        };
        for name in order(&filling) {
            let Some(desk) = self.desks.get_mut(&name) else { continue };
            let limit = [Value::Integer(desk::POOL)];
            desk.pool = self.session.run(&desk.select, &limit).map_err(Fault::Failed)?;
            if desk.pool.is_empty() && desk.insert.writes() {
                let rejection = top_up(self.session.connection(), filling, &name);
                desk.pool = self.session.run(&desk.select, &limit).map_err(Fault::Failed)?;
                if desk.pool.is_empty() {
                    let why = match rejection {
                        Ok(said) => said.unwrap_or_else(|| "nothing fits".to_owned()),
                        Err(error) => error.to_string(),
                    };
                    self.notes
                        .push(format!("{} writes nothing to {name}, which has no rows: {why}", self.name));
                }
            }
        }
        Ok(())
    }

    /// What the release does.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Keeps the jobs that `keep` admits, those that keep some promises, say.
    pub fn retain(&mut self, keep: impl Fn(&Job) -> bool) {
        self.jobs.retain(keep);
    }

    /// Does everything once, or a few times, before anything changes. What fails then is no plan's doing: a trigger or a constraint that no model
    /// knows, or that no model's release would break so, refuses the worker's values. It is dropped, noted and given back. A column in
    /// which something else stands than what was written has a trigger of the user's own: it isn't compared from then on.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn rehearse(&mut self) -> Result<Vec<Job>, Fault> {
        let mut unfit = Vec::new();
        let mut job = 0;
        while job < self.jobs.len() {
            let tries = if self.is_checked(&self.jobs[job]) { REHEARSALS } else { 1 };
            match (0..tries).try_for_each(|_| self.rehearsed(job).map(|_| ())) {
                Ok(()) => job += 1,
                Err(Fault::Failed(failure)) if failure.class == Class::Connection => {
                    return Err(Fault::Failed(failure));
                }
                Err(fault) => {
                    let (name, out) = (&self.name, self.jobs.remove(job));
                    let note =
                        format!("{name} leaves out, for it fails before anything changes: {out}: {fault}");
                    self.notes.push(note);
                    unfit.push(out);
                }
            }
        }
        Ok(unfit)
    }

    /// Whether a job writes to a table with checks.
    fn is_checked(&self, job: &Job) -> bool {
        let mut writing = job.statements.iter().filter(|statement| statement.writes());
        writing.any(|statement| self.desks.get(&statement.known.name).is_some_and(|desk| desk.is_checked))
    }

    /// Does a job, again where a trigger of the user's own has written something else to a column that is in no key.
    fn rehearsed(&mut self, job: usize) -> Result<Ran, Fault> {
        loop {
            let misread = match self.run(job) {
                Err(Fault::Wrong(misread)) => misread,
                ended => return ended,
            };
            let at = &misread.wrong.at;
            if self.ledger.passes_by(at) || self.is_in_key(at) {
                return Err(Fault::Wrong(misread));
            }
            self.ledger.pass_by(at);
            self.notes.push(format!(
                "{at} isn't compared: the database changes what is written there, before any migration does"
            ));
        }
    }

    fn is_in_key(&self, at: &ColumnRef) -> bool {
        self.desks.values().any(|desk| desk.marks.iter().any(|place| desk.names[*place] == *at))
    }

    /// What the release is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its connection.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What couldn't be done for want of rows.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Does a job, by its place.
    ///
    /// # Errors
    /// What the release would meet, or read wrong.
    pub fn run(&mut self, job: usize) -> Result<Ran, Fault> {
        let what = self.jobs[job].what;
        let statements = self.jobs[job].statements.clone();
        match what {
            What::Alone => self.alone(&statements[0]),
            What::SignUp => self.retrying(|worker| worker.sign_up(&statements)),
            What::Move(lookup) => self.retrying(|worker| worker.move_over(lookup, &statements)),
            What::Leave => self.retrying(|worker| worker.leave(&statements)),
        }
    }

    fn alone(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        match &statement.kind {
            Kind::Select => {
                self.send(statement, &[Value::Integer(desk::POOL)])?;
                Ok(Ran::Done)
            }
            Kind::Find => self.find(statement),
            Kind::Insert
            | Kind::InsertLeast
            | Kind::InsertWithout(_)
            | Kind::InsertNull(_)
            | Kind::Upsert(_)
            | Kind::InsertOrIgnore(_) => self.write_new(statement),
            Kind::Update | Kind::UpdateNull(_) | Kind::Set(_) => self.update(statement),
            Kind::Delete => self.delete(statement),
        }
    }

    /// Reads a row that some release wrote, and compares; without one, a row that stands.
    fn find(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        let desk = &self.desks[&statement.known.name];
        let round = self.dice.below(1 << 20);
        let table = desk.names.first().map(|name| name.table.clone());
        let written = table.and_then(|table| self.ledger.one(&table, round));
        let values = written.as_ref().and_then(|(_, entry)| desk.key_from(&entry.key));
        let Some((values, (key, entry))) = values.zip(written) else {
            let Some(row) = desk.any(&mut self.dice) else { return Ok(Ran::Idle) };
            let key = statement.known.key().into_iter().map(|place| row[place].clone()).collect::<Vec<_>>();
            self.send(statement, &key)?;
            return Ok(Ran::Done);
        };
        let rows = self.send(statement, &values)?;
        let read = rows.first().map(|row| self.desks[&statement.known.name].named(row));
        match read.and_then(|read| self.ledger.compare(&key, &entry, &read)) {
            Some(wrong) => Err(Fault::wrong(statement, wrong)),
            None => Ok(Ran::Done),
        }
    }

    fn update(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        let name = &statement.known.name;
        let Some((row, owned)) = self.row_to_change(name) else { return Ok(Ran::Idle) };
        let Some(changed) = self.redraft(name, &row) else { return Ok(Ran::Idle) };
        let key = self.desks[name].ledger_key(&row);
        if owned {
            self.ledger.strike(&key);
        }
        let rows = self.send_row(statement, &changed)?;
        if owned {
            self.disown(name, &row);
            self.own(statement, rows);
        }
        Ok(Ran::Done)
    }

    /// Deletes a row that this worker wrote: nobody refers to it.
    fn delete(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        let name = &statement.known.name;
        let place = self.dice.below(self.desks[name].own.len());
        let Some(row) = self.desks[name].own.get(place).cloned() else { return Ok(Ran::Idle) };
        self.ledger.strike(&self.desks[name].ledger_key(&row));
        self.disown(name, &row);
        self.send_row(statement, &row)?;
        Ok(Ran::Done)
    }

    /// Writes a row. That of a source comes in one transaction with the row that it is for.
    fn write_new(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        if !self.lookups.iter().any(|(_, source)| source.table == statement.known.name) {
            return self.insert(statement);
        }
        self.retrying(|worker| worker.in_transaction(statement, |worker| worker.insert(statement)))
    }

    /// A new row; where the statement names a key, half the time one that stands.
    fn insert(&mut self, statement: &Statement) -> Result<Ran, Fault> {
        let name = &statement.known.name;
        let kept = statement.arbiter();
        let standing =
            self.desks[name].own.first().cloned().filter(|_| !kept.is_empty() && self.dice.one_in(2));
        let kept = if standing.is_some() { kept } else { Vec::new() };
        let given = Given { kept: &kept, ..Given::default() };
        let Some(mut row) = self.draft(name, &given)? else { return Ok(Ran::Idle) };
        if let Some(standing) = &standing {
            for place in &kept {
                row[*place] = standing[*place].clone();
            }
            self.ledger.strike(&self.desks[name].ledger_key(standing));
            self.disown(name, standing);
        }
        let rows = self.send_row(statement, &row)?;
        self.own(statement, rows);
        Ok(Ran::Done)
    }

    /// Runs a statement.
    fn send(&mut self, statement: &Statement, values: &[Value]) -> Result<Vec<Row>, Fault> {
        self.session.run(statement, values).map_err(Fault::Failed)
    }

    /// Runs a statement with the values of a row, and compares what comes back.
    fn send_row(&mut self, statement: &Statement, row: &Row) -> Result<Vec<Row>, Fault> {
        let values: Vec<Value> = statement
            .slots
            .iter()
            .map(|slot| match slot {
                Slot::Written(place) if statement.writes_null_to(&statement.known.fields[*place].name) => {
                    Value::Null
                }
                Slot::Written(place) | Slot::Key(place) => row[*place].clone(),
                Slot::Limit => Value::Integer(desk::POOL),
            })
            .collect();
        let rows = self.send(statement, &values)?;
        let desk = &self.desks[&statement.known.name];
        match rows.first().and_then(|read| desk.wrong(statement, &values, read, &self.name, &self.ledger)) {
            Some(wrong) => Err(Fault::wrong(statement, wrong)),
            None => Ok(rows),
        }
    }

    /// Takes rows that were written for its own.
    fn own(&mut self, statement: &Statement, rows: Vec<Row>) {
        let version = self.number();
        if let Some(desk) = self.desks.get_mut(&statement.known.name) {
            for row in rows {
                let (key, values, key_values) = desk.entry(&row);
                self.ledger.enter(key, values, key_values, &self.name, version);
                remember(&mut desk.own, row);
            }
        }
    }

    fn disown(&mut self, table: &TableName, row: &Row) {
        if let Some(desk) = self.desks.get_mut(table) {
            let key = desk.ledger_key(row);
            let (marks, names) = (&desk.marks, &desk.names);
            desk.own.retain(|own| desk::key(marks, names, own) != key);
        }
    }

    /// A number that no row has.
    fn number(&mut self) -> u64 {
        self.count += 1;
        FIRST + self.count * WORKERS + self.place
    }
}

/// Keeps a row in mind, and forgets the oldest when there are many: it stays as it is.
fn remember<T>(rows: &mut Vec<T>, row: T) {
    if rows.len() >= OWN {
        rows.remove(0);
    }
    rows.push(row);
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => write!(f, "{failure}"),
            Self::Wrong(misread) => {
                let Misread { table, kind, sql, wrong } = &**misread;
                write!(f, "{kind} of {table}: {wrong}\n  {sql}")
            }
        }
    }
}
