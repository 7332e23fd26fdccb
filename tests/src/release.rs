//! The two releases of a pair at work: the traffic that `cargo schemig verify` drives.

use std::sync::Arc;

use cargo_schemig::database::Connection;
use cargo_schemig::verify::traffic::{Course, Ledger, Session, Spelling, Who, Worker};
use schemig_core::dialect::Dialect;
use schemig_core::schema::Schema;

use crate::pair::{Pair, Planned};
use crate::server::Server;

/// Both sides of a pair, as its releases know them.
pub fn releases(pair: &Pair) -> [Schema; 2] {
    [pair.before.clone(), pair.after.clone()]
}

/// The way between them.
pub fn course<'a>(releases: &'a [Schema; 2], planned: &'a Planned, dialect: &'a dyn Dialect) -> Course<'a> {
    Course {
        dialect,
        spelling: Spelling::POSTGRES,
        releases,
        changes: vec![&planned.plan.changes],
        states: planned.states.iter().map(|state| &state.schema).collect(),
        operations: planned.plan.steps.iter().flat_map(|step| &step.up).collect(),
        tables: None,
    }
}

/// Release N-1 (0) or N (1) on a new connection to a server's database.
///
/// # Panics
/// A connection that is opened now.
pub fn session(server: &Server) -> Session {
    let connection = server.database().expect("a database on a cluster").connect();
    Session::new(Connection::Postgres(Box::new(connection)))
}

/// When the server isn't on a cluster.
pub fn worker(course: &Course<'_>, release: usize, server: &Server, ledger: &Arc<Ledger>) -> Worker {
    let session = session(server);
    let name = ["N-1", "N"][release].to_owned();
    let place = if release == 0 { 0 } else { 1 };
    Worker::new(course, Who { name, release, place, seed: 1 }, session, ledger.clone())
}
