//! Bad sources: each mistake at its place, all at once.

use super::{Package, model};

#[test]
fn a_file_that_doesnt_parse_and_a_model_that_isnt_well_formed() {
    let package = Package::new(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
        ("src/a.rs", "#[derive(Migratable)]\nstruct A {\n    id: i64\n    name: String,\n}"),
        ("src/b.rs", "#[derive(Migratable)]\nstruct B {\n    #[schemig(defualt = 0)]\n    id: i64,\n}"),
        ("src/c.rs", "#[derive(MigratableEnum)]\nenum Mood {}"),
    ]);
    let mistakes = package.mistakes();
    let lines: Vec<&str> = mistakes.lines().filter(|line| line.starts_with("src")).collect();
    assert_eq!(
        lines,
        [
            "src/a.rs:4:5: this file doesn't parse: expected `,`",
            "src/b.rs:3:15: `defualt` is no key of `#[schemig(…)]` here",
            "src/c.rs:2:6: an enum without variants has no labels",
        ]
    );
}

#[test]
fn a_module_without_a_file() {
    let package = Package::new(&[
        ("src/lib.rs", "mod here;\n  mod gone;\n#[path = \"x.rs\"]\nmod moved;"),
        ("src/here.rs", "// ö\n/* ö */ mod there;"),
    ]);
    assert_eq!(
        package.mistakes(),
        "src/here.rs:2:13: this module has no file\n  help: it would be `src/here/there.rs` or `src/here/there/mod.rs`\n\
         src/lib.rs:2:7: this module has no file\n  help: it would be `src/gone.rs` or `src/gone/mod.rs`\n\
         src/lib.rs:4:5: this module has no file\n  help: it would be `src/x.rs`"
    );
}

#[test]
fn a_file_that_is_no_text() {
    let package = Package::new(&[("src/lib.rs", &model("A"))]);
    let mut bytes = model("A").into_bytes();
    bytes.extend([b'/', b'/', 0xff]);
    std::fs::write(package.path().join("src/lib.rs"), bytes).expect("a file");
    assert_eq!(package.mistakes(), "src/lib.rs:3:3: this file isn't UTF-8");
}

#[test]
fn a_schema_rs_that_doesnt_parse() {
    let package = Package::new(&[
        ("src/lib.rs", "mod schema;"),
        ("src/schema.rs", "table! {\n    #[sql_name = \"x\"]\n    users {\n        id - Integer,\n    }\n}"),
    ]);
    assert_eq!(package.mistakes(), "src/schema.rs:4:12: schema.rs doesn't parse: expected `->`");
}
