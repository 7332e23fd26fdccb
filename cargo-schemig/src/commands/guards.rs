//! What contracts are guarded by: the last directories of their plans that come before them, where schemig.toml has `contract_guard`.

use std::collections::BTreeMap;

use schemig_core::plan::{Phase, Plan, PlanId, PlanLog};
use schemig_core::script::{Directory, Guard, normalise};

use crate::exit::Stop;
use crate::migrations;
use crate::project::Project;

/// The versions that contracts look for.
#[derive(Default)]
pub(crate) struct Guards {
    /// How long before, in seconds; `None` where contracts aren't guarded.
    seconds: Option<u64>,
    /// By plan, the place of its last step before the contract that is written, and the version of its directory.
    expands: BTreeMap<PlanId, (usize, String)>,
}

impl Guards {
    /// What stands in `migrations/`. Nothing is read where contracts aren't guarded.
    ///
    /// # Errors
    /// A metadata.toml that can't be read.
    pub(crate) fn read(project: &Project, log: &PlanLog) -> Result<Self, Stop> {
        let mut guards = Self { seconds: project.contract_guard, expands: BTreeMap::new() };
        if guards.seconds.is_some() {
            for (name, at) in migrations::steps(project)? {
                if let Some(plan) = log.plans.get(&at.plan) {
                    guards.note(plan, at.step, &name);
                }
            }
        }
        Ok(guards)
    }

    /// Takes note of directories that are about to be written.
    pub(crate) fn add(&mut self, plan: &Plan, directories: &[Directory]) {
        for directory in directories {
            self.note(plan, directory.place, &directory.name);
        }
    }

    fn note(&mut self, plan: &Plan, place: usize, name: &str) {
        let before_contract = plan.steps.get(place).is_some_and(|step| step.phase != Phase::Contract);
        let is_later = self.expands.get(&plan.id).is_none_or(|(known, _)| *known <= place);
        if before_contract && is_later {
            self.expands.insert(plan.id.clone(), (place, normalise(name)));
        }
    }

    /// The guard of a plan's contract.
    pub(crate) fn of(&self, plan: &Plan) -> Option<Guard<'_>> {
        let (_, expand) = self.expands.get(&plan.id)?;
        Some(Guard { expand, seconds: self.seconds? })
    }

    /// What is to be said where a contract that should be guarded can't be.
    pub(crate) fn missing(&self, plan: &Plan) -> Option<String> {
        (self.seconds.is_some() && self.of(plan).is_none()).then(|| {
            format!(
                "the contract of plan {} has no guard, though schemig.toml has contract_guard: no migration of the plan from before it \
                 stands in migrations/, whose time could be compared. A database that skips a release runs it at once",
                plan.id
            )
        })
    }
}
