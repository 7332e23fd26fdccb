//! `cargo schemig init`: starts an empty project.

use std::fs;

use schemig_core::plan::log;

use super::Outcome;
use crate::arguments::Common;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::Project;
use crate::report::Report;
use crate::store::{self, Changeset};

/// Makes `schemig/`, and takes schema.rs over from Diesel.
///
/// # Errors
/// Migrations that stand already: what they make isn't known to schemig.
pub fn run(common: &Common) -> Result<Outcome, Stop> {
    let project = Project::find(&common.selection())?;
    if project.home.is_dir() {
        let summary = format!("{} is there already: nothing to do", project.shown(&project.home));
        return Ok(Outcome::report(Exit::Done, Report { summary, ..Report::default() }));
    }
    if let Some(first) = migrations::existing(&project)?.first() {
        let message = format!("{} already holds {first}", project.shown(&project.migrations));
        return Err(Stop::refused(
            message,
            "init starts a project without migrations; adopting one that has some is yet to come",
        ));
    }
    let mut changes = Changeset::default();
    changes.put(store::deployed_path(&project), log::write_deployed(&[]));
    if let Some(file) = &project.printed_by_diesel {
        take_over(&project, file, &mut changes)?;
    }
    changes.commit(&project.root)?;
    let summary = "Ready: schemig knows that the database is empty".to_owned();
    let next = vec!["derive Migratable on the models, then run `cargo schemig diff`".to_owned()];
    Ok(Outcome::report(Exit::Done, Report { summary, next, ..Report::default() }.with_files(&changes, false)))
}

/// Moves the name of schema.rs from diesel.toml to schemig.toml: while a contract is open, what Diesel would print is wrong.
fn take_over(project: &Project, file: &str, changes: &mut Changeset) -> Result<(), Stop> {
    let path = project.root.join("diesel.toml");
    let text = fs::read_to_string(&path).map_err(|error| Stop::failed(&path, "read", &error))?;
    changes.put(path, without_print_schema_file(&text));
    let path = project.root.join("schemig.toml");
    // One that is there and can't be read must not be written over.
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Stop::failed(&path, "read", &error)),
    };
    if !text.lines().any(|line| line.trim_start().starts_with("schema_rs")) {
        // In front: behind, it might fall into a section.
        changes.put(path, format!("schema_rs = {}\n{text}", toml::Value::from(file)));
    }
    Ok(())
}

/// diesel.toml without the line that has Diesel write schema.rs.
fn without_print_schema_file(text: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with('[') {
            inside = bare == "[print_schema]";
        }
        let names_file = bare.strip_prefix("file").is_some_and(|rest| rest.trim_start().starts_with('='));
        if !(inside && names_file) {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_print_schema_file;

    #[test]
    fn only_the_one_line_goes() {
        let text = "[print_schema]\nfile = \"src/schema.rs\"\nfile_is = 1\n\n[migrations_directory]\nfile = 1\ndir = \"m\"\n";
        assert_eq!(without_print_schema_file(text), text.replace("file = \"src/schema.rs\"\n", ""));
    }
}
