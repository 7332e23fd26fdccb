//! Tables by name, in copies that share what they don't change.

use super::shared::Shared;
use super::{ForeignKey, Table, TableName};

/// Tables, in the order of their names. A copy is cheap, and a table is copied only when one of its holders changes it.
pub type Tables = Shared<TableName, Table>;

impl Tables {
    /// The foreign keys, of all tables, that refer to `parent`, to be changed.
    pub fn keys_to(&mut self, parent: &TableName) -> impl Iterator<Item = &mut ForeignKey> {
        let refers = |table: &Table| table.foreign_keys.values().any(|key| key.references == *parent);
        let keys = self.values_where_mut(refers).flat_map(|table| table.foreign_keys.values_mut());
        keys.filter(move |key| key.references == *parent)
    }
}

impl<const N: usize> From<[(TableName, Table); N]> for Tables {
    fn from(tables: [(TableName, Table); N]) -> Self {
        tables.into_iter().collect()
    }
}

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
        assert!(std::ptr::eq(&changed[&"a".into()], &kept[&"a".into()]));
        changed.get_mut(&"a".into()).unwrap().comment = Some("new".to_owned());
        let b = TableName::from("b");
        assert!(std::ptr::eq(&changed[&b], &kept[&b]));
        assert_ne!(changed, kept);
    }
}
