//! Trigger functions serve whoever fires them: another role, another search path, other triggers beside them.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;
use schemig_core::schema::{Column, ColumnRef, Hints, Origin, SqlType};

use crate::bench::Bench;
use crate::clients::{Tally, Turn, under_load};
use crate::models::{belonging, members, nicknamed, only, users};
use crate::planned::{File, Planned};
use crate::watch::pause;

const STALE: &str = "SELECT count(*) FROM public.users u LEFT JOIN public.memberships m ON m.user_id = u.id
    WHERE u.organization_id IS DISTINCT FROM m.organization_id";

/// Eight connections of a role that owns nothing and looks for tables elsewhere; the SQL gives it its grants.
fn strangers(bench: &mut Bench, grants: &str) -> (String, Vec<PgConnection>) {
    let role = format!("app_{}", bench.database.name());
    bench.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'; CREATE SCHEMA elsewhere"));
    bench.sql(&grants.replace("ROLE", &role));
    let url = bench.database.url_for(&role, "secret");
    let connect = || {
        let mut connection = PgConnection::establish(&url).expect("the role may connect");
        connection.batch_execute("SET search_path = elsewhere").expect("a setting");
        connection
    };
    (role, (0..8).map(|_| connect()).collect())
}

/// Moves and sign-ups of a role that has these grants, when the files have run.
fn strangers_write(stem: &str, files: &[File], grants: &str) -> (Tally, String) {
    let mut bench = Bench::new(stem, &belonging(None), &members(2_000));
    let (role, clients) = strangers(&mut bench, grants);
    bench.up(files);
    let write = |connection: &mut PgConnection, turn: Turn| {
        let (id, new, to) = (1 + turn.pick(2_000), turn.fresh(), 1 + turn.turn % 3);
        connection.batch_execute(&match turn.turn % 3 {
            0 => format!("UPDATE public.memberships SET organization_id = {to} WHERE user_id = {id}"),
            1 => format!("UPDATE public.users SET seen = seen + 1 WHERE id = {id}"),
            _ => format!(
                "BEGIN; INSERT INTO public.users (id, email) VALUES ({new}, 'n{new}');
                 INSERT INTO public.memberships VALUES ({new}, {to}); COMMIT"
            ),
        })
    };
    let tally = under_load(clients, write, || pause(200));
    let stale = bench.ask(STALE);
    bench.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    (tally, stale)
}

const GRANTS: &str = "GRANT SELECT, INSERT, UPDATE ON public.users, public.memberships TO ROLE;
    GRANT SELECT ON public.organizations TO ROLE";

#[test]
fn another_role_with_another_search_path_fires_them() {
    let planned = belonging(None);
    let (tally, stale) = strangers_write("r14_load", &planned.before_contract(), GRANTS);
    tally.assert_clean();
    assert_eq!(stale, "0");
}

/// The files whose functions name nothing with its schema and bring no path of their own, as a person would write them.
fn unqualified(planned: &Planned) -> Vec<File> {
    let bare = |file: File| {
        let Some((head, rest)) = file.up.sql.split_once(" SET search_path = pg_catalog, public") else {
            return file;
        };
        let (body, end) = rest.split_once("\n$schemig$;").expect("a function");
        let sql = format!("{head}{}\n$schemig$;{end}", body.replace("public.", ""));
        let up = schemig_core::dialect::Rendered { sql, ..file.up.clone() };
        File { up, ..file }
    };
    planned.before_contract().into_iter().map(bare).collect()
}

#[test]
fn without_names_in_full_the_caller_is_told_that_there_is_no_such_table() {
    let (tally, _) = strangers_write("r14_unqualified", &unqualified(&belonging(None)), GRANTS);
    tally.assert_failed("relation \"users\" does not exist");
    tally.assert_failed("relation \"memberships\" does not exist");
}

/// Who writes the source needs a right to the column that follows it: schemig says so, for it can't know the roles.
#[test]
fn without_grants_the_source_can_not_be_written_and_the_plan_has_said_so() {
    let planned = belonging(None);
    assert!(planned.promises("whoever writes memberships may SELECT and UPDATE users.organization_id"));
    let narrow = "GRANT SELECT, INSERT, UPDATE ON public.memberships TO ROLE; GRANT SELECT, INSERT ON public.users TO ROLE;
        GRANT UPDATE (seen) ON public.users TO ROLE; GRANT SELECT ON public.organizations TO ROLE";
    let (tally, _) = strangers_write("r14_no_grants", &planned.before_contract(), narrow);
    tally.assert_failed("permission denied for table users");
}

/// A required label that is computed by a function of the user's, which the model names without its schema.
fn labelled() -> Planned {
    let after = users().with_column("label", Column::required(SqlType::Text));
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"label".into());
    hints.backfills.insert(at, Origin::Expression("shout(email)".into()));
    Planned::new(&only(users()), &only(after), &hints)
}

/// Beside it, a trigger of the user's that writes addresses in small letters, under a name that sorts late.
fn beside_the_users_trigger(
    stem: &str,
    change: impl Fn(&File) -> File,
) -> (Bench, String, Vec<PgConnection>) {
    let planned = labelled();
    let mut bench = Bench::new(stem, &planned, &nicknamed(10));
    bench.sql(
        "CREATE FUNCTION public.shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) || ''!''';
         CREATE FUNCTION public.tidy() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.email := trim(NEW.email); RETURN NEW; END $$;
         CREATE TRIGGER users_tidy BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.tidy()",
    );
    let keeps = |file: &File| file.operations.iter().any(|it| matches!(it, Operation::KeepFilled { .. }));
    let files: Vec<File> = planned
        .before_contract()
        .into_iter()
        .map(|file| if keeps(&file) { change(&file) } else { file })
        .collect();
    bench.up(&files);
    let (role, clients) = strangers(&mut bench, "GRANT SELECT, INSERT ON public.users TO ROLE");
    (bench, role, clients)
}

const SIGN_UP: &str = "INSERT INTO public.users (id, email) VALUES (900, '  a@b  ')";

const LABEL: &str = "SELECT label FROM public.users WHERE id = 900";

#[test]
fn a_function_of_the_users_is_found_from_any_path() {
    let (mut bench, role, mut clients) = beside_the_users_trigger("r14_path", File::clone);
    clients[0].batch_execute(SIGN_UP).expect("found");
    assert_eq!(bench.ask(LABEL), "A@B!");
    bench.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));

    let without = |file: &File| file.replaced(" SET search_path = pg_catalog, public", "");
    let (mut bench, role, mut clients) = beside_the_users_trigger("r14_no_path", without);
    let error = clients[0].batch_execute(SIGN_UP).expect_err("not found").to_string();
    assert!(error.contains("function shout(text) does not exist"), "{error}");
    bench.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn ours_fires_after_the_users_own_and_sees_what_that_wrote() {
    let early = |file: &File| file.replaced("zz_schemig", "aa_schemig");
    let (mut bench, role, mut clients) = beside_the_users_trigger("r14_early", early);
    clients[0].batch_execute(SIGN_UP).expect("a user");
    assert_eq!(bench.ask(LABEL), "  A@B  !", "computed from what the user's trigger was still to change");
    bench.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
