//! How a release fares in a state, and the judgement that is made of it.

use super::misfit::{Access, Misfit};
use crate::plan::{Phase, Promise};
use crate::schema::{Shared, State, TableName};

/// How a release fares in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Nothing it does fails or is answered wrongly.
    Fits,
    /// Nothing, as long as these promises are kept.
    FitsIf(Reasons<Promise>),
    /// These things go wrong.
    Breaks(Reasons<Misfit>),
}

/// What is said of a release in a state, table by table. The states of a plan share what is the same in them: each adds what its step
/// changes, not what all tables come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasons<T>(Shared<TableName, Vec<T>>);

impl<T> Reasons<T> {
    /// The reasons, in the order of the tables.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.values().flatten()
    }

    /// Those on one table.
    pub(super) fn on(&self, table: &TableName) -> &[T] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Clone + PartialEq> Reasons<T> {
    /// Says what holds on a table from now on. What held already stays shared.
    fn set(&mut self, table: &TableName, reasons: Vec<T>) {
        if reasons.is_empty() {
            self.0.remove(table);
        } else if self.0.get(table) != Some(&reasons) {
            self.0.insert(table.clone(), reasons);
        }
    }
}

impl<T> Default for Reasons<T> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<'a, T> IntoIterator for &'a Reasons<T> {
    type Item = &'a T;
    type IntoIter = Box<dyn Iterator<Item = &'a T> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

/// Who fits once a step has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFit {
    /// The step's place in the plan; `None` is the start.
    pub step: Option<usize>,
    /// The step's phase.
    pub phase: Phase,
    /// The releases before N, the oldest first: reads and writes, on connections of any age.
    pub before: Vec<[Fit; 2]>,
    /// Release N.
    pub after: [Fit; 2],
}

/// The judgement on one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Who fits at each state, in order.
    pub states: Vec<StateFit>,
    /// What only the app can keep, each once.
    pub promises: Vec<Promise>,
    /// What a running release would meet at a state where it may run: empty, or the plan isn't safe.
    pub breaks: Vec<(usize, Misfit)>,
    /// The state after the last step.
    pub end: State,
}

/// What a release meets in the state that is looked at, with one kind of access.
#[derive(Clone, Default)]
pub(super) struct Met {
    /// What no promise keeps away.
    pub broken: Reasons<Misfit>,
    /// The promises that keep the rest away.
    pub waived: Reasons<Promise>,
}

impl Met {
    /// Reads and writes on one table, from all that the release meets there; `newest` is whether it is the one that the plan leads to.
    pub fn set(both: &mut [Self; 2], table: &TableName, found: &[Misfit], newest: bool) {
        for (met, access) in both.iter_mut().zip([Access::Read, Access::Write]) {
            let (mut broken, mut waived) = (Vec::new(), Vec::new());
            for misfit in found.iter().filter(|misfit| misfit.access == access) {
                match misfit.waiver(newest) {
                    Some(promise) => waived.push(promise),
                    None => broken.push(misfit.clone()),
                }
            }
            met.broken.set(table, broken);
            met.waived.set(table, waived);
        }
    }

    /// The verdict.
    pub fn fit(&self) -> Fit {
        if !self.broken.is_empty() {
            Fit::Breaks(self.broken.clone())
        } else if self.waived.is_empty() {
            Fit::Fits
        } else {
            Fit::FitsIf(self.waived.clone())
        }
    }
}
