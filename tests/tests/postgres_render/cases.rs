//! Each operation, on the tables of the story.

use indexmap::IndexMap;
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Beside, Check, Column, Comment, Deferral, Enum, Expression, Generated, Identity, Index, IndexKey, Origin,
    RowsFrom, SqlType, Table, TableName, Violation,
};

use crate::harness::{add, backfill, create, follow, keep_filled, organization_id, references, source};

/// An operation on the story's tables, and what has to stand before it.
pub struct Case {
    pub setup: Vec<Operation>,
    pub operation: Operation,
}

fn case(setup: impl IntoIterator<Item = Operation>, operation: Operation) -> Case {
    Case { setup: setup.into_iter().collect(), operation }
}

fn users() -> TableName {
    "users".into()
}

fn index_on_lower() -> Index {
    Index {
        keys: vec![IndexKey::Expression("lower(email)".into()), IndexKey::Column("seen".into())],
        predicate: Some("full_name <> 'it''s' AND seen > 0".into()),
        include: vec!["full_name".into()],
        unique: true,
        ..Index::on([])
    }
}

/// No two users with one address whose numbers overlap.
fn apart() -> Index {
    let range = IndexKey::Expression("int8range(id, id, '[]')".into());
    let mut index = Index::excluding([("id", "&&")]);
    index.keys = vec![range];
    index.predicate = Some("email <> 'it''s'".into());
    index.deferral = Deferral::Deferred;
    index
}

fn create_index(name: &str, definition: Index, online: bool) -> Operation {
    Operation::CreateIndex { table: users(), index: name.into(), definition, online }
}

fn constrain(deferral: Deferral) -> Operation {
    let definition = Index { constraint: true, deferral, ..Index::unique_on(["email"]) };
    Operation::Constrain { table: users(), index: "users_email_key".into(), definition }
}

fn add_check(name: &str, expression: &str, validated: bool) -> Operation {
    Operation::AddCheck { table: users(), name: name.into(), definition: Check::on(expression), validated }
}

fn retype(column: &str, to: &str) -> Operation {
    let (column, to, conversion) = (column.into(), SqlType::parse(to), Default::default());
    Operation::AlterType { table: users(), column, to, conversion }
}

fn add_foreign_key(validated: bool) -> Operation {
    Operation::AddForeignKey {
        table: users(),
        name: "users_organization_id_fkey".into(),
        definition: references(&["organization_id"], "organizations", &["id"]),
        validated,
    }
}

/// A table whose rows come from the story's users.
pub fn profiles() -> Table {
    Table::keyed_by(["user_id"])
        .with_column("user_id", Column::required(SqlType::BigInt))
        .with_column("settings", Column::optional(SqlType::Json))
        .with_column("shout", Column::required(SqlType::Text))
        .with_foreign_key("profiles_user_id_fkey", references(&["user_id"], "users", &["id"]))
}

pub fn rows() -> RowsFrom {
    let values = [("settings", "settings"), ("shout", "upper(email)")];
    RowsFrom {
        table: users(),
        source_key: "id".into(),
        key: "user_id".into(),
        values: values.into_iter().map(|(column, value)| (column.into(), value.into())).collect(),
    }
}

pub fn copy_rows(batched: bool) -> Operation {
    Operation::CopyRows { table: "profiles".into(), rows: rows(), batched }
}

fn guard(against: Violation) -> Operation {
    Operation::Guard { table: users(), against }
}

fn collate(column: &str, collation: Option<&str>) -> Operation {
    let collation = collation.map(str::to_owned);
    Operation::SetCollation { table: users(), column: column.into(), collation }
}

fn shout_of(expression: Option<&str>) -> Column {
    let generated = expression.map(|by| Generated { expression: by.into(), stored: true });
    Column { generated, ..Column::optional(SqlType::Text) }
}

fn shout(expression: Option<&str>) -> Operation {
    add("users", "shout", shout_of(expression))
}

fn recompute(expression: Option<&str>) -> Operation {
    Operation::Recompute { table: users(), column: "shout".into(), definition: shout_of(expression) }
}

fn comments<const N: usize>(comments: [(Option<&str>, Option<&str>); N]) -> Operation {
    let comment = |(column, text): (Option<&str>, Option<&str>)| Comment {
        column: column.map(Into::into),
        text: text.map(str::to_owned),
    };
    Operation::SetComments { table: users(), comments: comments.map(comment).to_vec() }
}

fn shadow() -> Operation {
    add("users", "name", Column::optional(SqlType::Varchar(Some(40))))
}

fn mirror() -> Operation {
    Operation::Mirror {
        table: users(),
        old: "full_name".into(),
        new: "name".into(),
        conversion: Default::default(),
    }
}

fn rename() -> Operation {
    Operation::RenameTable { from: users(), to: "people".into() }
}

fn number(identity: Option<Identity>) -> Operation {
    Operation::Number { table: users(), column: "id".into(), identity }
}

/// A column that may take the numbers of `users.id` over, which has this form.
fn wider(identity: Identity) -> [Operation; 3] {
    let default = Operation::DropDefault { table: users(), column: "id_big".into() };
    let zero = Column::required(SqlType::BigInt).with_default("0");
    [add("users", "id_big", zero), default, number(Some(identity))]
}

fn hand_over() -> Operation {
    Operation::HandOverNumbers { table: users(), from: "id".into(), to: "id_big".into() }
}

const MEMBER: &str = "user_id";

fn key_index() -> Operation {
    Operation::CreateIndex {
        table: "memberships".into(),
        index: "memberships_pkey_new".into(),
        definition: Index::unique_on([MEMBER, "organization_id"]),
        online: false,
    }
}

fn rekey(key: &[&str], index: Option<&str>) -> Operation {
    let key = key.iter().map(|column| (*column).into()).collect();
    Operation::ChangePrimaryKey { table: "memberships".into(), key, index: index.map(Into::into) }
}

fn show() -> Operation {
    Operation::CreateView {
        view: users(),
        table: "people".into(),
        columns: ["id", "email", "full_name", "settings", "seen"].map(Into::into).to_vec(),
    }
}

/// Names that need quotes, defaults of every kind, and keys to known and unknown tables.
fn awkward() -> Table {
    let mut table = Table::keyed_by(["user", "Order"])
        .with_column("user", Column::required(SqlType::Uuid).with_default("md5(random()::text)::uuid"))
        .with_column("Order", Column::required(SqlType::Integer).with_default("1 + 2"))
        .with_column("note", Column::optional(SqlType::Text).with_default("'it''s % $$ \\n'"))
        .with_column("tags", Column::required(SqlType::Array(Box::new(SqlType::Text))).with_default("'{}'"))
        .with_column("organization_id", Column::optional(SqlType::BigInt))
        .with_column("parent", Column::optional(SqlType::Uuid))
        .with_column("ordinal", Column::optional(SqlType::Integer))
        .with_index("Odd \"index\"", Index::on(["Order", "note"]))
        .with_check("Odd's check", Check::on("\"Order\" > 0 AND note <> 'a\nb'"))
        .with_foreign_key(
            "awkward_organization_id_fkey",
            references(&["organization_id"], "organizations", &["id"]),
        )
        .with_foreign_key(
            "awkward_parent_fkey",
            references(&["parent", "ordinal"], "Awk'ward", &["user", "Order"]),
        );
    table.comment = Some("its 'comment'".to_owned());
    table.columns.insert(
        "Sum".into(),
        Column {
            generated: Some(Generated { expression: "\"Order\" * 2".into(), stored: true }),
            comment: Some("twice".to_owned()),
            ..Column::optional(SqlType::BigInt)
        },
    );
    table.columns.insert(
        "number".into(),
        Column { identity: Some(Identity::Always), collation: None, ..Column::required(SqlType::BigInt) },
    );
    table
}

fn rebuilt() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("email", Column::optional(SqlType::Varchar(Some(80))))
        .with_column("full_name", Column::required(SqlType::Text).with_default("''"))
        .with_column("settings", Column::optional(SqlType::Json))
        .with_column("organization_id", Column::required(SqlType::BigInt))
        .with_index("users_email_idx", Index::on(["email"]))
        .with_foreign_key(
            "users_organization_id_fkey",
            references(&["organization_id"], "organizations", &["id"]),
        )
}

pub fn cases() -> Vec<Case> {
    let tables = around_cases().into_iter().chain(table_cases()).chain(column_cases()).chain(enum_cases());
    tables.chain(constraint_cases()).chain(filling_cases()).collect()
}

/// What tables stand in, and what they need of the server.
fn around_cases() -> Vec<Case> {
    let extension = |name: &str| Operation::CreateExtension { name: name.into() };
    let tree = add("users", "path", Column::optional(SqlType::parse("ltree")));
    vec![
        case([], Operation::CreateSchema { name: "Sh'op".into() }),
        case([], extension("citext")),
        case([], extension("public.hstore")),
        case([extension("ltree"), tree], extension("ltree")),
    ]
}

/// On an enum whose name and labels want quotes, with a column and an array of it.
fn enum_cases() -> Vec<Case> {
    let name = || TableName::new("Mo'od");
    let made = || Operation::CreateEnum { name: name(), definition: Enum::of(["it's", "b\\c", "d"]) };
    let of = SqlType::of_name(&name());
    let used = || {
        let one = Column::required(of.clone()).with_default("'d'");
        let many = Column::optional(SqlType::Array(Box::new(of.clone())));
        [made(), add("users", "mood", one), add("users", "moods", many)]
    };
    let value = |at| Operation::AddEnumValue { name: name(), value: "n'ew".into(), at };
    let definition = Enum::of(["d", "it's"]);
    vec![
        case([], made()),
        case([made()], Operation::DropEnum { name: name() }),
        case(used(), value(Some(Beside::Before("b\\c".into())))),
        case(used(), value(Some(Beside::After("it's".into())))),
        case(used(), value(None)),
        case(used(), Operation::RenameEnumValue { name: name(), from: "d".into(), to: "\"e\"".into() }),
        case(used(), Operation::ReplaceEnum { name: name(), definition }),
    ]
}

fn table_cases() -> Vec<Case> {
    let values = [("full_name", "coalesce(full_name, email)"), ("organization_id", "1")]
        .map(|(column, value)| (column.into(), Expression::from(value)));
    vec![
        case([], create("Awk'ward", awkward())),
        case([], Operation::DropTable { table: "memberships".into() }),
        case([], rename()),
        case([rename()], show()),
        case([rename(), show()], Operation::DropView { view: users() }),
        case(
            [],
            Operation::RebuildTable {
                table: users(),
                definition: rebuilt(),
                values: IndexMap::from_iter(values),
                back: IndexMap::new(),
            },
        ),
    ]
}

fn column_cases() -> Vec<Case> {
    let column = |name: &str| (users(), name.into());
    let ((table, email), (_, seen)) = (column("email"), column("seen"));
    let proof = add_check("users_full_name_not_null", "\"full_name\" IS NOT NULL", false);
    vec![
        case([], add("users", "a", Column::required(SqlType::Timestamptz).with_default("now()"))),
        case([], add("users", "b", Column::required(SqlType::Text).with_default("'x' || 'y'"))),
        case(
            [organization_id(), add_foreign_key(false)],
            Operation::DropColumn { table: table.clone(), column: "organization_id".into() },
        ),
        case([], Operation::DropColumn { table: table.clone(), column: "full_name".into() }),
        case([], Operation::RenameColumn { table: table.clone(), from: email, to: "E-mail".into() }),
        case([], Operation::SetDefault { table: table.clone(), column: "seen".into(), default: "1".into() }),
        case([], Operation::DropDefault { table: table.clone(), column: seen }),
        case([], retype("seen", "bigint")),
        case([], retype("full_name", "varchar(200)")),
        case(
            [proof],
            Operation::SetNotNull {
                table: table.clone(),
                column: "full_name".into(),
                proof: Some("users_full_name_not_null".into()),
            },
        ),
        case(
            [Operation::DropNotNull { table: table.clone(), column: "email".into() }],
            Operation::SetNotNull { table: table.clone(), column: "email".into(), proof: None },
        ),
        case([], Operation::DropNotNull { table, column: "email".into() }),
        case([], number(Some(Identity::ByDefault))),
        case([], number(Some(Identity::Serial))),
        case([number(Some(Identity::ByDefault))], number(Some(Identity::Always))),
        case([number(Some(Identity::Serial))], number(Some(Identity::Always))),
        case([number(Some(Identity::Always))], number(Some(Identity::Serial))),
        case([number(Some(Identity::Always))], number(None)),
        case([number(Some(Identity::Serial))], number(None)),
    ]
}

fn constraint_cases() -> Vec<Case> {
    let owned = Index { constraint: true, ..Index::unique_on(["email"]) };
    let check = "a_check".into();
    let key = "users_organization_id_fkey".into();
    let drop_index =
        |index: &str, online| Operation::DropIndex { table: users(), index: index.into(), online };
    vec![
        case([], constrain(Deferral::Immediate)),
        case([], constrain(Deferral::Deferred)),
        case([], create_index("lowered", index_on_lower(), false)),
        case([], create_index("lowered", index_on_lower(), true)),
        case([], create_index("owned", owned.clone(), false)),
        case([], create_index("Kept apart", apart(), false)),
        case([create_index("Kept apart", apart(), false)], drop_index("Kept apart", false)),
        case(
            [create_index("lowered", index_on_lower(), true)],
            Operation::GuardIndex { table: users(), index: "lowered".into(), definition: index_on_lower() },
        ),
        case([], drop_index("users_email_key", false)),
        case([], drop_index("users_email_key", true)),
        case([create_index("owned", owned, false)], drop_index("owned", true)),
        case(
            [],
            Operation::RenameIndex { table: users(), from: "users_email_key".into(), to: "By Email".into() },
        ),
        case([], add_check("a_check", "email <> '' AND seen < 100", false)),
        case([], add_check("a_check", "email <> 'a$schemig$b'", true)),
        case([add_check("a_check", "seen < 9", true)], Operation::DropCheck { table: users(), name: check }),
        case([organization_id()], add_foreign_key(false)),
        case([organization_id()], add_foreign_key(true)),
        case(
            [organization_id(), add_foreign_key(true)],
            Operation::DropForeignKey { table: users(), name: key },
        ),
        case(
            [organization_id(), add_foreign_key(false)],
            Operation::Validate { table: users(), constraint: "users_organization_id_fkey".into() },
        ),
        case(
            [add_check("a_check", "seen < 9", false)],
            Operation::Validate { table: users(), constraint: "a_check".into() },
        ),
    ]
}

fn filling_cases() -> Vec<Case> {
    let from = source(Some("2"));
    let column = || "organization_id".into();
    let origin = || Origin::Source(source(None));
    let expression = || Origin::Expression("coalesce(users.full_name, email)".into());
    let fill_name = || Operation::KeepFilled { table: users(), column: "name".into(), origin: expression() };
    let once = |column: &str, origin| Operation::Backfill {
        table: users(),
        column: column.into(),
        origin,
        batched: false,
    };
    vec![
        case([organization_id()], keep_filled(&from)),
        case([shadow()], fill_name()),
        case(
            [organization_id(), keep_filled(&from)],
            Operation::StopFilling { table: users(), column: column() },
        ),
        case([organization_id()], follow(&from)),
        case(
            [organization_id(), follow(&from)],
            Operation::StopFollowing { table: users(), column: column(), source: from.clone() },
        ),
        case([shadow()], mirror()),
        case([shadow(), mirror()], Operation::Unmirror { table: users(), new: "name".into() }),
        case([organization_id(), add_foreign_key(false)], backfill("users", "organization_id", origin())),
        case([organization_id(), add_foreign_key(false)], once("organization_id", origin())),
        case([organization_id()], once("organization_id", Origin::Source(from.clone()))),
        case([shadow()], once("name", Origin::Column("full_name".into()))),
        case([shadow()], backfill("users", "name", expression())),
        case([shout(Some("upper(email)"))], recompute(Some("lower(email)"))),
        case(
            [shout(Some("upper(email)")), create_index("users_shout_idx", Index::on(["shout"]), false)],
            recompute(Some("lower(email)")),
        ),
        case([shout(Some("upper(email)"))], recompute(None)),
        case([shout(None)], recompute(Some("upper(email)"))),
        case([], collate("email", Some("C"))),
        case([collate("email", Some("C"))], collate("email", None)),
        case([], comments([(None, Some("it's $schemig$ commented")), (Some("email"), Some("a"))])),
        case([comments([(Some("email"), Some("a"))])], comments([(Some("email"), None)])),
        case(
            [create("profiles", profiles())],
            Operation::FollowRows { table: "profiles".into(), rows: rows() },
        ),
        case(
            [
                create("profiles", profiles()),
                Operation::FollowRows { table: "profiles".into(), rows: rows() },
            ],
            Operation::StopFollowingRows { table: "profiles".into(), rows: rows() },
        ),
        case([create("profiles", profiles())], copy_rows(true)),
        case([create("profiles", profiles())], copy_rows(false)),
        case(
            [create("profiles", profiles()), copy_rows(true)],
            Operation::Guard { table: "profiles".into(), against: Violation::Uncopied { rows: rows() } },
        ),
        case([], guard(Violation::Null { column: "email".into() })),
        case(
            [organization_id(), once("organization_id", origin())],
            guard(Violation::Stale { column: column(), source: source(None) }),
        ),
        case(
            [shadow(), once("name", Origin::Column("full_name".into()))],
            guard(Violation::Differ { old: "full_name".into(), new: "name".into() }),
        ),
        case([], guard(Violation::Check { expression: "seen = 0 AND email <> 'a%b'".into() })),
        case(
            [organization_id()],
            guard(Violation::Orphan {
                foreign_key: references(&["organization_id"], "organizations", &["id"]),
            }),
        ),
        case([], guard(Violation::Duplicate { index: index_on_lower() })),
        case([], guard(Violation::Duplicate { index: apart() })),
        case([], rekey(&[MEMBER, "organization_id"], None)),
        case([key_index()], rekey(&[MEMBER, "organization_id"], Some("memberships_pkey_new"))),
        case([], rekey(&[], None)),
        case(wider(Identity::Serial), hand_over()),
        case(wider(Identity::Always), hand_over()),
    ]
}
