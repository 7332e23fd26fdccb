//! What the planner takes a type change to cost is what was measured (`facts/postgres-type-changes.tsv`).

use std::collections::BTreeMap;

use schemig_core::dialect::postgres::cast;
use schemig_core::plan::{InPlace, Kept};
use schemig_core::schema::SqlType;

/// A pair of types, as measured in all time zones without a USING.
#[derive(Default)]
struct Measured {
    works: bool,
    /// The server has the cast; the measured table just has an index over the column, which json can't be in.
    casts: bool,
    rewrites: bool,
    rebuilds: bool,
}

/// Domains and enums of the measurement, which the planner knows nothing of: it takes them for the dearest.
const OF_THE_MEASUREMENT: [&str; 6] = ["dint", "dintck", "dtext", "dvc50", "e1", "e2"];

fn measured() -> BTreeMap<(String, String), Measured> {
    let mut found: BTreeMap<(String, String), Measured> = BTreeMap::new();
    for line in include_str!("facts/postgres-type-changes.tsv").lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, from, to, _, using, result, rewrite, _, index, ..] = cells.as_slice() else {
            panic!("a line of another form: {line}")
        };
        if using.is_empty() && from != to && ![from, to].iter().any(|name| OF_THE_MEASUREMENT.contains(name))
        {
            let pair = found.entry(((*from).to_owned(), (*to).to_owned())).or_default();
            pair.works |= *result == "ok";
            pair.casts |= pair.works || cells[9].starts_with("42704 data type json");
            pair.rewrites |= *rewrite == "y";
            pair.rebuilds |= *index == "y";
        }
    }
    found
}

#[test]
fn a_type_change_in_place_costs_what_was_measured() {
    let mut wrong = Vec::new();
    let pairs = measured();
    for ((from, to), measured) in pairs.iter().filter(|(_, measured)| measured.works) {
        // UTC is the only zone in which these two are one, and a file can't know who runs it.
        let depends_on_zone = from.starts_with("timestamp")
            && to.starts_with("timestamp")
            && from.starts_with("timestamptz") != to.starts_with("timestamptz");
        let wanted = match (measured.rewrites || depends_on_zone, measured.rebuilds) {
            (true, _) => InPlace::Rewrites,
            (false, true) => InPlace::RebuildsIndexes,
            (false, false) => InPlace::Free,
        };
        let found = cast(&SqlType::parse(from), &SqlType::parse(to)).in_place;
        if found != wanted {
            wrong.push(format!("{from} to {to}: {found:?}, measured {wanted:?}"));
        }
    }
    assert!(pairs.len() > 1_000, "{} pairs", pairs.len());
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_is_said_to_keep_all_values_is_a_cast_that_the_server_has() {
    let mut missing = Vec::new();
    for ((from, to), measured) in measured() {
        let kept = cast(&SqlType::parse(&from), &SqlType::parse(&to)).kept;
        // These are written with an explicit cast.
        let explicit = [("boolean", "integer"), ("bool", "int")].contains(&(from.as_str(), to.as_str()));
        if kept == Kept::All && !measured.casts && !explicit {
            missing.push(format!("{from} to {to}"));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
