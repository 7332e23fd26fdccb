//! Checks and foreign keys: those that models ask for, under the names that they have, and the observed ones.

use std::collections::BTreeMap;

use super::draft::{Draft, Drafts, listed};
use super::{identifier, name};
use crate::capture::{CheckWish, ColumnField, Fault, Missing, ReferenceWish, Said, Word};
use crate::schema::{Check, ColumnName, ConstraintName, ForeignKey, Provenance, Schema, Table, TableName};

/// Adds the checks and foreign keys of all tables, which stand with their columns by now; `implied` gives the checks that nobody writes.
pub(super) fn add(
    drafts: &Drafts<'_>,
    implied: &dyn Fn(&Draft<'_>) -> Vec<Check>,
    schema: &mut Schema,
    faults: &mut Vec<Fault>,
) {
    for draft in drafts.iter() {
        let Some(table) = schema.tables.get(&draft.name) else { continue };
        let keys = foreign_keys(draft, table, drafts, schema, faults);
        if let Some(table) = schema.tables.get_mut(&draft.name) {
            table.foreign_keys = keys;
            table.checks = checks(draft, implied(draft), table);
        }
    }
}

/// `implied` are those that come with the types of its columns.
fn checks(draft: &Draft<'_>, implied: Vec<Check>, table: &Table) -> BTreeMap<ConstraintName, Check> {
    let mut old: BTreeMap<_, _> = draft.base.iter().flat_map(|base| &base.checks).collect();
    let mut named = BTreeMap::new();
    let mut nameless = Vec::new();
    let wishes = draft.model.checks.iter().chain(draft.columns.iter().flat_map(|(field, _)| &field.checks));
    let wishes = wishes.map(|wish| {
        let CheckWish { name, expression } = wish;
        (name.as_ref().map(constraint_name), Check::on(&expression.text))
    });
    for (own, check) in wishes.chain(implied.into_iter().map(|check| (None, check))) {
        match settled(own, &mut old, &named, |old| *old == check) {
            Some(name) => drop(named.insert(name, check)),
            None => nameless.push(check),
        }
    }
    let gone = |check: &Check| gone(draft, table).any(|column| check.reads(column));
    old.retain(|_, check| check.provenance == Provenance::Observed && !gone(check));
    named.extend(old.into_iter().map(|(name, old)| (name.clone(), old.clone())));
    for check in nameless {
        let read = check.expression.columns(table.columns.keys());
        let parts: Vec<&str> = match read.len() {
            1 => read.iter().map(ColumnName::as_str).collect(),
            _ => Vec::new(),
        };
        let name = free_name(draft, &parts, "check", table, &named);
        named.insert(name, check);
    }
    named
}

fn foreign_keys(
    draft: &Draft<'_>,
    table: &Table,
    drafts: &Drafts<'_>,
    standing: &Schema,
    faults: &mut Vec<Fault>,
) -> BTreeMap<ConstraintName, ForeignKey> {
    let mut old: BTreeMap<_, _> = draft.base.iter().flat_map(|base| &base.foreign_keys).collect();
    let known = old.clone();
    let mut named = BTreeMap::new();
    let mut nameless = Vec::new();
    for (field, column) in &draft.columns {
        let Said::Value(wish) = &field.references else { continue };
        let Some(key) = foreign_key(draft, column, wish, drafts, standing, faults) else { continue };
        let own = wish.name.as_ref().map(constraint_name);
        let as_old = |old: &ForeignKey| ForeignKey {
            // A model that doesn't say when it is checked leaves what there is.
            deferral: wish.deferral.unwrap_or(old.deferral),
            ..key.clone()
        };
        match settled(own, &mut old, &named, |old| *old == as_old(old)) {
            Some(name) => {
                let key = known.get(&name).map_or_else(|| key.clone(), |old| as_old(old));
                named.insert(name, key);
            }
            None => nameless.push(key),
        }
    }
    let gone = |key: &ForeignKey| gone(draft, table).any(|column| key.columns.contains(column));
    old.retain(|_, key| key.provenance == Provenance::Observed && !gone(key) && !denied(draft, key));
    named.extend(old.into_iter().map(|(name, old)| (name.clone(), old.clone())));
    for key in nameless {
        let parts: Vec<&str> = key.columns.iter().map(ColumnName::as_str).collect();
        let name = free_name(draft, &parts, "fkey", table, &named);
        named.insert(name, key);
    }
    named
}

/// The model's name for it, or that of what is there already and the same; taken from `old`.
fn settled<T>(
    own: Option<ConstraintName>,
    old: &mut BTreeMap<&ConstraintName, &T>,
    named: &BTreeMap<ConstraintName, T>,
    is_same: impl Fn(&T) -> bool,
) -> Option<ConstraintName> {
    let alike = || {
        let found = old.iter().find(|(name, old)| is_same(old) && !named.contains_key(**name));
        found.map(|(name, _)| (*name).clone())
    };
    let name = own.or_else(alike)?;
    old.remove(&name);
    Some(name)
}

/// A name that no constraint of the table has, in this release or, by observation, in the one before.
fn free_name<T>(
    draft: &Draft<'_>,
    parts: &[&str],
    suffix: &str,
    table: &Table,
    named: &BTreeMap<ConstraintName, T>,
) -> ConstraintName {
    let taken = |name: &ConstraintName| {
        named.contains_key(name) || table.foreign_keys.contains_key(name) || table.checks.contains_key(name)
    };
    ConstraintName(name::make(&draft.name, parts, suffix, |name| !taken(&ConstraintName::from(name))))
}

fn constraint_name(word: &Word) -> ConstraintName {
    ConstraintName::from(word.text.as_str())
}

/// Columns that the table had and has no more.
fn gone<'a>(draft: &'a Draft<'_>, table: &'a Table) -> impl Iterator<Item = &'a ColumnName> {
    let old = draft.base.iter().flat_map(|base| base.columns.keys());
    old.filter(|column| !table.columns.contains_key(*column))
}

/// Whether a field says that its column has no foreign key.
fn denied(draft: &Draft<'_>, key: &ForeignKey) -> bool {
    let says_none = |field: &ColumnField| matches!(field.references, Said::None(_));
    draft.columns.iter().any(|(field, name)| says_none(field) && key.columns == std::slice::from_ref(name))
}

fn foreign_key(
    draft: &Draft<'_>,
    column: &ColumnName,
    wish: &ReferenceWish,
    drafts: &Drafts<'_>,
    standing: &Schema,
    faults: &mut Vec<Fault>,
) -> Option<ForeignKey> {
    let references = target(&wish.table, &draft.name, drafts, standing, faults)?;
    let table = standing.tables.get(&references)?;
    let key = match (&wish.column, table.primary_key.as_slice()) {
        (Some(word), _) => target_column(word, &references, drafts, table, faults)?,
        (None, [only]) => only.clone(),
        (None, keys) => {
            let message = format!("the primary key of `{references}` has {} columns", keys.len());
            let help = format!("say which column is referred to: `references({}(column))`", wish.table.text);
            faults.push(Fault::at(&wish.place, message).help(help));
            return None;
        }
    };
    Some(ForeignKey {
        columns: vec![column.clone()],
        references,
        key: vec![key],
        on_delete: wish.on_delete,
        on_update: wish.on_update,
        deferral: wish.deferral.unwrap_or_default(),
        provenance: Provenance::Declared,
    })
}

/// A table that a model names, as Diesel sees it: another model's, or one that no model has and that is there.
pub(super) fn target(
    word: &Word,
    beside: &TableName,
    drafts: &Drafts<'_>,
    standing: &Schema,
    faults: &mut Vec<Fault>,
) -> Option<TableName> {
    let seen: Vec<&TableName> = drafts.called(&word.text).map(|draft| &draft.name).collect();
    let near = seen.iter().find(|name| name.schema == beside.schema).or_else(|| seen.first());
    let found =
        near.map(|name| (*name).clone()).or_else(|| super::draft::find_table(standing, &word.text, beside));
    if found.is_none() {
        let known: Vec<&str> = drafts.iter().map(|draft| draft.model.table.text.as_str()).collect();
        let message = format!("there is no table `{}`", word.text);
        let fault = Fault::at(&word.place, message).help(format!("the models have {}", listed(&known)));
        faults.push(fault.misses(Missing::Table));
    }
    found
}

/// A column of such a table.
pub(super) fn target_column(
    word: &Word,
    of: &TableName,
    drafts: &Drafts<'_>,
    table: &Table,
    faults: &mut Vec<Fault>,
) -> Option<ColumnName> {
    if let Some(column) = drafts.named(of).and_then(|draft| draft.column(word)) {
        return Some(column.clone());
    }
    target_column_of(word, of, table, faults)
}

/// A column of a table as it stands.
pub(super) fn target_column_of(
    word: &Word,
    of: &TableName,
    table: &Table,
    faults: &mut Vec<Fault>,
) -> Option<ColumnName> {
    let found = identifier::column(table, &word.text).cloned();
    if found.is_none() {
        let known: Vec<&str> = table.columns.keys().map(ColumnName::as_str).collect();
        let message = format!("`{of}` has no column `{}`", word.text);
        faults.push(Fault::at(&word.place, message).help(format!("its columns are {}", listed(&known))));
    }
    found
}
