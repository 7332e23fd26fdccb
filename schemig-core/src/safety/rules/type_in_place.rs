//! A column changes its type in place under a running release. There is a way that nobody notices, so this is for a person to decide
//! (DOCTRINE, R12).

use super::{Case, Finding, Rule};
use crate::safety::misfit::{Cause, Misfit};
use crate::schema::ColumnName;

pub(super) const RULE: Rule =
    Rule { id: "type-in-place", page: include_str!("../../../docs/rules/type-in-place.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    let finding = |(misfit, place): (&Misfit, usize)| {
        let (effect, workaround) = way_out(misfit)?;
        Some(Finding { steps: vec![place], condition: misfit.to_string(), effect: effect.into(), workaround })
    };
    case.breaks().into_iter().filter_map(finding).collect()
}

/// What a misfit of a changed type does, and the way out of it; `None` for any other.
pub(super) fn way_out(misfit: &Misfit) -> Option<(&'static str, String)> {
    match &misfit.cause {
        Cause::CachedPlan(column) => Some((
            "each open connection fails on every statement about it that it has run before, until it is opened anew",
            format!("{}; or sign it off, and recycle the connection pools right after", new_column(column)),
        )),
        Cause::WireType { column, .. } | Cause::TooNarrow { column, .. } => Some((
            "that release can't run on the new type",
            format!("{}; or stop that release first (--no-overlap)", new_column(column)),
        )),
        Cause::NoTable
        | Cause::NoColumn(_)
        | Cause::NullRead(_)
        | Cause::Stale(_)
        | Cause::ComputedOtherwise(_)
        | Cause::LeftOut(_)
        | Cause::NullRejected(_)
        | Cause::NotWritable(_)
        | Cause::NumberTaken(_)
        | Cause::OtherDefault(_)
        | Cause::Overruled(_)
        | Cause::Constrained(_)
        | Cause::Referenced { .. }
        | Cause::Duplicate(_)
        | Cause::CheckedAtOnce(_)
        | Cause::Unvalidated(_)
        | Cause::NoArbiter(_)
        | Cause::UnknownLabel(_)
        | Cause::NoLabel(_)
        | Cause::BrokenIndex(_) => None,
    }
}

fn new_column(column: &ColumnName) -> String {
    format!(
        "#[diesel(column_name = {column}_2)] and #[schemig(new_column)] on the field: a new column that is kept in step, and nobody notices"
    )
}
