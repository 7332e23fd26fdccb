//! schema.rs as diesel.toml and schemig.toml have it: who writes which files, and what `init` moves.

use crate::bad_input::{done, model, refused, refused_at, schemig};
use crate::support::Crate;

const PAIR: &str = "[print_schema]\nfile = \"src/schema.rs\" # Diesel's\nfilter = { only_tables = [\"^notes$\"] }\n\n\
                    [print_schema.more]\nfile = \"src/more.rs\"\nwith_docs = true\nfilter = { except_tables = [\"^notes$\"] }\n";

/// A crate for SQLite with two models, whose tables stand in files of their own.
fn two_files() -> Crate {
    let home = Crate::new();
    home.write("diesel.toml", PAIR);
    let models = model("Note", "notes", "pub id: i32,") + &model("Tag", "tags", "pub id: i32,");
    home.write("src/lib.rs", &format!("mod schema;\nmod more;\n{models}"));
    home
}

#[test]
fn init_moves_the_files_and_diff_writes_them() {
    let home = two_files();
    done(&home, &["init"]);
    assert_eq!(
        home.read("schemig.toml"),
        "schema_rs = { default = \"src/schema.rs\", more = \"src/more.rs\" }\n"
    );
    let kept: String = PAIR.split_inclusive('\n').filter(|line| !line.starts_with("file")).collect();
    assert_eq!(home.read("diesel.toml"), kept);
    done(&home, &["diff"]);
    let (first, second) = (home.read("src/schema.rs"), home.read("src/more.rs"));
    assert!(first.contains("notes (id)") && !first.contains("tags") && !first.contains("///"), "{first}");
    assert!(second.contains("tags (id)") && second.contains("/// The `id` column"), "{second}");
    assert_eq!(schemig(&home, &["schema"]), (0, first + &second));
    // What is there is read again, and the same.
    let before = home.tree();
    done(&home, &["diff", "--check"]);
    assert_eq!(home.tree(), before);
}

#[test]
fn one_file_stays_one_line() {
    let home = Crate::new();
    home.write(
        "diesel.toml",
        "[print_schema]\nfile = \"src/db/schema.rs\"\n[print_schema.audit]\nwith_docs = true\n",
    );
    home.write("schemig.toml", "# ours\noverlap = true\n");
    done(&home, &["init"]);
    assert_eq!(home.read("schemig.toml"), "schema_rs = \"src/db/schema.rs\"\n# ours\noverlap = true\n");
    assert_eq!(home.read("diesel.toml"), "[print_schema]\n[print_schema.audit]\nwith_docs = true\n");
}

#[test]
fn what_diesel_toml_names_is_written_before_it_is_moved() {
    let home = Crate::new();
    done(&home, &["init"]);
    home.write("diesel.toml", "[print_schema]\nfile = \"src/tables.rs\"\n");
    home.write("src/lib.rs", &model("Note", "notes", "pub id: i32,"));
    done(&home, &["diff"]);
    assert!(home.read("src/tables.rs").contains("notes (id)"));
    assert!(!home.path("src/schema.rs").exists());
}

#[test]
fn a_file_that_init_cannot_move() {
    let home = Crate::new();
    home.write("diesel.toml", "print_schema = { file = \"src/schema.rs\", with_docs = true }\n");
    refused_at(&home, &["init"], "file_inline", "diesel.toml:1:25");
}

#[test]
fn a_file_for_a_section_that_is_not_there() {
    let home = two_files();
    done(&home, &["init"]);
    home.write("schemig.toml", "[schema_rs]\nless = \"src/less.rs\"\n");
    refused_at(&home, &["schema"], "file_of_nothing", "schemig.toml:2:8");
    home.write("schemig.toml", "schema_rs = 1\n");
    refused(&home, &["schema"], 2, &["schemig.toml:1", "a file, or a table with a file for each"]);
}

#[test]
fn an_unknown_key_is_what_diesel_says_it_is() {
    let home = Crate::new();
    home.write("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\nwith_comments = true\n");
    refused(
        &home,
        &["init"],
        2,
        &["diesel.toml:3:1", "unknown field `with_comments`, expected one of `file`"],
    );
}
