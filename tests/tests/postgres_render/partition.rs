//! Tables whose rows are in partitions: what is rendered for them, and what it rests on, asked of a live server.

use schemig_core::operation::Operation;
use schemig_core::schema::{Column, Index, Partitioning, SqlType, Strategy, Table, TableName};
use schemig_tests::cluster::Cluster;

use crate::cases::{Case, case};
use crate::harness::{Live, add, create};

fn events() -> TableName {
    "events".into()
}

fn partitions() -> Vec<TableName> {
    vec!["events_2025".into(), "events_2026".into()]
}

fn table() -> Table {
    let by = Partitioning {
        strategy: Strategy::Range,
        columns: vec!["happened_on".into()],
        partitions: Some(partitions()),
    };
    Table::keyed_by(["id", "happened_on"])
        .with_partitions(by)
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("happened_on", Column::required(SqlType::Date))
        .with_column("note", Column::optional(SqlType::Text))
}

fn definition() -> Index {
    Index::unique_on(["note", "happened_on"])
}

fn begin() -> Operation {
    Operation::BeginIndex {
        table: events(),
        index: "events_note".into(),
        definition: definition(),
        partitions: partitions(),
    }
}

fn part(partition: &str) -> Operation {
    let (table, index, partition, definition) =
        (events(), "events_note".into(), partition.into(), definition());
    Operation::BuildIndexPart { table, index, partition, definition }
}

fn join() -> Operation {
    let (table, index, definition, partitions) = (events(), "events_note".into(), definition(), partitions());
    Operation::JoinIndexParts { table, index, definition, partitions }
}

fn built() -> Vec<Operation> {
    vec![create("events", table()), begin(), part("events_2025"), part("events_2026"), join()]
}

/// What is done to such a table otherwise than to others.
pub fn cases() -> Vec<Case> {
    let made = || built().into_iter();
    let (table_name, index) = (events(), "events_note".into());
    vec![
        case([], create("events", table())),
        case(made().take(1), begin()),
        case(made().take(2), part("events_2025")),
        case(made().take(4), join()),
        case(made(), Operation::DropIndex { table: table_name.clone(), index, online: false }),
        case(
            made(),
            Operation::RenameIndex {
                table: table_name.clone(),
                from: "events_note".into(),
                to: "noted".into(),
            },
        ),
        case(made().take(1), add("events", "more", Column::optional(SqlType::Text))),
        case(made().take(1), Operation::RenameTable { from: table_name, to: "incidents".into() }),
    ]
}

/// The first of a message's commands.
fn command<'a>(message: &'a str, begins: &str) -> &'a str {
    let from = message.find(begins).unwrap_or_else(|| panic!("{begins} in {message}"));
    message[from..].split(';').next().unwrap_or_default()
}

#[test]
fn a_partition_that_no_model_names_stops_the_last_step_with_what_to_run() {
    let mut live = Live::empty("unnamed_partition");
    live.up(&[create("events", table())]);
    live.sql("CREATE TABLE public.\"events 1999\" PARTITION OF public.events FOR VALUES FROM ('1999-01-01') TO ('2000-01-01')");
    for step in [begin(), part("events_2025"), part("events_2026")] {
        live.up(&[step]);
    }
    let said = live.fails(&[join()]);
    assert!(said.starts_with("schemig: partition \"events 1999\" has no part of index"), "{said}");
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.events_note'::regclass";
    assert_eq!(live.ask(valid), "false");
    live.sql(command(&said, "CREATE UNIQUE INDEX CONCURRENTLY"));
    live.sql(command(&said, "ALTER INDEX"));
    live.up(&[join()]);
    assert_eq!(live.ask(valid), "true");
}

#[test]
fn a_part_whose_build_was_cut_off_stops_the_last_step_and_is_found_by_apply() {
    use schemig_core::dialect::Dialect as _;
    let mut live = Live::empty("cut_off_part");
    live.up(&[create("events", table())]);
    live.up(&[begin()]);
    live.up(&[part("events_2025")]);
    live.sql("INSERT INTO public.events VALUES (1, '2001-05-05', 'a'), (2, '2001-05-05', 'a')");
    let said = live.fails(&[part("events_2026")]);
    assert!(said.contains("could not create unique index"), "{said}");
    live.sql("DELETE FROM public.events WHERE id = 2");
    let said = live.fails(&[join()]);
    assert!(
        said.contains("is invalid; run: REINDEX INDEX CONCURRENTLY public.events_note_events_2026"),
        "{said}"
    );
    let leftover = live.dialect.leftover(&part("events_2026")).expect("a build may leave something");
    assert_eq!(live.ask(&leftover.found), "true");
    live.sql(&leftover.remove);
    live.up(&[part("events_2026")]);
    live.up(&[join()]);
}

#[test]
fn a_partition_made_meanwhile_gets_its_part_and_no_upsert_finds_an_index_in_parts() {
    let mut live = Live::empty("late_partition");
    live.up(&[create("events", table())]);
    live.up(&[begin()]);
    live.sql("CREATE TABLE public.late PARTITION OF public.events FOR VALUES FROM ('1999-01-01') TO ('2000-01-01')");
    let upsert =
        "INSERT INTO public.events VALUES (1, '2001-05-05', 'a') ON CONFLICT (note, happened_on) DO NOTHING";
    let refused = |live: &mut Live| {
        use diesel::connection::SimpleConnection as _;
        live.connection.batch_execute(upsert).map_err(|error| error.to_string())
    };
    for step in [part("events_2025"), part("events_2026")] {
        let said = refused(&mut live).expect_err("it serves nobody yet");
        assert!(said.contains("no unique or exclusion constraint"), "{said}");
        live.up(&[step]);
    }
    live.up(&[join()]);
    refused(&mut live).expect("the index serves");
}

#[test]
fn a_partition_with_partitions_is_asked_about_before_anything_is_done() {
    let mut live = Live::empty("nested_partition");
    live.up(&[create("events", table())]);
    live.sql("CREATE TABLE public.nested PARTITION OF public.events FOR VALUES FROM ('1999-01-01') TO ('2000-01-01') PARTITION BY HASH (id)");
    let said = live.fails(&[begin()]);
    assert!(said.starts_with("schemig: a partition of public.events has partitions itself"), "{said}");
}

/// What the questions about such tables rest on.
#[test]
fn a_server_refuses_what_is_asked_about() {
    use diesel::connection::SimpleConnection as _;
    let version = Cluster::shared().version();
    let mut live = Live::empty("partition_facts");
    for step in built() {
        live.up(&[step]);
    }
    live.sql(
        "CREATE TABLE public.users (id bigint PRIMARY KEY);
         CREATE TABLE public.remarks (id bigint PRIMARY KEY, event bigint, day date);
         CREATE FUNCTION public.fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    );
    let mut says = |sql: &str| {
        let done = live.connection.batch_execute(&format!("BEGIN; {sql}; COMMIT"));
        let said = done.map_or_else(|error| error.to_string(), |()| "done".to_owned());
        let _ = live.connection.batch_execute("ROLLBACK");
        said
    };
    let column = |what: &str| format!("ALTER TABLE public.events {what}");
    for (sql, wanted) in [
        (column("DROP COLUMN happened_on"), "part of the partition key"),
        (column("ALTER COLUMN happened_on TYPE timestamp"), "part of the partition key"),
        (column("ADD CONSTRAINT u UNIQUE USING INDEX events_note"), "not supported on partitioned tables"),
        ("CREATE UNIQUE INDEX v ON public.events (note)".into(), "must include all"),
    ] {
        let said = says(&sql);
        assert!(said.contains(wanted), "{sql}: {said}");
    }
    let from = column("ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES public.users (id) NOT VALID");
    assert_eq!(says(&from) == "done", version >= 18);
    let to = "ALTER TABLE public.remarks ADD CONSTRAINT g FOREIGN KEY (event, day) REFERENCES public.events (id, happened_on) NOT VALID";
    assert_eq!(says(to), "done");
    assert_eq!(says("ALTER TABLE public.remarks VALIDATE CONSTRAINT g"), "done");
    let trigger =
        "CREATE TRIGGER t BEFORE INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION public.fill()";
    assert_eq!(says(trigger) == "done", version >= 13);
    let online = live.connection.batch_execute("DROP INDEX CONCURRENTLY public.events_note");
    let said = online.expect_err("no server drops it so").to_string();
    assert!(said.contains("cannot drop partitioned index"), "{said}");
}
