//! Models in several crates of a workspace: each name means what it means in its own crate.

use super::names::meant;
use super::{Capture, Package, Request, ScanError, names, scan};
use crate::scan::Listed;

/// The crate `app` at home, and beside it `users` and `types`. Each has the dependencies that are given, by path.
fn workspace(files: &[(&str, &str)]) -> Package {
    let package = Package::new(&[]);
    package.write("../Cargo.toml", "[workspace]\nmembers = [\"*\"]\n");
    for (name, dependencies) in [
        ("app", "users = { path = \"../users\" }"),
        ("users", "types = { path = \"../types\" }"),
        ("types", ""),
    ] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\n[features]\nextra = []\n[dependencies]\nulid = \"1\"\n{dependencies}\n"
        );
        package.write(&format!("../{name}/Cargo.toml"), &manifest);
        package.write(&format!("../{name}/src/lib.rs"), "");
    }
    files.iter().for_each(|(path, text)| package.write(&format!("../{path}"), text));
    package
}

fn scan_listed(package: &Package, listed: &[(&str, &[&str])]) -> Result<Capture, ScanError> {
    let crates = listed.iter().map(|(name, features)| Listed {
        directory: package.directory.path().join(name),
        features: features.iter().map(|feature| (*feature).to_owned()).collect(),
    });
    scan(&Request { directory: package.path(), crates: crates.collect(), ..Request::default() })
}

fn scanned(package: &Package, listed: &[&str]) -> Capture {
    let listed: Vec<(&str, &[&str])> = listed.iter().map(|name| (*name, &[][..])).collect();
    match scan_listed(package, &listed) {
        Ok(capture) => capture,
        Err(error) => panic!("{}", package.shown(&error)),
    }
}

/// The columns of the models of `app` and `users`, or what is wrong, with paths in the workspace.
fn columns(package: &Package) -> Result<Vec<String>, String> {
    let root = format!("{}/", package.directory.path().display());
    meant(&scanned(package, &["users"])).map_err(|faults| {
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").replace(&root, "")
    })
}

const NUMBER: &str = "#[diesel(sql_type = Int4)] pub enum Status { A }";
const TEXT: &str = "#[diesel(sql_type = Text)] pub enum Status { A }";

#[test]
fn models_of_listed_crates_count_and_no_others() {
    let of = |name: &str| super::model(name);
    let files = [
        ("app/src/lib.rs", of("App")),
        ("users/src/lib.rs", format!("mod more; {}", of("User"))),
        ("users/src/more.rs", format!("#[cfg(feature = \"extra\")] {}", of("Extra"))),
        ("types/src/lib.rs", of("NotOurs")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let package = workspace(&files);
    assert_eq!(package.models(), ["App"]);
    assert_eq!(names(&scanned(&package, &["users"])), ["App", "User"]);
    assert_eq!(names(&scanned(&package, &["types", "users"])), ["App", "NotOurs", "User"]);
    let with = scan_listed(&package, &[("users", &["extra"])]).expect("sources without mistakes");
    assert_eq!(names(&with), ["App", "User", "Extra"]);
    // What one of them turns on in another is on in a build of both.
    let manifest = "[package]\nname = \"app\"\n[dependencies]\nusers = { path = \"../users\", features = [\"extra\"] }\n";
    package.write("Cargo.toml", manifest);
    assert_eq!(names(&scanned(&package, &["users"])), ["App", "User", "Extra"]);
    let unknown = scan_listed(&package, &[("users", &["other"])]).expect_err("there is no such feature");
    assert!(unknown.to_string().ends_with("users/Cargo.toml: it has no feature `other`"), "{unknown}");
}

#[test]
fn one_name_means_each_crates_own_type() {
    let model =
        "#[derive(Migratable)] struct App { id: i64, own: crate::other::Status, theirs: users::Status }";
    let user = "#[derive(Migratable)] struct User { id: i64, one: Status, deep: types::Status }";
    let package = workspace(&[
        ("app/src/lib.rs", &format!("mod other; {model}")),
        ("app/src/other.rs", TEXT),
        ("users/src/lib.rs", &format!("mod status; use status::*; {user}")),
        ("users/src/status.rs", NUMBER),
        ("types/src/lib.rs", "#[diesel(sql_type = Bool)] pub enum Status { A }"),
    ]);
    let columns = columns(&package).expect("each name means one type");
    assert_eq!(
        columns,
        ["id bigint", "own text", "theirs integer", "id bigint", "one integer", "deep boolean"]
    );
}

#[test]
fn a_type_is_found_in_the_crate_that_gives_it_on() {
    let package = workspace(&[
        (
            "app/src/lib.rs",
            "use users::{Id, deep as d}; #[derive(Migratable)] struct App { id: Id, at: d::Status }",
        ),
        (
            "users/src/lib.rs",
            "pub use types::{Id, deep}; #[derive(Migratable)] struct User { id: crate::Id }",
        ),
        (
            "types/src/lib.rs",
            "pub mod deep; #[derive(DieselNewType)] pub struct Id(Inner); pub type Inner = i32;",
        ),
        ("types/src/deep.rs", TEXT),
    ]);
    assert_eq!(columns(&package).expect("types"), ["id integer", "at text", "id integer"]);
}

#[test]
fn a_name_that_may_come_from_two_crates_is_not_taken_for_either() {
    for (users, more, field) in [
        // All of a crate is imported, and this one has a type of that name too.
        ("mod own; use own::*;", "use types::*;", "Status"),
        // The crate's root gives on another crate's type, and a module has its own.
        ("mod own; pub use types::Status;", "", "crate::Status"),
        // The module above imports it for itself, and the ones below see that.
        ("mod own; use types::Status;", "", "Status"),
        ("mod own; use types::Status;", "", "super::Status"),
    ] {
        let package = workspace(&[
            ("users/src/lib.rs", &format!("mod model;\n{users}")),
            (
                "users/src/model.rs",
                &format!("use super::*; {more} #[derive(Migratable)] struct User {{ id: i64, it: {field} }}"),
            ),
            ("users/src/own.rs", NUMBER),
            ("types/src/lib.rs", TEXT),
        ]);
        let wrong = columns(&package).expect_err("nobody can say which is meant");
        for place in
            ["users/src/model.rs:1:", "declared differently at", "types/src/lib.rs:1:", "users/src/own.rs:1:"]
        {
            assert!(wrong.contains(place), "{place} isn't in {wrong}");
        }
        let text = "use super::*; use types::*; use types::Status; #[derive(Migratable)] struct User { id: i64, it: Status }";
        package.write("../users/src/model.rs", text);
        assert_eq!(columns(&package).expect("an import says it"), ["id bigint", "it text"]);
    }
}

#[test]
fn a_crate_from_elsewhere_gives_none_of_ours() {
    let user = "mod own; #[derive(Migratable)] struct User { id: i64, it: Ulid }";
    let own = "#[diesel(sql_type = Text)] pub struct Ulid(String); #[derive(Migratable)] struct Own { it: Ulid, id: i64 }";
    let package =
        workspace(&[("users/src/lib.rs", &format!("use ulid::Ulid; {user}")), ("users/src/own.rs", own)]);
    let wrong = columns(&package).expect_err("nothing says what it is");
    assert!(
        wrong.contains("users/src/lib.rs:1:") && wrong.contains("nothing says what it is in the database"),
        "{wrong}"
    );
    package.write("../users/src/lib.rs", &format!("use own::Ulid; {user}"));
    assert_eq!(columns(&package).expect("its own"), ["it text", "id bigint", "id bigint", "it text"]);
}

#[test]
fn a_crate_is_called_as_the_manifest_has_it() {
    let model = |path: &str| format!("#[derive(Migratable)] struct App {{ id: i64, it: {path}::Status }}");
    let package = workspace(&[("app/src/lib.rs", &model("people")), ("users/src/lib.rs", NUMBER)]);
    package.write("../app/src/own.rs", TEXT);
    let depend = |line: &str| {
        package.write("Cargo.toml", &format!("[package]\nname = \"app\"\n[dependencies]\n{line}\n"));
    };
    depend("people = { package = \"users\", path = \"../users\" }");
    assert_eq!(columns(&package).expect("a renamed crate"), ["id bigint", "it integer"]);
    // A library may have another name than its package.
    depend("users = { path = \"../users\" }");
    package.write("../users/Cargo.toml", "[package]\nname = \"users\"\n[lib]\nname = \"folk\"\n");
    package.write("src/lib.rs", &format!("mod own; {}", model("folk")));
    assert_eq!(columns(&package).expect("a library with a name of its own"), ["id bigint", "it integer"]);
}

#[test]
fn tables_are_named_in_whichever_way() {
    for (import, path) in [
        ("", "types::schema::users"),
        ("use types::schema;", "schema::users"),
        ("use types::schema::{self};", "schema::users"),
        ("use types::schema::*;", "users"),
        ("use types::{schema::users, other};", "users"),
    ] {
        let user = format!(
            "{import} #[derive(Migratable)] #[diesel(table_name = {path})] struct Person {{ id: i64 }}"
        );
        let package = workspace(&[("users/src/lib.rs", &user), ("app/src/lib.rs", "mod schema;")]);
        let sql = "diesel::table! { users (id) { #[sql_name = \"number\"] id -> Int8, } }";
        package.write("src/schema.rs", sql);
        assert_eq!(columns(&package).expect("a table"), ["number bigint"], "{import} {path}");
    }
}

#[test]
fn mistakes_stand_in_the_file_of_their_crate() {
    let package = workspace(&[(
        "users/src/lib.rs",
        "mod gone; #[derive(Migratable)] struct User { id: i64, #[schemig(oops)] a: i32 }",
    )]);
    let error = scan_listed(&package, &[("users", &[])]).expect_err("mistakes");
    let text = package.shown(&error).replace(&format!("{}/", package.directory.path().display()), "");
    assert!(text.contains("users/src/lib.rs:1:5: this module has no file"), "{text}");
    assert!(text.contains("users/src/lib.rs:1:") && text.contains("oops"), "{text}");
}
