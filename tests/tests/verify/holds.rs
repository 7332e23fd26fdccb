//! Plans as they are written: verify finds nothing wrong with them.

use schemig_tests::project::Project;

use crate::bench::Crate;

#[test]
fn the_quickstart_within_seconds_and_with_no_server() {
    let project = Project::copy("quickstart");
    project.replace(
        "src/models.rs",
        "    #[schemig(default = \"'yellow'\")]\n    pub colour: String,",
        "    #[schemig(default = \"false\")]\n    pub pinned: bool,",
    );
    project
        .schemig(&["diff", "pin_notes", "--approve", "nobody looks at the colours"])
        .expect_success("diff");
    let verify = project.schemig(&["verify"]).expect_success("verify");
    println!("{}", verify.stdout);
    assert!(verify.stdout.contains("The plan holds"), "{}", verify.stdout);
}

#[test]
fn a_plan_taken_back_and_one_on_top_of_another() {
    let models = |fields: &str| {
        format!(
            "use schemig::Migratable;\n#[derive(Migratable)]\n#[diesel(table_name = notes)]\npub struct Note {{\n    pub id: i64,\n{fields}}}\n"
        )
    };
    let two = Crate::changed("postgres", &models(""), &models("    pub title: Option<String>,\n"));
    two.write(
        "src/lib.rs",
        &models("    pub title: Option<String>,\n    #[schemig(default = \"0\")]\n    pub size: i32,\n"),
    );
    two.schemig(&["diff", "second", "--now", "2026-11-22-080000", "--approve", "a test"]);
    two.assert_holds();
    two.write("src/lib.rs", &models("    #[schemig(default = \"0\")]\n    pub size: i32,\n"));
    two.schemig(&["diff", "third", "--now", "2026-11-22-090000", "--approve", "a test"]);
    two.assert_holds();
}
