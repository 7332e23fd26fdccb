//! Several databases of one crate: each has its own models, migrations and schema.rs.

use std::path::{Path, PathBuf};

use super::config::Database;
use super::printed::Files;
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// Which models of the crate are a database's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Models {
    /// All of them: there is no other database.
    All,
    /// Those in this module's files: `src/audit` is `src/audit.rs` and what lies below `src/audit/`.
    Below(PathBuf),
    /// None of them: those of the crates that it lists are all that it has.
    Elsewhere,
    /// There are other databases, and nobody has said whose the models are.
    Unsaid(String),
}

impl Models {
    /// As schemig.toml has it.
    pub(super) fn of(database: &Database, root: &Path) -> Self {
        match (&database.said.models, &database.name) {
            (Some(below), _) => Self::Below(root.join(below.strip_suffix(".rs").unwrap_or(below))),
            (None, Some(_)) if database.has_others && !database.said.crates.is_empty() => Self::Elsewhere,
            (None, Some(name)) if database.has_others => Self::Unsaid(name.clone()),
            (None, Some(_) | None) => Self::All,
        }
    }

    /// Whether a model in this file is one.
    ///
    /// # Errors
    /// Nobody has said.
    pub fn has(&self, file: &Path) -> Result<bool, Stop> {
        match self {
            Self::All => Ok(true),
            Self::Elsewhere => Ok(false),
            Self::Below(module) => Ok(file.starts_with(module) || file.with_extension("") == *module),
            Self::Unsaid(name) => Err(Stop::refused(
                format!(
                    "schemig.toml has several databases, and doesn't say which models are those of {name}"
                ),
                format!(
                    "in [database.{name}], name the module that holds them, models = \"src/{name}\", or the crates"
                ),
            )),
        }
    }
}

/// What two databases share and can't: whichever is written last would be all there is.
pub(super) fn shared(databases: &[Database], migrations: &str, schema_rs: &str) -> Option<Stop> {
    let mut found = Vec::new();
    for (nth, one) in databases.iter().enumerate() {
        for other in &databases[..nth] {
            let names = (other.name.as_deref().unwrap_or("?"), one.name.as_deref().unwrap_or("?"));
            let (a, b) = (&other.said, &one.said);
            let migrations_of = |said: &Option<String>| vec![said.clone().unwrap_or(migrations.to_owned())];
            for (key, ours, theirs) in [
                ("migrations", migrations_of(&a.migrations), migrations_of(&b.migrations)),
                ("schema_rs", files(&a.schema_rs, schema_rs), files(&b.schema_rs, schema_rs)),
            ] {
                if let Some(path) = ours.iter().find(|path| theirs.contains(path)) {
                    found.push(
                        Diagnostic::new(format!(
                            "databases {} and {} both have {key} at {path}",
                            names.0, names.1
                        ))
                        .help(format!("say another `{key}` in [database.{}] of schemig.toml", names.1)),
                    );
                }
            }
        }
    }
    (!found.is_empty()).then(|| Stop::from(found))
}

/// Where schema.rs is written, in one file or several.
fn files(said: &Option<Files>, default: &str) -> Vec<String> {
    match said {
        None => vec![default.to_owned()],
        Some(Files::One(file)) => vec![file.clone()],
        Some(Files::Several(files)) => files.values().map(|file| file.get_ref().clone()).collect(),
    }
}
