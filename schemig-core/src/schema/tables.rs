//! Tables by name, in copies that share what they don't change.
//!
//! A plan is judged and rendered state by state, and a state is a whole schema. Sharing makes a state cost what its step changes, not
//! what the project has.

use std::collections::{BTreeMap, btree_map};
use std::ops::Index;
use std::sync::Arc;

use super::{ForeignKey, Table, TableName};

/// Tables, in the order of their names. A copy is cheap, and a table is copied only when one of its holders changes it.
#[derive(Clone, Debug, Default)]
pub struct Tables(Arc<BTreeMap<Arc<TableName>, Arc<Table>>>);

impl Tables {
    /// The table of that name.
    pub fn get(&self, name: &TableName) -> Option<&Table> {
        self.0.get(name).map(|table| &**table)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &TableName) -> Option<&mut Table> {
        // Asked first: the map isn't copied for a table that isn't there.
        self.0.contains_key(name).then(|| Arc::make_mut(&mut self.0).get_mut(name).map(Arc::make_mut))?
    }

    /// Whether there is a table of that name.
    pub fn contains_key(&self, name: &TableName) -> bool {
        self.0.contains_key(name)
    }

    /// Adds a table; gives back the one that had its name.
    pub fn insert(&mut self, name: TableName, table: Table) -> Option<Table> {
        let replaced = Arc::make_mut(&mut self.0).insert(Arc::new(name), Arc::new(table));
        replaced.map(Arc::unwrap_or_clone)
    }

    /// Takes a table away.
    pub fn remove(&mut self, name: &TableName) -> Option<Table> {
        let removed = self.0.contains_key(name).then(|| Arc::make_mut(&mut self.0).remove(name))?;
        removed.map(Arc::unwrap_or_clone)
    }

    /// The foreign keys, of all tables, that refer to `parent`, to be changed.
    pub fn keys_to(&mut self, parent: &TableName) -> impl Iterator<Item = &mut ForeignKey> {
        let refers = |table: &Table| table.foreign_keys.values().any(|key| key.references == *parent);
        let any = self.values().any(refers);
        let tables = any.then(|| Arc::make_mut(&mut self.0).values_mut()).into_iter().flatten();
        let children = tables.filter(move |table| refers(table)).map(Arc::make_mut);
        let keys = children.flat_map(|table| table.foreign_keys.values_mut());
        keys.filter(move |key| key.references == *parent)
    }

    /// Keeps those that `keep` admits; they stay shared.
    pub fn retain(&mut self, keep: impl Fn(&TableName, &Table) -> bool) {
        if self.iter().any(|(name, table)| !keep(name, table)) {
            Arc::make_mut(&mut self.0).retain(|name, table| keep(name, table));
        }
    }

    /// The tables with their names.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }

    /// The names.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &TableName> + ExactSizeIterator + Clone {
        self.0.keys().map(|name| &**name)
    }

    /// The tables.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Table> + ExactSizeIterator + Clone {
        self.0.values().map(|table| &**table)
    }

    /// All tables, to be changed. None stays shared.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Table> {
        Arc::make_mut(&mut self.0).values_mut().map(Arc::make_mut)
    }

    /// Shares the tables that are the same in `other` to the last fact: that they are is seen at once from then on.
    pub fn share(&mut self, other: &Self) {
        for (name, table) in Arc::make_mut(&mut self.0) {
            if let Some(theirs) = other.0.get(name).filter(|theirs| table.is_identical(theirs)) {
                *table = theirs.clone();
            }
        }
    }

    /// The names of the tables that one of the two doesn't have, or has otherwise.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a TableName> {
        let is_same = |(name, table): (&Arc<TableName>, &Arc<Table>)| {
            other.0.get(name).is_some_and(|theirs| Arc::ptr_eq(table, theirs) || table == theirs)
        };
        let here = self.0.iter().filter(move |entry| !is_same(*entry)).map(|(name, _)| &**name);
        here.chain(other.keys().filter(|name| !self.contains_key(name)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Tables with their names, in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(btree_map::Iter<'a, Arc<TableName>, Arc<Table>>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a TableName, &'a Table);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, table)| (&**name, &**table))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(name, table)| (&**name, &**table))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Tables {
    type Item = (&'a TableName, &'a Table);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Tables {
    type Item = (TableName, Table);
    type IntoIter = std::vec::IntoIter<(TableName, Table)>;

    fn into_iter(self) -> Self::IntoIter {
        let own = Arc::unwrap_or_clone(self.0).into_iter();
        let own = own.map(|(name, table)| (Arc::unwrap_or_clone(name), Arc::unwrap_or_clone(table)));
        own.collect::<Vec<_>>().into_iter()
    }
}

impl FromIterator<(TableName, Table)> for Tables {
    fn from_iter<I: IntoIterator<Item = (TableName, Table)>>(tables: I) -> Self {
        let shared = tables.into_iter().map(|(name, table)| (Arc::new(name), Arc::new(table)));
        Self(Arc::new(shared.collect()))
    }
}

impl<const N: usize> From<[(TableName, Table); N]> for Tables {
    fn from(tables: [(TableName, Table); N]) -> Self {
        tables.into_iter().collect()
    }
}

impl Index<&TableName> for Tables {
    type Output = Table;

    fn index(&self, name: &TableName) -> &Table {
        &self.0[name]
    }
}

/// What is shared is equal: that is seen before anything is compared.
impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &Arc<Table>, other: &Arc<Table>| Arc::ptr_eq(one, other) || one == other;
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.len() == other.0.len()
                && self
                    .0
                    .iter()
                    .zip(other.0.iter())
                    .all(|((name, table), (their_name, theirs))| name == their_name && same(table, theirs))
    }
}

impl Eq for Tables {}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Tables {
        Tables::from([("a".into(), Table::keyed_by(["id"])), ("b".into(), Table::keyed_by(["id"]))])
    }

    #[test]
    fn a_copy_keeps_what_the_other_changes() {
        let mut changed = two();
        let kept = changed.clone();
        changed.get_mut(&"a".into()).unwrap().comment = Some("new".to_owned());
        changed.remove(&"b".into());
        changed.insert("c".into(), Table::keyed_by(["id"]));
        assert_eq!(kept, two());
        assert_eq!(changed.keys().map(ToString::to_string).collect::<Vec<_>>(), ["a", "c"]);
    }

    #[test]
    fn what_isnt_changed_is_shared() {
        let mut changed = two();
        let kept = changed.clone();
        assert!(changed.get_mut(&"z".into()).is_none() && changed.remove(&"z".into()).is_none());
        assert!(Arc::ptr_eq(&changed.0, &kept.0));
        changed.get_mut(&"a".into()).unwrap().comment = Some("new".to_owned());
        let b = TableName::from("b");
        assert!(std::ptr::eq(&changed[&b], &kept[&b]));
        assert_ne!(changed, kept);
    }
}
