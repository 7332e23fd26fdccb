//! A running release meets something that no promise keeps away, and no order of steps avoids.

use super::{Case, Finding, Rule, type_in_place};
use crate::safety::misfit::Misfit;

pub(super) const RULE: Rule =
    Rule { id: "no-safe-order", page: include_str!("../../../docs/rules/no-safe-order.md"), find };

fn find(case: &Case<'_>) -> Vec<Finding> {
    case.breaks()
        .into_iter()
        .filter(|(misfit, _)| type_in_place::way_out(misfit).is_none())
        .map(|(misfit, place)| finding(misfit, place))
        .collect()
}

fn finding(misfit: &Misfit, place: usize) -> Finding {
    Finding {
        steps: vec![place],
        condition: misfit.to_string(),
        effect: "a running release fails, or reads wrong data, while this is applied".into(),
        workaround: "deploy in two releases, or stop the old one first (--no-overlap)".into(),
    }
}
