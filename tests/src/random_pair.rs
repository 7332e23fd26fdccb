//! Random pairs of schemas that real servers take: what a default, a fill or a check says fits the type of its column.
//!
//! The pairs of `schemig-core/tests/plans.rs` only need to make sense in memory; these have to run.

mod exclusions;
mod keys;
mod partitions;
mod values;

use proptest::collection::vec;
use proptest::prelude::*;
use schemig_core::schema::{
    Action, Beside, Check, Column, ColumnName, ColumnRef, Conversion, Deferral, Dropped, Enum, EnumName,
    Expression, ForeignKey, Generated, Hints, Identity, Index, KeyOrder, Nulls, Origin, Schema, Source,
    SqlType, Table, TableName,
};

use crate::fixture::Product;
use crate::pair::Pair;

/// A change to a schema: what kind, and three bytes that say to what.
type Move = (u8, u8, u8, u8);

const TABLES: [&str; 3] = ["accounts", "members", "notes"];
const COLUMNS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Pairs for a server.
pub fn pairs(product: Product, overlap: bool) -> impl Strategy<Value = Pair> {
    let moves = |length| vec(any::<Move>(), length);
    (moves(0..8), moves(1..4)).prop_map(move |(base, change)| build(product, overlap, &base, &change))
}

fn build(product: Product, overlap: bool, base: &[Move], change: &[Move]) -> Pair {
    let (schema, hints) = (Schema::default(), Hints::default());
    let mut start = Making { product, overlap, schema, hints, renames: false };
    for (place, name) in TABLES.iter().enumerate() {
        start.create(&TableName::new(*name), place as u8, place as u8);
    }
    start.settle();
    base.iter().for_each(|step| start.make(*step));
    partitions::without_unfit(&mut start.schema);
    let before = start.schema.clone();
    let mut end = Making { hints: Hints::default(), renames: true, ..start };
    change.iter().for_each(|step| end.make(*step));
    let Making { schema: mut after, mut hints, .. } = end;
    partitions::without_unfit(&mut after);
    // A source that isn't there on both sides is bad input, refused before there is a diff.
    hints.backfills.retain(|_, origin| match origin {
        Origin::Source(source) => {
            [&before, &after].iter().all(|schema| schema.tables.contains_key(&source.table))
        }
        Origin::Expression(_) | Origin::Column(_) | Origin::Numbers => true,
    });
    Pair { before, after, hints, overlap }
}

/// A schema in the making.
struct Making {
    product: Product,
    overlap: bool,
    schema: Schema,
    hints: Hints,
    /// Whether things may be renamed: they may in the change, not in the start.
    renames: bool,
}

fn pick<T: Clone>(list: &[T], byte: u8) -> T {
    list[usize::from(byte) % list.len()].clone()
}

impl Making {
    /// Does a move; one that doesn't fit does nothing.
    fn make(&mut self, step: Move) {
        self.one(step);
        self.settle();
    }

    /// Leaves an enum where a column uses it, and only there: as models do.
    fn settle(&mut self) {
        let name = EnumName::new("mood");
        if self.schema.users_of(&name).next().is_none() {
            self.schema.enums.remove(&name);
        } else if !self.schema.enums.contains_key(&name) {
            self.schema.enums.insert(name, Enum::of(["a", "b", "c"]));
        }
    }

    /// Labels come, and `c`, which nothing names, goes, moves or gets another name.
    fn relabel(&mut self, y: u8, z: u8) {
        let name = EnumName::new("mood");
        let Some(mood) = self.schema.enums.get_mut(&name) else { return };
        let place = usize::from(z) % mood.labels.len();
        let beside = mood.labels[place].clone();
        let c = mood.labels.iter().position(|label| label == "c");
        match (y % 5, c) {
            (3, Some(c)) if !self.overlap => drop(mood.labels.remove(c)),
            (4, Some(c)) if !self.overlap && self.renames => {
                mood.labels[c] = "it's c".to_owned();
                self.hints.label_renames.insert((name, "it's c".to_owned()), Some("c".to_owned()));
            }
            (4, _) if !self.overlap => mood.labels.swap(0, place),
            _ => {
                let new = pick(&["d", "e", "f"], z / 8);
                let at = if z.is_multiple_of(2) { Beside::Before(beside) } else { Beside::After(beside) };
                if !mood.has(new) {
                    let _ = mood.insert(new, Some(&at));
                }
            }
        }
    }

    fn one(&mut self, (kind, x, y, z): Move) {
        let name = TableName::new(pick(&TABLES, x));
        let at = ColumnRef::new(&name, &pick(&COLUMNS, y).into());
        match kind % 32 {
            30 => self.exclude(&at, z),
            22 | 23 => self.relabel(y, z),
            24 => self.comment(&at, z),
            25 => self.collate(&at, z),
            26 => self.number(&at, z),
            27 => self.compute(&at, z),
            31 => self.spread(&name, z),
            28 | 29 => self.rekey(&at, z),
            0 => self.create(&name, y, z),
            1 => self.drop_table(&name),
            2 => self.rename_table(&name),
            3..=5 => self.add_column(&at, z),
            6 | 7 => self.drop_column(&at, z),
            8 | 9 => drop(self.rename_column(&at, z)),
            10 | 11 => self.turn_null(&at, z),
            12 => self.set_default(&at, z),
            13 | 14 => self.add_index(&at, z),
            15 => self.with_table(&at, |table, at| {
                drop(table.indexes.remove(&format!("{}_{}_idx", at.table, at.column).as_str().into()))
            }),
            16 => self.reference(&at, z),
            17 => self.with_table(&at, |table, at| {
                drop(table.foreign_keys.remove(&format!("{}_{}_fkey", at.table, at.column).as_str().into()))
            }),
            18 => self.add_check(&at, z),
            19 => self.retype(&at, z),
            20 => {
                if let Some(at) = self.rename_column(&at, z) {
                    self.retype(&at, z);
                }
            }
            _ => self.with_table(&at, |table, at| {
                drop(table.checks.remove(&format!("{}_{}_check", at.table, at.column).as_str().into()))
            }),
        }
    }

    fn with_table(&mut self, at: &ColumnRef, change: impl FnOnce(&mut Table, &ColumnRef)) {
        if let Some(table) = self.schema.tables.get_mut(&at.table) {
            change(table, at);
        }
    }

    fn column(&self, byte: u8) -> Column {
        let mut types = vec![SqlType::Text, SqlType::BigInt, SqlType::Timestamp];
        if self.product == Product::Postgres {
            types.push(SqlType::Named("mood".to_owned()));
        }
        let sql_type = pick(&types, byte);
        let plain = Column { nullable: byte.is_multiple_of(2), ..Column::required(sql_type.clone()) };
        let default = match byte / 6 % 5 {
            0 => Some(self.constant(&sql_type)),
            1 => Some(self.volatile(&sql_type)),
            _ => None,
        };
        Column { default, ..plain }
    }

    fn create(&mut self, name: &TableName, y: u8, z: u8) {
        let table = Table::keyed_by(["id"])
            .with_column("id", Column::required(SqlType::BigInt))
            .with_column(pick(&COLUMNS, y), self.column(z))
            .with_column(pick(&COLUMNS, y.wrapping_add(1)), self.column(z / 5));
        if !self.schema.tables.contains_key(name) {
            self.schema.tables.insert(name.clone(), table);
        }
    }

    fn drop_table(&mut self, name: &TableName) {
        for table in self.schema.tables.values_mut() {
            table.foreign_keys.retain(|_, key| key.references != *name);
        }
        self.schema.tables.remove(name);
    }

    fn rename_table(&mut self, name: &TableName) {
        // Some get another name, some another schema, where there are any.
        let new = match name.name.as_str() {
            "notes" if self.product == Product::Postgres => TableName::from("shop.notes"),
            other => TableName::new(format!("{other}_renamed")),
        };
        if self.renames && self.schema.tables.contains_key(name) && !self.schema.tables.contains_key(&new) {
            self.schema.rename_table(name, &new);
            self.hints.table_renames.insert(new, Some(name.clone()));
        }
    }

    fn add_column(&mut self, at: &ColumnRef, z: u8) {
        let column = self.column(z);
        let source = TableName::new(pick(&TABLES, z));
        let is_source = source != at.table
            && column.sql_type == SqlType::BigInt
            && self.schema.tables.contains_key(&source)
            && self.schema.tables.get(&at.table).is_some_and(|table| table.primary_key == ["id".into()]);
        let Some(table) = self.schema.tables.get(&at.table) else { return };
        if table.columns.contains_key(&at.column) {
            return;
        }
        let origin = match z / 16 % 5 {
            0 => Some(Origin::Expression(self.constant(&column.sql_type))),
            1 => Some(Origin::Expression(self.computed(&column.sql_type))),
            2 => Some(Origin::Expression(self.volatile(&column.sql_type))),
            3 if is_source => {
                let (key, value): (ColumnName, ColumnName) = ("id".into(), "id".into());
                Some(Origin::Source(Source { table: source, key, value, otherwise: Some("0".into()) }))
            }
            _ => None,
        };
        let identity = pick(&[Identity::ByDefault, Identity::Always, Identity::Serial], z / 9);
        let numbered = Column { identity: Some(identity), ..Column::required(SqlType::BigInt) };
        let (column, origin) =
            if z % 9 == 8 && self.product == Product::Postgres { (numbered, None) } else { (column, origin) };
        if let Some(origin) = origin {
            self.hints.backfills.insert(at.clone(), origin);
        }
        self.hints.column_renames.entry(at.clone()).or_insert(None);
        self.with_table(at, |table, at| drop(table.columns.insert(at.column.clone(), column)));
    }

    fn drop_column(&mut self, at: &ColumnRef, z: u8) {
        let Some(sql_type) = self.type_of(at) else { return };
        let fill = pick(
            &[
                None,
                Some(self.constant(&sql_type)),
                Some(self.computed(&sql_type)),
                Some(self.volatile(&sql_type)),
            ],
            z,
        );
        self.with_table(at, |table, at| {
            if table.primary_key == [at.column.clone()] {
                return;
            }
            table.primary_key.retain(|key| *key != at.column);
            table.columns.shift_remove(&at.column);
            table.indexes.retain(|_, index| !index.reads(&at.column));
            table.checks.retain(|_, check| !check.reads(&at.column));
            table.foreign_keys.retain(|_, key| !key.columns.contains(&at.column));
        });
        // Without a fill the model may say that none is needed, or nothing at all.
        let fill = if z.is_multiple_of(8) { None } else { Some(fill) };
        self.hints.drops.insert(at.clone(), Dropped { fill, with: Vec::new() });
    }

    /// Another type, by the server's cast, or by an expression of the model's.
    #[expect(clippy::wildcard_enum_match_arm, reason = "columns here have one of three types")]
    fn retype(&mut self, at: &ColumnRef, z: u8) {
        let is_new =
            self.hints.column_renames.get(at) == Some(&None) || self.hints.backfills.contains_key(at);
        let Some(table) = self.schema.tables.get_mut(&at.table) else { return };
        // What a check says of the old type has no meaning for the new one.
        let in_range = exclusions::in_range(table, &at.column);
        if is_new || !self.renames || in_range || table.checks.values().any(|check| check.reads(&at.column)) {
            return;
        }
        // Texts of one length would collide.
        let unique = table.keeps_apart(&at.column);
        let Some(column) = table.columns.get_mut(&at.column) else { return };
        let to = match &column.sql_type {
            SqlType::BigInt => SqlType::Text,
            SqlType::Text if z.is_multiple_of(2) && !unique => SqlType::BigInt,
            SqlType::Text => SqlType::Varchar(None),
            _ => return,
        };
        if to == SqlType::BigInt {
            let former = self.hints.column_renames.get(at).cloned().flatten().unwrap_or(at.column.clone());
            let forth = Some(format!("length({former})").as_str().into());
            let back = Some(format!("CAST({} AS text)", at.column).as_str().into());
            self.hints.converts.insert(at.clone(), Conversion { forth, back });
        }
        column.default = None;
        column.sql_type = to;
    }

    fn rename_column(&mut self, at: &ColumnRef, z: u8) -> Option<ColumnRef> {
        let to: ColumnName = format!("{}_renamed", pick(&["x", "y"], z)).into();
        let taken = self.hints.column_renames.values().any(|from| from.as_ref() == Some(&at.column));
        let new = self.hints.column_renames.get(at) == Some(&None);
        let table = self.schema.tables.get_mut(&at.table)?;
        let place = table.columns.get_index_of(&at.column)?;
        if !self.renames || taken || new || table.columns.replace_index(place, to.clone()).is_err() {
            return None;
        }
        for key in table.primary_key.iter_mut().filter(|key| **key == at.column) {
            *key = to.clone();
        }
        table.partition_by.iter_mut().for_each(|by| by.rename_column(&at.column, &to));
        for index in table.indexes.values_mut() {
            *index = index.rename_column(&at.column, &to);
        }
        for check in table.checks.values_mut() {
            check.expression = check.expression.rename(&at.column, &to);
        }
        for column in table.foreign_keys.values_mut().flat_map(|key| &mut key.columns) {
            if *column == at.column {
                *column = to.clone();
            }
        }
        let renamed = ColumnRef::new(&at.table, &to);
        self.hints.column_renames.insert(renamed.clone(), Some(at.column.clone()));
        Some(renamed)
    }

    fn turn_null(&mut self, at: &ColumnRef, z: u8) {
        let Some(sql_type) = self.type_of(at) else { return };
        let fill = pick(&[self.constant(&sql_type), self.computed(&sql_type)], z);
        let mut required = false;
        self.with_table(at, |table, at| {
            let in_key = table.primary_key.contains(&at.column);
            if let Some(column) = table.columns.get_mut(&at.column) {
                column.nullable = !column.nullable && column.identity.is_none() && !in_key;
                required = !column.nullable;
            }
        });
        if required {
            self.hints.backfills.insert(at.clone(), Origin::Expression(fill));
        }
    }

    fn set_default(&mut self, at: &ColumnRef, z: u8) {
        let Some(sql_type) = self.type_of(at) else { return };
        let default = pick(&[None, Some(self.constant(&sql_type)), Some(self.volatile(&sql_type))], z);
        self.with_table(at, |table, at| {
            if let Some(column) = table.columns.get_mut(&at.column) {
                column.default = default.filter(|_| column.identity.is_none() && column.generated.is_none());
            }
        });
    }

    /// SQLite numbers nothing but the key.
    fn number(&mut self, at: &ColumnRef, z: u8) {
        let other = z.is_multiple_of(4) && self.product == Product::Postgres;
        let at = if other { at.clone() } else { ColumnRef::new(&at.table, &"id".into()) };
        self.with_table(&at, |table, at| {
            let column = table.columns.get_mut(&at.column);
            let numbers = |column: &&mut Column| column.sql_type == SqlType::BigInt && !column.nullable;
            if let Some(column) = column.filter(numbers) {
                let forms = [None, Some(Identity::ByDefault), Some(Identity::Always), Some(Identity::Serial)];
                column.identity = pick(&forms, z / 4);
                column.default = None;
            }
        });
    }

    /// The server computes a text from the row's number: from now on, otherwise, kept otherwise, or no more.
    fn compute(&mut self, at: &ColumnRef, z: u8) {
        let stored = self.product == Product::Postgres || z.is_multiple_of(2);
        let expression =
            pick(&["upper(CAST(id AS text))", "replace(CAST(id AS text), '1', 'x')"], z / 2).into();
        let by = Generated { expression, stored };
        let (renames, hints) = (self.renames, &mut self.hints);
        let Some(table) = self.schema.tables.get_mut(&at.table) else { return };
        match table.columns.get_mut(&at.column) {
            None => {
                let nullable = z.is_multiple_of(8);
                let column = Column { generated: Some(by), nullable, ..Column::required(SqlType::Text) };
                hints.column_renames.entry(at.clone()).or_insert(None);
                table.columns.insert(at.column.clone(), column);
            }
            // What is new has no form to change yet.
            Some(_) if hints.column_renames.contains_key(at) || !renames => {}
            Some(column) if column.generated.is_some() && z.is_multiple_of(3) => column.generated = None,
            Some(column) if column.sql_type == SqlType::Text => {
                column.generated = Some(by);
                column.default = None;
            }
            Some(_) => {}
        }
    }

    fn add_index(&mut self, at: &ColumnRef, z: u8) {
        if self.schema.column(at).is_none() {
            return;
        }
        let predicate = z.is_multiple_of(3).then(|| Expression::from("id > 0"));
        // There are too few labels for many rows.
        let unique = z.is_multiple_of(2) && !matches!(self.type_of(at), Some(SqlType::Named(_)));
        let on_postgres = self.product == Product::Postgres;
        let order = KeyOrder {
            class: (on_postgres && z.is_multiple_of(11) && self.type_of(at) == Some(SqlType::Text))
                .then(|| "text_pattern_ops".to_owned()),
            descending: z.is_multiple_of(5),
            nulls: if on_postgres && z.is_multiple_of(5) {
                pick(&[None, Some(Nulls::Last)], z / 5)
            } else {
                None
            },
        };
        let index = Index {
            unique,
            nulls_not_distinct: unique && on_postgres && z.is_multiple_of(14),
            predicate,
            ..Index::on([at.column.as_str()])
        };
        let plain = unique && on_postgres && index.predicate.is_none() && order == KeyOrder::default();
        let later = [Deferral::Never, Deferral::Immediate, Deferral::Deferred];
        let deferral = if plain { pick(&later, z / 3) } else { Deferral::Never };
        let index = Index { deferral, constraint: deferral != Deferral::Never, ..index }.sorted(vec![order]);
        let name = format!("{}_{}_idx", at.table, at.column);
        self.with_table(at, |table, _| drop(table.indexes.insert(name.as_str().into(), index)));
    }

    fn collate(&mut self, at: &ColumnRef, z: u8) {
        let rules = if self.product == Product::Sqlite { "NOCASE" } else { "C" };
        self.with_table(at, |table, at| {
            let column = table.columns.get_mut(&at.column);
            if let Some(column) = column.filter(|column| column.sql_type == SqlType::Text) {
                column.collation = z.is_multiple_of(2).then(|| rules.to_owned());
            }
        });
    }

    /// On a server that has comments.
    fn comment(&mut self, at: &ColumnRef, z: u8) {
        if self.product == Product::Sqlite {
            return;
        }
        let text = pick(&[None, Some("one"), Some("it's another")], z).map(str::to_owned);
        self.with_table(at, |table, at| match table.columns.get_mut(&at.column) {
            Some(column) => column.comment = text,
            None => table.comment = text,
        });
    }

    fn add_check(&mut self, at: &ColumnRef, z: u8) {
        let expression = match self.type_of(at) {
            Some(SqlType::BigInt) => format!("{} <> {}", at.column, z % 4),
            Some(SqlType::Text) => format!("{} <> 'w{}'", at.column, z % 4),
            Some(_) | None => return,
        };
        let name = format!("{}_{}_check", at.table, at.column);
        self.with_table(at, |table, _| {
            drop(table.checks.insert(name.as_str().into(), Check::on(&expression)))
        });
    }

    fn reference(&mut self, at: &ColumnRef, z: u8) {
        let parent = TableName::new(pick(&TABLES, z));
        let unique = |parent: &Table| {
            parent.primary_key == ["id".into()]
                || parent.indexes.values().any(|index| *index == Index::unique_on(["id"]))
        };
        if !self.schema.tables.get(&parent).is_some_and(unique) || self.type_of(at) != Some(SqlType::BigInt) {
            return;
        }
        let nullable = self.schema.column(at).is_some_and(|column| column.nullable);
        let on_delete = match z / 3 % 3 {
            0 => Action::NoAction,
            1 if nullable => Action::SetNull,
            _ => Action::Cascade,
        };
        let key = ForeignKey {
            columns: vec![at.column.clone()],
            references: parent,
            key: vec!["id".into()],
            on_delete,
            on_update: Action::NoAction,
            deferral: pick(&[Deferral::Never, Deferral::Immediate, Deferral::Deferred], z / 9),
            provenance: Default::default(),
        };
        let name = format!("{}_{}_fkey", at.table, at.column);
        self.with_table(at, |table, _| drop(table.foreign_keys.insert(name.as_str().into(), key)));
    }
}
