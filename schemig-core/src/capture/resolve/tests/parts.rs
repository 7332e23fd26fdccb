//! Tables as a whole: names, indexes, constraints, and what nobody declared.

use super::{Given, column, users};
use crate::capture::TableFacts;
use crate::schema::{
    Action, Check, Column, ColumnName, Expression, Fact, ForeignKey, Identity, Index, IndexKey, Provenance,
    Schema, SqlType, Table,
};

fn observed(sql_type: &str) -> Column {
    Column { provenance: Provenance::Observed, ..column(sql_type) }
}

fn names<'a, T: std::fmt::Display + 'a>(names: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    names.into_iter().map(T::to_string).collect()
}

#[test]
fn a_whole_model() {
    let source = r#"
        #[derive(Migratable)]
        #[schemig(comment = "who", index(team_id, email), unique(expression = "lower(email)"), check("low < high"))]
        struct User {
            #[schemig(identity = always)] id: i64,
            #[schemig(unique, default = "''", collate = "C", check("email <> ''"), check("email <> ' '"))] email: String,
            #[schemig(references(teams, on_delete = cascade), index(where = "team_id > 0", method = "hash"))] team_id: Option<i64>,
            low: i32,
            high: i32,
            #[schemig(generated = "high - low")] span: i32,
        }
        #[derive(Migratable)]
        struct Team { id: i64 }
    "#;
    let table = Given::default().table(source, "users");
    assert_eq!(table.comment.as_deref(), Some("who"));
    assert_eq!(table.columns[&ColumnName::from("id")].identity, Some(Identity::Always));
    let email = Column { collation: Some("C".to_owned()), ..column("text").with_default("''") };
    assert_eq!(table.columns[&ColumnName::from("email")], email);
    assert!(table.columns[&ColumnName::from("team_id")].nullable);
    assert_eq!(
        table.columns[&ColumnName::from("span")].generated.as_ref().unwrap().expression.as_str(),
        "high - low"
    );
    assert_eq!(
        names(table.indexes.keys()),
        ["users_email_key", "users_lower_email_key", "users_team_id_email_idx", "users_team_id_idx"]
    );
    assert_eq!(table.indexes[&"users_email_key".into()], Index::unique_on(["email"]));
    let by_expression = IndexKey::Expression(Expression::from("lower(email)"));
    assert_eq!(table.indexes[&"users_lower_email_key".into()].keys, [by_expression]);
    assert_eq!(table.indexes[&"users_team_id_idx".into()].method.as_deref(), Some("hash"));
    assert_eq!(names(table.checks.keys()), ["users_check", "users_email_check", "users_email_check1"]);
    let key = &table.foreign_keys[&"users_team_id_fkey".into()];
    assert_eq!((key.on_delete, key.on_update), (Action::Cascade, Action::NoAction));
    assert_eq!((key.references.to_string(), names(&key.key)), ("teams".to_owned(), vec!["id".to_owned()]));
}

#[test]
fn what_excludes_rows_is_a_constraint() {
    let source = r#"
        #[derive(Migratable)]
        #[schemig(exclude(room with "=", at with "<>"), exclude(at with "=", method = "btree", name = "own"))]
        struct Booking { id: i64, #[schemig(index = none)] room: i64, at: i32 }
    "#;
    let first = Given::default().schema(source);
    let table = &first.tables[&"bookings".into()];
    assert_eq!(names(table.indexes.keys()), ["bookings_room_at_excl", "own"]);
    let apart = Index::excluding([("room", "="), ("at", "<>")]);
    assert_eq!(table.indexes[&"bookings_room_at_excl".into()], apart);
    assert_eq!(table.indexes[&"own".into()], Index { method: None, ..Index::excluding([("at", "=")]) });
    assert_eq!(Given::snapshot(first.clone()).schema(source), first);
}

#[test]
fn resolving_again_changes_nothing() {
    let source = "#[derive(Migratable)] #[schemig(index(email, id), check(\"id > 0\"))] struct User { id: i64, #[schemig(unique)] email: String, \
                  #[schemig(references = users)] boss: Option<i64> }";
    let first = Given::default().schema(source);
    assert_eq!(Given::snapshot(first.clone()).schema(source), first);
}

#[test]
fn what_is_there_keeps_its_name() {
    let mut old = users(&[("email", column("text")), ("boss", column("bigint"))])
        .with_index("by_mail", Index { constraint: true, ..Index::unique_on(["email"]) })
        .with_check("sane", Check::on("id > 0"));
    let key = ForeignKey {
        columns: vec!["boss".into()],
        references: "users".into(),
        key: vec!["id".into()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Observed,
    };
    old = old.with_foreign_key("has_boss", key);
    let source = "#[derive(Migratable)] #[schemig(check(\"id > 0\"))] struct User { id: i64, #[schemig(unique)] email: String, \
                  #[schemig(references = users)] boss: i64 }";
    let table = Given::snapshot(Schema::default().with_table("users", old.clone())).table(source, "users");
    assert_eq!(table, old);
    assert_eq!(table.foreign_keys[&"has_boss".into()].provenance, Provenance::Declared);
    let named = "#[derive(Migratable)] struct User { id: i64, #[schemig(unique(name = \"mine\"))] email: String, boss: i64 }";
    let table = Given::snapshot(Schema::default().with_table("users", old)).table(named, "users");
    assert_eq!(names(table.indexes.keys()), ["mine"]);
    assert_eq!(names(table.foreign_keys.keys()), ["has_boss"]);
    assert!(table.checks.is_empty());
}

#[test]
fn a_renamed_table_keeps_the_names_of_its_parts() {
    let old = users(&[("mail", column("text"))])
        .with_index("users_mail_idx", Index::on(["mail"]))
        .with_check("users_mail_check", Check::on("mail <> ''"));
    let source = "#[derive(Migratable)] #[schemig(renamed_from = users, check(\"email <> ''\"))] struct Person { id: i64, \
                  #[schemig(renamed_from = mail, index)] email: String }";
    let table = Given::snapshot(Schema::default().with_table("users", old)).table(source, "persons");
    assert_eq!(names(table.indexes.keys()), ["users_mail_idx"]);
    assert_eq!(table.indexes[&"users_mail_idx".into()], Index::on(["email"]));
    assert_eq!(names(table.checks.keys()), ["users_mail_check"]);
}

#[test]
fn a_silent_model_leaves_observed_facts_and_takes_declared_ones() {
    let old = || {
        users(&[
            ("email", observed("varchar(9)").with_default("''")),
            ("age", column("integer").with_default("0")),
            ("note", observed("text")),
            ("gone", column("text")),
        ])
        .with_index("seen", Index { provenance: Provenance::Observed, ..Index::on(["email"]) })
        .with_index("seen_gone", Index { provenance: Provenance::Observed, ..Index::on(["gone"]) })
        .with_index("said", Index::on(["age"]))
    };
    let snapshot = || {
        let bare = Table::keyed_by(["id"]).with_column("id", observed("bigint"));
        let declared = users(&[]);
        Schema::default().with_table("users", old()).with_table("bare", bare).with_table("declared", declared)
    };
    let silent = "#[derive(Migratable)] struct User { id: i64, email: String, age: i32, #[schemig(default = \"1\")] new: i32 }";
    let schema = Given::snapshot(snapshot()).schema(silent);
    assert_eq!(names(schema.tables.keys()), ["bare", "users"]);
    let table = &schema.tables[&"users".into()];
    assert_eq!(names(table.columns.keys()), ["id", "email", "age", "note", "new"]);
    assert_eq!(names(table.indexes.keys()), ["seen"]);
    let email = &table.columns[&ColumnName::from("email")];
    assert_eq!(
        (&email.default, &email.sql_type),
        (&Some(Expression::from("''")), &SqlType::Varchar(Some(9)))
    );
    assert_eq!((email.provenance, email.is_observed(Fact::Default)), (Provenance::Declared, true));
    assert_eq!(table.columns[&ColumnName::from("age")].default, None);
    let again = Given::snapshot(schema.clone()).schema(silent);
    assert_eq!(again, schema);
    let loud = "#[derive(Migratable)] #[schemig(dropped(\"note\"))] struct User { id: i64, #[schemig(default = none, index = none)] email: String, age: i32 }";
    let table = Given::snapshot(snapshot()).table(loud, "users");
    assert_eq!(names(table.columns.keys()), ["id", "email", "age"]);
    assert_eq!(table.columns[&ColumnName::from("email")].default, None);
    assert!(table.indexes.is_empty());
}

#[test]
fn sql_names_of_identifiers() {
    let source = "#[derive(Migratable)] #[diesel(table_name = struct_)] struct User { id: i64, type_: i32, r#where: i32, #[schemig(name = \"E-Mail\")] mail: String }";
    let table = Given::default().table(source, "struct");
    assert_eq!(table.identifier.as_deref(), Some("struct_"));
    let pairs: Vec<(String, Option<&str>)> =
        table.columns.iter().map(|(name, column)| (name.to_string(), column.identifier.as_deref())).collect();
    assert_eq!(
        pairs,
        [
            ("id".to_owned(), None),
            ("type".to_owned(), Some("type_")),
            ("where".to_owned(), Some("r#where")),
            ("E-Mail".to_owned(), Some("mail")),
        ]
    );
    let silent = source.replace("#[schemig(name = \"E-Mail\")]", "");
    let snapshot = Schema::default().with_table("struct", table.clone());
    assert_eq!(Given::snapshot(snapshot).table(&silent, "struct"), table);
}

#[test]
fn schema_rs_knows_sql_names() {
    let facts = TableFacts {
        identifier: "users".to_owned(),
        schema: Some("auth".to_owned()),
        name: "User Accounts".to_owned(),
        columns: vec![("mail".to_owned(), "E-Mail".to_owned())],
    };
    let given = Given { tables: vec![facts], ..Given::default() };
    let table =
        given.table("#[derive(Migratable)] struct User { id: i64, mail: String }", "auth.User Accounts");
    assert_eq!(table.identifier.as_deref(), Some("users"));
    assert_eq!(names(table.columns.keys()), ["id", "E-Mail"]);
}

#[test]
fn an_embedded_struct_is_flattened_where_it_stands() {
    let source = "#[derive(Selectable)] struct Times { created_at: NaiveDateTime, #[diesel(embed)] inner: Deep } #[derive(Insertable)] struct Deep { #[schemig(index)] deep: i32 } \
                  #[derive(Migratable)] struct User { id: i64, #[diesel(embed)] times: Times, name: String }";
    let table = Given::default().table(source, "users");
    assert_eq!(names(table.columns.keys()), ["id", "created_at", "deep", "name"]);
    assert_eq!(names(table.indexes.keys()), ["users_deep_idx"]);
}

#[test]
fn marks_name_the_struct_and_what_it_says() {
    let resolved = Given::default().resolve("#[derive(Migratable)] struct User { id: i64 }").unwrap();
    let [(name, print)] = resolved.marks[&"users".into()].as_slice() else { panic!("one mark") };
    assert_eq!((name.as_str(), print.len()), ("User", 16));
    assert_eq!(resolved.tables[&"users".into()].to_string(), "m.rs:1:30");
}

#[test]
fn the_same_index_twice_is_a_mistake() {
    let source = "#[derive(Migratable)]\n#[schemig(index(email))]\nstruct User { id: i64,\n #[schemig(index)]\n email: String }";
    assert!(Given::default().mistakes(source).starts_with("m.rs:4:12: `User` has this index twice"));
}

#[test]
fn the_default_schema_is_none_that_has_to_be_named() {
    Given::default()
        .table("#[derive(Migratable)] #[schemig(schema = \"public\")] struct User { id: i64 }", "users");
    Given::default()
        .table("#[derive(Migratable)] #[schemig(schema = \"auth\")] struct User { id: i64 }", "auth.users");
}

/// SQLite's decimals are floats to Diesel, unless the model has a decimal.
#[test]
fn a_type_that_was_found_is_what_diesel_takes_it_for() {
    let numeric = SqlType::Numeric(None);
    let table = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("price", Column::required(numeric.clone()));
    let read = |snapshot: Schema, rust_type: &str| {
        let given = Given { found: vec![(numeric.clone(), "Double")], ..Given::snapshot(snapshot) };
        let source = format!("#[derive(Migratable)]\nstruct Good {{ id: i64, price: {rust_type} }}");
        let schema = given.schema(&source);
        let price = schema.tables[&"goods".into()].columns[1].clone();
        (schema, price.sql_type.clone(), price.is_observed(Fact::Type))
    };
    let declared = Schema::default().with_table("goods", table);
    let (known, sql_type, is_found) = read(declared.clone().observed(), "f64");
    assert_eq!((sql_type, is_found), (numeric.clone(), true));
    let (_, sql_type, is_found) = read(known.clone(), "f64");
    assert_eq!((sql_type, is_found), (numeric.clone(), true), "and so it stays");
    let (_, sql_type, is_found) = read(known, "BigDecimal");
    assert_eq!((sql_type, is_found), (numeric.clone(), false));
    assert_eq!(read(declared, "f64").1, SqlType::Double, "a model said decimal");
}
