//! Backfills make room: for a server that has much to do, and for replicas that fall behind.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use schemig_tests::cluster::{Cluster, Settings, can_replicate};

use crate::stage::{Stage, finish, migrations_of};

#[test]
fn a_busy_server_is_left_alone_for_a_while() {
    let stage = Stage::new("busy").filled_with(2_000);
    let mut others: Vec<_> = (0..2).map(|_| stage.database.connect()).collect();
    let busy: Vec<_> = others
        .drain(..)
        .map(|mut other| {
            std::thread::spawn(move || other.batch_execute("SELECT pg_sleep(3)").expect("a query"))
        })
        .collect();
    stage.until("SELECT count(*) = 2 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3)%' AND state = 'active'");
    let waits = finish(stage.start(&["--until", "backfill", "--max-load", "1", "--log", "json"]));
    let waits = waits.expect_success("it pauses and goes on");
    for event in ["throttled", "resumed"] {
        assert_eq!(migrations_of(&waits, event).len(), 1, "{event}: {}", waits.stdout);
    }
    assert!(waits.stdout.contains("sessions are active, more than 1"), "{}", waits.stdout);
    assert!(waits.wall > Duration::from_secs(1), "{:?}", waits.wall);
    for thread in busy {
        thread.join().expect("no panic");
    }
}

/// A replica that has only begun to catch up lags most of all. It stands in a table here, which the database finds before the catalog's.
#[test]
fn a_replica_that_catches_up_is_waited_for() {
    let stage = Stage::new("catchup").filled_with(2_000);
    stage.sql(&format!(
        "CREATE TABLE pg_stat_replication AS SELECT 'catchup' AS state, interval '10 s' AS replay_lag, '0/0'::pg_lsn AS replay_lsn;
        ALTER DATABASE {} SET search_path = public, pg_catalog",
        stage.database.name()
    ));
    let child = stage.start(&["--until", "backfill", "--max-replica-lag", "1s", "--log", "json"]);
    std::thread::sleep(Duration::from_secs(2));
    stage.sql("DELETE FROM public.pg_stat_replication");
    let run = finish(child).expect_success("it pauses and goes on");
    assert_eq!(migrations_of(&run, "throttled").len(), 1, "{}", run.stdout);
}

/// A replica that replays a second late.
#[test]
fn a_replica_that_is_behind_is_waited_for() {
    if !can_replicate() {
        eprintln!("not run: this server has no pg_basebackup");
        return;
    }
    // Its own cluster: the replica is a copy of it all. It lives as long as the process, and its guard sees to the rest.
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start(&Settings::default())));
    let stage = Stage::on(cluster, "replica").filled_with(3_000);
    // Slow enough for the replica to fall behind.
    stage.sql(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$;
        CREATE TRIGGER dawdle BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION dawdle()",
    );
    let replica = cluster.replica("recovery_min_apply_delay = '1s'");
    stage.until("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')");
    let run = stage.apply(&[
        "--until",
        "backfill",
        "--batch-time",
        "500ms",
        "--max-replica-lag",
        "300ms",
        "--log",
        "json",
    ]);
    drop(replica);
    let run = run.expect_success("it pauses and goes on");
    assert!(!migrations_of(&run, "throttled").is_empty(), "{}", run.stdout);
    assert!(run.stdout.contains("a replica is"), "{}", run.stdout);
    assert_eq!(
        migrations_of(&run, "throttled").len(),
        migrations_of(&run, "resumed").len(),
        "{}",
        run.stdout
    );
}
