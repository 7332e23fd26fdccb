//! The old name of a table lives on for every role (R8).

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use schemig_core::operation::Operation;

use crate::harness::{Live, ask};

fn rename(from: &str, to: &str) -> Operation {
    Operation::RenameTable { from: from.into(), to: to.into() }
}

fn show() -> Operation {
    Operation::CreateView {
        view: "users".into(),
        table: "people".into(),
        columns: ["id", "email", "full_name", "settings", "seen"].map(Into::into).to_vec(),
    }
}

#[test]
fn other_roles_keep_their_grants_and_no_others() {
    let mut live = Live::story("grants");
    let (writer, reader) =
        (format!("writer_{}", live.database.name()), format!("reader_{}", live.database.name()));
    let owner = format!("owner_{}", live.database.name());
    live.sql(&format!(
        "CREATE ROLE {writer} LOGIN PASSWORD 'secret'; CREATE ROLE {reader} LOGIN PASSWORD 'secret'; CREATE ROLE {owner};
         ALTER TABLE public.users OWNER TO {owner};
         GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO {writer};
         GRANT SELECT (id, email), UPDATE (email) ON public.users TO {reader};
         ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC"
    ));
    let url = |role: &str| live.database.url_for(role, "secret");
    let mut writing = PgConnection::establish(&url(&writer)).expect("the role may connect");
    let mut reading = PgConnection::establish(&url(&reader)).expect("the role may connect");
    live.up(&[rename("users", "people"), show()]);
    writing
        .batch_execute(
            "INSERT INTO public.users (id, email) VALUES (70, 'u70');
             INSERT INTO public.users (id, email, seen) VALUES (71, 'u70', 3) ON CONFLICT (email) DO UPDATE SET seen = excluded.seen;
             DELETE FROM public.users WHERE id = 1; UPDATE public.users SET full_name = 'x' WHERE id = 2",
        )
        .expect("the writer goes on under the old name");
    assert_eq!(ask(&mut writing, "SELECT seen FROM public.users WHERE id = 70 FOR UPDATE"), "3");
    reading.batch_execute("UPDATE public.users SET email = 'e2' WHERE id = 2").expect("a column's grant");
    assert_eq!(ask(&mut reading, "SELECT email FROM public.users WHERE id = 2"), "e2");
    for refused in
        ["SELECT full_name FROM public.users", "DELETE FROM public.users", "UPDATE public.users SET id = 1"]
    {
        let error = reading.batch_execute(refused).expect_err("no such grant").to_string();
        assert!(error.contains("permission denied"), "{refused}: {error}");
    }
    let view = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'users'";
    assert_eq!(live.ask(view), owner);
    live.up(&[Operation::DropView { view: "users".into() }, rename("people", "users")]);
    writing
        .batch_execute("UPDATE public.users SET seen = 4 WHERE id = 2")
        .expect("the table under its old name again");
    live.sql(&format!(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM PUBLIC;
         REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}, {writer}, {reader}; DROP ROLE {owner}, {writer}, {reader}"
    ));
}

#[test]
fn both_ways_can_be_run_again() {
    let mut live = Live::story("again");
    let forth = [rename("users", "people"), show()];
    let back = [Operation::DropView { view: "users".into() }, rename("people", "users")];
    let sql = live.render(&forth).sql;
    live.up(&forth);
    live.sql(&sql);
    assert_eq!(live.ask("SELECT count(*) FROM public.users"), "20");
    let sql = live.render(&back).sql;
    live.up(&back);
    live.sql(&sql);
    assert_eq!(live.ask("SELECT relkind FROM pg_class WHERE oid = 'public.users'::regclass"), "r");
}

#[test]
fn row_security_holds_through_the_view_or_there_is_none() {
    let mut live = Live::story("security");
    let role = format!("guest_{}", live.database.name());
    live.sql(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT SELECT ON public.users TO {role};
         ALTER TABLE public.users ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON public.users USING (id < 4)"
    ));
    let version = live.dialect.version;
    live.dialect.version = 14;
    assert!(live.fails(&[rename("users", "people"), show()]).contains("row security"));
    if version >= 15 {
        live.dialect.version = version;
        live.sql("GRANT UPDATE (seen) ON public.users TO CURRENT_USER");
        assert!(live.fails(&[rename("users", "people"), show()]).contains("grants on columns"));
        live.sql("REVOKE UPDATE (seen) ON public.users FROM CURRENT_USER");
        live.up(&[rename("users", "people"), show()]);
    }
    let mut guest =
        PgConnection::establish(&live.database.url_for(&role, "secret")).expect("the role may connect");
    assert_eq!(ask(&mut guest, "SELECT count(*) FROM public.users"), "3");
    live.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
