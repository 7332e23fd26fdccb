//! What becomes of an enum that no release can run beside, and what stands in its way when none runs.

use crate::change::{Change, Fill, Question};
use crate::plan::context::Context;
use crate::schema::{ColumnName, ColumnRef, EnumName, Origin, Schema, Table};

/// A label that changes or goes under a release that reads and writes it.
pub(super) fn beside_releases(context: &Context<'_>, change: &Change) -> Option<Question> {
    let stop = "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap";
    if let Change::RenameEnumValue { name, from, to } = change {
        return Some(Question {
            table: name.clone(),
            column: None,
            condition: format!(
                "value '{from}' of enum {name} becomes '{to}', which happens at once for all who use it"
            ),
            effect: "the running release can neither read nor write it then, and the new one couldn't before"
                .into(),
            answers: vec![
                format!(
                    "#[schemig(label = \"{from}\")] on the variant: no migration at all, only Rust sees the new name"
                ),
                format!(
                    "a variant for '{to}' beside the one for '{from}': deploy that, write '{to}' from the next release on, move the rows"
                ),
                stop.into(),
            ],
        });
    }
    let Change::ReplaceEnum { name, from, to } = change else { return None };
    let gone: Vec<String> =
        from.labels.iter().filter(|label| !to.has(label)).map(|label| format!("'{label}'")).collect();
    let what = if gone.is_empty() {
        format!("the values of enum {name} stand in another order")
    } else {
        format!("enum {name} loses {}", gone.join(", "))
    };
    let keep = if gone.is_empty() {
        "put the variants back in their old order; new ones may stand anywhere".to_owned()
    } else {
        format!("keep a variant for {} that the app writes no more: no migration at all", gone.join(", "))
    };
    Some(Question {
        table: name.clone(),
        column: None,
        condition: format!("{what}, which no server does to a type that is in use"),
        effect: "a type of the same name under a new number fails on each connection that knows the old one"
            .into(),
        answers: vec![keep, under_new_name(context.to, name), stop.into()],
    })
}

/// A label that comes with this plan, and that the plan itself puts where the running release reads: no promise of the app keeps that.
pub(super) fn new_label_for_old_release(context: &Context<'_>, change: &Change) -> Option<Question> {
    let (table, column, fill) =
        if let Change::RequireColumn { table, column, fill: Origin::Expression(fill) } = change {
            (table, column, fill)
        } else if let Change::DropColumn { table, column, fill: Fill::With(fill) } = change {
            (table, column, fill)
        } else {
            return None;
        };
    let (name, known) = context.from.enum_of(&context.column(table, column)?.sql_type)?;
    let words = |label: &&String| fill.as_str().contains(&format!("'{}'", label.replace('\'', "''")));
    let label = context.to.enums.get(&name)?.labels.iter().filter(|label| !known.has(label)).find(words)?;
    let at = ColumnRef::new(table, column);
    Some(Question {
        table: table.clone(),
        condition: format!("{at} is filled with '{label}', which the running release doesn't know"),
        column: Some(at),
        effect: "it fails on each row that it reads".into(),
        answers: vec![
            "fill it with a value that both releases know".into(),
            format!("add '{label}' in a release of its own, and fill with it in the next"),
        ],
    })
}

/// The edit that makes a type of another name, and moves the columns to it.
fn under_new_name(schema: &Schema, name: &EnumName) -> String {
    let fields: Vec<String> = columns(schema, name)
        .map(|(table, column)| {
            format!("#[diesel(column_name = {column}_v2)] and #[schemig(new_column, convert = \"…\", convert_back = \"…\")] on the field of {table}.{column}")
        })
        .collect();
    format!(
        "a type under a new name: #[schemig(name = \"{}_v2\")] on the enum, and for its columns new ones: {}",
        name.name,
        fields.join("; ")
    )
}

/// What reads a column of the enum by its labels, or by its type, and can't follow.
pub(super) fn while_none_runs(context: &Context<'_>, change: &Change) -> Option<Question> {
    let (name, schema, types_too) = match change {
        Change::RenameEnumValue { name, .. } => (name, context.from, false),
        Change::ReplaceEnum { name, .. } => (name, context.to, true),
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::ReplaceColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::ChangeComments { .. }
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
        | Change::AddEnumValue { .. } => return None,
    };
    let tables = schema.users_of(name);
    let found = tables.flat_map(|(table, known)| {
        let own = known.columns.iter().filter(|(_, column)| column.sql_type.is_of(name));
        own.flat_map(move |(column, _)| {
            entangled(known, column, types_too).map(move |what| format!("{what} of {table}"))
        })
    });
    let found: Vec<String> = found.collect();
    (!found.is_empty()).then(|| Question {
        table: name.clone(),
        column: None,
        condition: format!("{change}, and {} reads a column of it", found.join(" and ")),
        effect: "it is kept in terms of the old values, and would stop the change or its way back".into(),
        answers: vec![
            "take it out of the model first, in a plan of its own, and put it back in the next".into(),
        ],
    })
}

/// What hangs on a column and names its values; with `types_too`, what compares it with another column as well.
fn entangled<'a>(
    table: &'a Table,
    column: &'a ColumnName,
    types_too: bool,
) -> impl Iterator<Item = String> + 'a {
    let checks = table
        .checks
        .iter()
        .filter(move |(_, check)| check.reads(column))
        .map(|(name, _)| format!("check {name}"));
    let indexes = table.indexes.iter().filter(move |(_, index)| {
        // An index of the plain column is made anew with it.
        index.reads(column) && (index.predicate.is_some() || index.key_columns().is_none())
    });
    let computed = table.columns.iter().filter(move |(_, other)| {
        other.generated.as_ref().is_some_and(|by| !by.expression.columns([column]).is_empty())
    });
    let keys = table.foreign_keys.iter().filter(move |(_, key)| types_too && key.columns.contains(column));
    checks
        .chain(indexes.map(|(name, _)| format!("index {name}")))
        .chain(computed.map(|(name, _)| format!("column {name}")))
        .chain(keys.map(|(name, _)| format!("foreign key {name}")))
}

fn columns<'a>(
    schema: &'a Schema,
    name: &'a EnumName,
) -> impl Iterator<Item = (&'a crate::schema::TableName, &'a ColumnName)> {
    schema.users_of(name).flat_map(move |(table, known)| {
        let own = known.columns.iter().filter(|(_, column)| column.sql_type.is_of(name));
        own.map(move |(column, _)| (table, column))
    })
}
