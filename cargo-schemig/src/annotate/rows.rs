//! What was found, in words.

use std::collections::BTreeMap;

use schemig_core::capture::Place;
use schemig_core::schema::TableName;

use super::judge::{Judged, Models, OfTable, Repair};
use crate::capture::Spotted;
use crate::project::Project;
use crate::report::{ModelRow, Standing, StructRow};
use crate::scan::{self, Candidate};

/// The row of a table. `refused` is what its proposed model would change.
pub fn row(table: &TableName, of_table: &OfTable<'_>, refused: Option<&Vec<String>>) -> ModelRow {
    let OfTable { models, others, columns, was_declared } = of_table;
    let none = if *was_declared { Standing::Lost } else { Standing::Observed };
    let mut others: Vec<StructRow> = others.iter().map(|judged| other(judged)).collect();
    let all = match columns {
        1 => "reads its only column".to_owned(),
        columns => format!("reads all {columns} columns"),
    };
    let (standing, model, needs) = match (models, refused) {
        (Models::Declared(model), _) => {
            let row =
                structure(&model.ident.text, &model.ident.place, "derives Migratable already".to_owned());
            (Standing::Declared, Some(row), Vec::new())
        }
        (Models::Proposed(judged), None) => {
            let row = structure(&judged.candidate.name, &judged.candidate.place, all);
            (Standing::Proposed, Some(row), judged.repairs.iter().map(need).collect())
        }
        (Models::Proposed(judged), Some(changes)) => {
            let why = format!("{all}, but can't be its model: {}", changes.join("; "));
            others.insert(0, structure(&judged.candidate.name, &judged.candidate.place, why));
            (none, None, Vec::new())
        }
        (Models::Several, _) => (Standing::Undecided, None, Vec::new()),
        (Models::None, _) => (none, None, Vec::new()),
    };
    ModelRow { table: table.to_string(), standing, model, needs, others }
}

fn other(judged: &Judged<'_>) -> StructRow {
    let Judged { candidate, table: _, repairs, reasons } = judged;
    let why = if reasons.is_empty() {
        let needs: Vec<String> = repairs.iter().map(need).collect();
        let with = if needs.is_empty() { String::new() } else { format!(", with {}", needs.join("; ")) };
        format!("reads the whole table{with}")
    } else {
        reasons.join("; ")
    };
    structure(&candidate.name, &candidate.place, why)
}

fn structure(name: &str, place: &Place, why: String) -> StructRow {
    StructRow { name: name.to_owned(), place: Spotted(place).to_string(), why }
}

fn need(repair: &Repair) -> String {
    match repair {
        Repair::PrimaryKey(columns) => {
            format!("#[diesel(primary_key({}))]: Diesel takes `id` where none is said", columns.join(", "))
        }
        Repair::SqlType { at: _, column, rust_type, sql_type, is_enum } => {
            let text = sql_type.to_string();
            let other = if *is_enum {
                let own = rust_type.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>'));
                let own = own.unwrap_or(rust_type);
                format!("; or derive schemig::MigratableEnum on `{own}`, which has its labels checked too")
            } else {
                String::new()
            };
            format!(
                "#[schemig(sql_type = {text:?})] on `{column}`: `{rust_type}` alone doesn't say it{other}"
            )
        }
    }
}

/// Whether the struct says no table, so that it has Diesel's own place: that of the struct's name.
fn is_inferred(candidate: &Candidate) -> bool {
    candidate.model.as_ref().is_ok_and(|model| model.table.place == model.ident.place)
}

/// Structs without a table, and what couldn't be seen.
pub fn notes(
    judged: &[Judged<'_>],
    tables: &BTreeMap<TableName, OfTable<'_>>,
    found: &scan::Capture,
    project: &Project,
) -> Vec<String> {
    let mut notes = Vec::new();
    for Judged { candidate, table, repairs: _, reasons } in judged {
        let at = format!("{} ({})", candidate.name, Spotted(&candidate.place));
        match table {
            Some(table) if tables.contains_key(table) => {}
            Some(table) if is_inferred(candidate) => notes.push(format!(
                "{at} names no table, and there is no {table}, which Diesel would take; left as it is"
            )),
            Some(table) => notes.push(format!("{at}: the database has no table {table}; left as it is")),
            None => notes.push(format!("{at} {}; left as it is", reasons.join("; "))),
        }
    }
    for place in &found.hidden {
        notes.push(format!(
            "{}: this macro names Diesel's derives; what it makes can't be seen, so a struct that is to be a model is written out",
            Spotted(place)
        ));
    }
    let files = project.schema_rs.iter().filter_map(|one| one.file.as_ref());
    for shown in files.filter(|file| !file.is_file()).map(|file| project.shown(file)) {
        notes.push(format!(
            "there is no {shown}: tables and columns are matched by the names that print-schema gives them"
        ));
    }
    let bare = |of_table: &OfTable<'_>| matches!(of_table.models, Models::None) && of_table.others.is_empty();
    if tables.values().any(bare) {
        notes.push(
            "a struct behind a feature that is off isn't seen: name it with --features where a table lacks its own"
                .to_owned(),
        );
    }
    notes
}
