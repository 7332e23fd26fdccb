//! The log of plans: which releases may be running, what is open, and what the database looks like now.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cancel, LogError, Phase, Plan, PlanId, Step};
use crate::change::{Change, OpenChange};
use crate::schema::{Schema, State, Table, TableName};

/// The plans that matter still, and the names of those that don't.
///
/// A plan is *deployed* when its release runs everywhere and its contract is written; then its file needn't be read, unless
/// an open plan takes part of it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanLog {
    /// The plans that were read: all that are undeployed, the deployed ones that they cancel changes of, and all that were deployed
    /// after one of those.
    pub plans: BTreeMap<PlanId, Plan>,
    /// The deployed plans, in the order in which they were recorded.
    pub deployed: Vec<PlanId>,
    /// Plans whose release is known to run everywhere though their contract isn't written: what somebody has read elsewhere, such as at
    /// the production branch.
    pub live: BTreeSet<PlanId>,
}

impl PlanLog {
    /// Whether a plan's release runs everywhere and its contract is written.
    pub fn is_deployed(&self, id: &PlanId) -> bool {
        self.deployed.contains(id)
    }

    /// The plans whose release isn't known to run everywhere, each after those that it builds on.
    pub fn undeployed(&self) -> Vec<&Plan> {
        self.ordered().into_iter().filter(|plan| !self.is_deployed(&plan.id)).collect()
    }

    /// The plans that nobody builds on: the parents of a new one. When all are deployed, the last that was recorded.
    pub fn heads(&self) -> Vec<PlanId> {
        let built_on: BTreeSet<&PlanId> = self.plans.values().flat_map(|plan| &plan.parents).collect();
        let heads: Vec<PlanId> = self
            .undeployed()
            .into_iter()
            .map(|plan| &plan.id)
            .filter(|id| !built_on.contains(id))
            .cloned()
            .collect();
        if heads.is_empty() { self.deployed.last().cloned().into_iter().collect() } else { heads }
    }

    /// The plans that have something in flight or to come, each after those that it builds on: the undeployed ones, and where
    /// one of them takes part of a deployed one back, that one and all that were deployed since, whose work stands on it.
    pub fn open(&self) -> Vec<&Plan> {
        let mut first = self.deployed.len();
        loop {
            let open: Vec<&Plan> =
                self.ordered().into_iter().filter(|plan| self.is_from(first, plan)).collect();
            let cancelled = open.iter().flat_map(|plan| &plan.cancels);
            let places =
                cancelled.filter_map(|cancel| self.deployed.iter().position(|id| *id == cancel.plan));
            match places.min() {
                Some(earlier) if earlier < first => first = earlier,
                Some(_) | None => return open,
            }
        }
    }

    /// Whether a plan is undeployed, or in this place of the deployed ones or a later one.
    fn is_from(&self, first: usize, plan: &Plan) -> bool {
        self.deployed.iter().position(|id| *id == plan.id).is_none_or(|place| place >= first)
    }

    /// The contract steps of a plan that are to be written when it is deployed, with their places. Steps of changes that a
    /// later plan takes back are never written.
    pub fn waiting<'a>(&self, plan: &'a Plan) -> Vec<(usize, &'a Step)> {
        let cancelled = self.cancelled(|_| true);
        plan.contract().filter(|(_, step)| !cancelled.contains(&(plan.id.clone(), step.cause))).collect()
    }

    /// The changes of open plans that nobody took back: what a new difference is matched against.
    pub fn open_changes(&self) -> Vec<OpenChange> {
        let cancelled = self.cancelled(|_| true);
        let mut found = Vec::new();
        for plan in self.undeployed() {
            let waiting = self.waiting(plan);
            for (place, change) in plan.changes.iter().enumerate() {
                if !cancelled.contains(&(plan.id.clone(), place)) {
                    let waits = waiting.iter().any(|(_, step)| step.cause == place);
                    let (sides, change, plan) = (sides(plan, change), change.clone(), plan.id.clone());
                    found.push(OpenChange { plan, place, change, waits, taken_back: false, sides });
                }
            }
            found.extend(self.taken_back_by(plan));
        }
        found
    }

    /// What a plan takes back of earlier ones, and undoes in its contract.
    fn taken_back_by(&self, plan: &Plan) -> Vec<OpenChange> {
        let of = |cancel: &Cancel| self.plans.get(&cancel.plan)?.changes.get(cancel.change).cloned();
        let taken = plan.cancels.iter().enumerate().filter_map(|(place, cancel)| Some((place, of(cancel)?)));
        taken
            .map(|(place, change)| {
                let (sides, place) = (sides(plan, &change), plan.changes.len() + place);
                OpenChange { plan: plan.id.clone(), place, change, waits: true, taken_back: true, sides }
            })
            .collect()
    }

    /// The schemas of the releases that may be running, oldest first: of the last plan that runs everywhere, and of each later one
    /// but the newest. `snapshot` is the newest.
    pub fn running(&self, snapshot: &Schema) -> Vec<Schema> {
        let open = self.undeployed().into_iter().filter(|plan| !self.live.contains(&plan.id));
        let mut releases = releases(&open.collect::<Vec<_>>(), snapshot);
        releases.pop();
        releases
    }

    /// What the database holds once all written migrations are applied. `snapshot` is the newest release's schema.
    ///
    /// # Errors
    /// A step that doesn't fit: the log was edited.
    pub fn state(&self, snapshot: &Schema) -> Result<State, LogError> {
        self.check_order()?;
        let replayed = self.since_open();
        let mut state = State::at_rest(releases(&replayed, snapshot).swap_remove(0));
        let cancelled = self.cancelled(|_| true);
        for plan in replayed {
            let contracted = self.is_deployed(&plan.id) || !plan.overlap;
            for (place, step) in plan.steps.iter().enumerate() {
                let waits = step.phase == Phase::Contract
                    && (!contracted || cancelled.contains(&(plan.id.clone(), step.cause)));
                if !waits {
                    replay(&mut state, plan, place, step)?;
                }
            }
            settle(&mut state, plan);
        }
        Ok(state)
    }

    /// The first plan that still matters and all that come after it, ended ones included: what those did stands between an open one
    /// and its successors. A plan matters as long as one that takes it back in part does, for its models alone don't say what it left.
    fn since_open(&self) -> Vec<&Plan> {
        let ordered = self.ordered();
        let place = |id: &PlanId| ordered.iter().position(|plan| plan.id == *id);
        let mut first = ordered.iter().position(|plan| !self.is_deployed(&plan.id)).unwrap_or(ordered.len());
        let mut at = ordered.len();
        while at > first {
            at -= 1;
            let cancelled = ordered[at].cancels.iter().filter_map(|cancel| place(&cancel.plan));
            first = cancelled.fold(first, usize::min);
        }
        ordered.into_iter().skip(first).collect()
    }

    /// The changes that the plans that `by` admits take back.
    fn cancelled(&self, by: impl Fn(&Plan) -> bool) -> BTreeSet<(PlanId, usize)> {
        self.plans
            .values()
            .filter(|plan| by(plan))
            .flat_map(|plan| &plan.cancels)
            .map(|cancel| (cancel.plan.clone(), cancel.change))
            .collect()
    }

    /// The plans, each after its parents; otherwise by name.
    pub fn ordered(&self) -> Vec<&Plan> {
        let mut done = BTreeSet::new();
        let mut ordered = Vec::new();
        for id in self.plans.keys() {
            self.visit(id, &mut done, &mut ordered);
        }
        ordered
    }

    fn visit<'a>(&'a self, id: &'a PlanId, done: &mut BTreeSet<&'a PlanId>, ordered: &mut Vec<&'a Plan>) {
        let Some(plan) = self.plans.get(id) else { return };
        if done.insert(id) {
            for parent in &plan.parents {
                self.visit(parent, done, ordered);
            }
            ordered.push(plan);
        }
    }

    /// Refuses plans that build on each other.
    pub(super) fn check_order(&self) -> Result<(), LogError> {
        let mut seen = BTreeSet::new();
        for plan in self.ordered() {
            let later = |parent: &&PlanId| self.plans.contains_key(parent) && !seen.contains(parent);
            if plan.parents.iter().any(|parent| later(&parent)) {
                return Err(LogError::Circle(plan.id.clone()));
            }
            seen.insert(&plan.id);
        }
        Ok(())
    }
}

/// The schemas of the releases before, between and after these plans, the log's last ones in order: one more than there are plans.
/// `snapshot` is the newest.
pub fn releases(plans: &[&Plan], snapshot: &Schema) -> Vec<Schema> {
    let mut releases = vec![snapshot.clone()];
    for plan in plans.iter().rev() {
        let mut schema = releases[releases.len() - 1].clone();
        step_back(&mut schema, plan);
        releases.push(schema);
    }
    releases.reverse();
    releases
}

/// Turns the schema after `plan` into the one before it.
fn step_back(schema: &mut Schema, plan: &Plan) {
    let put = |schema: &mut Schema, name: &TableName, table: Option<&Table>| match table {
        Some(table) => drop(schema.tables.insert(name.clone(), table.clone())),
        None => drop(schema.tables.remove(name)),
    };
    for (name, delta) in &plan.tables {
        put(schema, name, delta.before.as_ref());
    }
    for (name, delta) in &plan.enums {
        match &delta.before {
            Some(before) => drop(schema.enums.insert(name.clone(), before.clone())),
            None => drop(schema.enums.remove(name)),
        }
    }
}

/// A change's table before its plan, and after it.
fn sides(plan: &Plan, change: &Change) -> [Option<Table>; 2] {
    let old_name = if let Change::RenameTable { from, .. } = change { from } else { change.table() };
    let before = plan.tables.get(old_name).and_then(|delta| delta.before.clone());
    [before, plan.tables.get(change.table()).and_then(|delta| delta.after.clone())]
}

pub(super) fn replay(state: &mut State, plan: &Plan, place: usize, step: &Step) -> Result<(), LogError> {
    for operation in &step.up {
        state.apply(operation).map_err(|why| LogError::Inapplicable {
            plan: plan.id.clone(),
            step: place + 1,
            why,
        })?;
    }
    Ok(())
}

/// What is still known of a state when the next plan begins. The release of `plan` may be running without anybody having said so:
/// then its tables aren't empty, and what was counted may hold no more. A column stays free of NULL where a trigger sees to it,
/// or where that release writes none. Errs on the careful side.
pub(super) fn settle(state: &mut State, plan: &Plan) {
    state.empty.clear();
    state.counted.clear();
    let in_flight = &state.in_flight;
    state.null_free.retain(|at| {
        let after = plan.tables.get(&at.table).and_then(|delta| delta.after.as_ref());
        let writes_none =
            after.is_none_or(|table| table.columns.get(&at.column).is_none_or(|column| !column.nullable));
        writes_none || in_flight.fillers.contains_key(at) || in_flight.mirrors.contains_key(at)
    });
}

/// The text of the file that lists the deployed plans.
pub fn write_deployed(deployed: &[PlanId]) -> String {
    let mut out = String::from(
        "# Plans whose release runs everywhere and whose contract is written; the oldest first.\n",
    );
    for id in deployed {
        out.push_str(&format!("{id}\n"));
    }
    out
}

/// Reads the list of deployed plans: one per line; `#` opens a comment.
pub fn read_deployed(text: &str) -> Vec<PlanId> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or("").trim())
        .filter(|line| !line.is_empty())
        .map(|line| PlanId(line.to_owned()))
        .collect()
}
