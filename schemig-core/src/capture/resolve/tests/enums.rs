//! Enums that columns use.

use super::Given;
use crate::schema::{Column, Enum, Provenance, Schema, SqlType, Table};

const MOOD: &str = "#[derive(MigratableEnum)]\nenum Mood { Sad, Happy }\n";

fn user(fields: &str) -> String {
    format!("#[derive(Migratable)]\nstruct User {{ id: i64, {fields} }}")
}

#[test]
fn an_enum_is_there_when_a_column_uses_it() {
    let uses = [
        "mood: Mood",
        "mood: Option<Mood>",
        "moods: Vec<Mood>",
        "#[schemig(sql_type = \"mood\")] it: String",
    ];
    for fields in uses {
        let schema = Given::default().schema(&format!("{MOOD}{}", user(fields)));
        assert_eq!(schema.enums.get(&"mood".into()), Some(&Enum::of(["sad", "happy"])), "{fields}");
    }
    let unused = Given::default().schema(&format!("{MOOD}{}", user("name: String")));
    assert!(unused.enums.is_empty());
}

#[test]
fn an_enum_lives_where_its_name_says() {
    let named = MOOD.replace("enum", "#[schemig(name = \"shop.Mood\")]\nenum");
    let schema = Given::default().schema(&format!("{named}{}", user("mood: Mood")));
    assert!(schema.enums.contains_key(&"shop.Mood".into()));
    let column = &schema.tables[&"users".into()].columns[1];
    assert_eq!(column.sql_type.to_string(), "shop.\"Mood\"");
}

#[test]
fn an_enum_is_what_diesels_type_for_it_is() {
    let existing = "#[derive(DbEnum)]\n#[ExistingTypePath = \"crate::schema::sql_types::MoodEnum\"]\nenum Mood { Sad }\n";
    let sql_type = "#[derive(MigratableEnum)]\n#[diesel(sql_type = crate::schema::sql_types::MoodEnum)]\nenum Mood { Sad }\n";
    let marker = "#[derive(diesel::sql_types::SqlType)]\n#[diesel(postgres_type(name = \"MOODS\"))]\nstruct MoodEnum;\n";
    let named = |source: &str| {
        let schema = Given::default().schema(&format!("{source}{}", user("mood: Mood")));
        schema.enums.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    for source in [existing, sql_type] {
        assert_eq!(named(source), ["mood_enum"], "what print-schema makes MoodEnum of");
        assert_eq!(named(&format!("{source}{marker}")), ["MOODS"]);
    }
    assert_eq!(named(&existing.replace("enum Mood", "#[PgType = \"own\"]\nenum Mood")), ["own"]);
    assert_eq!(named(&MOOD.replace("enum", "#[diesel(sql_type = Text)]\nenum")), ["mood"], "no marker");
}

#[test]
fn what_no_model_ever_had_stays() {
    let mut observed = Enum::of(["a"]);
    observed.provenance = Provenance::Observed;
    let mut snapshot = Schema::default().with_enum("gone", ["b"]);
    snapshot.enums.insert("kept".into(), observed);
    let schema = Given::snapshot(snapshot).schema(&format!("{MOOD}{}", user("mood: Mood")));
    assert_eq!(schema.enums.keys().map(ToString::to_string).collect::<Vec<_>>(), ["kept", "mood"]);
}

#[test]
fn labels_and_an_order_that_only_the_database_has_stay() {
    let mut adopted = Enum::of(["sad", "happy", "old"]);
    adopted.provenance = Provenance::Observed;
    let read = |known: &Enum, variants: &str| {
        let mut snapshot = Schema::default();
        snapshot.enums.insert("mood".into(), known.clone());
        let source = format!("#[derive(DbEnum)]\nenum Mood {{ {variants} }}\n{}", user("mood: Mood"));
        let resolved = Given::snapshot(snapshot).resolve(&source).expect("no mistakes");
        let notes: Vec<_> = resolved.notes.iter().map(|note| note.message.clone()).collect();
        (resolved.schema.enums[&"mood".into()].clone(), notes)
    };
    let (known, notes) = read(&adopted, "Happy, Sad");
    assert_eq!(known, adopted);
    assert_eq!(
        (known.of_model(), known.provenance),
        (&["happy".into(), "sad".into()][..], Provenance::Declared)
    );
    assert_eq!(
        notes,
        [
            "enum mood has 'old' in the database, and no variant for it: it stays, and no row that holds it can be read"
        ]
    );
    let (again, notes) = read(&known, "Happy, Sad");
    assert_eq!((&again.labels, &again.declared, notes.len()), (&known.labels, &known.declared, 0));
    for (variants, labels) in [
        ("Sad, Happy", &["sad", "happy", "old"][..]),
        ("Happy, New, Sad", &["sad", "happy", "new", "old"]),
        ("New, Happy, Sad", &["new", "sad", "happy", "old"]),
        ("Happy", &["happy", "old"]),
        ("#[db_rename = \"sad\"] Sad, Happy, Old", &["sad", "happy", "old"]),
        ("#[schemig(renamed_from = \"happy\")] Glad, Sad", &["sad", "glad", "old"]),
    ] {
        assert_eq!(read(&known, variants).0.labels, labels, "{variants}");
    }
    // Once they agree, the model decides again.
    let (agreed, _) = read(&known, "Sad, Happy, Old");
    assert_eq!(agreed.declared, None);
    assert_eq!(read(&agreed, "Old, Sad, Happy").0.labels, ["old", "sad", "happy"]);
}

#[test]
fn an_enum_that_no_model_uses_is_what_the_database_has() {
    let mut snapshot = Schema::default().with_enum("mood", ["sad"]).observed();
    let column = Column::required(SqlType::Named("mood".to_owned()));
    let table = Table::keyed_by(["mood"]).with_column("mood", column);
    snapshot.tables.insert("others".into(), table.clone());
    let snapshot = snapshot.observed();
    let schema = Given::snapshot(snapshot.clone()).schema(&format!("{MOOD}{}", user("name: String")));
    assert_eq!(schema.enums, snapshot.enums);
    let schema = Given::snapshot(snapshot).schema(&format!("{MOOD}{}", user("mood: Mood")));
    assert_eq!(schema.enums[&"mood".into()].labels, ["sad", "happy"]);
}

#[test]
fn a_former_label_is_a_hint_until_it_has_led_somewhere() {
    let renamed = MOOD.replace("Happy", "#[schemig(renamed_from = \"glad\")] Happy");
    let source = format!("{renamed}{}", user("mood: Mood"));
    let given = |labels: [&str; 2]| Given::snapshot(Schema::default().with_enum("mood", labels));
    let resolved = given(["sad", "glad"]).resolve(&source).expect("no mistakes");
    let hint = resolved.hints.label_renames.get(&("mood".into(), "happy".to_owned()));
    assert_eq!(hint, Some(&Some("glad".to_owned())));
    let resolved = given(["sad", "happy"]).resolve(&source).expect("no mistakes");
    assert!(resolved.hints.label_renames.is_empty());
    assert!(resolved.notes.iter().any(|note| note.message.contains("has done its work")));
    assert_eq!(
        given(["sad", "other"]).mistakes(&source),
        "m.rs:2:43: `mood` has no label `glad` to rename, and none is called `happy`\n  \
         help: take `renamed_from` away to add a new label"
    );
}

#[test]
fn what_a_server_would_refuse_is_said_at_its_place() {
    let other = "mod other {}\n#[derive(DbEnum)]\n#[PgType = \"mood\"]\nenum State { Sad }\n";
    assert_eq!(
        Given::default().mistakes(&format!("{MOOD}{other}{}", user("mood: Mood"))),
        "m.rs:6:6: two enums of the type `mood` have other labels\n  and m.rs:2:6\n  \
         help: give one of them another name in the database: `#[schemig(name = \"…\")]`"
    );
    let long = MOOD.replace("Happy", &format!("#[schemig(label = \"{}\")] Happy", "ä".repeat(32)));
    let said = Given::default().mistakes(&format!("{long}{}", user("mood: Mood")));
    assert!(said.starts_with("m.rs:2:36: the label `ää") && said.contains("is 64 bytes long"), "{said}");
    let named = MOOD.replace("enum", "#[schemig(name = \"users\")]\nenum");
    assert_eq!(
        Given::default().mistakes(&format!("{named}{}", user("mood: Mood"))),
        "m.rs:3:6: a table and an enum can't both be called `users`: a table has a type of its name\n  and m.rs:5:8\n  \
         help: give the enum another name: `#[schemig(name = \"…\")]`"
    );
}
