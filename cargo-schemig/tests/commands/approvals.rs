//! What was signed off is kept: in the plan's file, and in the up.sql of each step that it is about.

use crate::bad_input::{done, notes, refused, shipped_on_postgres};
use crate::support::Crate;

/// The lines of each migration's up.sql that say what was signed off, by the end of its name.
fn approved(home: &Crate, directory: &str) -> Vec<(String, Vec<String>)> {
    let lines = |name: &String| -> Vec<String> {
        let up = home.read(&format!("{directory}/{name}/up.sql"));
        up.lines().filter(|line| line.starts_with("-- approved: ")).map(str::to_owned).collect()
    };
    let names = home.names(directory);
    let end = |name: &String| name.rsplit_once("notes_").map_or(name.clone(), |(_, end)| end.to_owned());
    names.iter().map(|name| (end(name), lines(name))).collect()
}

/// `notes` loses a column that the old release reads as never NULL, filled meanwhile.
fn dropped() -> Crate {
    let home = shipped_on_postgres(&notes("pub colour: String,"));
    let dropped = "#[schemig(dropped(\"colour\", fill = \"''\"))]\npub struct";
    home.write("src/lib.rs", &notes("").replace("pub struct", dropped));
    home
}

const DROPPED: &str =
    "-- approved: data-destroyed, \"nobody looks\" (drop column notes.colour, kept filled with '')";

#[test]
fn what_is_destroyed_is_said_where_it_is_destroyed() {
    let home = dropped();
    done(&home, &["diff", "--now", "2026-11-21-070000", "--approve", "nobody looks"]);
    let now = approved(&home, "migrations");
    assert!(now.len() > 1 && now.iter().all(|(_, lines)| lines.is_empty()), "it only waits yet: {now:?}");
    let waiting = approved(&home, "schemig/contracts/0002_drop_notes_colour");
    let said: Vec<_> = waiting.iter().filter(|(_, lines)| !lines.is_empty()).collect();
    assert!(matches!(said.as_slice(), [(_, lines)] if lines == &[DROPPED]), "{waiting:?}");

    let plan = home.read("schemig/plans/0002_drop_notes_colour.toml");
    let seen = "rules = [\"data-destroyed\"], reason = \"nobody looks\", seen = [{ rule = \"data-destroyed\", condition = \"drop column";
    assert!(plan.contains(seen), "{plan}");
    done(&home, &["contract", "--now", "2026-11-22-070000", "--confirm"]);
    let written = approved(&home, "migrations");
    let said: Vec<_> = written.iter().filter(|(_, lines)| !lines.is_empty()).collect();
    assert!(matches!(said.as_slice(), [(_, lines)] if lines == &[DROPPED]), "{written:?}");
    let again = home.read("schemig/plans/0002_drop_notes_colour.toml");
    assert_eq!(again, plan.replace("confirmed = false", "confirmed = true"), "the plan, written again");
}

/// A type with less room waits for the contract, and connections of the new release break there: it is signed off twice.
#[test]
fn a_contract_that_is_signed_off_says_so_too() {
    let column = |room: u32, more: &str| {
        notes(&format!("#[schemig(sql_type = \"varchar({room})\"{more})]\npub title: String,"))
    };
    let home = shipped_on_postgres(&column(80, ""));
    home.write("src/lib.rs", &column(20, ", convert = \"left(title, 20)\""));
    done(&home, &["diff", "--now", "2026-11-21-070000", "--approve", "titles are short"]);
    refused(&home, &["contract", "--confirm"], 3, &["type-in-place", "cargo schemig explain type-in-place"]);
    let contract =
        ["contract", "--confirm", "--now", "2026-11-22-070000", "--approve", "we restart the pools"];
    done(&home, &contract);
    let written = approved(&home, "migrations");
    let lines = &written.last().expect("a contract").1;
    let first = "-- approved: lossy-cast, \"titles are short\" (the values of notes.title become left(title, 20) in notes.title)";
    assert!(lines.iter().any(|line| line == first), "{lines:#?}");
    let second = "-- approved: type-in-place, \"we restart the pools\" (notes.title changed its type under prepared statements)";
    assert!(lines.iter().any(|line| line == second), "{lines:#?}");
    let plan = home.read("schemig/plans/0002_retype_notes_title.toml");
    assert!(plan.contains("reason = \"we restart the pools\", seen = [{ rule = \"type-in-place\""), "{plan}");
}
