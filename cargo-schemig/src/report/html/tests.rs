//! What users name is shown, and does nothing.

use super::{escape, page};
use crate::report::{EscalationRow, Fare, Fares, Figures, LockRow, Range, Report, Rollout, StepRow, Totals};

const FITS: Fares = Fares { reads: Fare::Fits, writes: Fare::FitsIf };
const NASTY: &str = "<b>\"x\" & 'y'</b>";

fn report(wall: Option<Range>) -> Report {
    let nasty = || NASTY.to_owned();
    let lock =
        LockRow { table: nasty(), mode: nasty(), blocks_reads: true, blocks_writes: true, holds: wall };
    let step = StepRow {
        step: 1,
        phase: "expand".to_owned(),
        what: nasty(),
        lock: nasty(),
        estimate: nasty(),
        figures: Figures { locks: vec![lock], queue: None, wall, backfill: None },
        old: Some(FITS),
        new: FITS,
        directory: nasty(),
        sql: nasty(),
    };
    let escalation = EscalationRow {
        rule: nasty(),
        condition: nasty(),
        effect: nasty(),
        workaround: nasty(),
        approved: Some(nasty()),
    };
    let steps = vec![step];
    Report {
        summary: nasty(),
        plan: Some(nasty()),
        changes: vec![nasty()],
        totals: Totals::of(&steps),
        steps,
        rollout: Some(Rollout::Overlap { old: Some(FITS), new: FITS }),
        basis: vec![nasty()],
        promises: vec![nasty()],
        escalations: vec![escalation],
        notes: vec![nasty()],
        written: vec![nasty()],
        next: vec![nasty()],
        ..Report::default()
    }
}

#[test]
fn nothing_of_a_user_becomes_markup() {
    let page = page(&report(Some(Range { low: 0.1, high: 2.0 })));
    assert!(!page.contains("<b>") && !page.contains("\"x\"") && !page.contains("'y'"), "{page}");
    assert!(page.matches(&escape(NASTY)).count() > 12, "it is shown, though: {page}");
}

#[test]
fn what_is_unknown_is_drawn_as_unknown() {
    let known = page(&report(Some(Range { low: 0.0, high: 2.0 })));
    let unknown = page(&report(None));
    assert!(
        unknown.contains(">1 ?</text>")
            && unknown.contains("held an unknown time")
            && unknown.contains("time unknown")
    );
    assert!(!known.contains(">1 ?</text>") && !known.contains("time unknown"));
}

#[test]
fn the_rollout_in_four_lines() {
    let range = Some(Range { low: 1.0, high: 4.0 });
    let lines = |report: &Report| crate::report::timeline::lines(report).join("\n");
    let beside = "Rollout  expand ──────── │ deploy N │\n         1.0 to 4.0 s    │          │\nN-1      ~~~~~~~~~~~~~~~ ~~~~~~~~~~~~\nN                        ~~~~~~~~~~~~";
    assert_eq!(lines(&report(range)), beside);
    let mut stopped = Report { rollout: Some(Rollout::Stopped), ..report(None) };
    stopped.steps[0].old = None;
    let alone = "Rollout  │ stop N-1 │ expand ──────── │ start N │\n         │          │ time unknown    │         │\nN-1\nN                                     ~~~~~~~~~~~";
    assert_eq!(lines(&stopped), alone);
    let mut fails = report(range);
    fails.steps[0].old = Some(Fares { reads: Fare::Fits, writes: Fare::Breaks });
    assert!(lines(&fails).contains("N-1      rrrrrrrrrrrrrrr ~"), "{}", lines(&fails));
    assert_eq!(lines(&Report::default()), "");
}
