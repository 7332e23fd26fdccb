//! What the models say: the seam between the scan and the commands.

use std::collections::BTreeMap;
use std::fmt;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::thread;

use schemig_core::capture::{Fault, Input, Model, Place, Resolved, in_turn, resolve};
use schemig_core::change::Question;
use schemig_core::schema::{ColumnName, ColumnRef, Hints, ModelMark, Schema, SqlType, TableName};

use crate::diagnose::{Diagnostic, Spot};
use crate::exit::Stop;
use crate::project::{Member, Models, Project, shown};
use crate::scan::{self, ScanError};

/// What a project's models say.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// The schema that they ask for, with what they leave alone.
    pub schema: Schema,
    /// What they say about the way.
    pub hints: Hints,
    /// By table, the types and their fingerprints.
    pub models: BTreeMap<TableName, Vec<ModelMark>>,
    /// Where tables stand in the source.
    pub tables: BTreeMap<TableName, Place>,
    /// Where columns stand in the source, by table.
    pub columns: BTreeMap<TableName, Vec<(ColumnName, Place)>>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Capture {
    /// A question, where it stands: at the column, else at the table, else nowhere.
    pub fn ask(&self, question: &Question) -> Diagnostic {
        let Question { table, column, condition, effect, answers } = question;
        let mut found = Diagnostic::new(condition.as_str());
        let of_column = |at: &ColumnRef| {
            let all = self.columns.get(&at.table)?;
            all.iter().find(|(column, _)| *column == at.column).map(|(_, place)| place)
        };
        let place = column.as_ref().and_then(of_column).or_else(|| self.tables.get(table));
        found.places.extend(place.map(spot));
        found.notes.push(effect.clone());
        found.help.extend(answers.iter().cloned());
        found
    }
}

/// What reads a project's models, given the schema of the release before.
pub type Read<'a> = dyn Fn(&Project, &Schema) -> Result<Capture, Stop> + 'a;

/// Scans a project's crates and resolves what their models mean.
///
/// # Errors
/// Every mistake in the models, where it stands; a source file that can't be read.
pub fn read(project: &Project, snapshot: &Schema) -> Result<Capture, Stop> {
    read_instead(project, snapshot, BTreeMap::new())
}

/// The same, if these files held these texts.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_instead(
    project: &Project,
    snapshot: &Schema,
    instead: BTreeMap<PathBuf, String>,
) -> Result<Capture, Stop> {
    let scanned = scan::scan(&scan::Request { instead, ..request(project) });
    // Never taken apart: a command reads the models once, and the system takes a process's memory back at once.
    let (mut faults, mut found) = match scanned {
        Ok(found) => (Vec::new(), ManuallyDrop::new(found)),
        Err(ScanError::Faults { faults, rest }) => (faults, ManuallyDrop::new(*rest)),
        Err(error @ (ScanError::Read { .. } | ScanError::Manifest { .. })) => return Err(error.into()),
    };
    for nth in (0..found.models.len()).rev() {
        if !is_of(project, &found, &found.models[nth].ident.place)? {
            let model = found.models.remove(nth);
            faults.extend(is_nobodys(project, &model).then(|| nobodys(&model)));
        }
    }
    match with_input(project, snapshot, &found, resolve) {
        Ok(mut resolved) if faults.is_empty() => {
            project.dialect.forget_unkept(&mut resolved.schema);
            return Ok(Capture::from(resolved));
        }
        Ok(_) => {}
        Err(more) => {
            let follows = |fault: &Fault| fault.misses.is_some_and(|what| found.lost.contains(&what));
            faults.extend(more.into_iter().filter(|fault| !follows(fault)));
        }
    }
    faults.sort();
    Err(Stop::from(faults.iter().map(diagnostic).collect::<Vec<_>>()))
}

/// Whether a struct that stands here may be a model of the project's database. Those of a crate that it lists all are.
///
/// # Errors
/// Nobody has said whose the models at home are.
pub(crate) fn is_of(project: &Project, found: &scan::Capture, place: &Place) -> Result<bool, Stop> {
    let at_home = found.types.crates.of(&place.file) == 0;
    if at_home { project.models.has(Path::new(&*place.file)) } else { Ok(true) }
}

/// Whether a model at home is one of no database.
fn is_nobodys(project: &Project, model: &Model) -> bool {
    // One that nobody has said anything of may have any.
    let has = |models: &Models| models.has(Path::new(&*model.ident.place.file)).unwrap_or(true);
    !project.by_database.iter().any(has)
}

fn nobodys(model: &Model) -> Fault {
    let message = format!("`{}` is a model of none of the databases in schemig.toml", model.ident.text);
    Fault::at(&model.ident.place, message)
        .help("put it into the module that one of them has as its `models`, or name its module there")
}

/// What of a project is scanned. A feature `users/extra` is one of the crate `users`, where that is listed.
pub(crate) fn request(project: &Project) -> scan::Request {
    let listed = |feature: &&String| {
        feature
            .split_once('/')
            .is_some_and(|(name, _)| project.crates.iter().any(|member| member.name == name))
    };
    let (theirs, own): (Vec<&String>, Vec<&String>) = project.features.iter().partition(listed);
    let own = own.into_iter().cloned().collect();
    let selection = scan::Selection { features: own, ..scan::Selection::default() };
    let of = |member: &Member| {
        let feature =
            |feature: &&String| Some(feature.strip_prefix(&member.name)?.strip_prefix('/')?.to_owned());
        scan::Listed { directory: member.root.clone(), features: theirs.iter().filter_map(feature).collect() }
    };
    scan::Request {
        directory: project.root.clone(),
        selection,
        crates: project.crates.iter().map(of).collect(),
        schema_rs: project.schema_rs.iter().filter_map(|one| one.file.clone()).collect(),
        ..scan::Request::default()
    }
}

/// Does something with what the sources and the project say.
pub(crate) fn with_input<T>(
    project: &Project,
    snapshot: &Schema,
    found: &scan::Capture,
    work: impl FnOnce(&Input<'_>) -> T,
) -> T {
    let storable = |sql_type: &SqlType| project.dialect.stores(sql_type);
    work(&Input {
        models: &found.models,
        types: &found.types,
        tables: &found.tables,
        snapshot,
        type_map: &project.types,
        storable: &storable,
        found: &|sql_type| project.dialect.found_type(sql_type),
        has_enums: project.dialect.has_enums(),
        has_partitions: project.dialect.has_partitions(),
        default_schema: project.dialect.default_schema(),
        spread: &in_halves,
    })
}

/// The second half on a second thread, where there is enough of it.
fn in_halves(count: usize, work: &(dyn Fn(usize) + Sync)) {
    if count < 200 {
        return in_turn(count, work);
    }
    thread::scope(|scope| {
        scope.spawn(|| (count / 2..count).for_each(work));
        in_turn(count / 2, work);
    });
}

impl From<Resolved> for Capture {
    fn from(resolved: Resolved) -> Self {
        let Resolved { schema, hints, marks, notes, tables, columns } = resolved;
        let mark = |(type_name, fingerprint)| ModelMark { type_name, fingerprint };
        Self {
            schema,
            hints,
            models: marks
                .into_iter()
                .map(|(name, marks)| (name, marks.into_iter().map(mark).collect()))
                .collect(),
            tables,
            columns,
            notes: notes.iter().map(|note| format!("{}: {}", Spotted(&note.place), note.message)).collect(),
        }
    }
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Faults { faults, rest: _ } => {
                Self::from(faults.iter().map(diagnostic).collect::<Vec<_>>())
            }
            ScanError::Read { path, source } => Self::failed(&path, "read", &source),
            ScanError::Manifest { .. } => Self::from(vec![Diagnostic::new(error.to_string())]),
        }
    }
}

fn diagnostic(fault: &Fault) -> Diagnostic {
    let Fault { places, message, help, misses: _ } = fault;
    let mut found = Diagnostic::new(message.as_str());
    found.places = places.iter().map(spot).collect();
    found.help.extend(help.clone());
    found
}

fn spot(place: &Place) -> Spot {
    Spot { file: shown(Path::new(&*place.file)), bytes: place.bytes() }
}

/// A place in a sentence.
pub(crate) struct Spotted<'a>(pub &'a Place);

impl fmt::Display for Spotted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", shown(Path::new(&*self.0.file)), self.0.line)
    }
}
