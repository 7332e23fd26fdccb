//! A fixture on its way on a server.

use std::sync::Arc;

use cargo_schemig::verify::traffic::{Job, Kind, Ledger, Ran};
use diesel::PgConnection;
use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::plan::Phase;
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::{Directory, Pair, Planned};
use schemig_tests::populate::populate;
use schemig_tests::release::{course, releases, worker};
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
        server.stand_in([&pair.before, &pair.after]);
        server.build(&pair.before);
        populate(&mut server, dialect.as_ref(), &pair.before, Some(&planned), 60);
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

    /// Lets a release do one thing to `users`, on a new connection.
    pub fn does(&self, release: usize, kind: &Kind) -> Result<(), String> {
        let releases = releases(&self.pair);
        let course = course(&releases, &self.planned, self.dialect.as_ref());
        let mut worker = worker(&course, release, &self.server, &Arc::new(Ledger::default()));
        worker.look_around(&course).map_err(|fault| fault.to_string())?;
        let does = |job: &Job| {
            let [only] = job.statements() else { return false };
            only.known.name.name == "users" && only.kind == *kind
        };
        let job = worker.jobs().iter().position(does).expect("every table has it");
        match worker.run(job) {
            Ok(ran) => {
                assert_eq!(ran, Ran::Done, "{kind}");
                Ok(())
            }
            Err(fault) => Err(fault.to_string()),
        }
    }
}
