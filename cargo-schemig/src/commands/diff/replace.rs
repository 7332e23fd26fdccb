//! `--replace-unapplied`: the plans that were made since a git ref go, so that a branch ends with one.

use std::collections::BTreeSet;

use schemig_core::plan::{Plan, PlanId, log};

use crate::arguments::Diff;
use crate::database::{self, Connection};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::migrations::{self, Migration};
use crate::project::Project;
use crate::store::{self, Base, Changeset, Stored};

/// The plans that go.
pub(super) struct Replaced {
    plans: Vec<Plan>,
    /// Their migrations.
    directories: Vec<Migration>,
    /// Migrations that somebody wrote by hand among them, and that stay.
    kept: Vec<String>,
}

impl Replaced {
    /// What goes, if it may.
    ///
    /// # Errors
    /// Nobody said that plans are to go; one is deployed, or came with a merge; a migration was edited, or has run on the database that is
    /// named.
    pub(super) fn of(
        arguments: &Diff,
        reference: &str,
        project: &Project,
        base: Base,
    ) -> Result<(Stored, Self), Stop> {
        let Base { stored, since: plans, merged } = base;
        if let (false, [_, ..]) = (arguments.replace_unapplied, plans.as_slice()) {
            return Err(unsaid(reference, &plans));
        }
        let ids: BTreeSet<&PlanId> = plans.iter().map(|plan| &plan.id).collect();
        let is_of = |migration: &Migration| migration.step.as_ref().is_some_and(|at| ids.contains(&at.plan));
        let all = migrations::read(project)?;
        let first = all.iter().position(is_of).unwrap_or(all.len());
        let kept = all[first..].iter().filter(|one| one.step.is_none()).map(|one| one.name.clone()).collect();
        let (directories, others): (Vec<Migration>, Vec<Migration>) = all.into_iter().partition(is_of);
        let replaced = Self { plans, directories, kept };
        let mut found = replaced.deployed(project, &stored)?;
        found.extend(merged.iter().map(|(plan, commit)| brought(plan, commit, reference)));
        found.extend(replaced.edited(project));
        if let Some(url) = arguments.database_url.as_deref().filter(|_| !replaced.directories.is_empty()) {
            found.extend(replaced.applied(project, &others, url)?);
        }
        if found.is_empty() { Ok((stored, replaced)) } else { Err(Stop::from(found)) }
    }

    /// Whether nothing goes.
    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Whether this plan is the only one that goes, but for its name where nobody said one, and for what people said to it: then it stays.
    pub(super) fn is_just(&self, plan: &Plan, named: bool) -> bool {
        let [only] = self.plans.as_slice() else { return false };
        let Plan { id, parents, overlap, tables, enums, changes, steps, cancels, .. } = only;
        (!named || *id == plan.id)
            && *parents == plan.parents
            && *overlap == plan.overlap
            && *tables == plan.tables
            && *enums == plan.enums
            && *changes == plan.changes
            && *steps == plan.steps
            && *cancels == plan.cancels
    }

    /// Removes them.
    pub(super) fn put(&self, project: &Project, stored: &Stored, changes: &mut Changeset) {
        for plan in &self.plans {
            changes.remove(store::plan_path(project, &plan.id));
        }
        for directory in &self.directories {
            changes.remove(directory.path.clone());
        }
        changes.put(store::deployed_path(project), log::write_deployed(&stored.log.deployed));
    }

    /// What is to be said of it.
    pub(super) fn notes(&self) -> Vec<String> {
        let gone = self.plans.iter().map(|plan| format!("replaced: plan {}", plan.id));
        let kept = self.kept.iter().map(|name| {
            format!("{name} was written by hand and stays; what comes of the new plan runs after it, so look whether it needs something of that")
        });
        let mut notes: Vec<String> = gone.chain(kept).collect();
        if let Some(last) = self.directories.last() {
            notes.push(format!(
                "a database on which one of the {} replaced migrations ran, up to {}, keeps what it did: revert them there, with the files \
                 as they were; --database-url has a database looked at",
                self.directories.len(),
                last.name
            ));
        }
        notes
    }

    /// Plans whose release is known to run. One that was made without overlap is listed as soon as it is written, which says nothing.
    fn deployed(&self, project: &Project, stored: &Stored) -> Result<Vec<Diagnostic>, Stop> {
        let here = store::deployed(project)?;
        let runs =
            |plan: &&Plan| stored.log.live.contains(&plan.id) || (plan.overlap && here.contains(&plan.id));
        let found = |plan: &Plan| {
            Diagnostic::new(format!("plan {} is deployed, so it can't be replaced", plan.id))
                .note("its migrations have run, and what the models say now has to be planned from what they left")
                .help("name a later --base, which has it, or leave --base out")
        };
        Ok(self.plans.iter().filter(runs).map(found).collect())
    }

    /// Migrations that aren't what was written: what somebody added would be lost.
    fn edited(&self, project: &Project) -> impl Iterator<Item = Diagnostic> {
        let edited = self.directories.iter().filter(|directory| !directory.edited.is_empty());
        edited.map(|directory| {
            let shown = project.shown(&directory.path);
            let files = directory.edited.join(", ");
            Diagnostic::new(format!("{shown} was edited after it was written ({files}), and would be lost"))
                .help("if it isn't needed, remove the directory, and run this again")
                .help("to keep it as a migration of your own, take the section [schemig] out of its metadata.toml")
        })
    }

    /// Migrations that have run on a database. Diesel takes the latest back first, so what ran after them has to go too.
    fn applied(
        &self,
        project: &Project,
        others: &[Migration],
        url: &str,
    ) -> Result<Option<Diagnostic>, Stop> {
        let url = database::url(project, Some(url))?;
        let mut connection = Connection::to_standing(&url)?;
        let ran = migrations::applied(&mut connection)
            .map_err(|error| database::failed(&url, "which migrations ran can't be read", &error))?;
        let Some(first) = self.directories.iter().find(|one| ran.contains(&one.version)) else {
            return Ok(None);
        };
        let count = ran.iter().filter(|version| **version >= first.version).count();
        let mut found = Diagnostic::new(format!("{} has run on this database", first.name));
        found.notes.extend(
            self.directories
                .iter()
                .filter(|one| ran.contains(&one.version))
                .skip(1)
                .map(|one| format!("so has {}", one.name)),
        );
        found.notes.extend(
            others
                .iter()
                .filter(|one| ran.contains(&one.version) && one.version > first.version)
                .map(|one| format!("{} ran after it, and is taken back with it", one.name)),
        );
        Ok(Some(found.help(format!("take them back first: diesel migration revert --number {count}"))))
    }
}

fn unsaid(reference: &str, plans: &[Plan]) -> Stop {
    let names: Vec<&str> = plans.iter().map(|plan| plan.id.0.as_str()).collect();
    let message = format!("plans were made since `{reference}`: {}", names.join(", "));
    let found = Diagnostic::new(message)
        .note("a plan from there would do again what they do")
        .help("add --replace-unapplied to have one plan in their place")
        .help("or leave --base out to plan what has changed since the last of them");
    Stop::from(vec![found])
}

fn brought(plan: &PlanId, commit: &str, reference: &str) -> Diagnostic {
    Diagnostic::new(format!(
        "plan {plan} came from another branch, with merge {commit}, so it isn't this one's to replace"
    ))
    .help(format!("name a commit as --base that has it, once it is part of `{reference}`"))
    .help("or replace the plans of this branch before that branch is merged into it")
}
