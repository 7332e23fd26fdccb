//! The probes on PostgreSQL. Times are the server's own, so that the way there doesn't count.

use diesel::connection::SimpleConnection as _;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{BigInt, Bool, Double};
use diesel::{Connection as _, PgConnection, QueryResult, QueryableByName, RunQueryDsl as _};
use schemig_core::safety::estimate::Probes;

use crate::database::{self, Url};
use crate::exit::Stop;

/// How often a scan is repeated, so that there is something to measure.
const SCANS: u32 = 5;

/// Each statement ends soon, waits for nobody, and finds the whole table in memory: that is where the usual rates were measured.
const LIMITS: &str =
    "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '1s'; SET LOCAL temp_buffers = '128MB'";

/// One round, rolled back.
///
/// # Errors
/// The server can't be written to; the server's.
pub(super) fn probe(connection: &mut PgConnection, url: &Url, rows: u64) -> Result<Probes, Stop> {
    let failed = |error: diesel::result::Error| failed(url, &error);
    let Standing { replica, read_only } = standing(connection).map_err(failed)?;
    if replica || read_only {
        let what = if replica { "is a replica" } else { "is read-only" };
        let message = format!("{url} {what}, and the probes make temporary tables");
        return Err(Stop::refused(
            message,
            "name a server of the same kind that can be written to: staging, say",
        ));
    }
    let mut measured = None;
    connection
        .transaction(|connection| {
            measured = Some(round(connection, rows)?);
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        })
        .or_else(|error| if measured.is_some() { Ok(()) } else { Err(failed(error)) })?;
    Ok(measured.expect("a round that didn't fail has measured"))
}

fn failed(url: &Url, error: &diesel::result::Error) -> Stop {
    let mut stop = database::failed(url, "the server can't be measured", error);
    if let DatabaseError(DatabaseErrorKind::Unknown, information) = error
        && information.message().contains("statement timeout")
    {
        let found = stop.diagnostics.remove(0);
        stop.diagnostics
            .push(found.help("a probe took half a minute; run it again when the server has less to do"));
    }
    stop
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Bool)]
    replica: bool,
    #[diesel(sql_type = Bool)]
    read_only: bool,
}

fn standing(connection: &mut PgConnection) -> QueryResult<Standing> {
    let query = "SELECT pg_catalog.pg_is_in_recovery() AS replica,
        pg_catalog.current_setting('transaction_read_only') = 'on' AS read_only";
    diesel::sql_query(query).get_result(connection)
}

/// The rows are as wide as those that the rates come from; the numbers and texts in no order.
fn table(rows: u64) -> String {
    format!(
        "CREATE TEMPORARY TABLE schemig_probe ON COMMIT DROP AS
            SELECT number::int AS id, pg_catalog.hashint4(number::int) AS mixed,
                pg_catalog.md5(number::text) || '@example.org' AS email, pg_catalog.repeat('x', 36) AS rest
            FROM pg_catalog.generate_series(1, {rows}) AS number"
    )
}

fn round(connection: &mut PgConnection, rows: u64) -> QueryResult<Probes> {
    connection.batch_execute(LIMITS)?;
    connection.batch_execute(&table(rows))?;
    let Bytes { bytes } = diesel::sql_query(
        "SELECT pg_catalog.pg_table_size('pg_temp.schemig_probe'::pg_catalog.regclass) AS bytes",
    )
    .get_result(connection)?;
    let mut seconds = |sql: &str| timed(connection, sql);
    let scan = format!(
        "FOR turn IN 1..{SCANS} LOOP PERFORM count(*) FROM pg_temp.schemig_probe WHERE mixed IS NULL; END LOOP"
    );
    // Hint bits are set by the first to read.
    seconds(&scan)?;
    let scan = seconds(&scan)? / f64::from(SCANS);
    let index = seconds("CREATE INDEX schemig_probe_mixed ON pg_temp.schemig_probe (mixed)")?;
    seconds("DROP INDEX pg_temp.schemig_probe_mixed")?;
    let text_index = seconds("CREATE INDEX schemig_probe_email ON pg_temp.schemig_probe (email)")?;
    seconds("DROP INDEX pg_temp.schemig_probe_email")?;
    let rewrite = seconds("ALTER TABLE pg_temp.schemig_probe ALTER COLUMN id TYPE bigint")?;
    seconds("ALTER TABLE pg_temp.schemig_probe ADD PRIMARY KEY (id)")?;
    let update = seconds("UPDATE pg_temp.schemig_probe SET mixed = mixed / 2")?;
    Ok(Probes { rows, bytes: bytes.unsigned_abs(), scan, index, text_index, rewrite, update })
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

#[derive(QueryableByName)]
struct Took {
    #[diesel(sql_type = Double)]
    seconds: f64,
}

/// Runs a statement; the seconds that the server took for it.
fn timed(connection: &mut PgConnection, sql: &str) -> QueryResult<f64> {
    connection.batch_execute(&format!(
        "DO $schemig$ DECLARE began timestamptz := pg_catalog.clock_timestamp(); BEGIN {sql};
        PERFORM pg_catalog.set_config('schemig.seconds', extract(epoch FROM pg_catalog.clock_timestamp() - began)::text, true);
        END $schemig$"
    ))?;
    let took: Took =
        diesel::sql_query("SELECT pg_catalog.current_setting('schemig.seconds')::float8 AS seconds")
            .get_result(connection)?;
    Ok(took.seconds)
}
