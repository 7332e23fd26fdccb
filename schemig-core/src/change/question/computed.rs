//! What a person decides of columns that the server computes.

use super::Question;
use crate::schema::{Column, ColumnRef};

impl Question {
    /// A column that is computed from something else, or isn't any more, or is from now on.
    pub(crate) fn computed_otherwise(at: &ColumnRef, before: &Column, after: &Column) -> Self {
        let column = &at.column;
        let in_place = format!(
            "another column in its place, under the same field: #[diesel(column_name = {column}_new)], #[schemig(renamed_from = none"
        );
        let direct =
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap";
        let (condition, effect, first) = match (&before.generated, &after.generated) {
            (Some(by), None) => (
                format!("{at} is computed by the server, and no more in its model"),
                "the running release never writes it, and reads what the server computes; the new one would write it",
                format!("{in_place}, backfill = \"{}\")]", by.expression),
            ),
            (None, Some(_)) => (
                format!("{at} is written by the running release, and is to be computed by the server"),
                "the server would refuse what the running release writes there",
                format!("{in_place})]"),
            ),
            (Some(_), Some(_)) | (None, None) => (
                format!("how {at} is computed changes"),
                "both releases read the one column, and it can't hold for each what that one expects",
                format!("{in_place})]"),
            ),
        };
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition,
            effect: effect.into(),
            answers: vec![first, direct.into(), "take this change of the model back".into()],
        }
    }

    /// A computed column whose type or collation changes too, or that takes over from another.
    pub(crate) fn computed_and_altered(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!(
                "{at} is computed by the server, and its type, collation or numbering changes"
            ),
            effect: "both releases read the one column, and it can't hold for each what that one expects"
                .into(),
            answers: vec![
                format!(
                    "another column in its place, under the same field: #[diesel(column_name = {0}_new)], #[schemig(renamed_from = none)]",
                    at.column
                ),
                "take this change of the model back".into(),
            ],
        }
    }
}
