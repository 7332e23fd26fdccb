//! A backfill compares with its source, and never waits long with locks held.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::Rendered;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnRef, Hints, Origin, SqlType};

use crate::bench::{Bench, send};
use crate::models::{belonging, members, only, users};
use crate::planned::{File, Planned};
use crate::watch::{pause, process, until, waits};

fn fills(operation: &Operation) -> bool {
    matches!(operation, Operation::Backfill { .. })
}

const STALE: &str = "SELECT count(*) FROM public.users u JOIN public.memberships m ON m.user_id = u.id
    WHERE u.organization_id IS DISTINCT FROM m.organization_id";

/// Filled; then reverted half way, so that nothing follows the source; a user moves; and up again.
fn filled_twice(stem: &str, backfill: impl Fn(&File) -> File) -> String {
    let planned = belonging(None);
    let mut bench = Bench::new(stem, &planned, &members(100));
    let change = |file: File| if file.operations.iter().any(fills) { backfill(&file) } else { file };
    let files: Vec<File> = planned.before_contract().into_iter().map(change).collect();
    bench.up(&files);
    bench.down(&files[1..]);
    bench.sql("UPDATE public.memberships SET organization_id = 3 WHERE user_id = 5");
    bench.up(&files[1..]);
    bench.ask(STALE)
}

#[test]
fn after_a_revert_that_stopped_half_way_nothing_is_stale() {
    assert_eq!(filled_twice("r06_compares", File::clone), "0");
    let only_null = |file: &File| {
        let wrong = "users.organization_id IS DISTINCT FROM source.organization_id";
        let sql = &file.up.sql;
        let start = sql.find(wrong).unwrap_or_else(|| panic!("{wrong} in {sql}"));
        let end = start + sql[start..].find(')').expect("the end of the condition");
        file.replaced(&sql[start..end], "users.organization_id IS NULL")
    };
    assert_eq!(filled_twice("r06_only_null", only_null), "1", "IS NULL passes the row by for good");
}

/// A user is being moved when the backfill comes to its row; how many rows are wrong afterwards.
fn beside_a_move(stem: &str, backfill: impl Fn(&File) -> File) -> String {
    let planned = belonging(None);
    let mut bench = Bench::new(stem, &planned, &members(100));
    let files = planned.before_contract();
    let at = files.iter().position(|file| file.operations.iter().any(fills)).expect("a backfill");
    bench.up(&files[..at]);
    let (mut app, mut migrator) = (bench.client(), bench.client());
    app.batch_execute("BEGIN; UPDATE public.memberships SET organization_id = 3 WHERE user_id = 5")
        .expect("a move, and the follower writes the user's row");
    let (of_migrator, up) = (process(&mut migrator), backfill(&files[at]).up);
    std::thread::scope(|scope| {
        let migration = scope.spawn(move || send(&mut migrator, &up));
        until(&mut bench.connection, &waits(&of_migrator));
        app.batch_execute("COMMIT").expect("moved");
        migration.join().expect("no panic").expect("filled");
    });
    bench.ask(STALE)
}

#[test]
fn the_source_is_read_when_the_rows_are_locked() {
    let patient = |file: &File| file.replaced("'100ms'", "'10s'");
    assert_eq!(beside_a_move("r06_locks_first", File::clone), "0");
    assert_eq!(beside_a_move("r06_locks_patient", patient), "0");
    let in_one = |file: &File| patient(file).replaced(" FOR NO KEY UPDATE OF users", "");
    assert_eq!(beside_a_move("r06_in_one", in_one), "1", "read before the lock, written after it");
}

/// One row of a batch is locked for 1.2 s; the longest time that N-1 waited to write the rows before it.
fn longest_write(stem: &str, backfill: impl Fn(&File) -> File) -> Duration {
    let planned = belonging(None);
    let mut bench = Bench::new(stem, &planned, &members(100));
    let files = planned.before_contract();
    let at = files.iter().position(|file| file.operations.iter().any(fills)).expect("a backfill");
    bench.up(&files[..at]);
    bench.sql("ALTER TABLE public.users DISABLE TRIGGER USER");
    let (mut holder, mut writer, mut migrator) = (bench.client(), bench.client(), bench.client());
    holder.batch_execute("BEGIN; UPDATE public.users SET seen = 7 WHERE id = 90").expect("a lock");
    let (of_migrator, up) = (process(&mut migrator), backfill(&files[at]).up);
    std::thread::scope(|scope| {
        let migration = scope.spawn(move || send(&mut migrator, &up));
        until(&mut bench.connection, &waits(&of_migrator));
        scope.spawn(move || {
            pause(1_200);
            holder.batch_execute("COMMIT").expect("an end");
        });
        let mut longest = Duration::ZERO;
        while !migration.is_finished() {
            let asked = Instant::now();
            writer.batch_execute("UPDATE public.users SET seen = seen + 1 WHERE id = 10").expect("a write");
            longest = longest.max(asked.elapsed());
            pause(2);
        }
        migration.join().expect("no panic").expect("filled in the end");
        longest
    })
}

#[test]
fn a_batch_gives_its_rows_back_rather_than_wait() {
    let ruled = longest_write("r06_short", File::clone);
    assert!(ruled < Duration::from_millis(500), "N-1 waited {ruled:?}");
    let patient = longest_write("r06_long", |file| file.replaced("'100ms'", "'0'"));
    assert!(patient > Duration::from_millis(900), "N-1 waited only {patient:?}");
}

/// A batch is done for good when it is done: what a stop half way leaves is gone on with.
#[test]
fn a_stop_half_way_keeps_what_is_done() {
    let planned = belonging(None);
    let broken = "CREATE FUNCTION public.stop_at() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.id = 7000 THEN RAISE 'stopped'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER stop_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.stop_at();";
    let stopped = |stem: &str, change: &dyn Fn(&File) -> File| {
        let mut bench = Bench::new(stem, &planned, &members(8_000));
        let files = planned.before_contract();
        let at = files.iter().position(|file| file.operations.iter().any(fills)).expect("a backfill");
        bench.up(&files[..at]);
        bench.sql(broken);
        let up: Rendered = change(&files[at]).up;
        let message = crate::bench::refused(&mut bench.connection, &up);
        assert!(message.contains("stopped"), "{message}");
        let done = bench.ask("SELECT count(*) FROM public.users WHERE organization_id IS NOT NULL");
        bench.sql("DROP TRIGGER stop_at ON public.users");
        send(&mut bench.connection, &up).expect("it goes on");
        assert_eq!(bench.ask(STALE), "0");
        done
    };
    assert_eq!(stopped("r06_commits", &File::clone), "5000");
    let at_once = |file: &File| file.replaced("COMMIT;", "");
    assert_eq!(stopped("r06_at_once", &at_once), "0", "one transaction: all is lost, and all locks are held");
}

/// A trigger as Diesel's `diesel_manage_updated_at` makes: any UPDATE that doesn't set the time itself moves it.
const UPDATED_AT: &str = "
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW IS DISTINCT FROM OLD AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
            NEW.updated_at := clock_timestamp();
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch();
    INSERT INTO public.users (id, email, updated_at) SELECT n, 'u' || n, '2020-01-01' FROM generate_series(1, 100) AS n;";

#[test]
fn a_backfill_moves_updated_at_and_the_plan_says_so() {
    let before =
        users().with_column("updated_at", Column::required(SqlType::Timestamptz).with_default("now()"));
    let after = before.clone().with_column("label", Column::required(SqlType::Text));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"label".into());
    hints.backfills.insert(at, Origin::Expression("upper(email)".into()));
    let planned = Planned::new(&only(before.clone()), &only(after), &hints);
    let moved = "SELECT count(*) FROM public.users WHERE updated_at > '2020-01-02'";
    let mut bench = Bench::new("r06_updated_at", &planned, UPDATED_AT);
    bench.up(&planned.before_contract());
    assert_eq!(bench.ask(moved), "100");
    assert!(planned.promises("your own UPDATE triggers on users"), "{:#?}", planned.plan.promises);
    let last = planned.before_contract().pop().expect("a last step");
    assert!(last.up.sql.contains("updated_at would move"), "the file says it too: {}", last.up.sql);

    // A change without a backfill moves nothing, and promises nothing of the kind.
    let after = before.clone().with_column("label", Column::optional(SqlType::Text));
    let planned = Planned::new(&only(before), &only(after), &Hints::default());
    let mut bench = Bench::new("r06_no_backfill", &planned, UPDATED_AT);
    bench.up(&planned.files());
    assert_eq!(bench.ask(moved), "0");
    assert!(!planned.promises("your own UPDATE triggers"));
}
