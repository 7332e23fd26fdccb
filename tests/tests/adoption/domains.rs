//! Domains, which schema.rs looks through: what is known of them stands in files, and comes from a database.

use diesel::connection::SimpleConnection as _;

use crate::harness::{Change, Grown, On, migration};

const UP: &str =
    "CREATE DOMAIN email AS VARCHAR(80) NOT NULL; CREATE DOMAIN tags AS TEXT[]; CREATE TYPE pair AS (one INT, other INT);
    CREATE TABLE users (id INT PRIMARY KEY, mail email, tags tags, pair pair);";

const MODELS: &str = r#"use diesel::prelude::*;

use crate::schema::users;

#[derive(Queryable, Selectable, schemig::Migratable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i32,
    #[schemig(sql_type = "email")]
    pub mail: String,
    #[schemig(sql_type = "tags")]
    pub tags: Option<Vec<Option<String>>>,
}
"#;

fn grown() -> Grown {
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", MODELS)];
    Grown::with(On::Postgres, &files, &[migration(0, "base", UP)]).migrated()
}

fn printed(grown: &Grown) -> (String, String) {
    let run = grown.schemig(&["schema"]).expect_success("schema");
    (run.stdout, run.stderr)
}

#[test]
fn what_is_behind_them_is_adopted() {
    let grown = grown();
    grown.must_adopt(Change {
        file: "src/models.rs",
        from: "    pub id: i32,",
        to: "    pub id: i32,\n    pub age: Option<i32>,",
        table: "users",
        says: "add column users.age",
    });
    assert_eq!(
        grown.read("schemig/domains.toml"),
        "# The domains of the database, with the type behind each, which schema.rs has, and other types of its columns.\n\
         # `cargo schemig status --database-url` compares, and with `--accept` writes them anew.\nformat = 1\n\
         others = [\n  \"pair\",\n]\n\n[domains]\nemail = \"varchar(80)\"\ntags = \"text[]\"\n"
    );
    let (text, notes) = printed(&grown);
    assert!(text.contains("mail -> Varchar,") && !notes.contains("domain"), "{text}{notes}");
}

#[test]
fn what_comes_later_is_said_until_it_is_accepted() {
    let grown = grown();
    let url = grown.url();
    grown.schemig(&["init", "--database-url", &url]).expect_success("init");
    let same = |grown: &Grown| {
        let theirs = grown.diesel(&["print-schema"]).expect_success("print-schema").stdout;
        let (ours, notes) = printed(grown);
        (ours == theirs, notes)
    };
    assert_eq!(same(&grown), (true, String::new()));

    let later = "CREATE DOMAIN phone AS TEXT; ALTER TABLE users ADD COLUMN phone phone;";
    let (name, up) = migration(1, "phones", later);
    grown.write(&format!("migrations/{name}/up.sql"), &up);
    grown.write(&format!("migrations/{name}/down.sql"), "SELECT 1;\n");
    grown.diesel(&["migration", "run"]).expect_success("diesel migration run");
    grown.write(
        "src/models.rs",
        &MODELS.replace(
            "    pub id: i32,",
            "    pub id: i32,\n    #[schemig(sql_type = \"phone\")]\n    pub phone: Option<String>,",
        ),
    );
    let asked = grown.schemig(&["diff", "--dry-run"]);
    assert!(asked.printed().contains("phone as a type of its own: if it is a domain"), "{}", asked.printed());
    let seen = grown.schemig(&["status", "--database-url", &url]).expect_success("status").stdout;
    assert!(seen.contains("domain phone stands for text, and nothing is known of it"), "{seen}");
    grown.schemig(&["status", "--database-url", &url, "--accept"]).expect_success("accept");
    assert_eq!(same(&grown), (true, String::new()));
    grown.schemig(&["status", "--database-url", &url, "--check"]).expect_success("status after");

    let otherwise =
        "ALTER TABLE users ALTER phone TYPE text; DROP DOMAIN phone; CREATE DOMAIN phone AS VARCHAR(9);
        ALTER TABLE users ALTER phone TYPE phone";
    grown.database().connect().batch_execute(otherwise).expect("another domain of that name");
    let seen = grown.schemig(&["status", "--database-url", &url, "--check"]);
    assert_eq!(seen.code, Some(1), "{}", seen.printed());
    assert!(
        seen.stdout.contains("domain phone stands for varchar(9), and text is known of it"),
        "{}",
        seen.printed()
    );
    grown.schemig(&["status", "--database-url", &url, "--accept"]).expect_success("accept");
    assert_eq!(same(&grown), (true, String::new()));
}

#[test]
fn a_file_that_is_damaged_is_named_with_the_line() {
    let grown = grown();
    grown.schemig(&["init", "--database-url", &grown.url()]).expect_success("init");
    grown.write("schemig/domains.toml", "format = 1\n\n[domains]\nemail = 80\n");
    let before = grown.tree();
    for words in [&["schema"][..], &["diff"], &["status"]] {
        let run = grown.schemig(words);
        assert_eq!(run.code, Some(2), "{}", run.printed());
        assert!(run.stderr.contains("schemig/domains.toml:4:9"), "{}", run.printed());
    }
    assert_eq!(grown.tree(), before);
}
