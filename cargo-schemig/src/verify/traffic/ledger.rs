//! What releases wrote, so that others can be held to read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schemig_core::schema::{ColumnRef, TableName};

use super::Value;

/// How many rows are kept in mind.
const MOST: usize = 2_000;

/// Rows that stand, with what was written to them. All names are those of the last release that has them.
///
/// Each row has one owner, who alone changes it; others read it and compare, unless the owner was at it meanwhile.
#[derive(Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    entries: BTreeMap<Key, Entry>,
    /// Rows that have an owner and aren't compared, or not any more. Others leave them alone, for something that is compared may be kept
    /// in step with them.
    owned: BTreeSet<Key>,
    /// Columns that a trigger of the user's own writes otherwise than a release does: nobody compares those.
    rewritten: BTreeSet<ColumnRef>,
}

/// A row: its table, and its key as the release that wrote it reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub table: TableName,
    pub key: Vec<(ColumnRef, String)>,
}

/// What stands in a row.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// How often it was written.
    version: u64,
    /// The key's values.
    pub key: Vec<(ColumnRef, Value)>,
    /// What was written.
    pub values: BTreeMap<ColumnRef, Value>,
    /// Who wrote it.
    pub by: String,
}

/// A value that was read and isn't the one that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// The column, as the last release calls it.
    pub at: ColumnRef,
    /// Who wrote.
    pub by: String,
    /// What was written.
    pub written: Value,
    /// What was read.
    pub read: Value,
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        // A worker that panicked left whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row is about to be changed, or is gone: nobody compares it any more.
    pub(super) fn strike(&self, key: &Key) {
        let mut book = self.book();
        book.entries.remove(key);
        book.owned.remove(key);
    }

    /// A row stands with these values.
    pub(super) fn enter(
        &self,
        key: Key,
        values: BTreeMap<ColumnRef, Value>,
        key_values: Vec<(ColumnRef, Value)>,
        by: &str,
        version: u64,
    ) {
        let mut book = self.book();
        book.entries.insert(key, Entry { version, key: key_values, values, by: by.to_owned() });
        // A long run writes more than anybody compares.
        if book.entries.len() > MOST {
            let oldest = book.entries.iter().min_by_key(|(_, entry)| entry.version);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                book.entries.remove(&oldest);
                book.owned.insert(oldest);
            }
        }
    }

    /// A label of these columns is written otherwise from now on, in all rows.
    pub(in crate::verify) fn relabel(&self, columns: &BTreeSet<ColumnRef>, from: &str, to: &str) {
        for entry in self.book().entries.values_mut() {
            let keys = entry.key.iter_mut().map(|(at, value)| (&*at, value));
            for (_, value) in entry.values.iter_mut().chain(keys).filter(|(at, _)| columns.contains(*at)) {
                relabelled(value, from, to);
            }
        }
    }

    /// These columns are computed anew from now on, in all rows: what was written to them, or computed before, is gone.
    pub(in crate::verify) fn forget(&self, columns: &BTreeSet<ColumnRef>) {
        for entry in self.book().entries.values_mut() {
            entry.values.retain(|at, _| !columns.contains(at));
        }
    }

    /// The database itself changes what is written to a column, whatever the plan does.
    pub(super) fn pass_by(&self, at: &ColumnRef) {
        self.book().rewritten.insert(at.clone());
    }

    /// Whether it is known to.
    pub(super) fn passes_by(&self, at: &ColumnRef) -> bool {
        self.book().rewritten.contains(at)
    }

    /// A row has an owner, though nobody compares it.
    pub(super) fn claim(&self, key: Key) {
        self.book().owned.insert(key);
    }

    /// Whether a row has an owner.
    pub(super) fn holds(&self, key: &Key) -> bool {
        let book = self.book();
        book.entries.contains_key(key) || book.owned.contains(key)
    }

    /// A row of a table, the one at this place in the round.
    pub(super) fn one(&self, table: &TableName, place: usize) -> Option<(Key, Entry)> {
        let book = self.book();
        let of_table = || book.entries.iter().filter(|(key, _)| key.table == *table);
        let count = of_table().count();
        let (key, entry) = of_table().nth(place % count.max(1))?;
        Some((key.clone(), entry.clone()))
    }

    /// Compares what was read with what was written, if that still stands: `values` under the last release's names.
    pub(super) fn compare(
        &self,
        key: &Key,
        entry: &Entry,
        values: &BTreeMap<ColumnRef, Value>,
    ) -> Option<Wrong> {
        let book = self.book();
        if book.entries.get(key).is_none_or(|now| now.version != entry.version) {
            return None;
        }
        let differs = |(at, written): &(&ColumnRef, &Value)| {
            !book.rewritten.contains(*at) && values.get(*at).is_some_and(|read| !is_same(written, read))
        };
        let (at, written) = entry.values.iter().find(differs)?;
        Some(Wrong {
            at: at.clone(),
            by: entry.by.clone(),
            written: written.clone(),
            read: values[at].clone(),
        })
    }
}

fn relabelled(value: &mut Value, from: &str, to: &str) {
    if let Value::List(values) = value {
        values.iter_mut().for_each(|value| relabelled(value, from, to));
    } else if let Value::Wire(bytes) = value
        && bytes == from.as_bytes()
    {
        *bytes = to.as_bytes().to_vec();
    }
}

/// Whether two values are one to a reader. They are compared as text: releases may hold them in different types. Where not even the kind
/// is the same, what the one becomes in the other's is the server's to say, and `lag` asks it.
pub(super) fn is_same(written: &Value, read: &Value) -> bool {
    let of_one_kind = std::mem::discriminant(written) == std::mem::discriminant(read);
    let is_null = *written == Value::Null || *read == Value::Null;
    written == read || written.to_string() == read.to_string() || !(of_one_kind || is_null)
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, by, written, read } = self;
        write!(f, "{at} is read as {read}; {by} wrote {written}")
    }
}
