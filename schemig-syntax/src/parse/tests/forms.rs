//! What can be written, and what it means.

use super::{field, model};
use crate::{
    Action, Backfill, Deferral, FIELD_KEYS, FieldKind, IdentityKind, IndexAttr, IndexKey, KeyOrder,
    STRUCT_KEYS, Said, Storage, type_text,
};

fn keys(index: &IndexAttr) -> Vec<String> {
    let text = |key: &IndexKey| match key {
        IndexKey::Column(column) => column.text.clone(),
        IndexKey::Expression(expression) => format!("({expression})"),
    };
    index.keys.iter().map(text).collect()
}

#[test]
fn a_key_says_how_it_is_sorted() {
    let on_struct = model(
        r#"#[schemig(index(
            first desc nulls last, columns(second ops("public.trgm")), expression = "lower(a)" nulls first ops(text_ops) asc,
            desc, with = "FillFactor = 70,fastupdate=off"
        ))] struct Item { id: i64, first: i32, second: i32, desc: i32 }"#,
    );
    let [index] = on_struct.indexes.as_slice() else { panic!("an index") };
    let shown: Vec<String> = index.orders.iter().map(sorted).collect();
    assert_eq!(shown, ["desc Some(Last)", "public.trgm", "text_ops Some(First)", ""]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(index.storage.value().unwrap(), &[pair("fastupdate", "off"), pair("fillfactor", "70")]);
    for (form, expected) in [
        ("index(desc)", "desc"),
        ("index(desc nulls first)", "desc"),
        ("index(ops(text_ops), name = \"n\")", "text_ops"),
        ("index(expression = \"lower(a)\" desc)", "desc"),
        ("unique(nulls_not_distinct)", ""),
        ("unique(deferred)", ""),
    ] {
        let field = field(&format!("#[schemig({form})]"), "a: String");
        let index = field.index.value().or(field.unique.value()).unwrap();
        assert_eq!(index.orders.iter().map(sorted).collect::<Vec<_>>(), [expected], "{form}");
        assert_eq!(index.nulls_not_distinct, form.contains("nulls_not"), "{form}");
        assert_eq!(index.deferral, form.contains("deferred").then_some(Deferral::Deferred), "{form}");
    }
}

fn sorted(order: &KeyOrder) -> String {
    let KeyOrder { class, descending, nulls } = order;
    let class = class.iter().map(ToString::to_string);
    let direction = descending.then(|| "desc".to_owned());
    class
        .chain(direction)
        .chain(nulls.map(|nulls| format!("{:?}", Some(nulls))))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn rows_come_from_a_table() {
    let read = model(
        r#"#[schemig(rows_from(users, user = "id", shout = "upper(name)"))] #[diesel(primary_key(user))]
        struct Profile { user: i64, shout: String }"#,
    );
    let rows = read.rows_from.as_ref().expect("it says so");
    let columns: Vec<String> = rows.columns.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!((rows.from.text.as_str(), columns.join(";").as_str()), ("users", "user=id;shout=upper(name)"));
    assert!(!read.canonical().contains("users"), "a hint is in no fingerprint");
}

#[test]
fn a_foreign_key_says_when_it_is_checked() {
    let deferral = |form: &str| {
        let field = field(&format!("#[schemig(references(orgs{form}))]"), "a: i64");
        field.references.value().unwrap().deferral
    };
    assert_eq!(deferral(""), None);
    assert_eq!(deferral("(id), deferred, on_delete = cascade"), Some(Deferral::Deferred));
    for one in Deferral::ALL {
        assert_eq!(deferral(&format!(", {}", one.word())), Some(one));
    }
}

#[test]
fn doc_comments_are_comments_when_asked_for() {
    let source = |asked: &str| {
        format!(
            "/// Who may\n/// log in.\n///\n/// # Panics\n{asked} struct Item {{ /// A key.\n id: i64, \
             #[schemig(comment = \"said\")] /// Unsaid.\n first: i32, #[schemig(comment = none)] /// Nothing.\n second: i32, third: i32 }}"
        )
    };
    let comments = |asked: &str| {
        let model = model(&source(asked));
        let own = model.comment.value().map(ToString::to_string);
        let fields = model.fields.iter().map(|field| field.comment.value().map(ToString::to_string));
        std::iter::once(own).chain(fields).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(comments(""), [None, None, some("said"), None, None]);
    let asked = comments("#[schemig(doc_comments)]");
    assert_eq!(asked, [some("Who may log in."), some("A key."), some("said"), None, None]);
}

#[test]
fn the_form_shown_for_each_word_parses() {
    for key in STRUCT_KEYS {
        model(&format!("#[schemig({})] struct Item {{ id: i64, first: i32, second: i32 }}", key.form));
    }
    for key in FIELD_KEYS {
        // One that asks for a name of its own gets it.
        let named = if key.word == "new_column" { "#[diesel(column_name = first_2)] " } else { "" };
        field(&format!("{named}#[schemig({})]", key.form), "first: i32");
    }
}

#[test]
fn the_table_is_diesels() {
    let table = |attribute: &str| {
        let model = model(&format!("{attribute} struct OrgMembership {{ id: i64 }}"));
        (model.table.name.text, model.table.explicit)
    };
    assert_eq!(table(""), ("org_memberships".into(), false));
    assert_eq!(table("#[diesel(table_name = members)]"), ("members".into(), true));
    assert_eq!(table("#[diesel(table_name = crate::schema::r#type)]"), ("type".into(), true));
    let others = "#[diesel(check_for_backend(Pg, Sqlite), belongs_to(User, foreign_key = a), table_name = members, \
                  treat_none_as_null = true, base_query_type = Filter<A, B<C, D>>, base_query = a.filter(b < c), novel)]";
    assert_eq!(table(others), ("members".into(), true));
}

#[test]
fn the_primary_key_is_diesels() {
    let columns =
        |source: &str| model(source).primary_key.into_iter().map(|name| name.text).collect::<Vec<_>>();
    assert_eq!(columns("struct A { id: i64 }"), ["id"]);
    assert_eq!(columns("#[diesel(primary_key(a, r#type,))] struct A { a: i64, r#type: i64 }"), ["a", "type"]);
}

#[test]
fn a_field_is_a_column_or_not() {
    let plain = field("", "r#type: i32");
    assert_eq!((plain.ident.text.as_str(), plain.column.text.as_str()), ("type", "type"));
    assert_eq!(plain.kind, FieldKind::Column);
    assert_eq!(field("#[diesel(column_name = r#type)]", "kind: i32").column.text, "type");
    assert_eq!(field("#[diesel(column_name = \"kind_\")]", "kind: i32").column.text, "kind_");
    assert_eq!(field("#[diesel(embed)]", "rest: Rest").kind, FieldKind::Embed);
    assert_eq!(field("#[diesel(embed)] #[schemig(skip)]", "rest: Rest").kind, FieldKind::Skipped);
    let computed = "#[diesel(select_expression = a.eq(b), select_expression_type = dsl::Eq<a, b>)]";
    assert_eq!(field(computed, "same: bool").kind, FieldKind::Skipped);
    let read = field("#[diesel(deserialize_as = Wrapped<i64>, serialize_as = X)]", "total: i64");
    assert_eq!(type_text(read.read_type()), "Wrapped<i64>");
}

#[test]
fn tuple_structs_name_their_columns() {
    let model =
        model("struct Pair<'a>(#[diesel(column_name = id)] i64, #[diesel(column_name = \"b\")] &'a str);");
    let columns: Vec<_> =
        model.columns().map(|field| (field.ident.text.as_str(), field.column.text.as_str())).collect();
    assert_eq!(columns, [("0", "id"), ("1", "b")]);
}

#[test]
fn positional_means_queryable_without_selectable() {
    let positional = |derives: &str| model(&format!("{derives} struct A {{ id: i64 }}")).positional;
    assert!(positional("#[derive(Debug, diesel::Queryable)] #[derive(Migratable)]"));
    assert!(!positional("#[derive(Queryable)] #[derive(diesel::prelude::Selectable,)]"));
    assert!(!positional("#[derive(QueryableByName)]"));
    assert!(!positional(""));
}

#[test]
fn defaults() {
    let default = |value: &str| field(&format!("#[schemig(default = {value})]"), "a: i32").default;
    let text = |value: &str| default(value).value().map(|text| text.text.clone()).unwrap();
    assert_eq!(text("\"now()\""), "now()");
    assert_eq!(text("\"'it''s'\""), "'it''s'");
    assert_eq!(text("7_000i64"), "7000");
    assert_eq!(text("-1"), "-1");
    assert_eq!(text("-0.5"), "-0.5");
    assert_eq!(text("true"), "true");
    assert!(default("none").is_none());
    assert!(field("", "a: i32").default.is_absent());
}

#[test]
fn indexes_of_a_struct() {
    let model = model(
        r#"#[schemig(index(id, r#type), index(columns(id, r#type), method = "gin"), index(name, r#where))]
           #[schemig(index(id, expression = "lower(name)", name = "n", where = "id > 0", include(name, id2)))]
           #[schemig(unique(expression = "lower(name)", id,))]
           struct A { id: i64, id2: i64, r#type: i64, name: String, r#where: String }"#,
    );
    let all: Vec<_> = model.indexes.iter().map(keys).collect();
    assert_eq!(
        all,
        [vec!["id", "type"], vec!["id", "type"], vec!["name", "where"], vec!["id", "(lower(name))"]]
    );
    assert_eq!(model.indexes[1].method.as_ref().unwrap().text, "gin");
    let last = &model.indexes[3];
    assert_eq!(last.name.as_ref().unwrap().text, "n");
    assert_eq!(last.predicate.as_ref().unwrap().text, "id > 0");
    assert_eq!(last.include.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(), ["name", "id2"]);
    assert_eq!(keys(&model.uniques[0]), ["(lower(name))", "id"]);
}

#[test]
fn what_excludes_rows() {
    let model = model(
        r#"#[schemig(exclude(
            room with "=", with with "public.&&", expression = "lower(name)" ops(gist_text_ops) with "=",
            where = "room > 0", with = "fillfactor = 70", deferred, name = "apart"
        ))] struct Booking { id: i64, room: i64, with: Span, name: String }"#,
    );
    let [apart] = model.exclusions.as_slice() else { panic!("one of them") };
    assert_eq!(keys(apart), ["room", "with", "(lower(name))"]);
    let operators: Vec<&str> = apart.operators.iter().map(|operator| operator.text.as_str()).collect();
    assert_eq!(operators, ["=", "public.&&", "="]);
    assert_eq!(sorted(&apart.orders[2]), "gist_text_ops");
    assert_eq!((apart.deferral, apart.method.is_some()), (Some(Deferral::Deferred), false));
    assert!(model.canonical().contains(
        r#";exclude(room with="=",with with="public.&&","lower(name)" ops="gist_text_ops" with="=" name="apart""#
    ));
}

#[test]
fn indexes_of_a_field() {
    let plain = field(
        "#[schemig(index, unique(name = \"u\", where = \"a > 0\"))] #[diesel(column_name = b)]",
        "a: i32",
    );
    assert_eq!(keys(plain.index.value().unwrap()), ["b"]);
    let unique = plain.unique.value().unwrap();
    assert_eq!((keys(unique), unique.name.as_ref().unwrap().text.as_str()), (vec!["b".to_owned()], "u"));
    let lower = field("#[schemig(unique(expression = \"lower(a)\"))]", "a: String");
    assert_eq!(keys(lower.unique.value().unwrap()), ["(lower(a))"]);
    let none = field("#[schemig(unique = none, index = none)]", "a: i32");
    assert!(none.unique.is_none() && none.index.is_none());
}

#[test]
fn foreign_keys() {
    let read = |form: &str| match field(&format!("#[schemig({form})]"), "a: i64").references {
        Said::Value(found) => {
            let column = found.column.map(|column| column.text);
            (found.table.text, column, found.on_delete, found.on_update, found.name.map(|name| name.text))
        }
        Said::Absent | Said::None(_) => panic!("no foreign key"),
    };
    let bare = ("orgs".to_owned(), None, None, None, None);
    for form in
        ["references = \"orgs\"", "references = orgs", "references(orgs)", "references(crate::schema::orgs)"]
    {
        assert_eq!(read(form), bare, "{form}");
    }
    let full = read(r#"references(orgs(id), on_delete = cascade, on_update = "SET NULL", name = "fk")"#);
    let expected = (
        "orgs".to_owned(),
        Some("id".to_owned()),
        Some(Action::Cascade),
        Some(Action::SetNull),
        Some("fk".to_owned()),
    );
    assert_eq!(full, expected);
    for action in Action::ALL {
        assert_eq!(read(&format!("references(orgs, on_delete = {})", action.word())).2, Some(action));
    }
    assert!(field("#[schemig(references = none)]", "a: i64").references.is_none());
}

#[test]
fn hints() {
    let all = field(
        r#"#[schemig(renamed_from = "b", backfill(from = m, key = "user_id", value = r#type, otherwise = 0))]
           #[schemig(convert = "f", convert_back = "b")]"#,
        "a: i64",
    );
    assert_eq!(all.renamed_from.value().unwrap().text, "b");
    match all.backfill.value().unwrap() {
        Backfill::From { from, key, value, otherwise } => {
            assert_eq!([&from.text, &key.text, &value.text], ["m", "user_id", "type"]);
            assert_eq!(otherwise.as_ref().unwrap().text, "0");
        }
        Backfill::Expression(_) => panic!("an expression"),
    }
    assert_eq!((all.convert.unwrap().text.as_str(), all.convert_back.unwrap().text.as_str()), ("f", "b"));
    let short = field("#[schemig(renamed_from = none, backfill = \"lower(b)\", convert = \"f\")]", "a: i64");
    assert!(short.renamed_from.is_none());
    assert!(matches!(short.backfill.value(), Some(Backfill::Expression(text)) if text.text == "lower(b)"));
    assert!(short.convert_back.is_none());
    let moved = field("#[diesel(column_name = a_2)] #[schemig(new_column)]", "a: i64");
    assert_eq!((moved.column.text.as_str(), moved.renamed_from.value().unwrap().text.as_str()), ("a_2", "a"));
}

#[test]
fn generated_identity_and_checks() {
    let stored = field("#[schemig(generated = \"a * b\")]", "a: i64");
    assert_eq!(stored.generated.value().unwrap().storage, Storage::Stored);
    let computed = field("#[schemig(generated(\"a * b\", virtual))]", "a: i64");
    assert_eq!(computed.generated.value().unwrap().storage, Storage::Virtual);
    let kind = |form: &str| field(&format!("#[schemig({form})]"), "a: i64").identity.value().unwrap().kind;
    assert_eq!(kind("identity"), IdentityKind::ByDefault);
    assert_eq!(kind("identity = by_default"), IdentityKind::ByDefault);
    assert_eq!(kind("identity = always"), IdentityKind::Always);
    assert!(field("#[schemig(identity = none)]", "a: i64").identity.is_none());
    let checks = field("#[schemig(check = \"a > 0\", check(\"a < 9\", name = \"small\"))]", "a: i64").checks;
    assert_eq!(checks.len(), 2);
    assert_eq!(
        (checks[1].expression.text.as_str(), checks[1].name.as_ref().unwrap().text.as_str()),
        ("a < 9", "small")
    );
}

#[test]
fn dropped_columns() {
    let model = model(
        r#"#[schemig(dropped("a"), dropped(b, fill = none), dropped("c", fill = "''", with = ["i", "v"]))]
           #[schemig(dropped("d", fill = 0, with = "i"), renamed_from = none)]
           struct A { id: i64 }"#,
    );
    assert!(model.renamed_from.is_none());
    let [a, b, c, d] = model.dropped.as_slice() else { panic!("{}", model.dropped.len()) };
    assert!(a.fill.is_absent() && a.with.is_empty());
    assert!(b.fill.is_none());
    assert_eq!(c.fill.value().unwrap().text, "''");
    assert_eq!(c.with.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["i", "v"]);
    assert_eq!((d.fill.value().unwrap().text.as_str(), d.with[0].text.as_str()), ("0", "i"));
}

#[test]
fn an_embedded_struct_may_bring_any_column() {
    let model = model(
        "#[diesel(primary_key(key))] #[schemig(index(street))] struct A { #[diesel(embed)] key: Key, a: i32 }",
    );
    assert!(model.embeds());
    assert_eq!(model.columns().count(), 1);
}
