//! `init --annotate` on crates whose database was adopted: what is proposed, that it can be applied, and that `diff` then changes nothing.

mod bad_input;
mod edits;
mod matching;
mod types;

use std::process::{Command, Stdio};

use schemig_core::schema::{Column, Schema, SqlType, Table, snapshot};

use crate::support::Crate;

const BINARY: &str = env!("CARGO_BIN_EXE_cargo-schemig");

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [features]\ndefault = [\"db\"]\ndb = []\nweb = []\n\n\
    [dependencies]\ndiesel = { version = \"2.3\", features = [\"postgres\"] }\nschemig = \"0.1\"\n\n[workspace]\n";

/// A table of these columns: name, type, and whether it may be NULL by a `?` behind the type.
pub fn table(key: &[&str], columns: &[(&str, &str)]) -> Table {
    columns.iter().fold(Table::keyed_by(key.iter().copied()), |table, (name, sql_type)| {
        let column = match sql_type.strip_suffix('?') {
            Some(sql_type) => Column::optional(SqlType::parse(sql_type)),
            None => Column::required(SqlType::parse(sql_type)),
        };
        table.with_column(name, column)
    })
}

/// `users` with a key, a text and a text that may be NULL.
pub fn users() -> Schema {
    let columns = [("id", "bigint"), ("email", "varchar(255)"), ("nick", "text?")];
    Schema::default().with_table("users", table(&["id"], &columns))
}

/// A crate whose database was adopted with this schema, with these sources.
fn adopted(schema: Schema, sources: &[(&str, &str)]) -> Crate {
    let home = Crate::new();
    home.write("Cargo.toml", MANIFEST);
    adopt(&home, "schemig", &schema);
    sources.iter().for_each(|(path, text)| home.write(path, text));
    home
}

/// Writes a snapshot, as of a database that was adopted.
pub fn adopt(home: &Crate, folder: &str, schema: &Schema) {
    home.write(&format!("{folder}/deployed"), "");
    let schema = schema.clone().observed();
    for (name, table) in &schema.tables {
        // As the store names files.
        let file = name.to_string().replace('U', "%55").replace('A', "%41").replace(' ', "%20");
        home.write(&format!("{folder}/snapshot/{file}.toml"), &snapshot::write(name, table, &[]));
    }
    for (name, definition) in &schema.enums {
        home.write(&format!("{folder}/snapshot/enums/{name}.toml"), &snapshot::write_enum(name, definition));
    }
}

/// Runs the program; its exit code, what it printed, and what it complained of.
pub fn run(home: &Crate, typed: &[&str]) -> (i32, String, String) {
    let output = Command::new(BINARY).arg("schemig").args(typed).current_dir(home.root()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What `init --annotate` prints. It writes nothing.
pub fn proposed(home: &Crate) -> String {
    let before = home.tree();
    let (exit, text, complaint) = run(home, &["init", "--annotate"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    assert_eq!(home.tree(), before);
    text
}

/// Each of these stands in the text, whatever its lines are broken at.
pub fn says(text: &str, words: &[&str]) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "{word:?} isn't in:\n{text}");
    }
}

/// Makes the edit; `diff` then only brings the snapshot up to date, and a second one finds nothing.
fn settles(home: &Crate) {
    let (exit, text, complaint) = run(home, &["init", "--annotate", "--write"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    is_settled(home);
}

fn is_settled(home: &Crate) {
    let (exit, text, complaint) = run(home, &["diff", "--now", "2026-11-26-190000"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    says(&text, &["The database stays as it is; the snapshot is brought up to date"]);
    assert!(home.names("migrations").is_empty(), "{text}");
    let (exit, text, complaint) = run(home, &["diff", "--check"]);
    assert_eq!(exit, 0, "{complaint}{text}");
    let proposed = proposed(home);
    assert!(!proposed.contains("+++"), "nothing is left to propose:\n{proposed}");
}

/// Gives what was printed, report and all, to a program that applies diffs.
pub fn apply(home: &Crate, program: &str, arguments: &[&str], printed: &str) {
    use std::io::Write;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(home.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(printed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}\n{printed}");
}
