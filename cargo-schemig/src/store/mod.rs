//! What stands on disk under `schemig/`, read and written.

pub mod adopted;
mod base;
mod damage;
mod git;
mod load;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use base::{Base, load_at};
pub(crate) use damage::{diagnostic, has_conflict};
pub use git::files_at;
pub use load::{load, load_with};
use schemig_core::plan::PlanLog;
use schemig_core::schema::{Dependant, Domains, EnumName, ModelMark, Schema, TableName};
pub use write::Changeset;

use crate::exit::Stop;
use crate::project::Project;

/// The snapshot and the plans that matter.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The schema of the newest release: the snapshot.
    pub schema: Schema,
    /// By table, the types that it was captured from.
    pub models: BTreeMap<TableName, Vec<ModelMark>>,
    /// What the database has beside the tables, as it was found at adoption.
    pub dependants: BTreeSet<Dependant>,
    /// Which of its types are domains, as far as it was looked at.
    pub domains: Domains,
    /// The plans.
    pub log: PlanLog,
    /// The highest number of a plan, deployed ones included; 0 without plans.
    pub last_number: u32,
}

impl Stored {
    /// The releases that may be running before a new plan, the oldest first; the last is the snapshot's.
    pub fn running(&self) -> Vec<Schema> {
        let mut running = self.log.running(&self.schema);
        running.push(self.schema.clone());
        running
    }
}

/// The file of a table in the snapshot.
pub fn table_path(project: &Project, table: &TableName) -> PathBuf {
    table_file(&project.home, table)
}

fn table_file(home: &Path, table: &TableName) -> PathBuf {
    home.join("snapshot").join(format!("{}.toml", file_stem(&table.to_string())))
}

/// The file of an enum in the snapshot.
pub fn enum_path(project: &Project, name: &EnumName) -> PathBuf {
    enum_file(&project.home, name)
}

fn enum_file(home: &Path, name: &EnumName) -> PathBuf {
    home.join("snapshot").join("enums").join(format!("{}.toml", file_stem(&name.to_string())))
}

/// The file of a plan.
pub fn plan_path(project: &Project, id: &schemig_core::plan::PlanId) -> PathBuf {
    project.home.join("plans").join(format!("{id}.toml"))
}

/// The directory of a plan's preview.
pub fn preview_path(project: &Project, id: &schemig_core::plan::PlanId) -> PathBuf {
    project.home.join("contracts").join(id.to_string())
}

/// The list of what the database has and no schema has a place for.
pub fn dependants_path(project: &Project) -> PathBuf {
    project.home.join("dependants.toml")
}

/// The list of the database's domains.
pub fn domains_path(project: &Project) -> PathBuf {
    project.home.join("domains.toml")
}

/// The plans that are listed as deployed.
///
/// # Errors
/// The list can't be read.
pub fn deployed(project: &Project) -> Result<Vec<schemig_core::plan::PlanId>, Stop> {
    load::read_deployed(&project.home)
}

/// The list of deployed plans.
pub fn deployed_path(project: &Project) -> PathBuf {
    project.home.join("deployed")
}

/// A name that every file system takes: what isn't a letter, a digit, `_`, `-` or `.` becomes its number. Upper case too, for some
/// file systems don't tell `Users` from `users`.
fn file_stem(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    if name.chars().all(plain) {
        return name.to_owned();
    }
    name.chars().map(|c| if plain(c) { c.to_string() } else { format!("%{:X}", u32::from(c)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn file_names_differ_where_tables_differ() {
        assert_eq!(file_stem("app.users"), "app.users");
        assert_ne!(file_stem("Users"), file_stem("users"));
        assert_eq!(file_stem("a/b"), "a%2Fb");
    }
}
