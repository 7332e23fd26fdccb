use syn::{DeriveInput, ItemStruct, parse_quote, parse_str};

use crate::{Model, parse};

fn canonical(source: &str) -> String {
    let item: ItemStruct = parse_str(source).unwrap();
    parse::model(&item).unwrap().canonical()
}

/// A model, and its item for as long as the tests run.
fn user(attributes: &str, fields: &str) -> Model<'static> {
    let source = format!("{attributes} struct User {{ id: i64, {fields} }}");
    parse::model(Box::leak(Box::new(parse_str(&source).unwrap()))).unwrap()
}

#[test]
fn the_whole_form() {
    let text = canonical(
        r#"
        #[diesel(table_name = crate::schema::people, primary_key(id, r#type))]
        #[schemig(name = "People", schema = "auth", comment = "who \"may\" log in")]
        #[schemig(index(email, expression = "lower(name)", name = "i", where = "id > 0", include(id)))]
        #[schemig(unique(email, id), check("id > 0", name = "c"))]
        struct User<'a> {
            #[schemig(identity = always)]
            id: i64,
            #[diesel(column_name = r#type)]
            kind: &'a str,
            #[schemig(unique, sql_type = "citext", collate = "C", default = none, check = "email <> ''")]
            email: String,
            #[schemig(references(organizations(id), on_delete = cascade, name = "f"), index(method = "hash"))]
            organization_id: Option<i64>,
            #[diesel(deserialize_as = Wrapped)]
            #[schemig(generated("a * b", virtual), name = "Total")]
            total: i64,
            #[diesel(embed)]
            address: Address,
            #[schemig(skip)]
            cache: Cache,
        }"#,
    );
    assert_eq!(
        text,
        concat!(
            r#"1;struct User;table people name="People" schema="auth" comment="who \"may\" log in";key id,type"#,
            r#";field id:i64 identity=always"#,
            r#";field type:&'a str"#,
            r#";field email:String sql_type="citext" default=none collate="C" unique=(email) check("email <> ''")"#,
            r#";field organization_id:Option<i64> references="organizations"("id") on_delete=cascade name="f""#,
            r#" index=(organization_id method="hash")"#,
            r#";field total:i64 as:Wrapped name="Total" generated=virtual"a * b""#,
            r#";embed Address"#,
            r#";index(email,"lower(name)" name="i" where="id > 0" include id)"#,
            r#";unique(email,id);check("id > 0" name="c")"#,
        )
    );
}

#[test]
fn an_enum() {
    let item = parse_quote!(
        #[schemig(name = "mood")]
        enum Mood {
            Sad,
            #[schemig(label = "very \"happy\"")]
            VeryHappy,
        }
    );
    let text = parse::enumeration(&item).unwrap().canonical();
    assert_eq!(text, r#"1;enum Mood name="mood";Sad="sad";VeryHappy="very \"happy\"""#);
}

#[test]
fn hints_layout_and_the_order_of_attributes_are_no_part_of_it() {
    let plain = user("#[schemig(comment = \"c\")]", r#"#[schemig(default = 0, sql_type = "int")] age: i32"#);
    let hinted = user(
        r#"/// A user.
           #[derive(Queryable)]
           #[schemig(renamed_from = "accounts", dropped("legacy", fill = none))]
           #[schemig(comment = "c")]"#,
        r#"#[schemig(sql_type = "int")] #[schemig(renamed_from = "years", backfill = "1", convert = "x", default = 0)]
           pub(crate) age : i32,"#,
    );
    assert_eq!(plain.canonical(), hinted.canonical());
    assert_eq!(plain.fingerprint(), hinted.fingerprint());
    assert!(hinted.positional && !plain.positional);
}

#[test]
fn every_fact_changes_it() {
    let variants = [
        user("", "age: i32"),
        user("", "age: Option<i32>"),
        user("", "years: i32"),
        user("#[diesel(table_name = people)]", "age: i32"),
        user("#[diesel(primary_key(age))]", "age: i32"),
        user("#[schemig(name = \"x\")]", "age: i32"),
        user("#[schemig(schema = \"x\")]", "age: i32"),
        user("#[schemig(comment = \"x\")]", "age: i32"),
        user("#[schemig(comment = none)]", "age: i32"),
        user("#[schemig(index(age))]", "age: i32"),
        user("#[schemig(unique(age))]", "age: i32"),
        user("#[schemig(check(\"age\"))]", "age: i32"),
        user("", "#[schemig(index)] age: i32"),
        user("", "#[schemig(unique)] age: i32"),
        user("", "#[schemig(check(\"age\"))] age: i32"),
        user("", "#[schemig(default = 1)] age: i32"),
        user("", "#[schemig(default = none)] age: i32"),
        user("", "#[schemig(generated = \"1\")] age: i32"),
        user("", "#[schemig(generated(\"1\", virtual))] age: i32"),
        user("", "#[schemig(identity)] age: i32"),
        user("", "#[schemig(references = \"ages\")] age: i32"),
        user("", "#[schemig(collate = \"C\")] age: i32"),
        user("", "#[schemig(sql_type = \"int\")] age: i32"),
        user("", "#[schemig(name = \"int\")] age: i32"),
        user("", "#[diesel(deserialize_as = i64)] age: i32"),
        user("", "#[diesel(embed)] age: i32"),
        user("", "#[schemig(skip)] age: i32"),
    ];
    for (position, one) in variants.iter().enumerate() {
        for other in &variants[..position] {
            assert_ne!(one.canonical(), other.canonical());
            assert_ne!(one.fingerprint(), other.fingerprint());
        }
    }
}

#[test]
fn text_in_quotes_cannot_pass_for_the_form() {
    let one = user("", r#"#[schemig(default = "a\" collate=\"C")] age: i32"#);
    let other = user("", r#"#[schemig(default = "a", collate = "C")] age: i32"#);
    assert_ne!(one.canonical(), other.canonical());
}

#[test]
fn derive_input_and_struct_read_alike() {
    let source = "#[schemig(index(age))] struct User<'a> { id: i64, age: &'a [u8] }";
    let input: DeriveInput = parse_str(source).unwrap();
    assert_eq!(parse::model_input(&input).unwrap().canonical(), canonical(source));
}
