//! Models in, the schema that they ask for out: what they say, and what the snapshot has that they leave alone.

mod column;
mod constraint;
mod draft;
mod enums;
mod hint;
mod identifier;
mod index;
mod lookup;
mod module;
mod name;
mod order;
mod rows;
mod suit;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use column::AtHand;
use draft::Draft;
pub use suit::{Suit, SuitField, SuitKey, Trouble, suit};
use types::Names;

use super::{ColumnField, Fault, Model, Place, TableFacts, Types};
use crate::schema::{ColumnName, ForeignKey, Hints, Provenance, Schema, SqlType, Table, TableName};

/// All that a crate's models mean is computed from this.
pub struct Input<'a> {
    /// The models.
    pub models: &'a [Model],
    /// What else the sources declare.
    pub types: &'a Types,
    /// What an existing schema.rs says: SQL names of what isn't in the snapshot.
    pub tables: &'a [TableFacts],
    /// The schema of the release before.
    pub snapshot: &'a Schema,
    /// SQL types of Rust types, by last segment or whole path, from the configuration.
    pub type_map: &'a BTreeMap<String, String>,
    /// Whether Diesel can store this type in the database at hand.
    pub storable: &'a Storable<'a>,
    /// What Diesel takes a type for that it finds in the database at hand, by Diesel's name.
    pub found: &'a Found<'a>,
    /// Whether the database at hand has types whose values are labels.
    pub has_enums: bool,
    /// Whether the database at hand has tables whose rows are in partitions.
    pub has_partitions: bool,
    /// The schema (namespace) of tables that name none; `None` where tables live in no schema.
    pub default_schema: Option<&'a str>,
    /// How work on each table is spread; [`in_turn`] does.
    pub spread: Spread<'a>,
}

/// Whether Diesel can store a type.
pub type Storable<'a> = dyn Fn(&SqlType) -> bool + Sync + 'a;

/// What Diesel takes a type for that it finds.
pub type Found<'a> = dyn Fn(&SqlType) -> Option<String> + Sync + 'a;

/// Does a piece of work for each number below the first argument, once each, in any order, on as many threads as the caller has: there
/// are none in here.
pub type Spread<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// Does one piece of work after the other.
pub fn in_turn(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(work);
}

/// What models mean.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The schema that they ask for; what they leave alone included.
    pub schema: Schema,
    /// What they say about the way, as far as it isn't done.
    pub hints: Hints,
    /// By table, its struct and the short form of what that says.
    pub marks: BTreeMap<TableName, Vec<(String, String)>>,
    /// What a person should know, and nothing depends on.
    pub notes: Vec<Note>,
    /// Where tables and enums stand in the models.
    pub tables: BTreeMap<TableName, Place>,
    /// Where columns stand in the models, by table.
    pub columns: BTreeMap<TableName, Vec<(ColumnName, Place)>>,
}

/// Something worth knowing about a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where.
    pub place: Place,
    /// What, in a sentence.
    pub message: String,
}

/// Computes what models mean.
///
/// # Errors
/// Every mistake in them, in the order of the source.
pub fn resolve(input: &Input<'_>) -> Result<Resolved, Vec<Fault>> {
    let names = Names::new(input.types, input.type_map, input.has_enums);
    let mut faults = Vec::new();
    let drafts = draft::drafts(input, &names, &mut faults);
    let mut resolved = Resolved::default();
    let mut nameless = index::Nameless::new();
    for (draft, shaped) in drafts.iter().zip(shape(input, &names, &drafts)) {
        faults.extend(shaped.faults);
        nameless.extend(shaped.nameless);
        resolved.schema.tables.insert(draft.name.clone(), shaped.table);
        let mark = (draft.model.ident.text.clone(), draft.model.fingerprint.clone());
        resolved.marks.entry(draft.name.clone()).or_default().push(mark);
        resolved.tables.insert(draft.name.clone(), draft.model.ident.place.clone());
        resolved.columns.insert(draft.name.clone(), shaped.places);
    }
    keep_observed_tables(input.snapshot, &drafts, &mut resolved.schema);
    index::name(nameless, &mut resolved.schema);
    let checked = |draft: &Draft<'_>| if input.has_enums { Vec::new() } else { enums::checks(draft, &names) };
    constraint::add(&drafts, &checked, &mut resolved.schema, &mut faults);
    if input.has_enums {
        enums::collect(input, &names, &mut resolved, &mut faults);
    } else {
        enums::refuse_renames(&drafts, &names, &mut faults);
    }
    drop_dangling(&mut resolved.schema);
    order::check(&drafts, &resolved.schema, &mut faults);
    hint::collect(&drafts, input.snapshot, &mut resolved, &mut faults);
    if faults.is_empty() {
        resolved.schema.tables.share(&input.snapshot.tables, Table::is_identical);
        resolved.notes.sort();
        return Ok(resolved);
    }
    faults.sort();
    faults.dedup();
    Err(faults)
}

/// What a model says that no other has a part in.
struct Shaped {
    /// The table, without constraints.
    table: Table,
    nameless: index::Nameless,
    places: Vec<(ColumnName, Place)>,
    faults: Vec<Fault>,
}

/// The tables of all drafts, in their order.
fn shape(input: &Input<'_>, names: &Names<'_>, drafts: &[Draft<'_>]) -> impl Iterator<Item = Shaped> {
    let Input { storable, found, has_partitions, .. } = *input;
    let at_hand = AtHand { storable, found, has_partitions };
    let shaped: Vec<OnceLock<Shaped>> = drafts.iter().map(|_| OnceLock::new()).collect();
    (input.spread)(drafts.len(), &|at| {
        let draft = &drafts[at];
        let (mut nameless, mut faults) = (index::Nameless::new(), Vec::new());
        let mut table = column::table(draft, names, at_hand, &mut faults);
        index::add(draft, &mut table, &mut nameless, &mut faults);
        let place =
            |(field, column): &(&ColumnField, ColumnName)| (column.clone(), field.column.place.clone());
        let places = draft.columns.iter().map(place).collect();
        shaped[at].get_or_init(|| Shaped { table, nameless, places, faults });
    });
    shaped.into_iter().map(|shaped| shaped.into_inner().expect("the work is done for each number"))
}

/// A table that no model ever declared stays as it is.
fn keep_observed_tables(snapshot: &Schema, drafts: &[Draft<'_>], schema: &mut Schema) {
    let former: BTreeSet<&TableName> = drafts.iter().filter_map(|draft| draft.former.as_ref()).collect();
    for (name, table) in &snapshot.tables {
        if is_observed(table) && !former.contains(name) && !schema.tables.contains_key(name) {
            schema.tables.insert(name.clone(), table.clone());
        }
    }
}

fn is_observed(table: &Table) -> bool {
    table.columns.values().all(|column| column.provenance == Provenance::Observed)
}

/// Observed foreign keys whose target goes can't stay; the diff sees them missing and asks.
fn drop_dangling(schema: &mut Schema) {
    let dangles = |key: &ForeignKey| {
        let target = schema.tables.get(&key.references);
        let stands = |target: &Table| key.key.iter().all(|column| target.columns.contains_key(column));
        key.provenance == Provenance::Observed && !target.is_some_and(stands)
    };
    let dangling = schema.tables.iter().flat_map(|(table, definition)| {
        let keys = definition.foreign_keys.iter().filter(|(_, key)| dangles(key));
        keys.map(|(name, _)| (table.clone(), name.clone()))
    });
    for (table, key) in dangling.collect::<Vec<_>>() {
        if let Some(table) = schema.tables.get_mut(&table) {
            table.foreign_keys.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests;
