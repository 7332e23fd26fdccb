//! A crate with a diesel.toml, a database, and the two that print.

use std::process::Command;

use cargo_schemig::database::Connection;
use cargo_schemig::exit::Stop;
use cargo_schemig::project::{Project, Selection};
use cargo_schemig::{introspect, schema_rs};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use schemig_core::dialect::named;
use schemig_core::schema::{Domains, Schema};
use schemig_tests::cluster::{Cluster, Database};
use schemig_tests::diesel_cli;
use tempfile::TempDir;

/// What `diesel setup` puts into diesel.toml, but for the file.
pub const AS_SET_UP: &str =
    "[print_schema]\ncustom_type_derives = [\"diesel::query_builder::QueryId\", \"Clone\"]\n";

pub struct Bench {
    home: TempDir,
    url: String,
    schema: Schema,
    domains: Domains,
    _database: Option<Database<'static>>,
}

impl Bench {
    pub fn sqlite(sql: &str) -> Self {
        let home = home("sqlite");
        let url = home.path().join("db").display().to_string();
        let mut connection = SqliteConnection::establish(&url).expect("a database");
        connection.batch_execute(sql).expect("tables");
        let schema = introspect::sqlite(&mut connection).expect("a schema").schema.observed();
        Self { home, url, schema, domains: Domains::default(), _database: None }
    }

    pub fn postgres(sql: &str) -> Self {
        let database = Cluster::shared().database("print");
        let mut connection = database.connect();
        connection.batch_execute(sql).expect("tables");
        let schema = introspect::postgres(&mut connection, "public").expect("a schema").schema.observed();
        let mut connection = Connection::Postgres(Box::new(connection));
        let postgres = named("postgres", None).expect("a dialect");
        let domains = introspect::domains(&mut connection, &*postgres).expect("domains");
        Self { home: home("postgres"), url: database.url(), schema, domains, _database: Some(database) }
    }

    /// As where nobody has looked which types are domains.
    pub fn without_domains(self) -> Self {
        Self { domains: Domains::default(), ..self }
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).expect("a file");
    }

    /// What Diesel's CLI prints with this diesel.toml, or what it complains of.
    pub fn theirs(&self, diesel_toml: &str) -> Result<String, String> {
        self.write("diesel.toml", diesel_toml);
        let output = Command::new(diesel_cli::binary())
            .args(["--database-url", &self.url, "print-schema"])
            .current_dir(self.home.path())
            .env_remove("DIESEL_CONFIG_FILE")
            .output()
            .expect("the Diesel CLI runs");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// What schemig prints with this diesel.toml.
    pub fn ours(&self, diesel_toml: &str) -> Result<String, Stop> {
        self.write("diesel.toml", diesel_toml);
        schema_rs::text(&self.project()?, &self.schema, &self.domains)
    }

    /// What schemig says beside.
    pub fn notes(&self, diesel_toml: &str) -> Vec<String> {
        self.write("diesel.toml", diesel_toml);
        schema_rs::notes(&self.project().expect("a project"), &self.schema, &self.domains)
    }

    fn project(&self) -> Result<Project, Stop> {
        let manifest_path = Some(self.home.path().join("Cargo.toml"));
        Project::find(&Selection { manifest_path, ..Selection::default() })
    }

    /// Both print the same, which is given back.
    #[track_caller]
    pub fn same(&self, diesel_toml: &str) -> String {
        let theirs = self.theirs(diesel_toml).unwrap_or_else(|error| panic!("{diesel_toml}\n{error}"));
        let ours = self.ours(diesel_toml).unwrap_or_else(|stop| panic!("{diesel_toml}\n{stop:?}"));
        assert_eq!(ours.lines().collect::<Vec<_>>(), theirs.lines().collect::<Vec<_>>(), "{diesel_toml}");
        assert_eq!(ours, theirs, "{diesel_toml}");
        ours
    }

    /// Both print the same, and something else than without the keys.
    #[track_caller]
    pub fn differs(&self, keys: &str) -> String {
        let plain = self.same("[print_schema]\n");
        let printed = self.same(&format!("[print_schema]\n{keys}\n"));
        assert_ne!(plain, printed, "{keys} makes no difference here");
        printed
    }
}

fn home(dialect: &str) -> TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).expect("a file");
    write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write("schemig.toml", &format!("dialect = \"{dialect}\"\n"));
    home
}
