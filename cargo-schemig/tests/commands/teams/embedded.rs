//! An app that carries its migrations in itself, and knows nothing of schemig at run time.

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// As Diesel takes them from the example's directory while this is compiled.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../examples/quickstart/migrations");

#[test]
fn what_is_written_is_embedded_as_it_stands() {
    let found = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().all(|migration| migration.metadata().run_in_transaction()), "as metadata.toml says");
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let ran = connection.run_pending_migrations(MIGRATIONS).unwrap().len();
    assert_eq!(ran, found.len());
    diesel::sql_query("INSERT INTO notes (title) VALUES ('milk')").execute(&mut connection).unwrap();
    connection.revert_all_migrations(MIGRATIONS).unwrap();
    assert!(diesel::sql_query("SELECT * FROM notes").execute(&mut connection).is_err());
}
