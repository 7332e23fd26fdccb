//! Where diesel.toml and the migrations are looked for: the real Diesel CLI, started in the same crate, looks there too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use schemig_tests::diesel_cli;
use schemig_tests::project::binary;
use schemig_tests::run::Run;
use tempfile::TempDir;

const MODEL: &str = "pub mod schema;\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n\
                     #[diesel(table_name = schema::notes)]\npub struct Note {\n    pub id: i32,\n    pub more: Option<String>,\n}\n";

/// A workspace with a crate in `crates/app`, and a database.
struct Place {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self { home: tempfile::tempdir().expect("a directory"), variables: Vec::new() };
        place.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
        for name in ["app", "other"] {
            place.write(
                &format!("crates/{name}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                     diesel = {{ version = \"2.3\", features = [\"sqlite\"] }}\nschemig = \"0.1\"\n"
                ),
            );
            place.write(&format!("crates/{name}/src/lib.rs"), "");
        }
        for (name, text) in files {
            place.write(name, text);
        }
        let mut connection = SqliteConnection::establish(&place.url()).expect("a database");
        let tables = "CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL); CREATE TABLE more (id INTEGER PRIMARY KEY NOT NULL)";
        connection.batch_execute(tables).expect("tables");
        place
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn url(&self) -> String {
        self.path("db").display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn run(&self, program: &Path, words: &[&str]) -> Run {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.path("crates/app"));
        for name in ["DIESEL_CONFIG_FILE", "MIGRATION_DIRECTORY", "DATABASE_URL"] {
            command.env_remove(name);
        }
        Run::of(command.envs(self.variables.iter().map(|(name, value)| (name, value))))
    }

    fn diesel(&self, words: &[&str]) -> Run {
        self.run(&diesel_cli::binary(), &[&["--database-url", &self.url()], words].concat())
    }

    fn schemig(&self, words: &[&str]) -> Run {
        self.run(&binary(), &[&["schemig"], words].concat())
    }

    /// The directories that hold migrations.
    fn migrations(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        walk(self.home.path(), &mut found);
        found
    }

    /// Both print the same, and both write migrations to the directory.
    #[track_caller]
    fn same(&self, migrations: &str) -> String {
        self.schemig(&["init", "--database-url", &self.url()]).expect_success("init");
        let theirs = self.diesel(&["print-schema"]).expect_success("print-schema").stdout;
        let ours = self.schemig(&["schema"]).expect_success("schema").stdout;
        assert_eq!(ours, theirs);
        let wanted = BTreeSet::from([self.path(migrations)]);
        self.diesel(&["migration", "generate", "theirs"]).expect_success("generate");
        assert_eq!(self.migrations(), wanted, "Diesel");
        std::fs::remove_dir_all(self.path(migrations)).expect("what Diesel wrote");
        std::fs::create_dir_all(self.path(migrations)).expect("a directory");
        self.write("crates/app/src/lib.rs", MODEL);
        self.schemig(&["diff"]).expect_success("diff");
        assert_eq!(self.migrations(), wanted, "schemig");
        ours
    }
}

fn walk(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.join("up.sql").is_file() {
            found.insert(directory.to_owned());
        } else if path.is_dir() {
            walk(&path, found);
        }
    }
}

const DOCS: &str = "[print_schema]\nwith_docs = true\n[migrations_directory]\ndir = \"sql/steps\"\n";
const FILTER: &str =
    "[print_schema]\nfilter = { only_tables = [\"notes\"] }\n[migrations_directory]\ndir = \"only\"\n";

#[test]
fn beside_the_manifest_and_above_it() {
    let printed = Place::with(&[("crates/app/diesel.toml", DOCS), ("crates/app/sql/steps/.keep", "")])
        .same("crates/app/sql/steps");
    assert!(printed.contains("/// Representation of"), "{printed}");
    let printed = Place::with(&[("diesel.toml", DOCS), ("sql/steps/.keep", "")]).same("sql/steps");
    assert!(printed.contains("/// Representation of"), "{printed}");
    let both = [("diesel.toml", DOCS), ("crates/diesel.toml", FILTER), ("crates/only/.keep", "")];
    let printed = Place::with(&both).same("crates/only");
    assert!(!printed.contains("///") && !printed.contains("more"), "{printed}");
}

#[test]
fn as_the_environment_has_it() {
    let files = [("diesel.toml", DOCS), ("conf/d.toml", FILTER), ("conf/only/.keep", "")];
    let printed = Place::with(&files).set("DIESEL_CONFIG_FILE", "../../conf/d.toml").same("conf/only");
    assert!(!printed.contains("more"), "{printed}");
    let printed = Place::with(&[("diesel.toml", DOCS), ("crates/app/mine/.keep", "")])
        .set("MIGRATION_DIRECTORY", "mine")
        .same("crates/app/mine");
    assert!(printed.contains("/// Representation of"), "{printed}");
    let dotenv = "DIESEL_CONFIG_FILE=../../conf/d.toml\nMIGRATION_DIRECTORY=mine\n";
    Place::with(&[("crates/app/.env", dotenv), ("conf/d.toml", FILTER), ("crates/app/mine/.keep", "")])
        .same("crates/app/mine");
}

#[test]
fn migrations_that_nobody_names() {
    Place::with(&[("crates/app/migrations/.keep", ""), ("migrations/.keep", "")])
        .same("crates/app/migrations");
    Place::with(&[("migrations/.keep", "")]).same("migrations");
    Place::with(&[("diesel.toml", "[print_schema]\nwith_docs = true\n"), ("crates/migrations/.keep", "")])
        .same("crates/migrations");
    // Where there are none, `diesel setup` makes them.
    for (files, wanted) in [
        (&[("diesel.toml", "[print_schema]\n")][..], "migrations"),
        (&[("crates/app/diesel.toml", "[print_schema]\n")], "crates/app/migrations"),
        (&[], "crates/app/migrations"),
    ] {
        let place = Place::with(files);
        place.diesel(&["setup"]).expect_success("setup");
        assert!(place.path(wanted).is_dir(), "{wanted}");
        std::fs::remove_dir_all(place.path(wanted)).expect("what Diesel made");
        for (name, text) in files {
            place.write(name, text);
        }
        if files.is_empty() {
            std::fs::remove_file(place.path("crates/app/diesel.toml")).expect("what Diesel made");
        }
        place.schemig(&["init", "--database-url", &place.url()]).expect_success("init");
        place.write("crates/app/src/lib.rs", MODEL);
        place.schemig(&["diff"]).expect_success("diff");
        assert_eq!(place.migrations(), BTreeSet::from([place.path(wanted)]));
    }
}

#[test]
fn what_is_typed_and_what_schemig_toml_says_count_more() {
    let files = [("diesel.toml", DOCS), ("conf/d.toml", FILTER)];
    let place = Place::with(&files).set("DIESEL_CONFIG_FILE", "nowhere.toml");
    place.write("crates/app/schemig.toml", "migrations = \"here\"\n");
    let place = place.set("MIGRATION_DIRECTORY", "there");
    let flag = "--diesel-toml=../../conf/d.toml";
    place.schemig(&["init", flag, "--database-url", &place.url()]).expect_success("init");
    let printed = place.schemig(&["schema", flag]).expect_success("schema").stdout;
    assert!(!printed.contains("more"), "{printed}");
    place.write("crates/app/src/lib.rs", MODEL);
    place.schemig(&["diff", flag]).expect_success("diff");
    assert_eq!(place.migrations(), BTreeSet::from([place.path("crates/app/here")]));
}

#[test]
fn what_is_named_and_is_not_there() {
    let refused = |place: &Place, words: &[&str], says: &str| {
        let run = place.schemig(words);
        assert_eq!(run.code, Some(2), "{}", run.printed());
        assert!(run.stderr.contains(says), "{says:?} isn't said:\n{}", run.printed());
        assert!(!place.path("crates/app/schemig").exists(), "something was written");
    };
    for (name, value, says) in [
        (
            "DIESEL_CONFIG_FILE",
            "nowhere.toml",
            "DIESEL_CONFIG_FILE names nowhere.toml, and there is no such file",
        ),
        ("DIESEL_CONFIG_FILE", "src", "DIESEL_CONFIG_FILE names src, and there is no such file"),
        ("DIESEL_CONFIG_FILE", "", "DIESEL_CONFIG_FILE is empty"),
        ("MIGRATION_DIRECTORY", "Cargo.toml", "MIGRATION_DIRECTORY names Cargo.toml, which is no directory"),
        ("MIGRATION_DIRECTORY", "", "MIGRATION_DIRECTORY is empty"),
    ] {
        let place = Place::with(&[]).set(name, value);
        refused(&place, &["init", "--database-url", &place.url()], says);
    }
    for (line, says) in [
        (
            "DIESEL_CONFIG_FILE=nowhere.toml",
            "DIESEL_CONFIG_FILE in ../../.env names ../../nowhere.toml, and there",
        ),
        (
            "MIGRATION_DIRECTORY=Cargo.toml",
            "MIGRATION_DIRECTORY in ../../.env names ../../Cargo.toml, which is no directory",
        ),
        ("MIGRATION_DIRECTORY=", "MIGRATION_DIRECTORY in ../../.env is empty"),
    ] {
        let place = Place::with(&[(".env", line)]);
        refused(&place, &["init", "--database-url", &place.url()], says);
    }
    let place = Place::with(&[]);
    let words = ["init", "--diesel-toml", "nowhere.toml", "--database-url", &place.url()];
    refused(&place, &words, "--diesel-toml names nowhere.toml");
    let place = Place::with(&[("diesel.toml", "[print_schema]\nwith_doc = true\n")]);
    refused(&place, &["init", "--database-url", &place.url()], "unknown field `with_doc`");
}

/// The `file` of a diesel.toml above the crate is moved as it is seen from the crate, and one that is another crate's stays.
#[test]
fn a_file_that_serves_several_crates() {
    let own = "[print_schema]\nfile = \"crates/app/src/schema.rs\"\nwith_docs = true\n";
    let place = Place::with(&[("diesel.toml", own)]);
    place.schemig(&["init", "--database-url", &place.url()]).expect_success("init");
    assert_eq!(place.read("diesel.toml"), "[print_schema]\nwith_docs = true\n");
    assert_eq!(place.read("crates/app/schemig.toml"), "schema_rs = \"src/schema.rs\"\n");
    place.write("crates/app/src/lib.rs", MODEL);
    place.schemig(&["diff"]).expect_success("diff");
    assert!(place.read("crates/app/src/schema.rs").contains("more -> Nullable<Text>"));

    let shared = "[print_schema.app]\nfile = \"crates/app/src/schema.rs\"\n\n[print_schema.other]\nfile = \"crates/other/src/tables.rs\"\n";
    let place = Place::with(&[("diesel.toml", shared)]);
    let told = place.schemig(&["init", "--database-url", &place.url()]).expect_success("init").printed();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("serves another crate too: `file = \"crates/other/src/tables.rs\"` of [print_schema.other] stays there"),
        "{told}"
    );
    assert!(told.contains("`schema_rs = { other = \"../other/src/tables.rs\" }`"), "{told}");
    assert_eq!(place.read("diesel.toml"), shared.replace("file = \"crates/app/src/schema.rs\"\n", ""));
    assert_eq!(place.read("crates/app/schemig.toml"), "schema_rs = { app = \"src/schema.rs\" }\n");
    place.write("crates/app/src/lib.rs", MODEL);
    place.schemig(&["diff"]).expect_success("diff");
    assert!(
        place.path("crates/app/src/schema.rs").is_file()
            && !place.path("crates/other/src/tables.rs").exists()
    );
}
