//! Rows to write: like those that stand, with values of their own where a key wants that.

use schemig_core::schema::{ColumnName, TableName};

use super::desk::Parent;
use super::{Fault, Worker};
use crate::verify::fresh::fresh;
use crate::verify::rows::sample;
use crate::verify::traffic::{Known, Row, Value};

/// What is known of a row before it is made.
#[derive(Default)]
pub(super) struct Given<'a> {
    /// A source whose row is about to be written with this one.
    pub beside: Option<&'a TableName>,
    /// Fields whose values come from elsewhere: no parent is made for them.
    pub kept: &'a [usize],
    /// What its source is about to say.
    pub values: Vec<(ColumnName, Value)>,
}

impl Worker {
    /// A new row for a table; where each row needs a parent of its own, the parent is written first. `None` when no row stands that it
    /// could be like.
    pub(super) fn draft(&mut self, table: &TableName, given: &Given<'_>) -> Result<Option<Row>, Fault> {
        let parents = match self.desks.get(table) {
            Some(desk) => desk.parents.clone(),
            None => return Ok(None),
        };
        let Some(mut row) = self.copied(table) else { return Ok(None) };
        for (column, value) in &given.values {
            if let Some(place) = self.desks[table].known.place(column) {
                row[place] = value.clone();
            }
        }
        let missing = |parent: &&Parent| !parent.columns.iter().any(|place| given.kept.contains(place));
        for Parent { columns, table: parent, key } in parents.iter().filter(missing) {
            let values = self.values_looked_up(parent, table, &row);
            let beside = Some(given.beside.unwrap_or(table));
            let Some(written) = self.new_parent(parent, &Given { beside, kept: &[], values })? else {
                return Ok(None);
            };
            let known = self.desks[parent].known.clone();
            for (place, column) in columns.iter().zip(key) {
                row[*place] = known.place(column).map_or(Value::Null, |at| written[at].clone());
            }
        }
        Ok(Some(row))
    }

    /// A copy of a row that stands, its distinct values new.
    fn copied(&mut self, table: &TableName) -> Option<Row> {
        let number = self.number();
        let desk = self.desks.get(table)?;
        let mut row = desk.any(&mut self.dice)?.clone();
        let first = desk.pool.first()?.clone();
        for place in desk.known.insertable().into_iter().filter(|place| desk.distinct[*place]) {
            if !row[place].is_null() || !desk.known.fields[place].nullable || desk.alike_nulls[place] {
                row[place] = distinct(&desk.known, place, &first[place], number);
            }
        }
        Some(row)
    }

    /// Writes a parent that nobody refers to, with its sources where it has some.
    fn new_parent(&mut self, table: &TableName, given: &Given<'_>) -> Result<Option<Row>, Fault> {
        if let Some(job) = self.sign_up_for(table, given.beside) {
            return self.sign_up_once(&job).map(|pair| pair.map(|pair| pair.row));
        }
        let Some(row) = self.draft(table, given)? else { return Ok(None) };
        let insert = self.desks[table].insert.clone();
        Ok(self.send_row(&insert, &row)?.into_iter().next())
    }

    /// A row to change, and whether it is the worker's own. Rows of other workers are left alone.
    pub(super) fn row_to_change(&mut self, table: &TableName) -> Option<(Row, bool)> {
        let desk = self.desks.get(table)?;
        if self.dice.one_in(2)
            && let Some(row) = desk.own.get(self.dice.below(desk.own.len()))
        {
            return Some((row.clone(), true));
        }
        let row = desk.any(&mut self.dice)?.clone();
        let owned = self.ledger.holds(&desk.ledger_key(&row));
        (!owned).then_some((row, false))
    }

    /// The row with other values where no key wants its own.
    pub(super) fn redraft(&mut self, table: &TableName, row: &Row) -> Option<Row> {
        let desk = self.desks.get(table)?;
        let other = desk.any(&mut self.dice)?;
        let key = desk.known.key();
        let kept = |place: usize| desk.distinct[place] || key.contains(&place);
        Some(
            (0..row.len())
                .map(|place| if kept(place) { row[place].clone() } else { other[place].clone() })
                .collect(),
        )
    }
}

/// A value that no row has. It begins where `base` does, so that all workers' numbers lie apart.
fn distinct(known: &Known, place: usize, base: &Value, number: u64) -> Value {
    let field = &known.fields[place];
    let base = match base {
        Value::Integer(base) if *base < 0 || known.is_numbered(place) => Value::Integer(-1),
        Value::Integer(_) => Value::Integer(0),
        Value::Null => sample(&field.sql_type),
        Value::Real(_)
        | Value::Double(_)
        | Value::Numeric(_)
        | Value::Text(_)
        | Value::Boolean(_)
        | Value::Bytes(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Timestamptz(_)
        | Value::Interval { .. }
        | Value::Uuid(_)
        | Value::Json(_)
        | Value::List(_)
        | Value::Range(_)
        | Value::Wire(_) => base.clone(),
    };
    fresh(&base, &field.sql_type, number)
}
