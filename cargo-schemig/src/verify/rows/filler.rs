//! Filling one table: a few rows one by one, to learn what the server accepts, then many at once after the same patterns.

use diesel::QueryResult;
use diesel::result::Error;
use schemig_core::schema::{SqlType, TableName};

use super::link::links;
use super::maker::{Cells, Maker, Template};
use super::write::insert;
use super::{Filling, catalog};
use crate::database::Connection;
use crate::verify::dice::Dice;
use crate::verify::traffic::{Class, Known, Value, with_causes};

/// How many rows are written one by one.
const PROBES: usize = 40;

/// How often a row is tried with other values before it is let go.
pub(super) const ATTEMPTS: usize = 12;

/// How many values one statement binds at most: either server takes more.
const BINDS: usize = 10_000;

/// After how many statements of which no row was accepted a table is full.
const IN_VAIN: usize = 3;

/// A table that is being filled.
pub(super) struct Filler<'a> {
    filling: Filling<'a>,
    /// What rows are made of.
    pub maker: Maker,
    dice: Dice,
    /// Patterns of rows that were accepted.
    templates: Vec<Template>,
    /// In no row yet.
    number: u64,
    /// How many rows were accepted.
    pub written: usize,
    rejection: Option<String>,
}

impl<'a> Filler<'a> {
    /// Looks at what is there already: the parents' keys, and what the server knows of types that nobody else knows.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn new(connection: &mut Connection, filling: Filling<'a>, name: &TableName) -> QueryResult<Self> {
        let known = Known::new(filling.release(), name, &filling.schema.tables[name]);
        let links = links(connection, &filling, name, &known)?;
        let mut of_types: Vec<(SqlType, Vec<Value>)> = Vec::new();
        for field in &known.fields {
            if !of_types.iter().any(|(known, _)| *known == field.sql_type) {
                let values = catalog::values(connection, filling.dialect, filling.schema, &field.sql_type)?;
                of_types.push((field.sql_type.clone(), values));
            }
        }
        let values = |sql_type: &SqlType| {
            let found = of_types.iter().find(|(known, _)| known == sql_type);
            found.map(|(_, values)| values.clone()).unwrap_or_default()
        };
        let maker = Maker::new(known, links, values);
        let dice = Dice::new(
            name.to_string().bytes().fold(filling.seed, |seed, byte| seed.wrapping_mul(31) + u64::from(byte)),
        );
        Ok(Self { filling, maker, dice, templates: Vec::new(), number: 0, written: 0, rejection: None })
    }

    /// Fills it; gives back what the server said last where it got fewer rows than it should.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn fill(&mut self, connection: &mut Connection) -> QueryResult<Option<String>> {
        let sources = self.maker.links.iter().filter(|link| link.required).map(|link| link.keys.len());
        let wanted = sources.max().unwrap_or(0).max(self.filling.rows);
        self.probe(connection, wanted.min(PROBES))?;
        let mut in_vain = 0;
        while self.written < wanted && in_vain < IN_VAIN && !self.templates.is_empty() {
            self.read_itself(connection)?;
            let before = self.written;
            self.bulk(connection, wanted - self.written)?;
            in_vain = if self.written == before { in_vain + 1 } else { 0 };
        }
        Ok(self.rejection.take().filter(|_| self.written < wanted))
    }

    /// A row that is the first of its table.
    pub fn one(&mut self, attempt: usize) -> Cells {
        let template = self.maker.template(&mut self.dice, attempt);
        self.maker.row(&template, 0, 0)
    }

    /// Rows one by one, each with several attempts.
    fn probe(&mut self, connection: &mut Connection, rows: usize) -> QueryResult<()> {
        for row in 0..rows {
            if row == rows / 4 {
                self.read_itself(connection)?;
            }
            for attempt in 0..ATTEMPTS {
                let template = self.maker.template(&mut self.dice, attempt);
                let number = self.next_number();
                let cells = self.maker.row(&template, number, self.written);
                if self.try_write(connection, &[cells])? {
                    if !self.templates.contains(&template) {
                        self.templates.push(template);
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// Many rows in one statement.
    fn bulk(&mut self, connection: &mut Connection, rows: usize) -> QueryResult<()> {
        let count = rows.min(BINDS / self.maker.known.fields.len().max(1)).max(1);
        let Some(first) = self.templates.first().cloned() else { return Ok(()) };
        let mut batch: Vec<(Cells, usize)> = Vec::new();
        // A statement names the same columns for all its rows: those of a pattern that is chosen first.
        let leading = self.dice.below(self.templates.len());
        let mut shape: Option<Vec<bool>> = None;
        let mut place = leading;
        let mut passed_by = 0;
        while batch.len() < count && passed_by < self.templates.len() {
            let template = self.maker.repeated(&self.templates[place], &first, batch.len());
            let number = self.next_number();
            let cells = self.maker.row(&template, number, self.written + batch.len());
            let own: Vec<bool> = cells.iter().map(Option::is_some).collect();
            if *shape.get_or_insert_with(|| own.clone()) == own {
                batch.push((cells, place));
                passed_by = 0;
            } else {
                passed_by += 1;
            }
            place = (place + 1) % self.templates.len();
        }
        self.write_halving(connection, batch)
    }

    /// Writes rows; where the server rejects one, the halves by themselves.
    fn write_halving(
        &mut self,
        connection: &mut Connection,
        mut rows: Vec<(Cells, usize)>,
    ) -> QueryResult<()> {
        let cells: Vec<Cells> = rows.iter().map(|(cells, _)| cells.clone()).collect();
        if rows.is_empty() || self.try_write(connection, &cells)? || rows.len() == 1 {
            return Ok(());
        }
        let second = rows.split_off(rows.len() / 2);
        let before = self.written;
        let halves = [rows.len(), second.len()];
        self.write_halving(connection, rows)?;
        // Where a whole half is rejected row by row, the other is of the same make: it isn't worth the statements.
        if self.written == before && halves[0] > 8 {
            return Ok(());
        }
        self.write_halving(connection, second)
    }

    fn try_write(&mut self, connection: &mut Connection, rows: &[Cells]) -> QueryResult<bool> {
        match insert(connection, self.filling.dialect, &self.maker.known, rows) {
            Ok(()) => {
                self.written += rows.len();
                Ok(true)
            }
            Err(error) => self.reject(error).map(|()| false),
        }
    }

    /// A rejection is no failure; a lost connection is.
    fn reject(&mut self, error: Error) -> QueryResult<()> {
        if Class::of(&error) == Class::Connection {
            return Err(error);
        }
        self.rejection = Some(with_causes(&error));
        Ok(())
    }

    /// Rows of this table may refer to those that stand now.
    fn read_itself(&mut self, connection: &mut Connection) -> QueryResult<()> {
        for link in self.maker.links.iter_mut().filter(|link| link.to_itself) {
            link.read(connection, &self.filling)?;
        }
        Ok(())
    }

    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}
