//! No file sets search_path: Diesel writes its version row, unqualified, in the same transaction.

use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::bench::Bench;
use crate::gallery::gallery;
use crate::models::{belonging, members};
use crate::planned::File;

#[test]
fn only_functions_of_ours_have_one() {
    let mut functions = 0;
    for planned in gallery() {
        for file in planned.files() {
            for line in file.up.sql.lines().chain(file.down.sql.lines()) {
                if line.contains("search_path") {
                    assert!(
                        line.starts_with("    LANGUAGE plpgsql SET search_path = pg_catalog, "),
                        "{line}"
                    );
                    functions += 1;
                }
            }
        }
    }
    assert!(functions > 0, "no function was seen");
}

/// Runs files through Diesel's own harness, all up and all down.
fn through_diesel(bench: &mut Bench, files: &[File]) -> Result<(), String> {
    let root = tempfile::tempdir().expect("a directory");
    for (place, file) in files.iter().enumerate() {
        let directory = root.path().join(format!("2026-01-01-000000-{place:04}_step"));
        std::fs::create_dir(&directory).expect("a directory");
        let metadata = format!("run_in_transaction = {}\n", file.up.transactional);
        for (name, text) in
            [("up.sql", &file.up.sql), ("down.sql", &file.down.sql), ("metadata.toml", &metadata)]
        {
            std::fs::write(directory.join(name), text).expect("a file");
        }
    }
    let migrations = FileBasedMigrations::from_path(root.path()).expect("migrations");
    bench.connection.run_pending_migrations(migrations.clone()).map_err(|error| error.to_string())?;
    bench.connection.revert_all_migrations(migrations).map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_file_that_sets_it_hides_diesels_own_table() {
    let planned = belonging(None);
    let mut bench = Bench::new("r17_harness", &planned, &members(10));
    through_diesel(&mut bench, &planned.files()).expect("all up, and all down");
    let mut bench = Bench::new("r17_sets_it", &planned, &members(10));
    bench.sql("CREATE SCHEMA elsewhere");
    let mut file = planned.files().remove(0);
    file.up.sql = format!("SET search_path = elsewhere;\n{}", file.up.sql);
    let message = through_diesel(&mut bench, &[file]).expect_err("the version row has no table");
    assert!(
        message.contains("__diesel_schema_migrations") && message.contains("does not exist"),
        "{message}"
    );
}
