//! What schemig writes under `schemig/` it reads back, whatever it holds.

mod values;

use proptest::prelude::*;
use schemig_core::plan::file;
use schemig_core::schema::FormatError;
use schemig_core::schema::snapshot;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_reads_back((name, table, models) in values::snapshot()) {
        let text = snapshot::write(&name, &table, &models);
        let read = snapshot::read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read.name, &name);
        prop_assert_eq!(&read.table, &table);
        // Equality of text covers what equality of meaning ignores: order and provenance.
        prop_assert_eq!(snapshot::write(&read.name, &read.table, &read.models), text);
    }

    #[test]
    fn an_enum_reads_back(name in values::table_name(), definition in values::enumeration()) {
        let text = snapshot::write_enum(&name, &definition);
        let read = snapshot::read_enum(&text);
        let (read_name, read) = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read_name, &name);
        prop_assert_eq!(&read, &definition);
        prop_assert_eq!(snapshot::write_enum(&read_name, &read), text);
    }

    #[test]
    fn a_plan_reads_back(plan in values::plan()) {
        let text = file::write(&plan);
        let read = file::read(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &plan);
        prop_assert_eq!(file::write(&read), text);
    }
}

/// A plan of one step that somebody signed off before it was kept what they had seen.
const SIGNED: &str = r#"format = 1
id = "0002_a"
parents = []
overlap = true
changes = [
  { drop_table = { table = "notes" } },
]
cancels = []
approvals = [
  { rules = ["data-destroyed"], reason = "nobody looks" },
]

promises = []
confirmed = false

# 1 contract: drop table notes
[[steps]]
phase = "contract"
cause = 0
up = [
  { drop_table = { table = "notes" } },
]
down = []
"#;

#[test]
fn an_approval_of_before_stays_as_it_is() {
    let plan = file::read(SIGNED).unwrap();
    assert_eq!(plan.approvals[0].rules, ["data-destroyed"]);
    assert_eq!(plan.approvals[0].seen, []);
    assert_eq!(file::write(&plan), SIGNED);
}

#[test]
fn what_was_seen_belongs_to_the_plan() {
    let seen = |rule: &str, step: usize| {
        let words = format!(
            ", seen = [{{ rule = \"{rule}\", condition = \"drop table notes\", steps = [{step}] }}] }}"
        );
        file::read(&SIGNED.replace("looks\" }", &format!("looks\"{words}")))
    };
    assert_eq!(seen("data-destroyed", 0).unwrap().approvals[0].seen[0].condition, "drop table notes");
    let edited = FormatError::Edited { part: "what approval 1 has seen".to_owned() };
    assert_eq!(seen("data-destroyed", 1), Err(edited.clone()), "a step that there isn't");
    assert_eq!(seen("lossy-cast", 0), Err(edited), "a rule that nobody signed off");
}
