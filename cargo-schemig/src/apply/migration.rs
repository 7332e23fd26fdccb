//! A migration as Diesel's harness takes it: Diesel opens the transaction and records the version, what happens between the two is ours.

use std::cell::RefCell;
use std::fmt;

use diesel::backend::Backend;
use diesel::connection::BoxableConnection;
use diesel::migration::{self, MigrationMetadata, MigrationName, MigrationVersion};

use crate::migrations::Migration;

/// What a migration does. Called once.
type Work<'a, DB> = dyn FnMut(&mut dyn BoxableConnection<DB>) -> migration::Result<()> + 'a;

/// A migration whose way up is `work`.
pub struct Harnessed<'a, DB: Backend> {
    name: Name<'a>,
    metadata: Metadata,
    work: RefCell<Box<Work<'a, DB>>>,
}

struct Name<'a>(&'a Migration);

struct Metadata {
    run_in_transaction: bool,
}

impl<'a, DB: Backend> Harnessed<'a, DB> {
    /// The migration as its file has it.
    pub fn file(migration: &'a Migration) -> Self {
        Self::with(migration, |connection| Ok(connection.batch_execute(&migration.up)?))
    }

    /// The migration with other work in the place of its file's.
    pub fn with(
        migration: &'a Migration,
        work: impl FnMut(&mut dyn BoxableConnection<DB>) -> migration::Result<()> + 'a,
    ) -> Self {
        let metadata = Metadata { run_in_transaction: migration.run_in_transaction };
        Self { name: Name(migration), metadata, work: RefCell::new(Box::new(work)) }
    }
}

impl<DB: Backend> migration::Migration<DB> for Harnessed<'_, DB> {
    fn run(&self, connection: &mut dyn BoxableConnection<DB>) -> migration::Result<()> {
        (self.work.borrow_mut())(connection)
    }

    fn revert(&self, _connection: &mut dyn BoxableConnection<DB>) -> migration::Result<()> {
        Err("apply takes nothing back".into())
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.metadata
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

impl MigrationMetadata for Metadata {
    fn run_in_transaction(&self) -> bool {
        self.run_in_transaction
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}

impl MigrationName for Name<'_> {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.0.version)
    }
}
