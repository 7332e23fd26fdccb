//! The product's private PostgreSQL clusters as tests want them: one that they share, and a panic where a server refuses.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::OnceLock;

use cargo_schemig::server;
pub use cargo_schemig::server::{Replica, Settings};
use diesel::PgConnection;

/// A running server of its own.
#[derive(Debug)]
pub struct Cluster(server::Cluster);

/// A database in a [`Cluster`], empty at first, dropped with the value.
#[derive(Debug)]
pub struct Database<'a>(server::Database<'a>);

impl Cluster {
    /// The one cluster of this test process, started on first use.
    pub fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Cluster::start(&Settings::default()))
    }

    /// Starts a cluster of its own: for tests that need other settings, or that disturb their neighbours.
    ///
    /// # Panics
    /// When no server binaries are found or the server doesn't start; the message says what to do, or has its log.
    pub fn start(settings: &Settings) -> Cluster {
        Self(server::Cluster::start(&binaries(), settings).unwrap_or_else(|log| panic!("{log}")))
    }

    /// A replica of this cluster, with `settings` of its own: lines of postgresql.conf.
    ///
    /// # Panics
    /// When it can't be copied or doesn't start; the message has what was said.
    pub fn replica(&self, settings: &str) -> Replica {
        self.0.replica(&binaries(), settings).unwrap_or_else(|log| panic!("{log}"))
    }

    /// Makes an empty database whose name starts with `stem`.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self, stem: &str) -> Database<'_> {
        Database(self.0.database(stem).unwrap_or_else(|error| panic!("{error}")))
    }
}

/// Whether the binaries at hand can copy a cluster to a replica: those that come through npm can't.
pub fn can_replicate() -> bool {
    binaries().join("pg_basebackup").is_file()
}

fn binaries() -> PathBuf {
    server::binaries().expect(
        "PostgreSQL's server isn't installed: run tests/run, which installs it, or name a directory in SCHEMIG_PG_BIN",
    )
}

impl Deref for Cluster {
    type Target = server::Cluster;

    fn deref(&self) -> &server::Cluster {
        &self.0
    }
}

impl Database<'_> {
    /// A new connection as the superuser.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn connect(&self) -> PgConnection {
        self.0.connect().expect("the database answers")
    }
}

impl<'a> Deref for Database<'a> {
    type Target = server::Database<'a>;

    fn deref(&self) -> &server::Database<'a> {
        &self.0
    }
}
