//! R4, R9 and R10: who meets NULL, and who is held to a constraint, and when.

use cargo_schemig::verify::traffic::Kind;
use schemig_core::operation::Operation;
use schemig_core::plan::Phase;
use schemig_core::schema::Check;

use crate::case::Case;

/// The releases' places in the course.
const N_MINUS_1: usize = 0;
const N: usize = 1;

const BREAKS_THE_CHECK: &str = "INSERT INTO users (id, email, score) VALUES (77, 'below', -1)";
const UPDATES_ANOTHER_COLUMN: &str = "UPDATE users SET email = 'seen' WHERE id = 77";

/// R4: a check that isn't proved rejects every update of a row that breaks it, whichever column it sets.
#[test]
fn a_row_that_breaks_a_check_is_counted_before_the_check_comes() {
    let mut case = Case::of("add_check");
    case.server.execute(BREAKS_THE_CHECK).expect("nothing forbids it yet");
    let error = case.run(Phase::Contract).expect_err("a row breaks the check");
    assert!(error.contains("rows of public.users that break CHECK (score >= 0): 1"), "{error}");
    case.server.execute(UPDATES_ANOTHER_COLUMN).expect("nothing was changed");
}

#[test]
fn without_the_count_updates_of_that_row_fail() {
    let mut case = Case::of("add_check");
    case.server.execute(BREAKS_THE_CHECK).expect("nothing forbids it yet");
    let (table, name, definition) = ("users".into(), "users_score_check".into(), Check::on("score >= 0"));
    case.instead(&Operation::AddCheck { table, name, definition, validated: false })
        .expect("NOT VALID comes through");
    let error = case.server.execute(UPDATES_ANOTHER_COLUMN).expect_err("the row is held to it").to_string();
    assert!(error.contains("users_score_check"), "{error}");
}

/// R9: N-1 reads what N leaves out, so a column on its way out is kept filled.
#[test]
fn what_the_new_release_leaves_out_the_old_one_still_reads() {
    for name in
        ["drop_column_filled_by_constant", "drop_column_filled_by_expression", "drop_defaulted_column"]
    {
        let mut case = Case::of(name);
        case.run(Phase::Expand).expect("expand");
        case.run(Phase::Backfill).expect("backfill");
        case.does(N, &Kind::Insert).expect("N inserts without the column");
        case.does(N_MINUS_1, &Kind::Select).expect("N-1 reads that row");
    }
}

#[test]
fn when_it_is_relaxed_instead_the_old_release_reads_null() {
    let mut case = Case::of("drop_column_filled_by_constant");
    case.instead(&Operation::DropNotNull { table: "users".into(), column: "nick".into() }).expect("relaxed");
    case.does(N, &Kind::Insert).expect("N inserts without the column");
    let error = case.does(N_MINUS_1, &Kind::Select).expect_err("N-1 can't read that row");
    assert!(error.contains("Unexpected null"), "{error}");
}

/// R10: until contract the server itself keeps N's promise not to write NULL.
#[test]
fn a_relaxed_column_rejects_null_until_the_old_release_is_gone() {
    let mut case = Case::of("relax_column");
    case.run(Phase::Expand).expect("expand");
    case.run(Phase::Backfill).expect("backfill");
    // N's insert that leaves out all that it may.
    let error = case.does(N, &Kind::InsertLeast).expect_err("NULL before its time");
    assert!(error.contains("not-null"), "{error}");
    case.does(N_MINUS_1, &Kind::Select).expect("N-1 met no NULL");
    case.run(Phase::Contract).expect("contract");
    case.does(N, &Kind::InsertLeast).expect("NULL is a value now");
}

#[test]
fn when_it_is_relaxed_in_expand_the_old_release_reads_null() {
    let mut case = Case::of("relax_column");
    case.instead(&Operation::DropNotNull { table: "users".into(), column: "nick".into() }).expect("relaxed");
    case.does(N, &Kind::InsertLeast).expect("N writes NULL");
    let error = case.does(N_MINUS_1, &Kind::Select).expect_err("N-1 can't read that row");
    assert!(error.contains("Unexpected null"), "{error}");
}
