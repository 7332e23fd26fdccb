//! Reading, by Diesel's rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use schemig_core::plan::PlanId;
use schemig_core::script::{checksum, normalise};
use serde::Deserialize;

use super::{Migration, StepRef};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::{Project, bad_toml, read_optional};

/// The names of the directories in `migrations/`, in order. Those that begin with a dot are none of Diesel's.
pub fn existing(project: &Project) -> Result<Vec<String>, Stop> {
    let entries = match fs::read_dir(&project.migrations) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Stop::failed(&project.migrations, "read", &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Stop::failed(&project.migrations, "read", &error))?;
        // There may be thousands, and what kind of file one is stands in the directory itself, but for links.
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir()) || entry.path().is_dir();
        if let Ok(name) = entry.file_name().into_string()
            && is_directory
            && !name.starts_with('.')
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The directories that were written for a step of a plan, by name, with that step.
///
/// # Errors
/// A metadata.toml that can't be read.
pub fn steps(project: &Project) -> Result<Vec<(String, StepRef)>, Stop> {
    let mut found = Vec::new();
    for name in existing(project)? {
        if let (_, Some(step)) = read_metadata(&project.migrations.join(&name))? {
            found.push((name, step.0));
        }
    }
    Ok(found)
}

/// The migrations, in the order in which Diesel runs them.
///
/// # Errors
/// What Diesel stumbles over, or passes by in silence: a directory without up.sql, an empty up.sql, two directories of one version, a
/// metadata.toml that can't be read; two directories for one step of a plan.
pub fn read(project: &Project) -> Result<Vec<Migration>, Stop> {
    let mut migrations = Vec::new();
    for name in existing(project)? {
        migrations.push(read_one(project, name)?);
    }
    migrations.sort_by(|one, other| one.version.cmp(&other.version));
    let twice = migrations.windows(2).find(|pair| pair[0].version == pair[1].version);
    match twice {
        Some([first, second]) => Err(Stop::refused(
            format!(
                "migrations {} and {} have one version to Diesel, so only one of them runs",
                first.name, second.name
            ),
            "rename the one that ran nowhere yet",
        )),
        Some(_) | None => once_each(&migrations).map(|()| migrations),
    }
}

/// Refuses a step that stands there twice: two branches have both written the contract of one plan.
fn once_each(migrations: &[Migration]) -> Result<(), Stop> {
    let mut seen: BTreeMap<&StepRef, &Migration> = BTreeMap::new();
    for migration in migrations {
        if let Some(step) = &migration.step
            && let Some(first) = seen.insert(step, migration)
        {
            return Err(Stop::refused(
                format!(
                    "migrations {} and {} are both step {} of plan {}, which runs once",
                    first.name,
                    migration.name,
                    step.step + 1,
                    step.plan
                ),
                "where a merge brought both together, remove those of one branch: the ones that have run nowhere yet",
            ));
        }
    }
    Ok(())
}

/// What metadata.toml says. Diesel reads its first line, schemig its section.
#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    run_in_transaction: bool,
    schemig: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    plan: String,
    step: usize,
    checksums: Option<Checksums>,
}

/// What the files were when they were written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checksums {
    up: String,
    down: String,
}

impl Checksums {
    /// The files that were edited since, by name.
    fn edited(&self, up: &str, down: &str) -> Vec<&'static str> {
        let files = [("up.sql", &self.up, up), ("down.sql", &self.down, down)];
        files.into_iter().filter(|(_, was, is)| **was != checksum(is)).map(|(name, ..)| name).collect()
    }
}

fn read_one(project: &Project, name: String) -> Result<Migration, Stop> {
    let path = project.migrations.join(&name);
    let up = read_optional(&path.join("up.sql"))?.filter(|text| !text.is_empty()).ok_or_else(|| {
        Stop::refused(
            format!("{} has no up.sql, or an empty one, and Diesel stops at it", project.shown(&path)),
            "write one (`SELECT 1;` does nothing), or take the directory out of there",
        )
    })?;
    let down = read_optional(&path.join("down.sql"))?;
    let (run_in_transaction, section) = read_metadata(&path)?;
    let (step, written) = section.unzip();
    let written = written.flatten();
    let edited = written.map_or(Vec::new(), |was| was.edited(&up, down.as_deref().unwrap_or_default()));
    Ok(Migration { version: normalise(&name), name, path, up, down, run_in_transaction, step, edited })
}

/// Whether it runs in a transaction; the step that it is of, and what its files were when they were written.
type Said = (bool, Option<(StepRef, Option<Checksums>)>);

fn read_metadata(path: &Path) -> Result<Said, Stop> {
    let path = path.join("metadata.toml");
    // Without the file Diesel runs it in a transaction; with one that doesn't say, it doesn't.
    let Some(text) = read_optional(&path)? else { return Ok((true, None)) };
    let Metadata { run_in_transaction, schemig } =
        toml::from_str(&text).map_err(|error| bad_toml(&path, &error))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match schemig {
        Some(Section { plan, .. }) if plan.is_empty() || !plan.chars().all(plain) => {
            Err(no_step(&path, &format!("`{plan}` is no plan's name")))
        }
        Some(Section { step: 0, .. }) => Err(no_step(&path, "steps count from 1")),
        Some(Section { plan, step, checksums }) => {
            Ok((run_in_transaction, Some((StepRef { plan: PlanId(plan), step: step - 1 }, checksums))))
        }
        None => Ok((run_in_transaction, None)),
    }
}

fn no_step(path: &Path, why: &str) -> Stop {
    let found = Diagnostic::new(format!("{} names no step of a plan: {why}", crate::project::shown(path)));
    Stop::from(vec![found.help("restore it from version control")])
}
