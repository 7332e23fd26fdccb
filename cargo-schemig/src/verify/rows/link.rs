//! Which rows of its parents a row refers to.

use std::collections::BTreeSet;

use diesel::QueryResult;
use schemig_core::schema::{ColumnName, Table, TableName};

use super::Filling;
use crate::database::Connection;
use crate::verify::traffic::{Field, Known, Row, Value, ask};

/// A foreign key, or a source's key where no foreign key stands.
pub(super) struct Link {
    /// The fields that refer.
    pub columns: Vec<usize>,
    /// The table that is referred to.
    pub parent: TableName,
    /// Its columns.
    pub parent_key: Vec<ColumnName>,
    /// For a key to the table itself, the fields that it refers to.
    pub key: Vec<usize>,
    /// Whether it refers to its own table.
    pub to_itself: bool,
    /// Whether each row must refer to something, for it is the source of a row.
    pub required: bool,
    /// The keys that there are.
    pub keys: Vec<Row>,
    /// Whether two rows can't refer to the same.
    pub distinct: bool,
    /// How many rows one parent gets in a row: the choices of the links before this one in the same unique key.
    stride: usize,
}

impl Link {
    /// The parent of the row whose turn it is.
    ///
    /// Half of the children have one parent, unless each must have its own.
    pub fn pick(&self, turn: usize) -> &[Value] {
        let place = if self.distinct {
            turn / self.stride.max(1)
        } else if turn.is_multiple_of(2) {
            0
        } else {
            turn / 2
        };
        match self.keys.len() {
            0 => &[],
            count => &self.keys[place % count],
        }
    }

    /// Reads the keys that there are.
    pub fn read(&mut self, connection: &mut Connection, filling: &Filling<'_>) -> QueryResult<()> {
        let Some(table) = filling.schema.tables.get(&self.parent) else { return Ok(()) };
        let known = Known::new(filling.release(), &self.parent, table);
        let fields: Vec<Field> = self
            .parent_key
            .iter()
            .filter_map(|column| known.fields.get(known.place(column)?).cloned())
            .collect();
        let spelling = known.spelling;
        let list = |columns: &[ColumnName]| {
            columns.iter().map(|column| spelling.column(column)).collect::<Vec<_>>().join(", ")
        };
        let whole = self
            .parent_key
            .iter()
            .map(|column| format!("{} IS NOT NULL", spelling.column(column)))
            .collect::<Vec<_>>()
            .join(" AND ");
        // Rows that many refer to are few anyway.
        let limit = if self.distinct { String::new() } else { " LIMIT 1000".to_owned() };
        let sql = format!(
            "SELECT {} FROM {} WHERE {whole} ORDER BY {}{limit}",
            list(&self.parent_key),
            spelling.table(&self.parent),
            list(&table.primary_key)
        );
        self.keys = ask(connection, &sql, &fields)?;
        Ok(())
    }
}

/// The links of a table, with the keys that its parents have so far.
pub(super) fn links(
    connection: &mut Connection,
    filling: &Filling<'_>,
    name: &TableName,
    known: &Known,
) -> QueryResult<Vec<Link>> {
    let mut links = declared(filling, name, known);
    let mut strides: Vec<(BTreeSet<ColumnName>, usize)> = Vec::new();
    for link in &mut links {
        link.read(connection, filling)?;
        let referring: BTreeSet<&ColumnName> =
            link.columns.iter().map(|place| &known.fields[*place].name).collect();
        let Some(key) = unique_key(&known.table, &referring) else { continue };
        link.distinct = true;
        link.read(connection, filling)?;
        // The first link of a key changes with every row, the next when that has been round.
        let known_key = strides.iter_mut().find(|(columns, _)| *columns == key);
        match known_key {
            Some((_, stride)) => {
                link.stride = *stride;
                *stride *= link.keys.len().max(1);
            }
            None => strides.push((key, link.keys.len().max(1))),
        }
    }
    Ok(links)
}

fn declared(filling: &Filling<'_>, name: &TableName, known: &Known) -> Vec<Link> {
    let places =
        |columns: &[ColumnName]| columns.iter().filter_map(|column| known.place(column)).collect::<Vec<_>>();
    let link = |columns: &[ColumnName], parent: &TableName, key: &[ColumnName], required: bool| Link {
        columns: places(columns),
        parent: parent.clone(),
        parent_key: key.to_vec(),
        key: if parent == name { places(key) } else { Vec::new() },
        to_itself: parent == name,
        required,
        keys: Vec::new(),
        distinct: false,
        stride: 1,
    };
    let mut links: Vec<Link> = Vec::new();
    for (at, source) in filling.lookups.iter().filter(|(_, source)| source.table == *name) {
        let Some(target) = filling.schema.tables.get(&at.table) else { continue };
        if known.place(&source.key).is_some() {
            links.push(link(std::slice::from_ref(&source.key), &at.table, &target.primary_key, true));
        }
    }
    for key in known.table.foreign_keys.values() {
        let columns = places(&key.columns);
        if !links.iter().any(|link| link.columns == columns && link.parent == key.references) {
            links.push(link(&key.columns, &key.references, &key.key, false));
        }
    }
    links
}

/// The narrowest unique key that these columns are all part of.
fn unique_key(table: &Table, columns: &BTreeSet<&ColumnName>) -> Option<BTreeSet<ColumnName>> {
    let own: BTreeSet<ColumnName> = table.primary_key.iter().cloned().collect();
    let indexes = table.indexes.values().filter(|index| index.unique).filter_map(|index| index.key_columns());
    let keys = indexes.map(|columns| columns.into_iter().cloned().collect());
    let holds = |key: &BTreeSet<ColumnName>| columns.iter().all(|column| key.contains(*column));
    std::iter::once(own).chain(keys).filter(holds).min_by_key(BTreeSet::len)
}
