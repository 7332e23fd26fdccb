//! Random schemas and what a developer may do to them. Shared by the tests that plan in memory and on real servers.

use crate::exclusions::exclude;
use crate::partitions::{name_partitions, spread, without_unfit};
use crate::rows::{take_rows, without_bad_input};
use proptest::collection::vec;
use proptest::prelude::*;
use schemig_core::schema::{
    Action, Beside, Check, Column, ColumnName, ColumnRef, Conversion, Deferral, Dropped, Enum, EnumName,
    Expression, ForeignKey, Generated, Hints, Identity, Index, KeyOrder, Nulls, Origin, Schema, Source,
    SqlType, Table, TableName,
};

/// What a byte picks from a list.
pub fn pick<T: Clone>(list: &[T], byte: u8) -> T {
    list[usize::from(byte) % list.len()].clone()
}

/// The tables that a start has.
pub const TABLES: [&str; 3] = ["accounts", "members", "notes"];
const COLUMNS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn column(byte: u8) -> Column {
    match byte % 9 {
        0 => Column::required(SqlType::Text),
        1 => Column::optional(SqlType::Text),
        2 => Column::required(SqlType::BigInt).with_default("0"),
        3 => Column::optional(SqlType::BigInt),
        4 => Column::required(SqlType::Uuid).with_default("gen_random_uuid()"),
        5 => Column::required(mood()).with_default("'a'"),
        6 => Column::optional(mood()),
        7 => Column::optional(SqlType::Named("citext".to_owned())),
        _ => Column::required(SqlType::Timestamptz).with_default("now()"),
    }
}

/// The one enum there is.
fn mood() -> SqlType {
    SqlType::Named("mood".to_owned())
}

/// Leaves an enum where a column uses it, and only there: as models do.
fn settle(schema: &mut Schema) {
    let name = EnumName::new("mood");
    if schema.users_of(&name).next().is_none() {
        schema.enums.remove(&name);
    } else if !schema.enums.contains_key(&name) {
        schema.enums.insert(name, Enum::of(["a", "b", "c"]));
    }
}

/// Labels come, go, and get another name.
fn relabel(schema: &mut Schema, hints: &mut Hints, y: u8, z: u8) {
    let name = EnumName::new("mood");
    let Some(mood) = schema.enums.get_mut(&name) else { return };
    let place = usize::from(z) % mood.labels.len();
    let label = mood.labels[place].clone();
    match y % 6 {
        0..=2 => {
            let new = pick(&["d", "e", "f"], z / 8);
            let at = if z.is_multiple_of(2) { Beside::Before(label) } else { Beside::After(label) };
            if !mood.has(new) {
                let _ = mood.insert(new, Some(&at));
            }
        }
        3 if mood.labels.len() > 1 => drop(mood.labels.remove(place)),
        4 => mood.labels.swap(0, place),
        _ => {
            let new = format!("{label}_renamed");
            if label.len() == 1 && !mood.has(&new) {
                mood.labels[place] = new.clone();
                hints.label_renames.insert((name, new), (!z.is_multiple_of(5)).then_some(label));
            }
        }
    }
}

/// A change to a schema, as three bytes say.
pub type Move = (u8, u8, u8, u8);

/// How many kinds of moves there are.
const KINDS: u8 = 28;

/// Does a move; one that doesn't fit does nothing.
pub fn make(schema: &mut Schema, hints: &mut Hints, step: Move) {
    one(schema, hints, step);
    settle(schema);
}

fn one(schema: &mut Schema, hints: &mut Hints, (kind, x, y, z): Move) {
    let name = TableName::new(pick(&TABLES, x));
    let column_name = ColumnName::from(pick(&COLUMNS, y));
    let at = ColumnRef::new(&name, &column_name);
    match kind % KINDS {
        18 | 19 => relabel(schema, hints, y, z),
        27 => exclude(schema, &at, z),
        26 => take_rows(schema, hints, &name, y, z),
        22 => number(schema, &name, &column_name, z),
        23 => compute(schema, hints, &at, z),
        24 | 25 => rekey(schema, hints, &at, z),
        0 => create(schema, &name, y, z),
        1 => drop(drop_table(schema, &name)),
        2 => rename_table(schema, hints, &name),
        3 | 4 => add_column(schema, hints, &at, z),
        5 => drop_column(schema, hints, &at, z),
        6 => drop(rename_column(schema, hints, &at, z)),
        7 => {
            if let Some(column) = schema
                .tables
                .get_mut(&name)
                .filter(|table| !table.primary_key.contains(&column_name))
                .and_then(|table| table.columns.get_mut(&column_name))
            {
                column.nullable = !column.nullable && column.identity.is_none();
                if !column.nullable {
                    hints.backfills.insert(at, Origin::Expression(Expression::from(pick(&["0", "id"], z))));
                }
            }
        }
        8 => {
            if let Some(column) =
                schema.tables.get_mut(&name).and_then(|table| table.columns.get_mut(&column_name))
            {
                let default = pick(&[None, Some("1"), Some("now()")], z).map(Expression::from);
                column.default = default.filter(|_| column.identity.is_none() && column.generated.is_none());
            }
        }
        9 | 10 => {
            let Some(table) =
                schema.tables.get_mut(&name).filter(|table| table.columns.contains_key(&column_name))
            else {
                return;
            };
            let index = Index { unique: z.is_multiple_of(2), ..Index::on([column_name.as_str()]) };
            let predicate = (z.is_multiple_of(3)).then(|| Expression::from("id > 0"));
            let nulls = pick(&[None, None, Some(Nulls::First), Some(Nulls::Last)], z / 2);
            let order = KeyOrder { class: None, descending: z.is_multiple_of(5), nulls };
            let nulls_not_distinct = index.unique && z.is_multiple_of(7);
            let plain = predicate.is_none() && order == KeyOrder::default() && index.unique;
            let later = [Deferral::Never, Deferral::Immediate, Deferral::Deferred];
            let deferral = if plain { pick(&later, z / 3) } else { Deferral::Never };
            let constraint = deferral != Deferral::Never;
            let index =
                Index { predicate, nulls_not_distinct, deferral, constraint, ..index }.sorted(vec![order]);
            table.indexes.insert(format!("{name}_{column_name}_idx").as_str().into(), index);
        }
        11 => {
            if let Some(table) = schema.tables.get_mut(&name) {
                for kind in ["idx", "excl"] {
                    table.indexes.remove(&format!("{name}_{column_name}_{kind}").as_str().into());
                }
            }
        }
        12 => reference(schema, &at, z),
        13 => {
            if let Some(table) = schema.tables.get_mut(&name) {
                table.foreign_keys.remove(&format!("{name}_{column_name}_fkey").as_str().into());
            }
        }
        20 => retype(schema, hints, &at, z),
        21 => {
            if let Some(to) = rename_column(schema, hints, &at, z) {
                retype(schema, hints, &ColumnRef::new(&name, &to), z / 2);
            }
        }
        14 => {
            if let Some(table) =
                schema.tables.get_mut(&name).filter(|table| table.columns.contains_key(&column_name))
            {
                let expression = format!("{column_name} IS DISTINCT FROM '{}'", z % 3);
                table
                    .checks
                    .insert(format!("{name}_{column_name}_check").as_str().into(), Check::on(&expression));
            }
        }
        15 => {
            if let Some(table) = schema.tables.get_mut(&name) {
                table.checks.remove(&format!("{name}_{column_name}_check").as_str().into());
            }
        }
        16 => {
            let column = schema.tables.get_mut(&name).and_then(|table| table.columns.get_mut(&column_name));
            if let Some(column) = column.filter(|column| column.sql_type == SqlType::Text) {
                column.collation = pick(&[None, Some("C")], z).map(str::to_owned);
            }
        }
        _ => {
            let text = pick(&[None, Some("one"), Some("it\'s another")], z).map(str::to_owned);
            let Some(table) = schema.tables.get_mut(&name) else { return };
            match table.columns.get_mut(&column_name) {
                Some(column) => column.comment = text,
                None => table.comment = text,
            }
        }
    }
}

/// A column that the server computes from another one: a new one, or one that is there and is computed otherwise, or no more.
fn compute(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    let plain = |name: &&ColumnName| table.columns[*name].generated.is_none();
    let Some(from) = table.columns.keys().filter(plain).nth(usize::from(z) % 3).cloned() else { return };
    if !table.columns.contains_key(&at.column) {
        let generated = Generated {
            expression: format!("upper({from}::text)").as_str().into(),
            stored: z.is_multiple_of(2),
        };
        hints.column_renames.entry(at.clone()).or_insert(None);
        table.columns.insert(
            at.column.clone(),
            Column { generated: Some(generated), ..Column::optional(SqlType::Text) },
        );
        return;
    }
    let computes = table.columns.values().any(|column| column.is_computed_from(&at.column));
    let Some(column) = table.columns.get_mut(&at.column) else { return };
    let of_text = column.sql_type == SqlType::Text && column.identity.is_none() && !computes;
    match (&mut column.generated, z % 5) {
        (Some(by), 0) => by.expression = "lower(id::text)".into(),
        (Some(by), 1) => by.stored = !by.stored,
        (generated @ Some(_), 2) => *generated = None,
        (None, 0) if of_text => {
            let expression = "lower(id::text)".into();
            column.generated = Some(Generated { expression, stored: z.is_multiple_of(2) });
            column.default = None;
        }
        (Some(_) | None, _) => {}
    }
}

/// Another primary key: one column more, one less, in another order, or another one.
fn rekey(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    let fits = table.columns.get(&at.column).is_some_and(|column| column.generated.is_none());
    if !fits {
        return;
    }
    let column = table.columns.get_mut(&at.column).expect("it fits");
    if column.nullable {
        column.nullable = false;
        hints.backfills.insert(at.clone(), Origin::Expression(Expression::from("id")));
    }
    let old = table.primary_key.clone();
    match z % 4 {
        0 if !old.contains(&at.column) => table.primary_key.push(at.column.clone()),
        1 if old.len() > 1 => table.primary_key.retain(|key| *key != at.column),
        2 => table.primary_key.reverse(),
        _ => table.primary_key = vec![at.column.clone()],
    }
    if z.is_multiple_of(5) {
        let unique = Index::unique_on(old.iter().map(ColumnName::as_str));
        table.indexes.insert(format!("{}_old_key", at.table).as_str().into(), unique);
    }
    // A foreign key refers to what is unique.
    let (parent, key) = (at.table.clone(), table.primary_key.clone());
    for key_of in schema.tables.values_mut().flat_map(|table| table.foreign_keys.values_mut()) {
        if key_of.references == parent && key.len() == 1 && z.is_multiple_of(2) {
            key_of.key = key.clone();
        }
    }
}

/// A number that is in the model alone, or the server's in one of its forms; the key's, or another.
fn number(schema: &mut Schema, table: &TableName, column: &ColumnName, z: u8) {
    let Some(table) = schema.tables.get_mut(table) else { return };
    let key = ColumnName::from("id");
    let other = table.columns.keys().any(|name| name == column) && z.is_multiple_of(3);
    let column = table.columns.get_mut(if other { column } else { &key });
    let numbers = |column: &&mut Column| column.sql_type == SqlType::BigInt && !column.nullable;
    if let Some(column) = column.filter(numbers) {
        let forms = [None, Some(Identity::ByDefault), Some(Identity::Always), Some(Identity::Serial)];
        column.identity = pick(&forms, z / 3);
        column.default = None;
    }
}

pub fn create(schema: &mut Schema, name: &TableName, y: u8, z: u8) {
    let table = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column(pick(&COLUMNS, y), column(z))
        .with_column(pick(&COLUMNS, y.wrapping_add(1)), column(z / 6));
    if !schema.tables.contains_key(name) {
        schema.tables.insert(name.clone(), table);
    }
}

pub fn drop_table(schema: &mut Schema, name: &TableName) -> Option<Table> {
    for table in schema.tables.values_mut() {
        table.foreign_keys.retain(|_, key| key.references != *name);
    }
    schema.tables.remove(name)
}

fn rename_table(schema: &mut Schema, hints: &mut Hints, name: &TableName) {
    // Some get another name, some another schema.
    let new = match name.name.as_str() {
        "notes" => TableName { schema: Some("shop".to_owned()), name: name.name.clone() },
        other => TableName::new(format!("{other}_renamed")),
    };
    if schema.tables.contains_key(&new)
        || hints.table_renames.values().any(|from| from.as_ref() == Some(name))
    {
        return;
    }
    if let Some(table) = schema.tables.remove(name) {
        schema.tables.insert(new.clone(), table);
        for key in schema.tables.values_mut().flat_map(|table| table.foreign_keys.values_mut()) {
            if key.references == *name {
                key.references = new.clone();
            }
        }
        hints.table_renames.insert(new, Some(name.clone()));
    }
}

fn add_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let source = TableName::new(pick(&TABLES, z));
    let source_has =
        schema.tables.get(&source).is_some_and(|table| table.columns.contains_key(&ColumnName::from("id")));
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    if table.columns.contains_key(&at.column) {
        return;
    }
    let column = column(z);
    let origin = match (z / 16) % 5 {
        0 => Some(Origin::Expression(Expression::from("0"))),
        1 => Some(Origin::Expression(Expression::from("id"))),
        2 => Some(Origin::Expression(Expression::from("gen_random_uuid()"))),
        3 if source_has && source != at.table => {
            let (key, value) = (ColumnName::from("id"), ColumnName::from("id"));
            let otherwise = z.is_multiple_of(2).then(|| Expression::from("0"));
            Some(Origin::Source(Source { table: source, key, value, otherwise }))
        }
        _ => None,
    };
    let identity = pick(&[Identity::ByDefault, Identity::Always, Identity::Serial], z / 9);
    let numbered = Column { identity: Some(identity), ..Column::required(SqlType::BigInt) };
    let (column, origin) = if z % 9 == 8 { (numbered, None) } else { (column, origin) };
    if let Some(origin) = origin {
        hints.backfills.insert(at.clone(), origin);
    }
    hints.column_renames.entry(at.clone()).or_insert(None);
    table.columns.insert(at.column.clone(), column);
}

fn drop_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    if table.primary_key == [at.column.clone()] {
        return;
    }
    table.primary_key.retain(|key| *key != at.column);
    table.columns.shift_remove(&at.column);
    for table in schema.tables.values_mut() {
        table.foreign_keys.retain(|_, key| key.references != at.table || !key.key.contains(&at.column));
    }
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    // A schema in which something is computed from nothing is none.
    let lost = |column: &Column| column.is_computed_from(&at.column);
    let computed: Vec<ColumnName> =
        table.columns.iter().filter(|(_, column)| lost(column)).map(|(name, _)| name.clone()).collect();
    for name in computed {
        drop_column(schema, hints, &ColumnRef::new(&at.table, &name), z);
    }
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    table.indexes.retain(|_, index| !index.reads(&at.column));
    table.checks.retain(|_, check| !check.reads(&at.column));
    table.foreign_keys.retain(|_, key| !key.columns.contains(&at.column));
    let fill = pick(&[Some("0"), Some("id"), Some("gen_random_uuid()")], z).map(Expression::from);
    hints
        .drops
        .insert(at.clone(), Dropped { fill: (!z.is_multiple_of(4)).then_some(fill), with: Vec::new() });
}

/// Another type; sometimes the model says how values get there, and back.
fn retype(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) {
    let Some(table) = schema.tables.get_mut(&at.table) else { return };
    let Some(column) = table.columns.get_mut(&at.column) else { return };
    let types =
        ["text", "varchar(20)", "varchar(40)", "integer", "bigint", "numeric(9,2)", "boolean", "uuid"];
    column.sql_type = SqlType::parse(pick(&types, z));
    // A number with a collation is in no schema.
    column.collation = column.collation.take().filter(|_| column.sql_type.is_read_as(&SqlType::Text));
    column.default = column.default.take().filter(|_| z.is_multiple_of(3)).map(|_| Expression::from("NULL"));
    if (z / 16).is_multiple_of(2) {
        let forth = Some(Expression::from("NULL"));
        let back = (z / 32).is_multiple_of(2).then(|| Expression::from("NULL"));
        hints.converts.insert(at.clone(), Conversion { forth, back });
    }
}

fn rename_column(schema: &mut Schema, hints: &mut Hints, at: &ColumnRef, z: u8) -> Option<ColumnName> {
    let table = schema.tables.get_mut(&at.table)?;
    let to = ColumnName::from(format!("{}_renamed", pick(&["x", "y"], z)));
    let place = table.columns.get_index_of(&at.column)?;
    if hints.column_renames.values().any(|from| from.as_ref() == Some(&at.column)) {
        return None;
    }
    table.columns.replace_index(place, to.clone()).ok()?;
    for key in table.primary_key.iter_mut().filter(|key| **key == at.column) {
        *key = to.clone();
    }
    table.partition_by.iter_mut().for_each(|by| by.rename_column(&at.column, &to));
    for index in table.indexes.values_mut() {
        *index = index.rename_column(&at.column, &to);
    }
    for generated in table.columns.values_mut().filter_map(|column| column.generated.as_mut()) {
        generated.expression = generated.expression.rename(&at.column, &to);
    }
    for check in table.checks.values_mut() {
        check.expression = check.expression.rename(&at.column, &to);
    }
    for key in table.foreign_keys.values_mut() {
        for column in &mut key.columns {
            if *column == at.column {
                *column = to.clone();
            }
        }
    }
    for key in schema.tables.values_mut().flat_map(|table| table.foreign_keys.values_mut()) {
        for column in key.key.iter_mut().filter(|column| key.references == at.table && **column == at.column)
        {
            *column = to.clone();
        }
    }
    hints.column_renames.insert(ColumnRef::new(&at.table, &to), Some(at.column.clone()));
    Some(to)
}

fn reference(schema: &mut Schema, at: &ColumnRef, z: u8) {
    let parent = TableName::new(pick(&TABLES, z));
    let Some([key]) = schema.tables.get(&parent).map(|parent| parent.primary_key.as_slice()) else { return };
    let schema_key = vec![key.clone()];
    let Some(table) = schema.tables.get_mut(&at.table).filter(|table| table.columns.contains_key(&at.column))
    else {
        return;
    };
    let key = ForeignKey {
        columns: vec![at.column.clone()],
        key: schema_key,
        references: parent,
        on_delete: pick(&[Action::NoAction, Action::Cascade, Action::SetNull], z / 3),
        on_update: Action::NoAction,
        deferral: pick(&[Deferral::Never, Deferral::Never, Deferral::Immediate, Deferral::Deferred], z / 9),
        provenance: Default::default(),
    };
    table.foreign_keys.insert(format!("{}_{}_fkey", at.table, at.column).as_str().into(), key);
}

/// A start, and what is done to it.
pub fn schemas() -> impl Strategy<Value = (Vec<Move>, Vec<Move>)> {
    let moves = |length| vec(any::<Move>(), length);
    (moves(0..12), moves(1..5))
}

/// The start, the end, and the hints that lead from the one to the other.
pub fn build(base: &[Move], moves: &[Move]) -> (Schema, Schema, Hints) {
    let mut before = Schema::default();
    for (place, name) in TABLES.iter().enumerate() {
        create(&mut before, &TableName::new(*name), place as u8, place as u8);
    }
    settle(&mut before);
    spread(&mut before, base);
    for step in base {
        // Renames belong to the change, not to the start.
        if !matches!(step.0 % KINDS, 2 | 6 | 21) {
            make(&mut before, &mut Hints::default(), *step);
        }
    }
    without_unfit(&mut before);
    let (mut after, mut hints) = (before.clone(), Hints::default());
    for step in moves {
        make(&mut after, &mut hints, *step);
    }
    name_partitions(&mut after, moves);
    without_unfit(&mut after);
    // A source that isn't there on both sides is bad input, refused before there is a diff.
    hints.backfills.retain(|_, origin| match origin {
        Origin::Source(source) => {
            [&before, &after].iter().all(|schema| schema.tables.contains_key(&source.table))
        }
        Origin::Expression(_) | Origin::Column(_) | Origin::Numbers => true,
    });
    without_bad_input(&before, &after, &mut hints);
    (before, after, hints)
}
