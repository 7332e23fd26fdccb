//! Rows of one table: which value each column gets, and which row each foreign key refers to.

use schemig_core::schema::{ColumnName, IndexKey, SqlType, Table};

use super::link::Link;
use super::literal;
use crate::verify::dice::Dice;
use crate::verify::fresh::fresh;
use crate::verify::traffic::{Known, Value};

/// A row that is to be written: a value for each field, `None` where the column is left out.
pub(super) type Cells = Vec<Option<Value>>;

/// What rows of one table are made of.
pub(super) struct Maker {
    /// The table.
    pub known: Known,
    /// Its foreign keys, and what is looked up in it.
    pub links: Vec<Link>,
    columns: Vec<Column>,
}

struct Column {
    /// What may stand there.
    choices: Vec<Value>,
    /// Whether a key wants each row to have its own value.
    distinct: bool,
    /// Whether the server numbers it: rows leave it out, and the few that don't stay clear of the server's numbers.
    numbered: bool,
    /// Whether an INSERT may name it.
    writable: bool,
    /// Whether a default stands in when it is left out.
    defaulted: bool,
    nullable: bool,
}

/// A row in the abstract: what was once accepted is likely to be accepted again with other numbers in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    columns: Vec<Choice>,
    links: Vec<Reference>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Choice {
    LeftOut,
    Null,
    /// A choice as it is.
    Same(usize),
    /// A choice with a number in it.
    Fresh(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reference {
    None,
    /// A row of the parent.
    Parent,
    /// The row itself.
    Itself,
}

impl Maker {
    /// A maker for a table; `values` are those that a type has.
    pub fn new(known: Known, links: Vec<Link>, values: impl Fn(&SqlType) -> Vec<Value>) -> Self {
        let insertable = known.insertable();
        let column = |(place, field): (usize, &crate::verify::traffic::Field)| {
            let column = known.column(field);
            Column {
                choices: choices(&known.table, &field.name, &field.sql_type, values(&field.sql_type)),
                distinct: is_distinct(&known.table, &field.name),
                numbered: known.is_numbered(place),
                writable: insertable.contains(&place),
                defaulted: column.default.is_some() || column.identity.is_some(),
                nullable: column.nullable,
            }
        };
        let columns = known.fields.iter().enumerate().map(column).collect();
        Self { known, links, columns }
    }

    /// A row's plan; later attempts are tamer.
    pub fn template(&self, dice: &mut Dice, attempt: usize) -> Template {
        let columns = self.columns.iter().map(|column| column.choose(dice, attempt)).collect();
        let links = self.links.iter().map(|link| self.refer(link, dice, attempt)).collect();
        Template { columns, links }
    }

    fn refer(&self, link: &Link, dice: &mut Dice, attempt: usize) -> Reference {
        let nullable = link.columns.iter().any(|place| self.columns[*place].nullable) && !link.required;
        if nullable && (link.keys.is_empty() || (attempt < 2 && dice.one_in(5))) {
            Reference::None
        } else if link.to_itself && (link.keys.is_empty() || dice.one_in(3)) {
            Reference::Itself
        } else {
            Reference::Parent
        }
    }

    /// The same plan for many rows: each with a number of its own where a key wants that, from where the first accepted one began.
    pub fn repeated(&self, template: &Template, first: &Template, place: usize) -> Template {
        let mut repeated = template.clone();
        for (at, column) in self.columns.iter().enumerate().filter(|(_, column)| column.distinct) {
            let begun = if let Choice::Same(begun) | Choice::Fresh(begun) = first.columns[at] {
                Some(begun)
            } else {
                None
            };
            if let Choice::Same(choice) | Choice::Fresh(choice) = repeated.columns[at] {
                let begun = begun.unwrap_or(choice);
                // Every second one on the other side of zero, where that was accepted.
                let other = place % 2 == 1 && column.is_negative(choice) && !column.is_negative(begun);
                repeated.columns[at] = Choice::Fresh(if other { choice } else { begun });
            }
        }
        repeated
    }

    /// A row after this plan; `number` is in no other row, and `turn` says whose turn it is among the parents.
    pub fn row(&self, template: &Template, number: u64, turn: usize) -> Cells {
        let mut cells: Cells = self
            .columns
            .iter()
            .zip(&template.columns)
            .zip(&self.known.fields)
            .map(|((column, choice), field)| column.cell(*choice, &field.sql_type, number))
            .collect();
        for (link, reference) in self.links.iter().zip(&template.links) {
            match reference {
                Reference::None => {
                    for place in link.columns.iter().filter(|place| self.columns[**place].nullable) {
                        cells[*place] = Some(Value::Null);
                    }
                }
                Reference::Parent => {
                    for (place, value) in link.columns.iter().zip(link.pick(turn)) {
                        cells[*place] = Some(value.clone());
                    }
                }
                Reference::Itself => self.refer_to_itself(link, &mut cells, number),
            }
        }
        cells
    }

    fn refer_to_itself(&self, link: &Link, cells: &mut Cells, number: u64) {
        for (place, key) in link.columns.iter().zip(&link.key) {
            cells[*place] = self.explicit(cells, *key, number);
        }
    }

    /// The value of a field. The server's number isn't known before; one of our own is put there.
    pub fn explicit(&self, cells: &mut Cells, place: usize, number: u64) -> Option<Value> {
        let own = || self.columns[place].cell(Choice::Fresh(0), &self.known.fields[place].sql_type, number);
        let value = cells[place].clone().or_else(own);
        cells[place].clone_from(&value);
        value
    }
}

impl Column {
    fn choose(&self, dice: &mut Dice, attempt: usize) -> Choice {
        let ordinary = if self.distinct { Choice::Fresh } else { Choice::Same };
        if !self.writable || (self.numbered && !dice.one_in(8)) || self.choices.is_empty() {
            return if self.writable && self.nullable && !self.defaulted {
                Choice::Null
            } else {
                Choice::LeftOut
            };
        }
        if self.numbered {
            return Choice::Fresh(0);
        }
        if attempt == 0 && self.defaulted && dice.one_in(3) {
            return Choice::LeftOut;
        }
        if self.nullable && dice.one_in(if attempt < 3 { 4 } else { 2 }) {
            return Choice::Null;
        }
        // Checks that many values fail want the later choices too, so only some attempts are tame.
        let reach = if attempt % 2 == 1 { self.choices.len().min(2) } else { self.choices.len() };
        let choice = dice.below(reach);
        if self.distinct && attempt == 0 && dice.one_in(2) { Choice::Same(choice) } else { ordinary(choice) }
    }

    fn cell(&self, choice: Choice, sql_type: &SqlType, number: u64) -> Option<Value> {
        match choice {
            Choice::LeftOut => None,
            Choice::Null => Some(Value::Null),
            Choice::Same(place) => self.choices.get(place).cloned(),
            // Numbers of our own stay below zero, where no sequence comes.
            Choice::Fresh(_) if self.numbered => Some(fresh(&Value::Integer(-1), sql_type, number)),
            Choice::Fresh(place) => self.choices.get(place).map(|base| fresh(base, sql_type, number)),
        }
    }

    fn is_negative(&self, choice: usize) -> bool {
        matches!(self.choices.get(choice), Some(Value::Integer(number)) if *number < 0)
    }
}

/// Whether a key reads the column.
fn is_distinct(table: &Table, column: &ColumnName) -> bool {
    let reads = |key: &IndexKey| match key {
        IndexKey::Column(name) => name == column,
        IndexKey::Expression(expression) => !expression.columns([column]).is_empty(),
    };
    table.primary_key.contains(column)
        || table.indexes.values().any(|index| index.separates() && index.keys.iter().any(reads))
}

/// What may stand in a column: what checks and predicates that read it suggest, among what its type has.
fn choices(table: &Table, column: &ColumnName, sql_type: &SqlType, of_type: Vec<Value>) -> Vec<Value> {
    let checks = table.checks.values().map(|check| &check.expression);
    let predicates = table.indexes.values().filter_map(|index| index.predicate.as_ref());
    let reading = checks.chain(predicates).filter(|expression| !expression.columns([column]).is_empty());
    let mut all: Vec<Value> =
        reading.flat_map(|expression| literal::suggestions(expression.as_str(), sql_type)).collect();
    for value in of_type {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}
