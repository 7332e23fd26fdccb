//! What a person must sign off before anything is written: one rule a file, with a page of its name in `docs/rules/`.

mod arbiter_twin;
mod data_destroyed;
mod exclusive_hold;
mod index_under_lock;
mod long_backfill;
mod lossy_cast;
mod no_safe_order;
mod old_release_fails;
mod shared_table;
mod size_unknown;
mod table_rewritten;
mod type_in_place;

use std::collections::{BTreeMap, BTreeSet};

use super::estimate::Timing;
use super::fit::Assessment;
use super::misfit::Misfit;
use crate::operation::Operation;
use crate::plan::{Approval, Plan, Seen, Step};
use crate::schema::TableName;

/// Something that a plan may do and a person has to know of before.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, as `cargo schemig explain` takes it and plans keep it. It never changes.
    pub id: &'static str,
    /// Its page, in Markdown: what it sees, why it matters, what to do; and models on which it fires, and on which it doesn't.
    pub page: &'static str,
    find: fn(&Case<'_>) -> Vec<Finding>,
}

/// All rules, in order of their names.
pub const RULES: &[Rule] = &[
    arbiter_twin::RULE,
    data_destroyed::RULE,
    exclusive_hold::RULE,
    index_under_lock::RULE,
    long_backfill::RULE,
    lossy_cast::RULE,
    no_safe_order::RULE,
    old_release_fails::RULE,
    shared_table::RULE,
    size_unknown::RULE,
    table_rewritten::RULE,
    type_in_place::RULE,
];

impl Rule {
    /// What it is about, in a few words, as the first line of its page says it after its name.
    pub fn title(&self) -> &'static str {
        self.page.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, title)| title)
    }
}

/// What a rule may look at.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Who fits when.
    pub assessment: &'a Assessment,
    /// What each step holds and how long it takes, by its place. Steps that it doesn't reach are judged without.
    pub timings: &'a [Timing],
    /// From where on a person decides.
    pub limits: Limits,
    /// By table, the other services that use it.
    pub services: &'a BTreeMap<TableName, Vec<String>>,
}

/// From where on a person decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How long queries may wait behind a lock, in seconds: the upper end of the estimate.
    pub hold: f64,
    /// How many rows a backfill may walk.
    pub backfill_rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hold: 30.0, backfill_rows: 10_000_000 }
    }
}

/// No service is known beside the one that the models are of.
const NO_SERVICES: &BTreeMap<TableName, Vec<String>> = &BTreeMap::new();

/// What a rule says when it fires: a clause each.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    /// The places in the plan of the steps that it is about; none when it is the plan as a whole.
    steps: Vec<usize>,
    /// What it saw.
    condition: String,
    /// What that does.
    effect: String,
    /// What to do about it.
    workaround: String,
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Escalation {
    /// The rule's name.
    pub rule: &'static str,
    /// What it saw.
    pub condition: String,
    /// What that does.
    pub effect: String,
    /// What to do about it.
    pub workaround: String,
    /// The places in the plan of the steps that it is about, in order; none when it is the plan as a whole.
    pub steps: Vec<usize>,
}

/// What fires on a plan, in order, each once.
pub fn escalations(case: &Case<'_>) -> Vec<Escalation> {
    let fired = RULES.iter().flat_map(|rule| {
        let Rule { id, page: _, find } = *rule;
        find(case).into_iter().map(move |Finding { steps, condition, effect, workaround }| Escalation {
            rule: id,
            condition,
            effect,
            workaround,
            steps,
        })
    });
    merged(fired)
}

/// Escalations in order, each once, with all the steps that any of them is about.
pub fn merged(fired: impl IntoIterator<Item = Escalation>) -> Vec<Escalation> {
    let mut each: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    for Escalation { rule, condition, effect, workaround, steps } in fired {
        each.entry((rule, condition, effect, workaround)).or_default().extend(steps);
    }
    let escalation = |((rule, condition, effect, workaround), steps): (_, BTreeSet<usize>)| Escalation {
        rule,
        condition,
        effect,
        workaround,
        steps: steps.into_iter().collect(),
    };
    each.into_iter().map(escalation).collect()
}

/// What a person who signs these off has signed, for the plan to keep. `written` are the places of the steps that are written then, in
/// order: what is about the plan as a whole is said at the first of them, where whoever applies it begins to read.
pub fn approval(fired: &[Escalation], reason: &str, written: &[usize]) -> Approval {
    let seen = |escalation: &Escalation| {
        let Escalation { rule, condition, effect: _, workaround: _, steps } = escalation.clone();
        let steps = if steps.is_empty() { written.iter().take(1).copied().collect() } else { steps };
        Seen { rule: rule.to_owned(), condition, steps }
    };
    let mut rules: Vec<String> = fired.iter().map(|escalation| escalation.rule.to_owned()).collect();
    rules.sort();
    rules.dedup();
    Approval { rules, reason: reason.to_owned(), seen: fired.iter().map(seen).collect() }
}

impl<'a> Case<'a> {
    /// A plan of which no size is known and no other service: what depends on those isn't judged.
    pub fn bare(plan: &'a Plan, assessment: &'a Assessment) -> Self {
        Self { plan, assessment, timings: &[], limits: Limits::default(), services: NO_SERVICES }
    }

    /// What a running release meets where it may run and no promise keeps away, with the place of the step that brings it.
    fn breaks(&self) -> BTreeMap<&'a Misfit, usize> {
        let Self { plan, assessment, .. } = *self;
        let mut first = BTreeMap::new();
        for (place, misfit) in assessment.breaks.iter().filter(|_| plan.overlap) {
            first.entry(misfit).or_insert(*place);
        }
        first
    }

    /// The places of the steps that do such a thing for the change at `cause`. A step may serve several changes and name just one as
    /// its cause: then any that does it, and failing that all those of the change.
    fn steps(&self, cause: Option<usize>, does: impl Fn(&Operation) -> bool) -> Vec<usize> {
        let places = |wanted: &dyn Fn(&Step) -> bool| -> Vec<usize> {
            let steps = self.plan.steps.iter().enumerate();
            steps.filter(|(_, step)| wanted(step)).map(|(place, _)| place).collect()
        };
        let serves = |step: &Step| Some(step.cause) == cause;
        let does = |step: &Step| step.up.iter().any(&does);
        let mut found = places(&|step| serves(step) && does(step));
        if found.is_empty() {
            found = places(&does);
        }
        if found.is_empty() { places(&serves) } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn names_are_kebab_case_in_order_and_each_stands_once() {
        for rule in RULES {
            let words: Vec<&str> = rule.id.split('-').collect();
            let plain = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(words.iter().all(plain), "{} isn't kebab-case", rule.id);
        }
        for pair in RULES.windows(2) {
            assert!(pair[0].id < pair[1].id, "{} doesn't come before {}", pair[0].id, pair[1].id);
        }
    }

    #[test]
    fn a_page_opens_with_the_name_and_the_title() {
        for rule in RULES {
            assert!(!rule.title().is_empty(), "{} has no title", rule.id);
            assert!(rule.page.starts_with(&format!("# {}: {}\n", rule.id, rule.title())), "{}", rule.id);
        }
    }
}
