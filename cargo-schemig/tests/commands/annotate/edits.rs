//! The edit: what it adds, where, and that all else stays as it was.

use schemig_core::schema::Schema;

use super::{adopted, apply, is_settled, proposed, run, says, settles, table, users};

const USER: &str = "//! Models.\nuse diesel::prelude::*;\n\n/// One of them. é\n#[derive(Debug, Queryable, Selectable)] // all\n\
    #[diesel(table_name = users)]\npub struct User {\n    pub id: i64,\n    pub email: String, // of the user\n    pub nick: Option<String>,\n}\n";

#[test]
fn what_is_printed_can_be_applied() {
    let home = adopted(users(), &[("src/lib.rs", "mod models;\n"), ("src/models.rs", USER)]);
    let printed = proposed(&home);
    insta::assert_snapshot!("one_struct", printed.replace(&home.root().display().to_string(), "<crate>"));
    apply(&home, "patch", &["-p1"], &printed);
    let edited = USER.replace("Selectable)]", "Selectable, schemig::Migratable)]");
    assert_eq!(home.read("src/models.rs"), edited);
    is_settled(&home);

    let home = adopted(users(), &[("src/lib.rs", "mod models;\n"), ("src/models.rs", USER)]);
    apply(&home, "git", &["apply"], &printed);
    assert_eq!(home.read("src/models.rs"), edited);

    let home = adopted(users(), &[("src/lib.rs", "mod models;\n"), ("src/models.rs", USER)]);
    settles(&home);
    assert_eq!(home.read("src/models.rs"), edited);
}

#[test]
fn a_list_of_derives_keeps_its_form() {
    for (before, after) in [
        ("#[derive(Queryable, Selectable,)]", "#[derive(Queryable, Selectable, schemig::Migratable,)]"),
        (
            "#[derive(\n    Queryable,\n    diesel::Selectable,\n)]",
            "#[derive(\n    Queryable,\n    diesel::Selectable,\n    schemig::Migratable,\n)]",
        ),
        (
            "#[derive(\r\n    Queryable,\r\n    Selectable\r\n)]",
            "#[derive(\r\n    Queryable,\r\n    Selectable,\r\n    schemig::Migratable\r\n)]",
        ),
        (
            "#[derive(Clone)]\n#[derive(HasQuery /* one */)]\n#[derive(Debug)]",
            "#[derive(Clone)]\n#[derive(HasQuery, schemig::Migratable /* one */)]\n#[derive(Debug)]",
        ),
    ] {
        let text = |derives: &str| {
            format!(
                "{derives} #[diesel(table_name = users)] struct User {{ id: i64, email: String, nick: Option<String> }}"
            )
        };
        let home = adopted(users(), &[("src/lib.rs", &text(before))]);
        settles(&home);
        assert_eq!(home.read("src/lib.rs"), text(after));
    }
}

/// What is hidden with Diesel's derives is hidden with them.
#[test]
fn derives_in_cfg_attr() {
    let memberships =
        table(&["user_id", "org_id"], &[("user_id", "bigint"), ("org_id", "bigint"), ("role", "role")]);
    let schema =
        Schema::default().with_table("memberships", memberships).with_enum("role", ["admin", "member"]);
    let before = "#[derive(Clone)]\n#[cfg_attr(feature = \"db\", derive(Queryable, Selectable), diesel(table_name = memberships))]\n\
        pub struct Membership {\n    pub user_id: i64,\n    pub org_id: i64,\n    pub role: Role,\n}\n\
        #[cfg_attr(all(), cfg_attr(feature = \"web\", derive(Queryable)))]\npub struct Membershi { id: i64 }\n";
    let home = adopted(schema, &[("src/lib.rs", before)]);
    settles(&home);
    let after = before
        .replace("Selectable)", "Selectable, schemig::Migratable)")
        .replace(
            "pub struct Membership {",
            "#[cfg_attr(feature = \"db\", diesel(primary_key(user_id, org_id)))]\npub struct Membership {",
        )
        .replace(
            "    pub role",
            "    #[cfg_attr(feature = \"db\", schemig(sql_type = \"role\"))]\n    pub role",
        );
    assert_eq!(home.read("src/lib.rs"), after);
}

#[test]
fn conditions_in_conditions() {
    let before = "#[cfg_attr(feature = \"db\", cfg_attr(not(feature = \"web\"), derive(Queryable, Selectable), diesel(table_name = users)))]\n\
        struct User { email: String, nick: Option<String>, id: Key }\n";
    let home = adopted(users(), &[("src/lib.rs", before)]);
    settles(&home);
    let attribute =
        "#[cfg_attr(all(feature = \"db\", not(feature = \"web\")), schemig(sql_type = \"bigint\"))] id: Key";
    let after =
        before.replace("Selectable)", "Selectable, schemig::Migratable)").replace("id: Key", attribute);
    assert_eq!(home.read("src/lib.rs"), after);
}

#[test]
fn a_composite_key_that_only_schema_rs_says() {
    let columns = [("user_id", "bigint"), ("type", "text")];
    let schema = Schema::default().with_table("kinds", table(&["user_id", "type"], &columns));
    let before = "/// Kind.\n#[derive(Queryable, Selectable)]\n#[diesel(table_name = kinds)]\npub(crate) struct Kind {\n    pub user_id: i64,\n    \
        #[diesel(column_name = type_)]\n    pub kind: String,\n}\n";
    let home = adopted(schema, &[("src/lib.rs", before)]);
    says(&proposed(&home), &["with #[diesel(primary_key(user_id, type_))]"]);
    settles(&home);
    let key = "#[diesel(primary_key(user_id, type_))]\npub(crate) struct";
    let after =
        before.replace("pub(crate) struct", key).replace("Selectable)", "Selectable, schemig::Migratable)");
    assert_eq!(home.read("src/lib.rs"), after);
}

#[test]
fn several_structs_in_one_file_and_as_data() {
    let schema = users().with_table("tags", table(&["id"], &[("id", "integer"), ("name", "text")]));
    let text = format!("{USER}\n#[derive(Queryable, Selectable)]\nstruct Tag {{ id: i32, name: String }}\n");
    let home = adopted(schema, &[("src/lib.rs", &text)]);
    let (exit, json, _) = run(&home, &["init", "--annotate", "--format", "json"]);
    assert_eq!(exit, 0, "{json}");
    let (_, markdown, _) = run(&home, &["init", "--annotate", "--format", "markdown"]);
    assert!(markdown.contains("```diff\n--- a/src/lib.rs\n"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["format"], 1);
    let patch = json["patch"].as_str().unwrap();
    assert_eq!(patch.matches("+++ b/src/lib.rs").count(), 1, "{patch}");
    let models: Vec<_> = json["models"].as_array().unwrap().iter().map(|row| &row["model"]["name"]).collect();
    assert_eq!(models, ["Tag", "User"]);
    apply(&home, "git", &["apply"], patch);
    is_settled(&home);
}
