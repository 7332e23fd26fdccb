//! Enums and their labels.

use crate::{EnumModel, parse};

fn read(source: &str) -> Result<EnumModel, Vec<String>> {
    parse::enumeration(&syn::parse_str(source).unwrap())
        .map_err(|errors| errors.iter().map(|mistake| mistake.message.clone()).collect())
}

fn labels(source: &str) -> Vec<(String, String)> {
    let labels = read(source).unwrap().labels;
    labels.into_iter().map(|label| (label.variant.text, label.label.text)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(variant, label)| ((*variant).to_owned(), (*label).to_owned())).collect()
}

#[test]
fn labels_are_snake_case_unless_said() {
    let source = r#"enum Mood { Sad, #[schemig(label = "so so")] SoSo, VeryHappy, r#Self_ }"#;
    let expected = [("Sad", "sad"), ("SoSo", "so so"), ("VeryHappy", "very_happy"), ("Self_", "self")];
    assert_eq!(labels(source), pairs(&expected));
}

#[test]
fn names_come_from_us_from_diesel_or_from_diesel_derive_enum() {
    let named = |source: &str| {
        let found = read(source).unwrap();
        (found.type_name.map(|text| text.text), found.diesel_type.map(|name| name.text))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(named("enum Mood { A }"), (None, None));
    assert_eq!(
        named("#[schemig(name = \"mood\")] #[diesel(sql_type = crate::sql_types::Mood)] enum M { A }"),
        (text("mood"), text("Mood"))
    );
    assert_eq!(named("#[ExistingTypePath = \"crate::sql_types::Mood\"] enum M { A }"), (None, text("Mood")));
    assert_eq!(
        named("#[PgType = \"mood\"] #[DieselType = \"MoodMapping\"] enum M { A }"),
        (text("mood"), text("MoodMapping"))
    );
    let styled = r#"#[DbValueStyle = "verbatim"] enum M { VeryHappy, #[db_rename = "down"] Sad }"#;
    assert_eq!(labels(styled), pairs(&[("VeryHappy", "VeryHappy"), ("Sad", "down")]));
}

#[test]
fn a_former_label_is_a_hint() {
    let plain = read("enum Mood { Sad, Happy }").unwrap();
    let hinted = read(r#"enum Mood { Sad, #[schemig(renamed_from = "glad")] Happy }"#).unwrap();
    assert_eq!(hinted.labels[1].renamed_from.value().unwrap().text, "glad");
    assert_eq!(hinted.canonical(), plain.canonical());
    let denied = read(r#"enum Mood { #[schemig(renamed_from = none)] Happy }"#).unwrap();
    assert!(denied.labels[0].renamed_from.is_none());
    let still = read(r#"enum Mood { Sad, #[schemig(renamed_from = "sad")] Happy }"#);
    assert_eq!(still.unwrap_err(), ["a variant is called `sad` still"]);
}

#[test]
fn every_mistake_is_reported() {
    let mistakes = read(
        r#"#[schemig(nmae = "x")] #[DbValueStyle = "odd"] enum M<T> { A(T), #[schemig(label = "a")] B, C, C_ }"#,
    );
    let expected = [
        "an enum with parameters has no database type",
        "`nmae` is no key of `#[schemig(…)]` here",
        "this style is unknown",
        "a variant with fields has no label",
        "two variants are called `a`",
        "two variants are called `c`",
    ];
    assert_eq!(mistakes.unwrap_err(), expected);
    assert_eq!(read("enum M {}").unwrap_err(), ["an enum without variants has no labels"]);
}

#[test]
fn the_other_kind_of_item_names_the_other_derive() {
    let message = |outcome: Result<String, crate::Errors>| outcome.unwrap_err().to_string();
    let item = |source: &str| syn::parse_str(source).unwrap();
    let model = parse::model_input(&item("enum M { A }")).map(|model| model.canonical());
    assert_eq!(message(model), "`Migratable` is for structs\nhelp: an enum derives `MigratableEnum`");
    let model = parse::model_input(&item("union M { a: i32 }")).map(|model| model.canonical());
    assert!(message(model).starts_with("`Migratable` is for structs"));
    let labels = parse::enumeration_input(&item("struct M;")).map(|labels| labels.canonical());
    assert_eq!(message(labels), "`MigratableEnum` is for enums\nhelp: a struct derives `Migratable`");
}
