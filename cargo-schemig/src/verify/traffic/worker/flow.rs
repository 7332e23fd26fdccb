//! A row and the row that it is looked up in, in one transaction (DOCTRINE, R1): signing up, moving, leaving.
//!
//! The releases before N write the source alone; N writes both alike, the source first.

use schemig_core::schema::{ColumnName, TableName};

use super::draft::Given;
use super::job::{Job, What};
use super::{Fault, Ran, Worker, remember};
use crate::verify::traffic::{Class, Known, Row, Statement, Value};

/// How often a transaction that got in another's way is tried again. The releases promise to.
const RETRIES: usize = 5;

/// How many rows stay that can be moved.
const KEPT: usize = 5;

/// A row that this worker wrote together with its source rows.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// The row.
    pub row: Row,
    /// What is looked up for it, by the source's table.
    pub sources: Vec<(TableName, Row)>,
}

impl Worker {
    /// Does it again where transactions were in each other's way.
    pub(super) fn retrying(&mut self, run: impl Fn(&mut Self) -> Result<Ran, Fault>) -> Result<Ran, Fault> {
        for _ in 0..RETRIES {
            match run(self) {
                Err(Fault::Failed(failure)) if failure.class == Class::Contention => {}
                Ok(ran) => return Ok(ran),
                Err(fault) => return Err(fault),
            }
        }
        run(self)
    }

    /// The job that writes rows of a table with their sources; none where `but` is the only source, for its row comes by itself.
    pub(super) fn sign_up_for(&self, table: &TableName, but: Option<&TableName>) -> Option<Vec<Statement>> {
        let signs_up =
            |job: &&Job| matches!(job.what, What::SignUp) && job.statements[0].known.name == *table;
        let mut statements = self.jobs.iter().find(signs_up)?.statements.clone();
        statements.retain(|statement| Some(&statement.known.name) != but);
        (statements.len() > 1).then_some(statements)
    }

    pub(super) fn sign_up(&mut self, statements: &[Statement]) -> Result<Ran, Fault> {
        let Some(pair) = self.sign_up_once(statements)? else { return Ok(Ran::Idle) };
        remember(self.pairs.entry(statements[0].known.name.clone()).or_default(), pair);
        Ok(Ran::Done)
    }

    /// A new row and its source rows; the row comes first, for the sources refer to it.
    pub(super) fn sign_up_once(&mut self, statements: &[Statement]) -> Result<Option<Pair>, Fault> {
        let Some((insert, sources)) = statements.split_first() else { return Ok(None) };
        let table = &insert.known.name;
        let first = sources.first().map(|source| &source.known.name);
        let given = Given { beside: first, ..Given::default() };
        let Some(mut row) = self.draft(table, &given)? else { return Ok(None) };
        let mut drafts = Vec::new();
        for source in sources {
            let kept = self.looked_up_by(&source.known);
            let given = Given { kept: &kept, ..Given::default() };
            let Some(draft) = self.draft(&source.known.name, &given)? else { return Ok(None) };
            for (column, value) in self.values_looked_up(table, &source.known.name, &draft) {
                if let Some(place) = insert.known.place(&column) {
                    row[place] = value;
                }
            }
            drafts.push((source, draft));
        }
        let written = self.in_transaction(insert, |worker| {
            let Some(new) = worker.send_row(insert, &row)?.pop() else { return Ok(None) };
            let mut pair = Pair { row: new, sources: Vec::new() };
            for (source, mut draft) in drafts {
                worker.point_at(source, &mut draft, insert, &pair.row);
                let rows = worker.send_row(source, &draft)?;
                pair.sources.extend(rows.into_iter().map(|row| (source.known.name.clone(), row)));
            }
            Ok(Some(pair))
        })?;
        if let Some(pair) = &written {
            self.enter(table, pair);
        }
        Ok(written)
    }

    /// Another value in the source, and N writes it to the row too.
    pub(super) fn move_over(&mut self, lookup: usize, statements: &[Statement]) -> Result<Ran, Fault> {
        let (at, source) = self.lookups[lookup].clone();
        let known = statements[0].known.clone();
        let (Some(value), Some(key)) = (known.place(&source.value), known.place(&source.key)) else {
            return Ok(Ran::Idle);
        };
        let Some(other) = self.other_value(&source.table, value) else { return Ok(Ran::Idle) };
        let pairs = self.pairs.get(&at.table).map_or(0, Vec::len);
        let place = self.dice.below(pairs);
        if pairs == 0 || self.dice.one_in(2) {
            let Some((row, false)) = self.row_to_change(&source.table) else { return Ok(Ran::Idle) };
            return self.write_move(statements, &row, (value, key), &other).map(|_| Ran::Done);
        }
        let mut pair = self.pairs[&at.table][place].clone();
        let Some(moving) = pair.sources.iter().position(|(table, _)| *table == source.table) else {
            return Ok(Ran::Idle);
        };
        self.strike(&at.table, &pair);
        if let Some(moved) = self.write_move(statements, &pair.sources[moving].1, (value, key), &other)? {
            pair.sources[moving].1 = moved;
            if let Some(filled) = self.desks[&at.table].known.place(&at.column) {
                pair.row[filled] = other;
            }
            self.enter(&at.table, &pair);
            if let Some(pairs) = self.pairs.get_mut(&at.table) {
                pairs[place] = pair;
            }
        }
        Ok(Ran::Done)
    }

    /// A value that some source row has; none where each has its own.
    fn other_value(&mut self, source: &TableName, place: usize) -> Option<Value> {
        let desk = self.desks.get(source)?;
        let value = desk.any(&mut self.dice)?[place].clone();
        (!value.is_null() && !desk.distinct[place]).then_some(value)
    }

    /// The source row as it is after the move; `None` when it is gone.
    fn write_move(
        &mut self,
        statements: &[Statement],
        row: &Row,
        (value, key): (usize, usize),
        other: &Value,
    ) -> Result<Option<Row>, Fault> {
        let mut changed = row.clone();
        changed[value] = other.clone();
        let target = row[key].clone();
        self.in_transaction(&statements[0], |worker| {
            let moved = worker.send_row(&statements[0], &changed)?.pop();
            if let (Some(_), Some(set)) = (&moved, statements.get(1)) {
                worker.send(set, &[other.clone(), target])?;
            }
            Ok(moved)
        })
    }

    /// The sources first, then the row.
    pub(super) fn leave(&mut self, statements: &[Statement]) -> Result<Ran, Fault> {
        let Some((delete, deletes)) = statements.split_last() else { return Ok(Ran::Idle) };
        let table = delete.known.name.clone();
        let leaves = |pairs: &&mut Vec<Pair>| pairs.len() > KEPT;
        let Some(pairs) = self.pairs.get_mut(&table).filter(leaves) else { return Ok(Ran::Idle) };
        let pair = pairs.remove(0);
        self.strike(&table, &pair);
        self.in_transaction(delete, |worker| {
            for (source, row) in &pair.sources {
                let delete = deletes.iter().find(|delete| delete.known.name == *source);
                delete.map(|delete| worker.send_row(delete, row)).transpose()?;
            }
            worker.send_row(delete, &pair.row)
        })?;
        Ok(Ran::Done)
    }

    pub(super) fn in_transaction<T>(
        &mut self,
        about: &Statement,
        run: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.session.begin(about).map_err(Fault::Failed)?;
        match run(self) {
            Ok(value) => self.session.commit(about).map(|()| value).map_err(Fault::Failed),
            Err(fault) => {
                self.session.roll_back();
                Err(fault)
            }
        }
    }

    /// The places of a source's keys: what its rows refer to is written in the same transaction.
    fn looked_up_by(&self, source: &Known) -> Vec<usize> {
        let of_source = self.lookups.iter().filter(|(_, lookup)| lookup.table == source.name);
        of_source.filter_map(|(_, lookup)| source.place(&lookup.key)).collect()
    }

    /// The columns of `table` that are looked up in a source row, with its values.
    pub(super) fn values_looked_up(
        &self,
        table: &TableName,
        source: &TableName,
        row: &Row,
    ) -> Vec<(ColumnName, Value)> {
        let known = &self.desks[source].known;
        let of_both =
            self.lookups.iter().filter(|(at, lookup)| at.table == *table && lookup.table == *source);
        of_both
            .filter_map(|(at, lookup)| Some((at.column.clone(), row[known.place(&lookup.value)?].clone())))
            .collect()
    }

    /// Lets a source row refer to the row that was just written.
    fn point_at(&self, source: &Statement, draft: &mut Row, insert: &Statement, row: &Row) {
        let Some(key) = insert.known.key().first().map(|place| row[*place].clone()) else { return };
        for (_, lookup) in self.lookups.iter().filter(|(_, lookup)| lookup.table == source.known.name) {
            if let Some(place) = source.known.place(&lookup.key) {
                draft[place] = key.clone();
            }
        }
    }

    /// What N is to read of the row: what the releases before it wrote, and what stands in the sources.
    fn enter(&mut self, table: &TableName, pair: &Pair) {
        let version = self.number();
        let (key, mut values, key_values) = self.desks[table].entry(&pair.row);
        for (at, lookup) in self.lookups.iter().filter(|(at, _)| at.table == *table) {
            let source = pair.sources.iter().find(|(source, _)| *source == lookup.table);
            let value = source.and_then(|(source, row)| {
                let place = self.desks[source].known.place(&lookup.value)?;
                Some(row[place].clone())
            });
            values.extend(value.filter(|value| !value.is_null()).map(|value| (at.clone(), value)));
        }
        self.ledger.enter(key, values, key_values, &self.name, version);
        // Who changed a source would change what is to be read of the row.
        for (source, row) in &pair.sources {
            self.ledger.claim(self.desks[source].ledger_key(row));
        }
    }

    fn strike(&self, table: &TableName, pair: &Pair) {
        self.ledger.strike(&self.desks[table].ledger_key(&pair.row));
        for (source, row) in &pair.sources {
            self.ledger.strike(&self.desks[source].ledger_key(row));
        }
    }
}
