//! What differs between the columns of one table.

use super::diff::{Found, fill_of};
use super::{Change, Fill, Numbering, Question};
use crate::schema::{Column, ColumnName, ColumnRef, Hints, Origin, SqlType, Table, TableName};

/// Columns that weren't there.
pub(super) fn added(name: &TableName, old: &Table, new: &Table, hints: &Hints, found: &mut Found) {
    let is_new = |column: &ColumnName| !old.columns.contains_key(column);
    let (computed, plain): (Vec<_>, Vec<_>) = new
        .columns
        .iter()
        .filter(|(column, _)| is_new(column))
        .partition(|(_, definition)| definition.generated.is_some());
    for (column, definition) in plain.into_iter().chain(computed) {
        let at = ColumnRef::new(name, column);
        if let Some((from, _)) =
            new.columns.iter().find(|(from, _)| is_new(from) && definition.is_computed_from(from))
        {
            found.questions.push(Question::computed_from_new(&at, from));
        }
        if definition.nullable && definition.identity.is_some() {
            found.questions.push(Question::null_beside_number(&at));
        }
        if let (Some(_), Some(default)) = (definition.identity, &definition.default) {
            found.questions.push(Question::numbered_beside_default(&at, default));
        }
        let backfill = hints.backfills.get(&at).cloned();
        match &backfill {
            None if !definition.may_be_left_out() && !found.maybe_renamed.contains(&at) => {
                found.questions.push(Question::required_without_value(&at))
            }
            Some(_) if definition.identity.is_some() => {
                found.questions.push(Question::numbered_beside_backfill(&at));
            }
            Some(origin) => found.questions.extend(unfit_source(&at, new, origin)),
            None => {}
        }
        let (table, column, definition) = (name.clone(), column.clone(), definition.clone());
        found.changes.push(Change::AddColumn { table, column, definition, backfill });
    }
}

/// Whether rows can't be told their value from this origin.
fn unfit_source(at: &ColumnRef, table: &Table, origin: &Origin) -> Option<Question> {
    match origin {
        Origin::Expression(expression) if expression.reads_other_rows() => {
            Some(Question::backfill_reads_other_rows(at, expression))
        }
        Origin::Source(_) if table.primary_key.len() != 1 => Some(Question::source_needs_single_key(at)),
        Origin::Expression(_) | Origin::Source(_) | Origin::Column(_) | Origin::Numbers => None,
    }
}

/// A column under another name: renamed, or of another type too. `old` knows it by the new name; what changes with the type (the type
/// itself, and the default) is `new`'s there from now on.
pub(super) fn moved(
    name: &TableName,
    old: &mut Table,
    new: &Table,
    [from, to]: [ColumnName; 2],
    hints: &Hints,
) -> Change {
    let table = name.clone();
    match (old.columns.get_mut(&to), new.columns.get(&to)) {
        (Some(before), Some(after)) if before.sql_type != after.sql_type => {
            before.sql_type = after.sql_type.clone();
            before.default = after.default.clone();
            let conversion = hints.converts.get(&ColumnRef::new(name, &to)).cloned().unwrap_or_default();
            Change::ReplaceColumn { table, from, to, conversion }
        }
        (Some(_), Some(_)) | (Some(_), None) | (None, Some(_)) | (None, None) => {
            Change::RenameColumn { table, from, to }
        }
    }
}

/// Columns that were there and are, under the same name.
pub(super) fn altered(name: &TableName, old: &Table, new: &Table, hints: &Hints, found: &mut Found) {
    for (column, after) in &new.columns {
        if let Some(before) = old.columns.get(column) {
            altered_column(name, column, before, after, hints, found);
        }
    }
}

fn altered_column(
    name: &TableName,
    column: &ColumnName,
    before: &Column,
    after: &Column,
    hints: &Hints,
    found: &mut Found,
) {
    let Column {
        sql_type,
        nullable,
        default,
        generated,
        identity,
        collation,
        comment: _,
        identifier: _,
        provenance: _,
        observed: _,
    } = before;
    let at = ColumnRef::new(name, column);
    let (table, column) = (name.clone(), column.clone());
    let retyped = *sql_type != after.sql_type;
    if retyped {
        let loses_default = default.is_some() && after.default.is_none();
        found.questions.extend((found.overlap && loses_default).then(|| Question::default_with_type(&at)));
        let (from, to) = (sql_type.clone(), after.sql_type.clone());
        let conversion = hints.converts.get(&at).cloned().unwrap_or_default();
        let (table, column) = (table.clone(), column.clone());
        found.changes.push(Change::RetypeColumn { table, column, from, to, conversion });
    }
    // What isn't text any more has none.
    let is_text = !retyped || after.sql_type.is_read_as(&SqlType::Text);
    if *collation != after.collation && is_text {
        let (from, to) = (collation.clone(), after.collation.clone());
        found.questions.extend(found.overlap.then(|| Question::collation(&at, from.as_ref(), to.as_ref())));
        let (table, column) = (table.clone(), column.clone());
        found.changes.push(Change::ChangeCollation { table, column, from, to });
    }
    if *generated != after.generated {
        let settled = !retyped && *identity == after.identity && *collation == after.collation;
        if !settled {
            found.questions.push(Question::computed_and_altered(&at));
            return;
        }
        let same = keeps_its_values(before, after);
        found
            .questions
            .extend((found.overlap && !same).then(|| Question::computed_otherwise(&at, before, after)));
        // What is said of it is a change of its own.
        let to = Column { comment: before.comment.clone(), ..after.clone() };
        found.changes.push(Change::RecomputeColumn { table, column, from: before.clone(), to });
        return;
    }
    if *identity != after.identity || *default != after.default {
        found.questions.extend(unfit_numbering(&at, before, after));
    }
    if *identity != after.identity {
        // A numbered column accepts no NULL, so this comes first.
        let (table, column) = (table.clone(), column.clone());
        let (from, to) = (Numbering::of(before), Numbering::of(after));
        found.changes.push(Change::ChangeIdentity { table, column, from, to });
    }
    match (nullable, after.nullable) {
        (true, false) => match required_fill(&at, after, hints) {
            Some(fill) => found.changes.push(Change::RequireColumn {
                table: table.clone(),
                column: column.clone(),
                fill,
            }),
            None => found.questions.push(Question::required_without_value(&at)),
        },
        (false, true) => {
            found.questions.extend(after.identity.map(|_| Question::null_beside_number(&at)));
            found.changes.push(Change::RelaxColumn { table: table.clone(), column: column.clone() });
        }
        (true, true) | (false, false) => {}
    }
    // A default changes with its type, and with its numbering.
    if *default != after.default && !retyped && *identity == after.identity {
        let (from, to) = (default.clone(), after.default.clone());
        found.changes.push(Change::ChangeDefault { table, column, from, to });
    }
}

/// Whether a column is computed from the same before and after, so that what anybody reads there stays what it was.
fn keeps_its_values(before: &Column, after: &Column) -> bool {
    let expression = |column: &Column| column.generated.as_ref().map(|by| by.expression.clone());
    expression(before).is_some()
        && expression(before) == expression(after)
        && before.nullable == after.nullable
}

/// Why a column can't be numbered by the server as it stands.
fn unfit_numbering(at: &ColumnRef, before: &Column, after: &Column) -> Option<Question> {
    after.identity?;
    match &after.default {
        Some(default) => Some(Question::numbered_beside_default(at, default)),
        None => before.nullable.then(|| Question::numbered_beside_null(at)),
    }
}

/// What replaces NULL in a column that rejects it from now on: what the model says, else the column's default.
fn required_fill(at: &ColumnRef, after: &Column, hints: &Hints) -> Option<Origin> {
    let computed = after.generated.as_ref().map(|by| Origin::Expression(by.expression.clone()));
    let default = || after.default.clone().map(Origin::Expression);
    computed.or_else(|| hints.backfills.get(at).cloned()).or_else(default)
}

/// Columns that are there no more.
pub(super) fn dropped(name: &TableName, old: &Table, new: &Table, hints: &Hints, found: &mut Found) {
    let gone = |column: &ColumnName| !new.columns.contains_key(column);
    // What is computed goes before what it is computed from.
    let (computed, plain): (Vec<_>, Vec<_>) = old
        .columns
        .iter()
        .filter(|(column, _)| gone(column))
        .partition(|(_, known)| known.generated.is_some());
    for (column, _) in computed.into_iter().chain(plain) {
        if let Some((computed, _)) = new.columns.iter().find(|(_, known)| known.is_computed_from(column)) {
            found.questions.push(Question::computed_from_gone(&ColumnRef::new(name, computed), column));
        }
        let at = ColumnRef::new(name, column);
        let fill = match fill_of(&at, old, hints) {
            Ok(fill) => fill,
            Err(question) => {
                // Without overlap nobody reads it any more.
                let asked = found.overlap && !found.maybe_renamed.contains(&at);
                found.questions.extend(asked.then_some(*question));
                Fill::Forgone
            }
        };
        found.changes.push(Change::DropColumn { table: name.clone(), column: column.clone(), fill });
    }
}
