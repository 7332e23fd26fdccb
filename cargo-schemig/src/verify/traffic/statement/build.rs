//! The statements of a release.

use std::sync::Arc;

use schemig_core::schema::{ColumnName, Index, IndexName};

use super::{Arbiter, Kind, Known, Release, Slot, Sql, Statement};

/// All that a release does to its tables, in order of their names. Diesel has no table without a primary key, so no release uses one.
pub fn statements(release: Release<'_>) -> Vec<Statement> {
    let mut all = Vec::new();
    for (name, table) in release.schema.tables.iter().filter(|(_, table)| !table.primary_key.is_empty()) {
        let does = Does(Arc::new(Known::new(release, name, table)));
        all.extend([does.select(), does.find()]);
        all.extend(does.inserts());
        all.extend(does.upserts());
        all.extend(does.updates());
        all.push(does.delete());
    }
    all
}

/// Writes one column of a row; none where the release doesn't know the column, or may not write it.
pub(crate) fn set(known: &Arc<Known>, column: &ColumnName) -> Option<Statement> {
    let place = known.place(column).filter(|place| known.updatable().contains(place))?;
    Some(Does(known.clone()).update(Kind::Set(column.clone()), &[place]))
}

struct Does(Arc<Known>);

impl Does {
    fn statement(&self, kind: Kind, kept: bool, (sql, slots): (Sql, Vec<Slot>)) -> Statement {
        Statement { known: self.0.clone(), kind, sql, slots, kept }
    }

    fn table(&self) -> String {
        self.0.spelling.table(&self.0.name)
    }

    fn qualified(&self, place: usize) -> String {
        self.0.spelling.qualified(&self.0.name, &self.0.fields[place].name)
    }

    fn names(&self, places: &[usize]) -> String {
        list(places, |place| self.0.spelling.column(&self.0.fields[place].name))
    }

    fn all(&self) -> Vec<usize> {
        (0..self.0.fields.len()).collect()
    }

    fn begin_select(&self) -> Sql {
        let columns = list(&self.all(), |place| self.qualified(place));
        Sql::begin(&format!("SELECT {columns} FROM {}", self.table()))
    }

    fn select(&self) -> Statement {
        let mut sql = self.begin_select();
        let order = list(&self.0.key(), |place| format!("{} DESC", self.qualified(place)));
        sql.push(&format!(" ORDER BY {order} LIMIT "));
        sql.bind();
        self.statement(Kind::Select, true, (sql, vec![Slot::Limit]))
    }

    fn find(&self) -> Statement {
        let mut text = (self.begin_select(), Vec::new());
        self.filter_by_key(&mut text);
        self.statement(Kind::Find, true, text)
    }

    /// ` WHERE …`, the brackets where Diesel's `find` puts them.
    fn filter_by_key(&self, (sql, slots): &mut (Sql, Vec<Slot>)) {
        let key = self.0.key();
        sql.push(" WHERE ");
        sql.push(&"(".repeat(key.len().max(1)));
        for (number, place) in key.iter().enumerate() {
            if number > 0 {
                sql.push(if number == 1 { " AND (" } else { ") AND (" });
            }
            sql.push(&format!("{} = ", self.qualified(*place)));
            sql.bind();
            slots.push(Slot::Key(*place));
            sql.push(")");
        }
        if key.len() > 1 {
            sql.push(")");
        }
    }

    fn returning(&self, sql: &mut Sql) {
        let columns = if self.0.spelling.returns_qualified {
            list(&self.all(), |place| self.qualified(place))
        } else {
            self.names(&self.all())
        };
        sql.push(&format!(" RETURNING {columns}"));
    }

    /// `INSERT INTO …` with these fields given and those left out.
    fn begin_insert(&self, given: &[usize], left_out: &[usize]) -> (Sql, Vec<Slot>) {
        let named = if self.0.spelling.says_default {
            self.0
                .insertable()
                .into_iter()
                .filter(|place| given.contains(place) || left_out.contains(place))
                .collect()
        } else {
            given.to_vec()
        };
        if named.is_empty() {
            return (Sql::begin(&format!("INSERT INTO {} DEFAULT VALUES", self.table())), Vec::new());
        }
        let mut sql = Sql::begin(&format!("INSERT INTO {} ({}) VALUES (", self.table(), self.names(&named)));
        let mut slots = Vec::new();
        for (number, place) in named.into_iter().enumerate() {
            if number > 0 {
                sql.push(", ");
            }
            if given.contains(&place) {
                sql.bind();
                slots.push(Slot::Written(place));
            } else {
                sql.push("DEFAULT");
            }
        }
        sql.push(")");
        (sql, slots)
    }

    fn insert(&self, kind: Kind, left_out: &[usize]) -> Statement {
        let given: Vec<usize> =
            self.0.insertable().into_iter().filter(|place| !left_out.contains(place)).collect();
        let mut text = self.begin_insert(&given, left_out);
        self.returning(&mut text.0);
        // `None` for a default comes from a struct, whose inserts PostgreSQL's connection doesn't keep.
        let kept = left_out.is_empty() || !self.0.spelling.says_default;
        self.statement(kind, kept, text)
    }

    fn inserts(&self) -> Vec<Statement> {
        let omissible = |place: &usize| self.0.column(&self.0.fields[*place]).may_be_left_out();
        let omissible: Vec<usize> = self.0.insertable().into_iter().filter(omissible).collect();
        let name = |place: usize| self.0.fields[place].name.clone();
        let mut all = vec![self.insert(Kind::Insert, &[])];
        if !omissible.is_empty() {
            all.push(self.insert(Kind::InsertLeast, &omissible));
        }
        if omissible.len() > 1 {
            all.extend(
                omissible.iter().map(|place| self.insert(Kind::InsertWithout(name(*place)), &[*place])),
            );
        }
        let nullable = self.0.insertable().into_iter().filter(|place| self.0.fields[*place].nullable);
        all.extend(nullable.map(|place| self.insert(Kind::InsertNull(name(place)), &[])));
        all
    }

    fn updates(&self) -> Vec<Statement> {
        let places = self.0.updatable();
        let nullable = places.iter().copied().filter(|place| self.0.fields[*place].nullable);
        let null = |place: usize| self.update(Kind::UpdateNull(self.0.fields[place].name.clone()), &[place]);
        let nulls: Vec<Statement> = nullable.map(null).collect();
        // Diesel refuses an update that sets nothing, so no release has one.
        let whole = (!places.is_empty()).then(|| self.update(Kind::Update, &places));
        whole.into_iter().chain(nulls).collect()
    }

    fn update(&self, kind: Kind, places: &[usize]) -> Statement {
        let mut text = (Sql::begin(&format!("UPDATE {} SET ", self.table())), Vec::new());
        for (number, place) in places.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            text.0.push(&format!("{comma}{} = ", self.names(&[*place])));
            text.0.bind();
            text.1.push(Slot::Written(*place));
        }
        self.filter_by_key(&mut text);
        self.returning(&mut text.0);
        self.statement(kind, false, text)
    }

    fn delete(&self) -> Statement {
        let mut text = (Sql::begin(&format!("DELETE FROM {}", self.table())), Vec::new());
        self.filter_by_key(&mut text);
        self.returning(&mut text.0);
        self.statement(Kind::Delete, true, text)
    }

    fn upserts(&self) -> Vec<Statement> {
        let own = Index::unique_on(self.0.table.primary_key.iter().map(ColumnName::as_str));
        let mut all = self.upsert(&Arbiter::PrimaryKey, &own);
        let unique = |(_, index): &(&IndexName, &Index)| index.arbitrates();
        for (name, index) in self.0.table.indexes.iter().filter(unique) {
            all.extend(self.upsert(&Arbiter::Index(name.clone()), index));
        }
        all
    }

    /// Both forms. A key with an expression has none: Diesel's `on_conflict` takes columns.
    fn upsert(&self, arbiter: &Arbiter, index: &Index) -> Vec<Statement> {
        let Some(key) = index.key_columns() else { return Vec::new() };
        let given = self.0.insertable();
        let set: Vec<usize> = self
            .0
            .updatable()
            .into_iter()
            .filter(|place| !key.contains(&&self.0.fields[*place].name))
            .collect();
        let names = key.iter().map(|column| self.0.spelling.column(column)).collect::<Vec<_>>().join(", ");
        let only = index.predicate.iter().map(|predicate| format!(" WHERE {predicate}")).collect::<String>();
        let begin = || {
            let (mut sql, slots) = self.begin_insert(&given, &[]);
            sql.push(&format!(" ON CONFLICT ({names}){only}"));
            (sql, slots)
        };
        let mut ignoring = begin();
        ignoring.0.push(" DO NOTHING");
        self.returning(&mut ignoring.0);
        let mut all = vec![self.statement(Kind::InsertOrIgnore(arbiter.clone()), true, ignoring)];
        if !set.is_empty() {
            let mut updating = begin();
            let excluded = |place| format!("{0} = excluded.{0}", self.names(&[place]));
            updating.0.push(&format!(" DO UPDATE SET {}", list(&set, excluded)));
            self.returning(&mut updating.0);
            all.push(self.statement(Kind::Upsert(arbiter.clone()), false, updating));
        }
        all
    }
}

fn list(places: &[usize], write: impl Fn(usize) -> String) -> String {
    places.iter().map(|place| write(*place)).collect::<Vec<_>>().join(", ")
}
