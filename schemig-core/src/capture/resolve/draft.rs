//! A model on its way to a table: which table it is, which columns its fields are, and what the snapshot has of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use super::identifier::{self, Called};
use super::types::Names;
use super::{Input, module};
use crate::capture::{ColumnField, Fault, Field, Model, Said, TableFacts, Word};
use crate::schema::{ColumnName, Schema, Table, TableName};

/// A model and the table that it is about.
pub(super) struct Draft<'a> {
    pub model: &'a Model,
    pub name: TableName,
    /// The fields, embedded ones included, and their SQL names.
    pub columns: Vec<(&'a ColumnField, ColumnName)>,
    /// The table's name in the snapshot, when that is another.
    pub former: Option<TableName>,
    /// Former names of columns, by the new one.
    pub renamed: BTreeMap<ColumnName, ColumnName>,
    /// The table as the snapshot has it, under its new names.
    pub base: Option<Cow<'a, Table>>,
}

/// All drafts, in the order of their models, found by name.
pub(super) struct Drafts<'a> {
    all: Vec<Draft<'a>>,
    by_name: BTreeMap<TableName, usize>,
    by_identifier: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Drafts<'a> {
    fn new(all: Vec<Draft<'a>>, by_name: BTreeMap<TableName, usize>) -> Self {
        let mut by_identifier: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, draft) in all.iter().enumerate() {
            by_identifier.entry(&draft.model.table.text).or_default().push(position);
        }
        Self { all, by_name, by_identifier }
    }

    /// The draft of a table.
    pub fn named(&self, name: &TableName) -> Option<&Draft<'a>> {
        self.by_name.get(name).map(|position| &self.all[*position])
    }

    /// The drafts of the tables that Diesel calls so: one in each schema.
    pub fn called(&self, identifier: &str) -> impl Iterator<Item = &Draft<'a>> {
        let found = self.by_identifier.get(identifier).into_iter().flatten();
        found.map(|position| &self.all[*position])
    }
}

impl<'a> Deref for Drafts<'a> {
    type Target = [Draft<'a>];

    fn deref(&self) -> &[Draft<'a>] {
        &self.all
    }
}

impl Draft<'_> {
    /// The column that Diesel, or else the database, calls so.
    pub fn column(&self, word: &Word) -> Option<&ColumnName> {
        let seen = self.columns.iter().find(|(field, _)| field.column.text == word.text);
        let named = || self.columns.iter().find(|(_, name)| name.as_str() == word.text);
        seen.or_else(named).map(|(_, name)| name)
    }

    /// The columns of `base` that the model drops by name.
    pub fn dropped<'b>(&self, base: &'b Table) -> Vec<&'b ColumnName> {
        self.model.dropped.iter().filter_map(|wish| identifier::column(base, &wish.column.text)).collect()
    }

    /// The same as [`Self::column`], or a mistake.
    pub fn expect(&self, word: &Word, faults: &mut Vec<Fault>) -> Option<ColumnName> {
        let found = self.column(word).cloned();
        if found.is_none() {
            let known: Vec<&str> = self.columns.iter().map(|(field, _)| field.column.text.as_str()).collect();
            let message = format!("`{}` has no column `{}`", self.model.ident.text, word.text);
            faults.push(Fault::at(&word.place, message).help(format!("its columns are {}", listed(&known))));
        }
        found
    }
}

/// "`a`, `b`".
pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// One draft per model; a second model of one table is a mistake.
pub(super) fn drafts<'a>(input: &Input<'a>, names: &Names<'a>, faults: &mut Vec<Fault>) -> Drafts<'a> {
    let mut drafts: Vec<Draft<'a>> = Vec::new();
    let mut by_name: BTreeMap<TableName, usize> = BTreeMap::new();
    let called = identifier::tables(input.snapshot);
    for model in input.models {
        let Some((name, facts)) = table_name(model, input, &called, faults) else { continue };
        if let Some(first) = by_name.get(&name).map(|position| &drafts[*position]) {
            let message = format!(
                "`{}` and `{}` both describe the table `{name}`",
                first.model.ident.text, model.ident.text
            );
            let help =
                "only one struct per table derives `Migratable`; the others stay ordinary Diesel structs";
            faults.push(Fault::at(&model.ident.place, message).and(&first.model.ident.place).help(help));
            continue;
        }
        let former = former_table(model, &name, input, faults);
        let base = input.snapshot.tables.get(former.as_ref().unwrap_or(&name));
        let mut draft = Draft {
            model,
            name,
            columns: Vec::new(),
            former,
            renamed: BTreeMap::new(),
            base: base.map(Cow::Borrowed),
        };
        let mut flat = Vec::new();
        flatten(&model.fields, names, 0, &mut flat, faults);
        for field in flat {
            let name = column_name(field, base, facts);
            add_column(&mut draft, field, name, faults);
        }
        former_columns(&mut draft, base, faults);
        by_name.insert(draft.name.clone(), drafts.len());
        drafts.push(draft);
    }
    let tables: Vec<_> =
        drafts.iter().filter_map(|draft| Some((draft.former.clone()?, draft.name.clone()))).collect();
    let renamed = drafts.iter().filter(|draft| !draft.renamed.is_empty());
    let columns: Vec<_> = renamed.map(|draft| (draft.name.clone(), draft.renamed.clone())).collect();
    if !(tables.is_empty() && columns.is_empty()) {
        drafts.iter_mut().for_each(|draft| rename_base(draft, &tables, &columns));
    }
    Drafts::new(drafts, by_name)
}

/// The SQL name of a model's table: its own word, what the snapshot or schema.rs knows, else print-schema's rule.
fn table_name<'a>(
    model: &Model,
    input: &Input<'a>,
    called: &Called<'_>,
    faults: &mut Vec<Fault>,
) -> Option<(TableName, Option<&'a TableFacts>)> {
    let seen = model.table.text.as_str();
    let many = |found: Vec<String>, faults: &mut Vec<Fault>| {
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let message = format!("`{seen}` may be any of {}", listed(&found));
        faults
            .push(Fault::at(&model.table.place, message).help("say which with `#[schemig(schema = \"…\")]`"));
        None
    };
    let schema = match (&model.schema, module::schema(model, input, called)) {
        (Some(word), _) => Some(word.text.as_str()).filter(|schema| Some(*schema) != input.default_schema),
        (None, Ok(schema)) => schema,
        (None, Err(module::Several(found))) => return many(found, faults),
    };
    let facts = input
        .tables
        .iter()
        .filter(|facts| facts.identifier == seen && (schema.is_none() || facts.schema.as_deref() == schema));
    let facts = identifier::only(facts.collect(), schema, |facts: &TableFacts| facts.schema.is_none());
    let plain = |name: &str| TableName { schema: schema.map(str::to_owned), name: name.to_owned() };
    if let Some(name) = &model.name {
        return Some((plain(&name.text), facts.ok().flatten()));
    }
    match (called.table(seen, schema), facts) {
        (Ok(Some(name)), facts) => Some((name.clone(), facts.ok().flatten())),
        (Err(found), _) => many(found.into_iter().map(TableName::to_string).collect(), faults),
        (Ok(None), Ok(Some(facts))) => {
            Some((TableName { schema: facts.schema.clone(), name: facts.name.clone() }, Some(facts)))
        }
        (Ok(None), Ok(None)) => Some((plain(identifier::sql_name(seen)), None)),
        (Ok(None), Err(found)) => {
            let name = |facts: &TableFacts| {
                TableName { schema: facts.schema.clone(), name: facts.name.clone() }.to_string()
            };
            many(found.into_iter().map(name).collect(), faults)
        }
    }
}

/// The snapshot's name of a table that is renamed, while the snapshot doesn't have the new name.
fn former_table(
    model: &Model,
    name: &TableName,
    input: &Input<'_>,
    faults: &mut Vec<Fault>,
) -> Option<TableName> {
    let Said::Value(word) = &model.renamed_from else { return None };
    if input.snapshot.tables.contains_key(name) {
        return None;
    }
    let found = find_table(input.snapshot, &word.text, name);
    if found.is_none() {
        let message = format!("there is no table `{}` to rename, and none is called `{name}`", word.text);
        faults.push(Fault::at(&word.place, message).help("take `renamed_from` away to make a new table"));
    }
    found
}

/// A table by SQL name or by what `table!` calls it, in the schema of `beside` first.
pub(super) fn find_table(all: &Schema, text: &str, beside: &TableName) -> Option<TableName> {
    let exact = [beside.sibling(text), TableName::from(text)];
    let exact = exact.into_iter().find(|name| all.tables.contains_key(name));
    exact.or_else(|| identifier::tables(all).table(text, beside.schema.as_deref()).ok().flatten().cloned())
}

/// The columns of a model, those of embedded structs in their place.
fn flatten<'a>(
    fields: &'a [Field],
    names: &Names<'a>,
    depth: usize,
    flat: &mut Vec<&'a ColumnField>,
    faults: &mut Vec<Fault>,
) {
    for field in fields {
        match field {
            Field::Column(column) => flat.push(column),
            // A struct that embeds itself has no size; the compiler reports it.
            Field::Embed { .. } if depth > 8 => {}
            Field::Embed { ident: _, ty } => match names.embedded(ty) {
                Ok(inner) => flatten(inner, names, depth + 1, flat, faults),
                Err(found) => faults.extend(found),
            },
        }
    }
}

fn column_name(field: &ColumnField, base: Option<&Table>, facts: Option<&TableFacts>) -> ColumnName {
    let seen = field.column.text.as_str();
    if let Some(name) = &field.name {
        return ColumnName::from(name.text.as_str());
    }
    if let Some(known) = base.and_then(|base| identifier::column(base, seen)) {
        return known.clone();
    }
    let fact = facts.and_then(|facts| facts.columns.iter().find(|(identifier, _)| identifier == seen));
    ColumnName::from(fact.map_or_else(|| identifier::sql_name(seen), |(_, name)| name))
}

fn add_column<'a>(draft: &mut Draft<'a>, field: &'a ColumnField, name: ColumnName, faults: &mut Vec<Fault>) {
    if let Some((first, _)) = draft.columns.iter().find(|(_, other)| *other == name) {
        let message = format!("`{}` has the column `{name}` twice", draft.model.ident.text);
        faults.push(Fault::at(&field.column.place, message).and(&first.column.place));
        return;
    }
    draft.columns.push((field, name));
}

/// Columns that are renamed, while the snapshot doesn't have the new name.
fn former_columns(draft: &mut Draft<'_>, base: Option<&Table>, faults: &mut Vec<Fault>) {
    let mut renamed = BTreeMap::new();
    for (field, name) in &draft.columns {
        let Said::Value(word) = &field.renamed_from else { continue };
        if base.is_some_and(|base| base.columns.contains_key(name)) {
            continue;
        }
        let Some(former) = base.and_then(|base| identifier::column(base, &word.text)) else {
            let message = format!(
                "`{}` has no column `{}` to rename, and none is called `{name}`",
                draft.name, word.text
            );
            faults.push(Fault::at(&word.place, message).help("take `renamed_from` away to add a new column"));
            continue;
        };
        if let Some((other, _)) = draft.columns.iter().find(|(_, other)| other == former) {
            let message = format!("`{former}` can't be renamed: it is still a column");
            faults.push(Fault::at(&word.place, message).and(&other.column.place));
            continue;
        }
        renamed.insert(name.clone(), former.clone());
    }
    draft.renamed = renamed;
}

/// The snapshot's table under the names to be, so that what is only renamed is found again.
fn rename_base(
    draft: &mut Draft<'_>,
    tables: &[(TableName, TableName)],
    columns: &[(TableName, BTreeMap<ColumnName, ColumnName>)],
) {
    let Some(base) = draft.base.as_mut().map(Cow::to_mut) else { return };
    for (to, from) in &draft.renamed {
        rename_column(base, from, to);
    }
    for key in base.foreign_keys.values_mut() {
        if let Some((_, to)) = tables.iter().find(|(from, _)| *from == key.references) {
            key.references = to.clone();
        }
        let renamed = columns.iter().find(|(table, _)| *table == key.references).map(|(_, renamed)| renamed);
        for column in &mut key.key {
            if let Some((to, _)) = renamed.and_then(|all| all.iter().find(|(_, from)| *from == column)) {
                *column = to.clone();
            }
        }
    }
}

fn rename_column(base: &mut Table, from: &ColumnName, to: &ColumnName) {
    let rename = |column: &mut ColumnName| {
        if column == from {
            *column = to.clone();
        }
    };
    base.columns = std::mem::take(&mut base.columns)
        .into_iter()
        .map(|(name, column)| (if name == *from { to.clone() } else { name }, column))
        .collect();
    base.primary_key.iter_mut().for_each(rename);
    for index in base.indexes.values_mut() {
        *index = index.rename_column(from, to);
    }
    for check in base.checks.values_mut() {
        check.expression = check.expression.rename(from, to);
    }
    for key in base.foreign_keys.values_mut() {
        key.columns.iter_mut().for_each(rename);
    }
}
