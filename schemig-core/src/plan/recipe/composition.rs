//! Changes that meet on one thing, or that a server has no beside-running route for: questions, before any recipe runs.

use super::{enum_questions, exclusion};
use crate::change::{Change, Fill, Question};
use crate::plan::context::{Context, Values};
use crate::schema::{Column, ColumnRef, Identity, Origin, Schema};

/// What can't be planned while releases run beside each other, all of it.
pub(in crate::plan) fn composition(context: &Context<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    for change in context.changes {
        questions.extend(renamed_twice(context, change));
        questions.extend(exclusion::on_mirrored(context, change));
        questions.extend(enum_questions::beside_releases(context, change));
        questions.extend(enum_questions::new_label_for_old_release(context, change));
        questions.extend(renamed_by_server(context, change));
        if !context.capabilities.triggers_assign {
            questions.extend(needs_trigger(context, change));
        }
        questions.extend(unfit_source(context, change));
        questions.extend(source_of_known(change));
        questions.extend(required_and_computed(context, change));
    }
    questions
}

/// A rename beside another change of the same thing: the view, or the mirror, would stand in its way.
fn renamed_twice(context: &Context<'_>, change: &Change) -> Option<Question> {
    // Comments are set under the new name, behind the rename.
    let harmless = |other: &Change| matches!(other, Change::ChangeComments { .. });
    let others = || {
        let of_table = context.changes.iter().filter(|other| other.table() == change.table());
        of_table.filter(|other| *other != change && !harmless(other))
    };
    match change {
        Change::RenameTable { from, to } => others().next().map(|other| {
            let mut question =
                Question::not_yet(to, None, &format!("it is renamed, and at the same time: {other}"));
            question.effect = format!("the view that keeps the name {from} alive would stand in the way");
            question.answers = vec!["rename first; change the rest when that plan's contract is done".into()];
            question
        }),
        Change::RenameColumn { table, to, .. } | Change::ReplaceColumn { table, to, .. } => {
            let same = |other: &&Change| match other {
                // The new column gets a copy of the index, and one name can't be for two.
                Change::ReplaceIndex { from, to: other, .. } => from.reads(to) || other.reads(to),
                Change::RequireColumn { column, .. }
                | Change::RelaxColumn { column, .. }
                | Change::ChangeCollation { column, .. }
                | Change::RecomputeColumn { column, .. }
                | Change::ChangeDefault { column, .. }
                | Change::ChangeIdentity { column, .. } => column == to,
                Change::CreateTable { .. }
                | Change::DropTable { .. }
                | Change::RenameTable { .. }
                | Change::AddColumn { .. }
                | Change::DropColumn { .. }
                | Change::RenameColumn { .. }
                | Change::ReplaceColumn { .. }
                | Change::RetypeColumn { .. }
                | Change::ChangeComments { .. }
                | Change::ChangePrimaryKey { .. }
                | Change::AddIndex { .. }
                | Change::DropIndex { .. }
                | Change::AddForeignKey { .. }
                | Change::DropForeignKey { .. }
                | Change::AddCheck { .. }
                | Change::DropCheck { .. }
                | Change::CreateEnum { .. }
                | Change::DropEnum { .. }
                | Change::AddEnumValue { .. }
                | Change::RenameEnumValue { .. }
                | Change::ReplaceEnum { .. } => false,
            };
            others().find(same).map(|other| {
                let at = ColumnRef::new(table, to);
                let mut question = Question::not_yet(
                    table,
                    Some(&at),
                    &format!("it is renamed, and at the same time: {other}"),
                );
                question.answers =
                    vec!["rename first; change the rest when that plan's contract is done".into()];
                question
            })
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => None,
    }
}

/// A column whose values are the server's can't be mirrored: nobody could write the other name (R2).
fn renamed_by_server(context: &Context<'_>, change: &Change) -> Option<Question> {
    if let Change::ReplaceColumn { table, from, to, conversion } = change {
        let known = context.column(table, from)?;
        let whole = |schema: &Schema, column| {
            schema
                .column(&ColumnRef::new(table, column))
                .is_some_and(|known| known.sql_type.is_whole_number())
        };
        // The old column's number is drawn before the mirror looks, and the sequence goes over to the new one in contract.
        // What only the server may write couldn't be filled on the way back.
        let strict = known.identity == Some(Identity::Always);
        let first = strict.then(|| {
            format!("let the app number {from} too first, #[schemig(identity)]; this when that plan's contract is done")
        });
        let stop =
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap"
                .into();
        let counts_on =
            conversion.is_plain() && !strict && whole(&context.known, from) && whole(context.to, to);
        return (known.generated.is_none() && known.identity.is_some() && !counts_on).then(|| Question {
            table: table.clone(),
            column: Some(ColumnRef::new(table, to)),
            condition: format!("{table}.{from} is numbered by the server, and {to} takes over from it"),
            effect: "two columns beside each other couldn't be given the same numbers, whichever of them is written"
                .into(),
            answers: first.into_iter().chain([stop]).collect(),
        });
    }
    let Change::RenameColumn { table, from, to } = change else { return None };
    let known = context.column(table, from)?;
    let mut computed =
        context.table(table)?.columns.iter().filter(|(_, column)| column.is_computed_from(from));
    if let Some((computed, _)) = computed.next() {
        return Some(Question {
            table: table.clone(),
            column: Some(ColumnRef::new(table, to)),
            condition: format!("{table}.{from} is renamed to {to}, and {computed} is computed from it"),
            effect: "it would be computed from the old column, which goes in contract".into(),
            answers: vec![
                format!(
                    "#[diesel(column_name = {from})] on the field: no migration at all, only Rust sees the new name"
                ),
                "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap"
                    .into(),
            ],
        });
    }
    let whose = match (&known.generated, known.identity) {
        (Some(_), _) => "computed",
        (None, Some(_)) => "numbered",
        (None, None) => return None,
    };
    Some(Question {
        table: table.clone(),
        column: Some(ColumnRef::new(table, to)),
        condition: format!("{table}.{from} is {whose} by the server, and is renamed to {to}"),
        effect:
            "a column beside it under the new name couldn't be kept like it, whichever of the two is written"
                .into(),
        answers: vec![
            format!(
                "#[diesel(column_name = {from})] on the field: no migration at all, only Rust sees the new name"
            ),
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap"
                .into(),
        ],
    })
}

/// A source whose key may stand in several rows, or refers to something else: it can't say which value a row has.
fn unfit_source(context: &Context<'_>, change: &Change) -> Option<Question> {
    let Change::AddColumn { table, column, backfill: Some(Origin::Source(source)), .. } = change else {
        return None;
    };
    let at = ColumnRef::new(table, column);
    let Some(known) = context.table(&source.table) else {
        return Some(Question {
            table: table.clone(),
            column: Some(at.clone()),
            condition: format!(
                "{at} is looked up in {}, which isn't there yet under this name",
                source.table
            ),
            effect: "what the running release writes couldn't be followed".into(),
            answers: vec!["make or rename the source first, in a release of its own".into()],
        });
    };
    let unique = known.primary_key == [source.key.clone()]
        || known.indexes.values().any(|index| {
            index.unique && index.predicate.is_none() && index.key_columns() == Some(vec![&source.key])
        });
    (!unique).then(|| Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!(
            "{at} is looked up in {} by {}, which may stand in several rows there",
            source.table, source.key
        ),
        effect: "a row of yours would have several values, and schemig can't tell which".into(),
        answers: vec![
            format!("a unique index on {}.{}, deployed before", source.table, source.key),
            "a source that has one row for each of yours".into(),
        ],
    })
}

/// A column that N-1 writes can't be looked up elsewhere: whose value would stand?
fn source_of_known(change: &Change) -> Option<Question> {
    let Change::RequireColumn { table, column, fill: Origin::Source(source) } = change else { return None };
    let at = ColumnRef::new(table, column);
    Some(Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!(
            "{at} is written by the running release, and is to be looked up in {}",
            source.table
        ),
        effect: "schemig couldn't tell whose value stands".into(),
        answers: vec![
            "#[schemig(backfill = \"…\")], an expression that replaces NULL".into(),
            "a new column with this backfill, beside the old one".into(),
        ],
    })
}

/// A computed column that is to hold NULL no more: it is the running release's rows that would be refused.
fn required_and_computed(context: &Context<'_>, change: &Change) -> Option<Question> {
    let Change::RequireColumn { table, column, .. } = change else { return None };
    let at = ColumnRef::new(table, column);
    context.to.column(&at)?.generated.is_some().then(|| Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{at} is computed by the server, and must not be NULL any more"),
        effect: "the server would refuse what the running release writes, where it computes NULL from it".into(),
        answers: vec![
            format!(
                "another column in its place, under the same field: #[diesel(column_name = {column}_new)], #[schemig(renamed_from = none)], of an expression that gives no NULL"
            ),
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap".into(),
        ],
    })
}

/// What only a trigger could keep right, on a server whose triggers can't (R11).
fn needs_trigger(context: &Context<'_>, change: &Change) -> Option<Question> {
    let refused = match change {
        Change::AddColumn { definition: Column { generated: Some(generated), .. }, .. } => generated.stored,
        Change::AddColumn { table, column, definition, .. } => match context.values_of(table, column) {
            Some(Values::Null) => false,
            Some(Values::Shared) => {
                !definition.default.as_ref().is_some_and(|default| context.is_cheap(default))
            }
            Some(Values::PerRow | Values::Computed | Values::Source(_) | Values::Copied) | None => true,
        },
        Change::AddIndex { definition, .. } => definition.unique,
        Change::DropColumn { table, column, fill } => {
            *fill != Fill::Unneeded || super::direct::is_stored(context.column(table, column))
        }
        Change::ChangeIdentity { from, to, .. } => super::direct::makes_anew(from, to),
        Change::CreateTable { rows, .. } => rows.is_some(),
        Change::DropTable { .. }
        | Change::ChangeCollation { .. }
        | Change::ChangeComments { .. }
        | Change::DropIndex { .. } => false,
        // Asked about elsewhere, or nothing that a trigger would help.
        Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => false,
        Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::ReplaceColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RecomputeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. } => true,
    };
    refused.then(|| Question {
        table: change.table().clone(),
        column: change.column(),
        condition: format!("{change}: with overlap = true this database has no safe route for it"),
        effect: "its triggers can't set a column of the row that is written, and its tables change only by a rebuild, so the running release would fail".into(),
        answers: vec![
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap".into(),
            "a new column that may be NULL, or has a constant default, beside the old one".into(),
        ],
    })
}

/// What stands in the way of a change that is made while no release runs, all of it.
pub(in crate::plan) fn entangled(context: &Context<'_>) -> Vec<Question> {
    let asked = |change| enum_questions::while_none_runs(context, change);
    context.changes.iter().filter_map(asked).collect()
}
