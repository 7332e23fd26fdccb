//! 300 migrations and 60 tables: adoption takes seconds.

use std::fmt::Write as _;
use std::time::Duration;

use crate::harness::{Change, Grown, On, migration};

#[test]
fn three_hundred_migrations_and_sixty_tables() {
    let (mut migrations, mut models) = (Vec::new(), String::from("use crate::schema::*;\n"));
    for table in 0..60 {
        let name = format!("thing_{table:02}s");
        let alter = [
            format!(
                "CREATE TABLE {name} (id BIGSERIAL PRIMARY KEY, first TEXT NOT NULL, made TIMESTAMP NOT NULL DEFAULT now());"
            ),
            format!("ALTER TABLE {name} ADD COLUMN second INT;"),
            format!("CREATE INDEX {name}_second ON {name} (second);"),
            format!("ALTER TABLE {name} ADD COLUMN third BOOLEAN NOT NULL DEFAULT false;"),
            format!("ALTER TABLE {name} ADD CONSTRAINT {name}_long CHECK (length(first) < 100);"),
        ];
        let of_table = alter.iter().enumerate();
        migrations.extend(of_table.map(|(nth, up)| migration(5 * table + nth, &format!("{name}_{nth}"), up)));
        write!(
            models,
            "\n#[derive(diesel::Queryable, diesel::Selectable, schemig::Migratable)]\n#[diesel(table_name = {name})]\npub struct Thing{table:02} {{\n    \
             pub id: i64,\n    pub first: String,\n    pub made: chrono::NaiveDateTime,\n    pub second: Option<i32>,\n    pub third: bool,\n}}\n"
        )
        .expect("text");
    }
    assert_eq!(migrations.len(), 300);
    let files = [("src/lib.rs", "pub mod models;\npub mod schema;\n"), ("src/models.rs", models.as_str())];
    let grown = Grown::with(On::Postgres, &files, &migrations).migrated();
    grown.must_adopt(Change {
        file: "src/models.rs",
        from: "pub struct Thing33 {\n",
        to: "pub struct Thing33 {\n    pub fourth: Option<String>,\n",
        table: "thing_33s",
        says: "add column thing_33s.fourth",
    });
    // The issue allows ten seconds besides the server's own time; this is all of it, on a machine that others use too.
    std::fs::remove_dir_all(grown.path("schemig")).expect("what was adopted");
    let init = grown.schemig(&["init", "--database-url", &grown.url(), "--dry-run"]);
    assert_eq!(init.code, Some(2), "the change's migrations were taken back: {}", init.printed());
    grown.diesel(&["migration", "run"]).expect_success("diesel migration run");
    let init = grown.schemig(&["init", "--database-url", &grown.url(), "--dry-run"]).expect_success("init");
    println!("adoption of 300 migrations and 60 tables took {:?}", init.wall);
    assert!(init.wall < Duration::from_secs(10), "{:?}", init.wall);
}
