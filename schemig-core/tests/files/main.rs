//! What schemig writes under `schemig/` it reads back, whatever it holds.

mod values;

use proptest::prelude::*;
use schemig_core::plan::file;
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
