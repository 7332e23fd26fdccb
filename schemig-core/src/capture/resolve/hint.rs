//! Hints: what models say about the way. One that has led where it leads is listed as removable, and says nothing more.

use super::draft::{Draft, Drafts};
use super::{Note, Resolved, constraint, identifier};
use crate::capture::{BackfillWish, ColumnField, DroppedWish, Fault, Place, Said, Word};
use crate::schema::{
    ColumnName, ColumnRef, Conversion, Dropped, Expression, IndexName, Origin, Schema, Source, TableName,
};

/// Gathers the hints of all models.
pub(super) fn collect(
    drafts: &Drafts<'_>,
    snapshot: &Schema,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    for draft in drafts.iter() {
        table_rename(draft, drafts, snapshot, resolved, faults);
        for (field, column) in &draft.columns {
            column_rename(draft, field, column, resolved);
            backfill(draft, field, column, drafts, snapshot, resolved, faults);
            convert(draft, field, column, resolved);
        }
        super::rows::collect(draft, drafts, snapshot, resolved, faults);
        for wish in &draft.model.dropped {
            dropped(draft, wish, resolved);
        }
    }
}

fn done(place: &Place, what: &str, resolved: &mut Resolved) {
    let message = format!("this {what} has done its work and can be taken away");
    resolved.notes.push(Note { place: place.clone(), message });
}

fn table_rename(
    draft: &Draft<'_>,
    drafts: &Drafts<'_>,
    snapshot: &Schema,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    if let Said::Value(word) = &draft.model.renamed_from
        && let Some(fault) = taken_name(draft, word, drafts, snapshot)
    {
        return faults.push(fault);
    }
    let place = match &draft.model.renamed_from {
        Said::Absent => return,
        Said::None(place) => place,
        Said::Value(word) => &word.place,
    };
    if snapshot.tables.contains_key(&draft.name) {
        return done(place, "`renamed_from`", resolved);
    }
    resolved.hints.table_renames.insert(draft.name.clone(), draft.former.clone());
}

/// Tables that are swapped, or renamed in a row: one would need a name that another has until its contract. Taken for a hint that has
/// done its work, it would leave the rows where they are without a word.
fn taken_name(draft: &Draft<'_>, word: &Word, drafts: &Drafts<'_>, snapshot: &Schema) -> Option<Fault> {
    let from = super::draft::find_table(snapshot, &word.text, &draft.name)?;
    let heir = drafts.iter().find(|other| other.name == from);
    let is_known = snapshot.tables.contains_key(&draft.name);
    let swapped = heir.is_some_and(|heir| {
        let Said::Value(word) = &heir.model.renamed_from else { return false };
        super::draft::find_table(snapshot, &word.text, &heir.name).as_ref() == Some(&draft.name)
    });
    let message = match (is_known, heir) {
        _ if from == draft.name => return None,
        (true, Some(_)) if swapped => {
            format!(
                "`{}` and `{from}` can't take each other's name: each is in use until a contract",
                draft.name
            )
        }
        (true, None) => format!("`{from}` can't be renamed to `{}`, which is another table", draft.name),
        (false, Some(_)) => format!("`{from}` can't be renamed: it is still a table"),
        (true, Some(_)) | (false, None) => return None,
    };
    let help = format!(
        "`#[schemig(name = \"{from}\")]` on this struct, and no `renamed_from`: no migration at all, only Rust sees the new name; or \
         a name that is free, and this one when that plan's contract is done; if the rename is done already, take `renamed_from` away"
    );
    Some(Fault::at(&word.place, message).help(help))
}

fn column_rename(draft: &Draft<'_>, field: &ColumnField, column: &ColumnName, resolved: &mut Resolved) {
    let place = match &field.renamed_from {
        Said::Absent => return,
        Said::None(place) => place,
        Said::Value(word) => &word.place,
    };
    let former = draft.renamed.get(column).cloned();
    if former.is_none() && draft.base.as_ref().is_some_and(|base| base.columns.contains_key(column)) {
        return done(place, "`renamed_from`", resolved);
    }
    resolved.hints.column_renames.insert(ColumnRef::new(&draft.name, column), former);
}

/// A conversion serves a column that the snapshot knows by another type.
fn convert(draft: &Draft<'_>, field: &ColumnField, column: &ColumnName, resolved: &mut Resolved) {
    let at = ColumnRef::new(&draft.name, column);
    let known = draft.base.as_ref().and_then(|base| base.columns.get(column));
    let changes = match (known, resolved.schema.column(&at)) {
        (Some(old), Some(new)) => old.sql_type != new.sql_type,
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    };
    let said = [(&field.convert, "`convert`"), (&field.convert_back, "`convert_back`")];
    for (word, what) in said.into_iter().filter(|_| !changes) {
        if let Some(word) = word {
            done(&word.place, what, resolved);
        }
    }
    let expression =
        |word: &Option<Box<Word>>| word.as_deref().map(|word| Expression::from(word.text.as_str()));
    let conversion = Conversion { forth: expression(&field.convert), back: expression(&field.convert_back) };
    if changes && !conversion.is_plain() {
        resolved.hints.converts.insert(at, conversion);
    }
}

/// A backfill serves a column that is new, or that is required from now on.
fn backfill(
    draft: &Draft<'_>,
    field: &ColumnField,
    column: &ColumnName,
    drafts: &Drafts<'_>,
    snapshot: &Schema,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    let Said::Value(wish) = &field.backfill else { return };
    let at = ColumnRef::new(&draft.name, column);
    let old = draft.base.as_ref().and_then(|base| base.columns.get(column));
    let is_required = resolved.schema.column(&at).is_some_and(|column| !column.nullable);
    if old.is_some_and(|old| !(old.nullable && is_required)) {
        let (BackfillWish::Expression(word) | BackfillWish::From { table: word, .. }) = &**wish;
        return done(&word.place, "`backfill`", resolved);
    }
    if let Some(origin) = origin(&draft.name, wish, drafts, snapshot, &resolved.schema, faults) {
        resolved.hints.backfills.insert(at, origin);
    }
}

fn origin(
    of: &TableName,
    wish: &BackfillWish,
    drafts: &Drafts<'_>,
    snapshot: &Schema,
    schema: &Schema,
    faults: &mut Vec<Fault>,
) -> Option<Origin> {
    let expression = |word: &Word| Expression::from(word.text.as_str());
    let (table, key, value, otherwise) = match wish {
        BackfillWish::Expression(word) => return Some(Origin::Expression(expression(word))),
        BackfillWish::From { table, key, value, otherwise } => (table, key, value, otherwise),
    };
    // The source may be a table that goes: its values are moved, and nothing refers to it any more.
    let mut missing = Vec::new();
    let name = constraint::target(table, of, drafts, schema, &mut missing)
        .or_else(|| super::draft::find_table(snapshot, &table.text, of));
    let Some(name) = name else {
        faults.append(&mut missing);
        return None;
    };
    let source = schema.tables.get(&name).or_else(|| snapshot.tables.get(&name))?;
    let key = constraint::target_column(key, &name, drafts, source, faults);
    let value = constraint::target_column(value, &name, drafts, source, faults);
    let otherwise = otherwise.as_ref().map(expression);
    Some(Origin::Source(Source { table: name, key: key?, value: value?, otherwise }))
}

fn dropped(draft: &Draft<'_>, wish: &DroppedWish, resolved: &mut Resolved) {
    let DroppedWish { column, fill, with } = wish;
    let Some(name) = draft.base.as_ref().and_then(|base| identifier::column(base, &column.text)) else {
        return done(&column.place, "`dropped`", resolved);
    };
    let fill = match fill {
        Said::Absent => None,
        Said::None(_) => Some(None),
        Said::Value(word) => Some(Some(Expression::from(word.text.as_str()))),
    };
    let with = with.iter().map(|word| IndexName::from(word.text.as_str())).collect();
    resolved.hints.drops.insert(ColumnRef::new(&draft.name, name), Dropped { fill, with });
}
