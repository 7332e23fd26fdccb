//! Which struct is a table's model, and why the others aren't.

use schemig_core::schema::Schema;

use super::{adopted, proposed, run, says, settles, table, users};

const WHOLE: &str =
    "#[diesel(table_name = users)] struct User { id: i64, email: String, nick: Option<String> }\n";

fn with(derives: &str, rest: &str) -> String {
    format!("#[derive({derives})] {rest}")
}

/// Nothing is proposed, and this is why.
fn not_proposed(schema: Schema, text: &str, words: &[&str]) {
    let home = adopted(schema, &[("src/lib.rs", text)]);
    let printed = proposed(&home);
    assert!(!printed.contains("+++"), "{printed}");
    says(&printed, words);
}

#[test]
fn a_dozen_structs_of_one_table() {
    let of = |name: &str, derives: &str, fields: &str| {
        format!(
            "#[derive({derives})] #[diesel(table_name = crate::schema::users)] struct {name} {{ {fields} }}\n"
        )
    };
    let text = [
        of("NewUser", "Insertable", "email: String, nick: Option<String>"),
        of("UserForm", "AsChangeset", "email: Option<String>"),
        of("UserRow", "Insertable, AsChangeset", "id: i64, email: String"),
        of(
            "Everything",
            "Queryable, Selectable, Identifiable",
            "id: i64, email: String, nick: Option<String>",
        ),
        of("UserName", "Queryable, Selectable", "id: i64, nick: Option<String>"),
        of("Key", "Identifiable", "id: i64"),
        of("Raw", "QueryableByName", "id: i64, email: String, nick: Option<String>"),
        of(
            "Loud",
            "HasQuery",
            "id: i64, #[diesel(select_expression = upper(users::email))] email: String, nick: Option<String>",
        ),
        of("Lax", "Queryable, Selectable", "id: i64, email: Option<String>, nick: Option<String>"),
        of("Strict", "Queryable, Selectable", "id: i64, email: String, nick: String"),
        of("Extra", "Queryable, Selectable", "id: i64, email: String, nick: Option<String>, age: i32"),
        of("Ordered", "Queryable", "email: String, id: i64, nick: Option<String>"),
        of(
            "Keyed",
            "Queryable, Selectable",
            "id: i64, #[diesel(column_name = email)] mail: String, nick: Option<String>",
        )
        .replace("users)]", "users, primary_key(mail))]"),
    ];
    let home = adopted(users(), &[("src/lib.rs", &text.concat())]);
    let printed = proposed(&home);
    insta::assert_snapshot!("a_dozen", printed);
    settles(&home);
    assert_eq!(home.read("src/lib.rs").matches("Migratable").count(), 1);
}

/// What only the position says is right when the order is.
#[test]
fn by_position() {
    let home = adopted(
        users(),
        &[("src/lib.rs", &with("Queryable", "struct User { id: i64, email: String, nick: Option<String> }"))],
    );
    settles(&home);
    let text = with("Queryable", "struct User { id: i64, nick: Option<String>, email: String }");
    not_proposed(
        users(),
        &text,
        &["reads columns by position", "`id`, `email`, `nick`", "users: no struct can be its model"],
    );
}

#[test]
fn two_that_could() {
    let text = with("HasQuery", WHOLE) + &with("Queryable, Selectable", WHOLE).replace("User", "Person");
    let words = [
        "users: several structs could be its model; derive schemig::Migratable on one of them",
        "not User (src/lib.rs:1) reads the whole table",
        "not Person (src/lib.rs:2) reads the whole table",
    ];
    not_proposed(users(), &text, &words);
}

#[test]
fn one_that_is_already() {
    let text = with("Queryable, Selectable, schemig::Migratable", WHOLE)
        + &with("HasQuery", WHOLE).replace("User", "Person");
    not_proposed(users(), &text, &["users: User (src/lib.rs:1) derives Migratable already"]);
}

#[test]
fn tables_without_a_struct_and_structs_without_a_table() {
    let schema = users().with_table("logs", table(&[], &[("line", "text?")]));
    let text = with("Queryable, Selectable", "#[diesel(table_name = ghosts)] struct Ghost { id: i64 }\n")
        + &with("Queryable", "struct Total { sum: i64 }\n")
        + &with(
            "Queryable, Selectable",
            "#[diesel(table_name = logs)] struct Log { line: Option<String> }\n",
        )
        + &with("Queryable", "struct Page<T> { rows: T }\n");
    not_proposed(
        schema,
        &text,
        &[
            "users: no struct names it; it stays observed, and is never dropped",
            "not Log (src/lib.rs:3) has a table without a primary key",
            "Ghost (src/lib.rs:1): the database has no table ghosts",
            "Total (src/lib.rs:2) names no table",
            "Page (src/lib.rs:4) can't be a model: a model can't be generic",
            "name it with --features",
        ],
    );
}

/// What a model declared isn't observed any more.
#[test]
fn a_table_that_has_lost_its_model() {
    let text = with("Queryable, Selectable, schemig::Migratable", WHOLE);
    let home = adopted(users(), &[("src/lib.rs", &text)]);
    assert_eq!(run(&home, &["diff"]).0, 0);
    home.write("src/lib.rs", "");
    let words = [
        "users: no struct names it; one derived Migratable, so that diff drops the table",
        "drop table users",
    ];
    says(&proposed(&home), &words);
}

#[test]
fn what_macros_make_is_not_seen() {
    let text = "macro_rules! model { ($name:ident) => { #[derive(Queryable, Selectable)] #[diesel(table_name = users)]\n\
        struct $name { id: i64, email: String, nick: Option<String> } } }\nmodel!(User);\n";
    not_proposed(
        users(),
        text,
        &["src/lib.rs:1: this macro names Diesel's derives", "users: no struct names it"],
    );
}

/// Each feature has its own structs; those of a feature that is off aren't there.
#[test]
fn a_module_for_each_feature() {
    let sources = [
        ("src/lib.rs", "#[cfg(feature = \"db\")]\nmod db;\n#[cfg(feature = \"web\")]\nmod web;\n"),
        ("src/db.rs", &with("Queryable, Selectable", WHOLE)),
        ("src/web.rs", &with("Queryable, Selectable", WHOLE)),
    ];
    let home = adopted(users(), &sources);
    says(&proposed(&home), &["users: User (src/db.rs:1) reads all 3 columns"]);
    let (_, both, _) = run(&home, &["init", "--annotate", "--features", "web"]);
    says(&both, &["several structs could be its model", "src/db.rs:1", "src/web.rs:1"]);
    settles(&home);
    assert!(!home.read("src/web.rs").contains("Migratable"));
}

/// schema.rs knows the names behind its identifiers, and schemas.
#[test]
fn renamed_columns_and_tables_in_a_schema() {
    let schema = Schema::default()
        .with_table(
            "billing.invoices",
            table(&["id"], &[("id", "uuid"), ("E-Mail", "text"), ("type", "text?")]),
        )
        .with_table("User Accounts", table(&["id"], &[("id", "bigint")]));
    let schema_rs = "diesel::table! { billing.invoices (id) { id -> Uuid, #[sql_name = \"E-Mail\"] mail -> Text, \
        #[sql_name = \"type\"] type_ -> Nullable<Text>, } }\n\
        diesel::table! { #[sql_name = \"User Accounts\"] accounts (id) { id -> Int8, } }\n";
    let text = "mod schema;\n#[derive(Queryable, Selectable)]\n#[diesel(table_name = schema::invoices)]\n\
        struct Invoice {\n    id: uuid::Uuid,\n    #[diesel(column_name = mail)]\n    to: String,\n    #[diesel(column_name = \"type_\")]\n    kind: Option<String>,\n}\n\
        #[derive(Queryable, Selectable)]\nstruct Account { id: i64 }\n";
    let home = adopted(schema, &[("src/lib.rs", text), ("src/schema.rs", schema_rs)]);
    says(
        &proposed(&home),
        &[
            "billing.invoices: Invoice (src/lib.rs:4) reads all 3 columns",
            "User Accounts: Account (src/lib.rs:12) reads its only column",
        ],
    );
    settles(&home);
}

/// The names that print-schema would give do where there is no schema.rs.
#[test]
fn without_schema_rs() {
    let schema = Schema::default().with_table("types", table(&["id"], &[("id", "bigint"), ("type", "text")]));
    let text = with("Queryable, Selectable", "struct Type { id: i64, type_: String }");
    let home = adopted(schema, &[("src/lib.rs", &text)]);
    says(
        &proposed(&home),
        &[
            "there is no src/schema.rs: tables and columns are matched by the names that print-schema gives them",
        ],
    );
    settles(&home);
}

/// Embedded fields count as the struct's own.
#[test]
fn embedded_fields() {
    let text = with(
        "Queryable, Selectable",
        "#[diesel(table_name = users)] struct User { id: i64, #[diesel(embed)] rest: Rest }\n",
    ) + &with(
        "Queryable, Selectable",
        "#[diesel(table_name = users)] struct Rest { email: String, nick: Option<String> }\n",
    );
    let home = adopted(users(), &[("src/lib.rs", &text)]);
    says(
        &proposed(&home),
        &[
            "users: User (src/lib.rs:1) reads all 3 columns",
            "not Rest (src/lib.rs:2) reads 2 of 3 columns, and lacks `id`",
        ],
    );
    settles(&home);
}
