//! A fixture on its way on a server.

use diesel::PgConnection;
use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::plan::Phase;
use schemig_core::schema::Schema;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::{Directory, Pair, Planned};
use schemig_tests::populate::populate;
use schemig_tests::release::{NEEDS, Statement, statements};
use schemig_tests::server::{Server, Way};

pub struct Case {
    pub server: Server,
    pub pair: Pair,
    pub planned: Planned,
    dialect: Box<dyn Dialect + Send + Sync>,
}

impl Case {
    /// A fixture's start, with rows.
    pub fn of(name: &str) -> Self {
        let fixture = Fixture::all().into_iter().find(|fixture| fixture.name == name).expect("a fixture");
        let dialect = Server::dialect(Product::Postgres);
        let pair = fixture.pair(Product::Postgres, dialect.as_ref()).expect("models without mistakes");
        let planned = pair.plan(dialect.capabilities()).expect("nothing to ask").expect("something to do");
        let mut server = Server::new(Product::Postgres);
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
        server.execute(NEEDS).expect("a sequence");
        Self { server, pair, planned, dialect }
    }

    pub fn connect(&self) -> PgConnection {
        self.server.database().expect("a database on a cluster").connect()
    }

    /// Runs the steps of a phase.
    pub fn run(&mut self, phase: Phase) -> Result<(), String> {
        let directories = self.planned.directories(self.dialect.as_ref());
        let mut of_phase = directories.iter().filter(|directory| directory.phase == phase);
        of_phase.try_for_each(|directory: &Directory| self.server.run(directory, Way::Up))
    }

    /// Does what the plan doesn't do here.
    pub fn instead(&mut self, operation: &Operation) -> Result<(), String> {
        let sql = self.dialect.render(std::slice::from_ref(operation), &self.planned.states[0]).sql;
        self.server.execute(&sql).map_err(|error| error.to_string())
    }

    /// The first statement of a release on `users` that begins with these words.
    pub fn statement(&self, release: &Schema, words: &str) -> Statement {
        let all = statements(release, &self.planned, |_| false);
        let mut found = all.into_iter().filter(|one| one.table.name == "users" && one.sql.starts_with(words));
        found.next().unwrap_or_else(|| panic!("no statement begins with {words}"))
    }
}
