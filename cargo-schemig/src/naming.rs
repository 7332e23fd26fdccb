//! What a plan is called when nobody says it.

use schemig_core::change::{Change, Difference};
use schemig_core::plan::PlanId;

use crate::exit::Stop;

/// Longer names make directories that nobody can read.
const LONGEST: usize = 48;

/// The name of a plan: its number, and the words that were given or those of its first change.
///
/// # Errors
/// Words without a letter or digit.
pub fn plan_id(number: u32, given: Option<&str>, difference: &Difference) -> Result<PlanId, Stop> {
    let words = match (given, difference.changes.first()) {
        (Some(given), _) => given.to_owned(),
        (None, Some(change)) => words(change),
        (None, None) => "take_back".to_owned(),
    };
    let clean = clean(&words);
    if clean.is_empty() {
        return Err(Stop::refused(format!("`{words}` can't name a plan"), "use letters, digits and `_`"));
    }
    Ok(PlanId(format!("{number:04}_{clean}")))
}

/// Small letters, digits and single underscores: what Diesel, file systems and people take.
fn clean(words: &str) -> String {
    let folded = words.to_lowercase();
    let parts: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let whole = parts.join("_");
    whole.chars().take(LONGEST).collect::<String>().trim_end_matches('_').to_owned()
}

fn words(change: &Change) -> String {
    match change {
        Change::CreateTable { table, .. } => format!("create {table}"),
        Change::DropTable { table } => format!("drop {table}"),
        Change::RenameTable { from, to } => format!("rename {from} to {to}"),
        Change::AddColumn { table, column, .. } => format!("add {table} {column}"),
        Change::DropColumn { table, column, .. } => format!("drop {table} {column}"),
        Change::RenameColumn { table, from, to } => format!("rename {table} {from} to {to}"),
        Change::ReplaceColumn { table, from, to, .. } => format!("replace {table} {from} by {to}"),
        Change::RetypeColumn { table, column, .. } => format!("retype {table} {column}"),
        Change::RequireColumn { table, column, .. } => format!("require {table} {column}"),
        Change::RelaxColumn { table, column } => format!("relax {table} {column}"),
        Change::ChangeDefault { table, column, .. } => format!("default {table} {column}"),
        Change::ChangeCollation { table, column, .. } => format!("collate {table} {column}"),
        Change::RecomputeColumn { table, column, .. } => format!("compute {table} {column}"),
        Change::ChangeComments { table, .. } => format!("comment {table}"),
        Change::ChangeIdentity { table, column, .. } => format!("number {table} {column}"),
        Change::ChangePrimaryKey { table, .. } => format!("key {table}"),
        Change::AddIndex { index, .. } => format!("add {index}"),
        Change::DropIndex { index, .. } => format!("drop {index}"),
        Change::ReplaceIndex { index, .. } => format!("replace {index}"),
        Change::AddForeignKey { name, .. } | Change::AddCheck { name, .. } => format!("add {name}"),
        Change::DropForeignKey { name, .. } | Change::DropCheck { name, .. } => format!("drop {name}"),
        Change::CreateEnum { name, .. } => format!("create {name}"),
        Change::DropEnum { name, .. } => format!("drop {name}"),
        Change::AddEnumValue { name, value, .. } => format!("add {name} {value}"),
        Change::RenameEnumValue { name, from, to } => format!("rename {name} {from} to {to}"),
        Change::ReplaceEnum { name, .. } => format!("replace {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(given: Option<&str>) -> Result<PlanId, Stop> {
        let changes = vec![Change::DropTable { table: "app.users".into() }];
        plan_id(7, given, &Difference { changes, cancels: Vec::new() })
    }

    #[test]
    fn a_plan_is_named_after_its_first_change() {
        assert_eq!(named(None).unwrap().0, "0007_drop_app_users");
        assert_eq!(named(Some("Pin notes!")).unwrap().0, "0007_pin_notes");
        assert!(named(Some("../..")).is_err());
    }

    #[test]
    fn names_are_not_endless() {
        assert_eq!(
            named(Some(&"ab ".repeat(40))).unwrap().0,
            format!("0007_{}", "ab_".repeat(16).trim_end_matches('_'))
        );
    }
}
