//! The user's crate: where it is, and what its configuration says.

mod config;
mod dependency;
mod diesel;
pub mod home;
mod listed;
mod manifest;
mod neighbours;
mod places;
mod printed;
mod several;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use schemig_core::dialect::Dialect;
use schemig_core::safety::Limits;
use schemig_core::safety::estimate::{Given, Known};
use schemig_core::schema::TableName;

use crate::exit::Stop;
use crate::scan::straight;
use config::Config;
pub use dependency::{OnSchemig, on_schemig};
use diesel::Diesel;
pub use listed::Member;
pub use printed::{ByDiesel, Patch, SchemaRs};
pub use several::Models;

/// Which crate and which of its databases a command is about.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// `-p`.
    pub package: Option<String>,
    /// `--features`.
    pub features: Vec<String>,
    /// `--database`.
    pub database: Option<String>,
    /// `--diesel-toml`.
    pub diesel_toml: Option<PathBuf>,
}

/// A crate with migrations, and one of its databases.
pub struct Project {
    /// The directory of its Cargo.toml.
    pub root: PathBuf,
    /// Its Cargo.toml, parsed.
    pub manifest: toml::Table,
    /// The features that the models are read with, beside the default ones.
    pub features: Vec<String>,
    /// Which of its databases, where schemig.toml names them.
    pub database: Option<String>,
    /// Which of the crate's models are this database's.
    pub models: Models,
    /// Which of them are those of each of its databases, where schemig.toml names them.
    pub by_database: Vec<Models>,
    /// The other crates whose models are.
    pub crates: Vec<Member>,
    /// SQL types of Rust types.
    pub types: BTreeMap<String, String>,
    /// Where the snapshot, the plans and the previews are.
    pub home: PathBuf,
    /// Where Diesel's migrations are.
    pub migrations: PathBuf,
    /// What is printed as schema.rs, and where it is written to: one file, or one for each section of diesel.toml.
    pub schema_rs: Vec<SchemaRs>,
    /// The server's dialect.
    pub dialect: Box<dyn Dialect>,
    /// Whether the old release runs on while migrations are applied.
    pub overlap: bool,
    /// The git ref at which the plans stand whose release runs everywhere, where that is read and not said.
    pub deployed: Option<String>,
    /// The files that diesel.toml still has Diesel write.
    pub printed_by_diesel: Vec<ByDiesel>,
    /// What is known of the tables' sizes, once a command has looked.
    pub known: Known,
    /// From where on a person decides.
    pub limits: Limits,
    /// How long queries may wait, or the app may be down, for a direct way, in seconds.
    pub tolerance: f64,
    /// How long a contract keeps away from its expand on a database whose tables aren't empty, in seconds; `None` where that isn't asked.
    pub contract_guard: Option<u64>,
    /// By table, the other services that use it, where schemig.toml lists them.
    pub services: Option<BTreeMap<TableName, Vec<String>>>,
}

impl Project {
    /// Finds the crate and reads its configuration.
    ///
    /// # Errors
    /// No such crate, and anything wrong with Cargo.toml, schemig.toml or diesel.toml.
    pub fn find(selection: &Selection) -> Result<Self, Stop> {
        let mut path = manifest::find(selection)?;
        let mut database = selection.database.clone();
        if let Some((home, listing)) = home::follow(&path)? {
            (path, database) = (home, database.or(listing));
        }
        let manifest = manifest::read(&path)?;
        let root = straight(path.parent().unwrap_or(Path::new(".")));
        let Config { databases, features, types, deployed, limits, tolerance, contract_guard, services } =
            Config::read(&root)?;
        let diesel = Diesel::read(places::diesel_toml(&root, selection)?, &root)?;
        let diesels = places::migrations(&root, &diesel)?;
        let shared = several::shared(&databases, &places::relative(&diesels, &root), "src/schema.rs");
        let by_database =
            databases.iter().filter(|one| one.name.is_some()).map(|one| Models::of(one, &root)).collect();
        let database = config::choose(databases, database.as_deref())?;
        if let Some(stop) = shared {
            return Err(stop);
        }
        let home = root.join("schemig");
        let dialect = match &database.said.dialect {
            Some(name) => name.clone(),
            None => manifest::dialect(&root, &manifest)?,
        };
        let dialect = config::dialect(&dialect, database.said.server.as_deref())?;
        let models = Models::of(&database, &root);
        let crates = listed::members(&root, package_name(&manifest), &database.said.crates)?;
        let config::Database { name, said, .. } = database;
        let migrations = said.migrations.map_or(diesels, |said| root.join(said));
        let (schema_rs, mut printed_by_diesel) = printed::resolve(&root, said.schema_rs, diesel, &*dialect)?;
        for by in &mut printed_by_diesel {
            by.is_elsewhere &= crates.iter().all(|member| places::is_of_another(&by.path(), &member.root));
        }
        let overlap = said.overlap.unwrap_or_else(|| dialect.capabilities().triggers_assign);
        Ok(Self {
            home: name.as_ref().map_or(home.clone(), |name| home.join(name)),
            migrations,
            schema_rs,
            dialect,
            overlap,
            database: name,
            crates,
            by_database,
            features: selection.features.iter().cloned().chain(features).collect(),
            models,
            types,
            deployed,
            manifest,
            printed_by_diesel,
            known: Known::default(),
            limits,
            tolerance,
            contract_guard,
            services,
            root,
        })
    }

    /// What estimates come from.
    pub fn given(&self) -> Given<'_> {
        Given { dialect: &*self.dialect, known: &self.known }
    }

    /// Other programs that use these tables: as schemig.toml lists them, else the workspace's other crates whose snapshots have them, on
    /// the same kind of database.
    ///
    /// # Errors
    /// A Cargo.toml of the workspace can't be read.
    pub fn services_of<'t>(
        &self,
        tables: impl Iterator<Item = &'t TableName> + Clone,
    ) -> Result<BTreeMap<TableName, Vec<String>>, Stop> {
        if let Some(listed) = &self.services {
            return Ok(listed.clone());
        }
        let mut found: BTreeMap<TableName, Vec<String>> = BTreeMap::new();
        for directory in neighbours::neighbours(&self.root)? {
            let manifest_path = Some(directory.join("Cargo.toml"));
            // One that isn't in order is its own command's to complain of.
            let Ok(other) = Self::find(&Selection { manifest_path, ..Selection::default() }) else {
                continue;
            };
            if other.dialect.name() != self.dialect.name() {
                continue;
            }
            for table in tables.clone().filter(|table| crate::store::table_path(&other, table).is_file()) {
                found.entry(table.clone()).or_default().push(other.name().to_owned());
            }
        }
        Ok(found)
    }

    /// The directory that holds all its crates: its own, or the workspace's where it lists others.
    ///
    /// # Errors
    /// A Cargo.toml above it can't be read.
    pub fn around(&self) -> Result<PathBuf, Stop> {
        let workspace = if self.crates.is_empty() { None } else { neighbours::workspace(&self.root)? };
        Ok(workspace.map_or_else(|| self.root.clone(), |(directory, _)| directory))
    }

    /// The package's name.
    pub fn name(&self) -> &str {
        package_name(&self.manifest)
    }

    /// A path as it is shown: relative to where the command was typed, so that it can be opened from there.
    pub fn shown(&self, path: &Path) -> String {
        shown(path)
    }
}

fn package_name(manifest: &toml::Table) -> &str {
    manifest.get("package").and_then(|package| package.get("name")?.as_str()).unwrap_or("?")
}

/// A path as it is shown: relative to the current directory where it can be, also in another crate of the workspace around that.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    if let Ok(below) = path.strip_prefix(&here) {
        return if below.as_os_str().is_empty() { ".".to_owned() } else { below.display().to_string() };
    }
    // Further up is another project, if there is one at all.
    let mut above = here.ancestors().skip(1).take(3).filter(|above| path.starts_with(above));
    if above.any(|above| above.join("Cargo.toml").is_file()) {
        return places::relative(path, &here);
    }
    path.display().to_string()
}

/// Reads a file; `None` when it isn't there.
pub(crate) fn read_optional(path: &Path) -> Result<Option<String>, Stop> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Stop::failed(path, "read", &error)),
    }
}

/// A TOML file's mistake, at its place.
pub(crate) fn bad_toml(path: &Path, error: &toml::de::Error) -> Stop {
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let found = crate::diagnose::Diagnostic::new(message);
    let span = error.span().unwrap_or(0..0);
    Stop::from(vec![found.at(shown(path), span)])
}
