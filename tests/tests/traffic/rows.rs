//! The rows that a scratch database is filled with.

use std::time::{Duration, Instant};

use cargo_schemig::verify::rows::{Filled, Filling, demands, fill};
use schemig_core::change::Change;
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Action, Check, Column, ColumnRef, ForeignKey, Identity, Index, Origin, Schema, Source, SqlType, Table,
};
use schemig_tests::fixture::{Fixture, Product};
use schemig_tests::pair::Pair;
use schemig_tests::server::Server;

const ROWS: usize = 300;

fn filled(
    server: &mut Server,
    schema: &Schema,
    lookups: &[(ColumnRef, Source)],
    rows: usize,
    seed: u64,
) -> Filled {
    let dialect = Server::dialect(server.product());
    let demands: &[Operation] = &[];
    let connection = server.connection();
    let spelling = connection.spelling();
    let filling = Filling { dialect: dialect.as_ref(), spelling, schema, demands, lookups, rows, seed };
    fill(connection, &filling).expect("the server is there")
}

fn refers(columns: &[&str], parent: &str, key: &[&str]) -> ForeignKey {
    let names = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
    ForeignKey {
        columns: names(columns),
        references: parent.into(),
        key: names(key),
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Default::default(),
    }
}

fn numbered() -> Column {
    Column { identity: Some(Identity::ByDefault), ..Column::required(SqlType::BigInt) }
}

/// Everything that stands in a row's way.
pub fn shop() -> Schema {
    let integer = || Column::required(SqlType::Integer);
    let text = || Column::required(SqlType::Text);
    let customers = Table::keyed_by(["id"])
        .with_column("id", numbered())
        .with_column("email", text())
        .with_column("plan", Column::required(SqlType::Varchar(Some(8))).with_default("'free'"))
        .with_column("code", Column::optional(SqlType::Text))
        .with_column("invited_by", Column::optional(SqlType::BigInt))
        .with_index("customers_email", Index::unique_on(["email"]))
        .with_check("customers_email_check", Check::on("email LIKE '%_@_%'"))
        .with_check("customers_plan_check", Check::on("plan IN ('free', 'it''s pro')"))
        .with_check("customers_code_check", Check::on("length(code) = 4"))
        .with_foreign_key("customers_invited_by_fkey", refers(&["invited_by"], "customers", &["id"]));
    let profiles = Table::keyed_by(["customer_id"])
        .with_column("customer_id", Column::required(SqlType::BigInt))
        .with_column("tier", integer())
        .with_foreign_key("profiles_customer_id_fkey", refers(&["customer_id"], "customers", &["id"]));
    let items = Table::keyed_by(["series", "number"])
        .with_column("series", text())
        .with_column("number", Column::required(SqlType::SmallInt))
        .with_column("price", Column::required(SqlType::Numeric(Some((6, 2)))))
        .with_column("sale_price", Column::optional(SqlType::Numeric(Some((6, 2)))))
        .with_check("items_price_check", Check::on("price > 10 AND price < 20"))
        .with_check("items_sale_check", Check::on("sale_price IS NULL OR sale_price <= price"));
    let orders = Table::keyed_by(["customer_id", "series", "number"])
        .with_column("customer_id", Column::required(SqlType::BigInt))
        .with_column("series", text())
        .with_column("number", Column::required(SqlType::SmallInt))
        .with_column("note", Column::optional(SqlType::Text))
        .with_foreign_key("orders_customer_id_fkey", refers(&["customer_id"], "customers", &["id"]))
        .with_foreign_key("orders_item_fkey", refers(&["series", "number"], "items", &["series", "number"]));
    // Each has a head that is a member of it.
    let teams = Table::keyed_by(["id"])
        .with_column("id", integer())
        .with_column("head", integer())
        .with_foreign_key("teams_head_fkey", refers(&["head"], "members", &["id"]));
    let members = Table::keyed_by(["id"])
        .with_column("id", integer())
        .with_column("team", integer())
        .with_foreign_key("members_team_fkey", refers(&["team"], "teams", &["id"]));
    let pages = Table::keyed_by(["id"])
        .with_column("id", integer())
        .with_column("parent", integer())
        .with_column("cover", Column::optional(SqlType::Integer))
        .with_foreign_key("pages_parent_fkey", refers(&["parent"], "pages", &["id"]))
        .with_foreign_key("pages_cover_fkey", refers(&["cover"], "pictures", &["id"]));
    let pictures = Table::keyed_by(["id"])
        .with_column("id", integer())
        .with_column("page", Column::optional(SqlType::Integer))
        .with_foreign_key("pictures_page_fkey", refers(&["page"], "pages", &["id"]));
    [
        ("customers", customers),
        ("profiles", profiles),
        ("items", items),
        ("orders", orders),
        ("teams", teams),
        ("members", members),
        ("pages", pages),
        ("pictures", pictures),
    ]
    .into_iter()
    .fold(Schema::default(), |schema, (name, table)| schema.with_table(name, table))
}

fn sources() -> Vec<(ColumnRef, Source)> {
    let (table, key, value) = ("profiles".into(), "customer_id".into(), "tier".into());
    let at = ColumnRef::new(&"customers".into(), &"tier".into());
    vec![(at, Source { table, key, value, otherwise: None })]
}

fn number(server: &mut Server, query: &str) -> usize {
    server.ask(&format!("SELECT {query} AS value")).concat().parse().unwrap_or_else(|_| panic!("{query}"))
}

fn whatever_stands_in_the_way(product: Product) {
    let (mut server, schema) = (Server::new(product), shop());
    server.build(&schema);
    let before = server.contents();
    let filled = filled(&mut server, &schema, &sources(), ROWS, 1);
    assert_eq!(before, server.contents(), "the tables are as they were");
    for (table, count) in &filled.counts {
        assert!(*count >= ROWS, "{table} has {count}: {:?}", filled.rejected.get(table));
    }
    let mut holds = |what: &str, query: &str, at_least: usize| {
        let found = number(&mut server, query);
        assert!(found >= at_least, "{what}: {found}");
    };
    let customers = "SELECT count(*) FROM customers WHERE";
    holds("NULLs", &format!("({customers} code IS NULL)"), ROWS / 10);
    holds("values under a check", &format!("({customers} code IS NOT NULL)"), ROWS / 10);
    holds("defaults", &format!("({customers} plan = 'free')"), ROWS / 10);
    holds("other values", &format!("({customers} plan <> 'free')"), ROWS / 10);
    holds("self-references", &format!("({customers} invited_by IS NOT NULL)"), ROWS / 10);
    holds("duplicates", "(SELECT count(tier) - count(DISTINCT tier) FROM profiles)", ROWS / 2);
    holds("the ends of a type", "(SELECT count(*) FROM profiles WHERE tier IN (-2147483648, 2147483647))", 2);
    holds(
        "a skew",
        "(SELECT max(children) FROM (SELECT count(*) AS children FROM customers GROUP BY invited_by HAVING invited_by IS NOT NULL) AS counted)",
        ROWS / 10,
    );
    holds("longest texts", "(SELECT max(length(note)) FROM orders)", 5_000);
    holds("references in a circle", "(SELECT count(*) FROM pages WHERE cover IS NOT NULL)", 1);
    holds(
        "references in a circle, the other way",
        "(SELECT count(*) FROM pictures WHERE page IS NOT NULL)",
        1,
    );
    let without = "(SELECT count(*) FROM customers WHERE id NOT IN (SELECT customer_id FROM profiles))";
    assert_eq!(number(&mut server, without), 0, "each customer has its source row");
}

#[test]
fn whatever_stands_in_the_way_on_postgres() {
    whatever_stands_in_the_way(Product::Postgres);
}

#[test]
fn whatever_stands_in_the_way_on_sqlite() {
    whatever_stands_in_the_way(Product::Sqlite);
}

/// What a plan will hold rows to, it may already read off those that stand.
#[test]
fn what_is_filled_later_will_satisfy_its_constraints() {
    let before = shop();
    let mut after = before.clone();
    let column = Column::required(SqlType::Integer);
    let customers = after.tables.get_mut(&"customers".into()).expect("a table");
    customers.columns.insert("tier".into(), column.clone());
    customers.columns.insert("doubled".into(), column.clone());
    customers.columns.insert("named".into(), Column::required(SqlType::Text));
    customers.checks.insert("customers_tier_check".into(), Check::on("tier > 5"));
    customers.checks.insert("customers_doubled_check".into(), Check::on("doubled <> 2"));
    let add = |name: &str, definition: &Column, origin: Origin| Change::AddColumn {
        table: "customers".into(),
        column: name.into(),
        definition: definition.clone(),
        backfill: Some(origin),
    };
    let changes = [
        add("tier", &column, Origin::Source(sources()[0].1.clone())),
        add("doubled", &column, Origin::Expression("length(email) * 2".into())),
        add("named", &Column::required(SqlType::Text), Origin::Expression("lower(code)".into())),
        Change::RequireColumn {
            table: "customers".into(),
            column: "invited_by".into(),
            fill: Origin::Expression("nullif(id, 1)".into()),
        },
    ];
    let demands = demands(&before, &after, &changes);
    for product in [Product::Postgres, Product::Sqlite] {
        let mut server = Server::new(product);
        server.build(&before);
        let contents = server.contents();
        let dialect = Server::dialect(product);
        let connection = server.connection();
        let spelling = connection.spelling();
        let lookups = sources();
        let filling = Filling {
            dialect: dialect.as_ref(),
            spelling,
            schema: &before,
            demands: &demands,
            lookups: &lookups,
            rows: 100,
            seed: 5,
        };
        let filled = fill(connection, &filling).expect("the server is there");
        assert!(filled.counts[&"customers".into()] >= 100, "{filled:?}");
        assert_eq!(contents, server.contents(), "the demands are gone again");
        for broken in [
            "profiles WHERE tier <= 5",
            "customers WHERE length(email) = 1",
            "customers WHERE code IS NULL",
            "customers WHERE invited_by IS NULL AND id = 1",
        ] {
            assert_eq!(
                number(&mut server, &format!("(SELECT count(*) FROM {broken})")),
                0,
                "{product:?} {broken}"
            );
        }
        assert!(number(&mut server, "(SELECT count(*) FROM profiles)") >= 100);
    }
}

/// All rows of all tables, in the order of their columns.
fn all_rows(server: &mut Server, schema: &Schema) -> Vec<String> {
    let mut all = Vec::new();
    for (name, table) in &schema.tables {
        let columns: Vec<String> = table
            .columns
            .keys()
            .map(|column| format!("coalesce(cast(\"{column}\" AS text), 'NULL')"))
            .collect();
        let query = format!("SELECT {} AS value FROM \"{name}\" ORDER BY 1", columns.join(" || '|' || "));
        all.extend(server.ask(&query));
    }
    all
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    for product in [Product::Postgres, Product::Sqlite] {
        let schema = shop();
        let rows = |seed| {
            let mut server = Server::new(product);
            server.build(&schema);
            filled(&mut server, &schema, &sources(), 80, seed);
            all_rows(&mut server, &schema)
        };
        let one = rows(1);
        assert!(one == rows(1), "{product:?}");
        assert!(one != rows(2), "{product:?}");
    }
}

#[test]
fn every_fixture_is_filled() {
    for product in [Product::Postgres, Product::Sqlite] {
        let dialect = Server::dialect(product);
        let mut server = Server::new(product);
        for fixture in Fixture::all() {
            let Ok(pair) = fixture.pair(product, dialect.as_ref()) else { continue };
            let possible = |schema: &&Schema| Pair::is_possible(schema, dialect.capabilities());
            for schema in [&pair.before, &pair.after].into_iter().filter(possible) {
                server.build(schema);
                let filled = filled(&mut server, schema, &[], 60, 1);
                for (table, count) in &filled.counts {
                    let said = filled.rejected.get(table);
                    assert_eq!(*count, 60, "{product:?} {}: {table}: {said:?}", fixture.name);
                }
            }
        }
    }
}

#[test]
fn many_rows_are_seconds() {
    const MANY: usize = 30_000;
    for product in [Product::Postgres, Product::Sqlite] {
        let (mut server, schema) = (Server::new(product), shop());
        let only = ["customers", "profiles"];
        let mut schema = schema;
        schema.tables.retain(|name, _| only.contains(&name.name.as_str()));
        server.build(&schema);
        let begun = Instant::now();
        let filled = filled(&mut server, &schema, &sources(), MANY, 1);
        let took = begun.elapsed();
        assert!(filled.counts.values().all(|count| *count == MANY), "{filled:?}");
        // One by one they would take minutes; a machine that is busy with other tests gets by far more time than is needed.
        assert!(took < Duration::from_secs(30), "{product:?}: {took:?}");
    }
}
