//! Indexes: those that models ask for, under the names that they have, and the observed ones.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::name::{self, Taken};
use crate::capture::{Fault, IndexWish, KeyWish, Said};
use crate::schema::{
    ColumnName, Deferral, Expression, Index, IndexKey, IndexName, Provenance, Schema, Table, TableName,
};

/// Indexes that have no name yet, with their tables.
pub(super) type Nameless = Vec<(TableName, Index)>;

/// Adds the indexes of a table, which stands with its columns by now; those without a name are left for later.
pub(super) fn add(draft: &Draft<'_>, table: &mut Table, nameless: &mut Nameless, faults: &mut Vec<Fault>) {
    let (named, open) = of_table(draft, table, faults);
    table.indexes = named;
    nameless.extend(open.into_iter().map(|index| (draft.name.clone(), index)));
}

/// Gives the others names that nothing in their schema has.
pub(super) fn name(nameless: Nameless, schema: &mut Schema) {
    if nameless.is_empty() {
        return;
    }
    let mut taken = Taken::default();
    for (name, table) in &schema.tables {
        taken.take(name, &name.name);
        table.indexes.keys().for_each(|index| taken.take(name, index.as_str()));
    }
    for (table, index) in nameless {
        let parts: Vec<String> = index.keys.iter().map(part).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let kind = match (index.unique, index.excludes()) {
            (true, _) => "key",
            (false, true) => "excl",
            (false, false) => "idx",
        };
        let name = taken.make(&table, &parts, kind);
        if let Some(table) = schema.tables.get_mut(&table) {
            table.indexes.insert(IndexName(name), index);
        }
    }
}

fn part(key: &IndexKey) -> String {
    match key {
        IndexKey::Column(column) => column.as_str().to_owned(),
        IndexKey::Expression(expression) => name::part(expression.as_str()),
    }
}

/// The indexes whose names are settled, and the others.
fn of_table(
    draft: &Draft<'_>,
    table: &Table,
    faults: &mut Vec<Fault>,
) -> (BTreeMap<IndexName, Index>, Vec<Index>) {
    let mut old: BTreeMap<&IndexName, &Index> = draft.base.iter().flat_map(|base| &base.indexes).collect();
    let mut named = BTreeMap::new();
    let mut nameless: Vec<Index> = Vec::new();
    for wish in wishes(draft) {
        let Some(index) = index(draft, wish, faults) else { continue };
        let own = wish.name.as_ref().map(|word| IndexName::from(word.text.as_str()));
        let alike = old
            .iter()
            .find(|(name, old)| is_same(old, &index) && own.as_ref().is_none_or(|own| own == **name));
        let again = nameless.contains(&index) || named.values().any(|other| is_same(other, &index));
        if again && own.is_none() {
            let message = format!("`{}` has this index twice", draft.model.ident.text);
            faults.push(Fault::at(&wish.place, message).help("take one away, or give it a name of its own"));
        } else if let Some((name, known)) = alike.map(|(name, old)| (*name, *old)) {
            old.remove(name);
            named.insert(name.clone(), checked(wish, stored(wish, index, Some(known)), known));
        } else if let Some(name) = own {
            let known = old.remove(&name);
            named.insert(name, stored(wish, index, known));
        } else {
            nameless.push(index);
        }
    }
    let released = |name: &IndexName| {
        let mut with = draft.model.dropped.iter().flat_map(|wish| &wish.with);
        with.any(|word| word.text == name.as_str())
    };
    old.retain(|name, index| {
        let observed = index.provenance == Provenance::Observed;
        observed && !released(name) && stands(index, draft, table) && !denied(draft, index)
    });
    named.extend(old.into_iter().map(|(name, index)| (name.clone(), index.clone())));
    (named, nameless)
}

fn wishes<'a>(draft: &Draft<'a>) -> Vec<&'a IndexWish> {
    let of_fields = draft.columns.iter().flat_map(|(field, _)| [field.index.value(), field.unique.value()]);
    draft.model.indexes.iter().chain(of_fields.flatten()).collect()
}

/// Whether two indexes do the same, however they are stored. A UNIQUE constraint's does what a plain unique one does.
fn is_same(one: &Index, other: &Index) -> bool {
    let Index {
        keys,
        orders,
        operators,
        unique,
        nulls_not_distinct,
        method,
        predicate,
        include,
        storage: _,
        constraint: _,
        deferral: _,
        provenance: _,
    } = one;
    *keys == other.keys
        && *orders == other.orders
        && *operators == other.operators
        && *unique == other.unique
        && *nulls_not_distinct == other.nulls_not_distinct
        && *method == other.method
        && *predicate == other.predicate
        && *include == other.include
}

fn index(draft: &Draft<'_>, wish: &IndexWish, faults: &mut Vec<Fault>) -> Option<Index> {
    let mut column = |word| draft.expect(word, faults);
    let keys: Vec<Option<IndexKey>> = wish
        .keys
        .iter()
        .map(|key| match key {
            KeyWish::Column(word) => column(word).map(IndexKey::Column),
            KeyWish::Expression(word) => Some(IndexKey::Expression(Expression::from(word.text.as_str()))),
        })
        .collect();
    let include: Vec<Option<ColumnName>> = wish.include.iter().map(column).collect();
    let excludes = !wish.operators.is_empty();
    let method = wish.method.as_ref().map(|word| word.text.to_ascii_lowercase());
    // The B-tree knows no other operator than `=`.
    let method = method.or_else(|| excludes.then(|| "gist".to_owned()));
    let index = Index {
        keys: keys.into_iter().collect::<Option<_>>()?,
        orders: Vec::new(),
        operators: wish.operators.clone(),
        unique: wish.unique,
        nulls_not_distinct: wish.nulls_not_distinct,
        storage: wish.storage.value().into_iter().flatten().cloned().collect(),
        method: method.filter(|method| method != "btree"),
        predicate: wish.predicate.as_ref().map(|word| Expression::from(word.text.as_str())),
        include: include.into_iter().collect::<Option<_>>()?,
        constraint: excludes || wish.deferral.unwrap_or_default() != Deferral::Never,
        deferral: wish.deferral.unwrap_or_default(),
        provenance: Provenance::Declared,
    };
    Some(index.sorted(wish.orders.clone()))
}

/// A model that says nothing of storage leaves what there is, as with all else.
fn stored(wish: &IndexWish, index: Index, known: Option<&Index>) -> Index {
    match (&wish.storage, known) {
        (Said::Absent, Some(known)) => Index { storage: known.storage.clone(), ..index },
        (Said::Absent, None) | (Said::None(_) | Said::Value(_), _) => index,
    }
}

/// A model that says nothing of when it is checked leaves that too. What is checked with each statement may be a constraint's or not.
fn checked(wish: &IndexWish, index: Index, known: &Index) -> Index {
    let deferral = wish.deferral.unwrap_or(known.deferral);
    let owned = known.constraint && known.deferral == Deferral::Never;
    let constraint = index.excludes() || deferral != Deferral::Never || owned;
    Index { deferral, constraint, ..index }
}

/// Whether all that it reads is still there.
fn stands(index: &Index, draft: &Draft<'_>, table: &Table) -> bool {
    let mut gone = draft
        .base
        .iter()
        .flat_map(|base| base.columns.keys())
        .filter(|column| !table.columns.contains_key(*column));
    !gone.any(|column| index.reads(column))
}

/// Whether a field says that there is no such index.
fn denied(draft: &Draft<'_>, index: &Index) -> bool {
    let columns = index.key_columns().unwrap_or_default();
    let [only] = columns.as_slice() else { return false };
    draft.columns.iter().any(|(field, name)| {
        let said = if index.unique { &field.unique } else { &field.index };
        !index.excludes() && name == *only && matches!(said, Said::None(_))
    })
}
