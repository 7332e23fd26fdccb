//! What is refused, where, and with which advice.

use super::mistakes;

#[test]
fn all_at_once_each_at_its_place() {
    let found = mistakes(
        r#"#[schemig(nam = "x", index(naem), check())]
struct Item {
    id: i64,
    #[schemig(defualt = "0", sql_type = "")]
    name: String,
    #[schemig(unique(wehre = "a"), index = yes, references(orgs, on_delete = explode))]
    org: i64,
}"#,
    );
    let expected = [
        "1:10 `nam` is no key of `#[schemig(…)]` here [did you mean `name`?]",
        "1:40 unexpected end of input, expected string literal [it is written `check(\"first < second\")`]",
        "4:14 `defualt` is no key of `#[schemig(…)]` here [did you mean `default`?]",
        "4:40 this is empty [it is written `sql_type = \"varchar(20)\"`]",
        "6:21 `wehre` is no option of `unique` [did you mean `where`?]",
        "6:43 expected `none`, or parentheses [it is written `index(method = \"gin\")`]",
        "6:77 `explode` is no action [known here: `no_action`, `restrict`, `cascade`, `set_null`, `set_default`]",
        "1:27 no field is the column `naem` [did you mean `name`?]",
    ];
    assert_eq!(found, expected);
}

#[test]
fn one_mistake_each() {
    let cases = [
        (
            "#[schemig(rows_from(\"b\", x = \"id\"))] struct A { id: i64 }",
            "1:25 no field is the column `x` [known here: `id`]",
        ),
        (
            "#[schemig(rows_from(\"b\", id = \"a\", id = \"b\"))] struct A { id: i64 }",
            "1:35 `id` gets two values",
        ),
        (
            "#[schemig(rows_from(b))] struct A { id: i64 }",
            "1:10 `rows_from` names no column [`rows_from(\"b\", key_column = \"id\", other = \"other\")`]",
        ),
        ("struct A;", "1:7 no field of this struct is a column"),
        ("struct A { #[schemig(skip)] a: i64 }", "1:7 no field of this struct is a column"),
        ("struct A(i64);", "1:9 a field of a tuple struct has no name that a column could take"),
        ("struct A<T> { id: T }", "1:9 a model can't be generic over `T`"),
        ("struct A<const N: usize> { id: i64 }", "1:15 a model can't be generic over `N`"),
        ("struct A { name: String }", "1:7 no field is the primary key's column `id`"),
        ("#[diesel(primary_key(a))] struct A { id: i64 }", "1:21 no field is the primary key's column `a`"),
        ("#[diesel(primary_key(id, id))] struct A { id: i64 }", "1:25 `primary_key` names `id` twice"),
        ("#[diesel(primary_key())] struct A { id: i64 }", "1:32 `primary_key` names no column"),
        ("struct A { id: Option<i64> }", "1:11 `id` is in the primary key and can't be NULL"),
        ("struct A { id: i64, #[diesel(column_name = id)] b: i64 }", "1:43 two fields are the column `id`"),
        ("struct A { id: i64, #[schemig(name = \"id\")] b: i64 }", "1:37 two columns are called `id`"),
        ("#[diesel(table_name = a, table_name = b)] struct A { id: i64 }", "1:25 `table_name` is said twice"),
        ("#[diesel(table_name(a))] struct A { id: i64 }", "1:19 expected `=`"),
        (
            "#[table_name = \"a\"] struct A { id: i64 }",
            "1:2 `#[table_name]` is Diesel 1's form, which schemig doesn't read",
        ),
        ("#[schemig] struct A { id: i64 }", "1:2 `schemig` needs parentheses"),
        (
            "#[schemig(name = \"a\")] #[schemig(name = \"b\")] struct A { id: i64 }",
            "1:33 `name` is said twice",
        ),
        ("#[schemig(name \"a\")] struct A { id: i64 }", "1:15 expected `=`"),
        ("#[schemig(name = \"a\" schema = \"b\")] struct A { id: i64 }", "1:21 expected `,`"),
        ("#[schemig(\"name\")] struct A { id: i64 }", "1:10 expected ident"),
        ("#[schemig(index())] struct A { id: i64 }", "1:10 `index` names no column"),
        (
            "#[schemig(index(id dsc))] struct A { id: i64 }",
            "1:19 `dsc` says nothing of a key [did you mean `asc`, `desc`?]",
        ),
        ("#[schemig(index(id desc asc))] struct A { id: i64 }", "1:24 `asc` says it a second time"),
        ("#[schemig(index(id nulls never))] struct A { id: i64 }", "1:25 NULLs stand `first` or `last`"),
        (
            "#[schemig(index(id desc, method = \"gin\"))] struct A { id: i64 }",
            "1:34 `gin` keeps its keys in no order",
        ),
        (
            "#[schemig(index(id, nulls_not_distinct))] struct A { id: i64 }",
            "1:10 only a unique key compares its NULLs",
        ),
        (
            "#[schemig(index(id, deferrable))] struct A { id: i64 }",
            "1:10 only a unique key is checked, and so can be checked later [write `unique(…, deferrable)`, or take it away]",
        ),
        (
            "#[schemig(unique(id, deferred, where = \"id > 0\"))] struct A { id: i64 }",
            "1:10 a unique key that is checked later has columns only, and not `where`",
        ),
        (
            "#[schemig(unique(id, deferred, deferrable))] struct A { id: i64 }",
            "1:31 `deferrable` says it a second time",
        ),
        (
            "#[schemig(exclude(id))] struct A { id: i64 }",
            "1:20 say by which operator two rows exclude each other here [such as `exclude(room with \"=\", during with \"&&\")`]",
        ),
        ("#[schemig(exclude())] struct A { id: i64 }", "1:10 `exclude` names no column"),
        ("#[schemig(exclude(b with \"=\"))] struct A { id: i64 }", "1:18 no field is the column `b`"),
        (
            "#[schemig(exclude(id with \"= 1) --\"))] struct A { id: i64 }",
            "1:26 `= 1) --` is no operator [such as `\"=\"` or `\"&&\"`]",
        ),
        (
            "#[schemig(exclude(id desc with \"=\"))] struct A { id: i64 }",
            "1:10 what excludes rows keeps them in no order",
        ),
        (
            "#[schemig(exclude(id with \"=\", nulls_not_distinct))] struct A { id: i64 }",
            "1:10 only a unique key compares its NULLs",
        ),
        ("#[schemig(index(id with \"=\"))] struct A { id: i64 }", "1:19 no two rows are compared by `index`"),
        (
            "#[schemig(unique(id, name = \"a\"), exclude(id with \"=\", name = \"a\"))] struct A { id: i64 }",
            "1:62 two indexes are called `a`",
        ),
        (
            "#[schemig(index(id, with = \"fillfactor\"))] struct A { id: i64 }",
            "1:27 this is no list of `name = value`",
        ),
        ("#[schemig(index(id, with = \"a = 1, A = 2\"))] struct A { id: i64 }", "1:27 `a` is said twice"),
        ("#[schemig(index(id, id))] struct A { id: i64 }", "1:20 `id` is listed twice"),
        (
            "#[schemig(index(id, name = \"a\", name = \"b\"))] struct A { id: i64 }",
            "1:32 `name` is said twice",
        ),
        ("#[schemig(index(id, include(b)))] struct A { id: i64 }", "1:28 no field is the column `b`"),
        ("#[schemig(unique(b))] struct A { id: i64 }", "1:17 no field is the column `b`"),
        (
            "#[schemig(index(id, name = \"i\"), unique(id, name = \"i\"))] struct A { id: i64 }",
            "1:51 two indexes are called `i`",
        ),
        (
            "#[schemig(check(\"a\", name = \"i\"), check(\"b\", name = \"i\"))] struct A { id: i64 }",
            "1:52 two checks are called `i`",
        ),
        (
            "#[schemig(check(\"a\", nmae = \"i\"))] struct A { id: i64 }",
            "1:21 `nmae` is no option of `check`",
        ),
        ("#[schemig(dropped(\"id\"))] struct A { id: i64 }", "1:18 `id` is dropped, and still a field"),
        ("#[schemig(dropped(a), dropped(a))] struct A { id: i64 }", "1:30 `a` is dropped twice"),
        ("#[schemig(dropped(a, with = 1))] struct A { id: i64 }", "1:28 expected `[\"…\"]`"),
        ("#[schemig(dropped(a, with = [b]))] struct A { id: i64 }", "1:29 expected string literal"),
        ("#[schemig(dropped(a, full = none))] struct A { id: i64 }", "1:21 `full` is no option of `dropped`"),
        (
            "struct A { id: i64, #[column_name = \"b\"] c: i64 }",
            "1:22 `#[column_name]` is Diesel 1's form, which schemig doesn't read",
        ),
    ];
    for (source, expected) in cases {
        let found = mistakes(source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].starts_with(expected), "{source}\n  found    {}\n  expected {expected}", found[0]);
    }
}

#[test]
fn one_mistake_on_a_field() {
    let cases = [
        ("skip, backfill = \"1\"", "i64", "`backfill` speaks of a column, and this field is none"),
        ("index(id)", "i64", "`index` on a field is about this column alone"),
        ("unique(include(c))", "i64", "no field is the column `c`"),
        ("default = \" \"", "i64", "this is empty"),
        ("default = 'a'", "i64", "expected an SQL expression in a string"),
        ("default = now()", "i64", "expected literal"),
        (
            "default = 1, generated = \"2\"",
            "i64",
            "a generated column has no `default`: the database computes its values",
        ),
        (
            "identity, generated = \"2\"",
            "i64",
            "a generated column has no `identity`: the database computes its values",
        ),
        (
            "backfill = \"1\", generated = \"2\"",
            "i64",
            "a generated column has no `backfill`: the database computes its values",
        ),
        ("generated(\"2\", lazy)", "i64", "`lazy` is no option of `generated`"),
        ("identity, default = 1", "i64", "an identity column has no `default`: the database numbers it"),
        ("identity", "Option<i64>", "an identity column is never NULL"),
        ("identity = alwais", "i64", "`alwais` is no kind of identity"),
        ("renamed_from = \"b\"", "i64", "`b` is what the column is called now"),
        (
            "backfill(from = m, key = k)",
            "i64",
            "`backfill` lacks `value`, the column there that holds the value",
        ),
        ("backfill(key = k, value = v)", "i64", "`backfill` lacks `from`, the table"),
        (
            "backfill(from = m, value = v)",
            "i64",
            "`backfill` lacks `key`, the column there that holds this table's primary key",
        ),
        ("backfill(from = m, key = k, value = k)", "i64", "`key` and `value` are the same column"),
        ("backfill(form = m)", "i64", "`form` is no option of `backfill`"),
        ("convert(\"b\")", "i64", "expected `=`"),
        ("new_column", "i64", "a new column needs a name of its own"),
        ("references", "i64", "expected `=`"),
        ("references()", "i64", "expected identifier"),
        ("references(a(b, c))", "i64", "one column only"),
        ("references(a, on_delte = cascade)", "i64", "`on_delte` is no option of `references`"),
        ("references(a, on_delete = cascade, on_delete = restrict)", "i64", "`on_delete` is said twice"),
        ("sql_type = Text", "i64", "expected string literal"),
        ("name = none", "i64", "expected string literal"),
    ];
    for (attribute, ty, expected) in cases {
        let found = mistakes(&format!("struct A {{ id: i64, #[schemig({attribute})] b: {ty} }}"));
        assert_eq!(found.len(), 1, "{attribute}: {found:?}");
        let message = found[0].split_once(' ').map_or("", |(_, message)| message);
        assert!(message.contains(expected), "{attribute}\n  found    {message}\n  expected {expected}");
    }
}

#[test]
fn what_a_field_that_is_no_column_may_not_say() {
    let found = mistakes("struct A { id: i64, #[diesel(embed)] #[schemig(index)] b: B }");
    assert_eq!(
        found,
        [
            "1:47 `index` speaks of a column, and this field is none [its columns stand in the embedded struct; say it there]"
        ]
    );
    let found = mistakes("struct A { id: i64, #[diesel(select_expression = x)] #[schemig(index)] b: B }");
    assert_eq!(
        found,
        [
            "1:63 `index` speaks of a column, and this field is none [its value is computed by `select_expression`]"
        ]
    );
}

#[test]
fn two_fields_that_exclude_each_other() {
    let found = mistakes("struct A { #[schemig(identity)] id: i64, #[schemig(identity)] b: i64 }");
    assert_eq!(found, ["1:51 a table has one identity column at most"]);
    let found = mistakes(
        "struct A { id: i64, #[schemig(renamed_from = c)] a: i64, #[schemig(renamed_from = c)] b: i64 }",
    );
    assert_eq!(found, ["1:82 two fields are renamed from `c`"]);
}
