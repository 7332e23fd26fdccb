//! `cargo schemig init --annotate`: the edit that makes models of structs, shown or made.

use std::path::Path;

use schemig_core::schema::Schema;

use crate::annotate::{Annotation, Ground, annotate};
use crate::arguments::Init;
use crate::commands::Outcome;
use crate::exit::{Exit, Stop};
use crate::project::{OnSchemig, Project, on_schemig};
use crate::report::{ModelRow, Report, Standing};
use crate::store::{self, Changeset};

/// For a project that was adopted before.
///
/// # Errors
/// A snapshot or sources that can't be read; a file that can't be written.
pub(super) fn of_snapshot(arguments: &Init, project: &Project) -> Result<Outcome, Stop> {
    let stored = store::load(project)?;
    let open = stored.log.open_changes();
    let found = annotate(&Ground { project, schema: &stored.schema, open: &open })?;
    let (mut changes, mut report) = (Changeset::default(), Report::default());
    if arguments.database_url.is_some() || arguments.from_migrations {
        report.notes.push(format!(
            "{} is there already: it is what structs were compared with, and no database was read",
            project.shown(&project.home)
        ));
    }
    report.summary = summary(&found.rows);
    tell(arguments, project, found, &mut changes, &mut report)?;
    changes.commit(&project.root)?;
    Ok(Outcome::report(Exit::Done, report.with_files(&changes, arguments.dry_run)))
}

/// For a database that is adopted in the same run.
///
/// # Errors
/// Sources that can't be read.
pub(super) fn add(
    arguments: &Init,
    project: &Project,
    schema: &Schema,
    changes: &mut Changeset,
    report: &mut Report,
) -> Result<(), Stop> {
    let found = annotate(&Ground { project, schema, open: &[] })?;
    report.summary = format!("{}. {}", report.summary, summary(&found.rows));
    report.next.clear();
    tell(arguments, project, found, changes, report)
}

/// Without a snapshot nobody knows which columns a table has.
pub(super) fn nothing_to_compare(project: &Project) -> Stop {
    Stop::refused(
        format!(
            "there is no {} directory, so there are no tables to find structs for",
            project.shown(&project.home)
        ),
        "add --database-url URL or --from-migrations, which adopt what is there",
    )
}

fn tell(
    arguments: &Init,
    project: &Project,
    found: Annotation,
    changes: &mut Changeset,
    report: &mut Report,
) -> Result<(), Stop> {
    let Annotation { rows, files, patch, notes, base, crates, pending } = found;
    report.models = rows;
    report.notes.extend(notes);
    if patch.is_some() && !arguments.write {
        let here = match project.crates.as_slice() {
            [] => "the directory of Cargo.toml".to_owned(),
            [..] => project.shown(&base),
        };
        report
            .next
            .push(format!("cargo schemig init --annotate --write, or `git apply` of the diff in {here}"));
    }
    let home = (None, project.root.clone());
    let crates = if project.crates.is_empty() { vec![home] } else { crates };
    for (name, root) in crates {
        report.next.extend(to_depend(project, name.as_deref(), &root)?);
    }
    report.next.push(if pending.is_empty() {
        "cargo schemig diff: it changes nothing, and from then on each change of a model is a plan".to_owned()
    } else {
        let found = pending.join("; ");
        report.notes.push(format!(
            "the models that there are differ from the snapshot, whatever is annotated: {found}"
        ));
        "cargo schemig diff".to_owned()
    });
    report.patch = patch;
    if arguments.write {
        files.into_iter().for_each(|(path, text)| changes.put(path, text));
    }
    Ok(())
}

/// What a crate lacks for what it is to derive.
fn to_depend(project: &Project, name: Option<&str>, root: &Path) -> Result<Option<String>, Stop> {
    Ok(match on_schemig(root)? {
        OnSchemig::Yes => None,
        OnSchemig::No => {
            Some(name.map_or_else(
                || "cargo add schemig".to_owned(),
                |name| format!("cargo add schemig -p {name}"),
            ))
        }
        OnSchemig::Renamed(other) => Some(format!(
            "call schemig by its own name in {}, where it is `{other}`: what the derive writes begins with `::schemig`",
            project.shown(&root.join("Cargo.toml"))
        )),
    })
}

/// How many tables have a model, and how many are to get one.
fn summary(rows: &[ModelRow]) -> String {
    let count = |wanted: Standing| rows.iter().filter(|row| row.standing == wanted).count();
    let parts = [
        (Standing::Proposed, "one struct is to derive Migratable", "structs are to derive Migratable"),
        (Standing::Declared, "one does already", "do already"),
        (Standing::Undecided, "one table has several that could", "tables have several that could"),
        (Standing::Observed, "one table stays observed", "tables stay observed"),
        (Standing::Lost, "one table has lost its model", "tables have lost their models"),
    ];
    let said = parts.into_iter().filter_map(|(standing, one, many)| match count(standing) {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(format!("{count} {many}")),
    });
    let said: Vec<String> = said.collect();
    let all = said.join(", ");
    let mut letters = all.chars();
    match letters.next() {
        None => "There are no tables".to_owned(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
    }
}
