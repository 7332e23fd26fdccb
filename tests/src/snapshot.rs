//! What a reviewer reads of a fixture on one server: the plan, who fits where, and each file.

use std::fmt::Write as _;

use schemig_core::change::Question;
use schemig_core::dialect::Dialect;
use schemig_core::operation::Operation;
use schemig_core::plan::Plan;
use schemig_core::safety::{Assessment, Fit, Misfit, StateFit};
use schemig_core::script::{estimate, lock};

use crate::fixture::{Facts, Fixture, Product};
use crate::judge::judge;
use crate::pair::Planned;
use crate::server::Server;

/// The text of a fixture's snapshot for a server.
///
/// # Panics
/// When the plan doesn't hold in memory.
pub fn snapshot(fixture: &Fixture, product: Product) -> String {
    let dialect = Server::usual_dialect(product);
    let pair = match fixture.pair(product, dialect.as_ref()) {
        Ok(pair) => pair,
        Err(mistakes) => return format!("mistakes in the models:\n{mistakes}\n"),
    };
    let mut text = format!("overlap: {}\n", pair.overlap);
    match pair.plan(dialect.capabilities()) {
        Err(questions) => questions.iter().for_each(|question| text += &asked(question)),
        Ok(None) => text += "nothing to do\n",
        Ok(Some(planned)) => {
            text += &plan(&planned.plan);
            text += &judgement(&planned, &fixture.facts, dialect.as_ref());
            for directory in planned.directories(dialect.as_ref()) {
                let how = if directory.run_in_transaction { "" } else { ", not in a transaction" };
                let [up, down] = &directory.files;
                let _ = write!(
                    text,
                    "\n=== {:02} up{how}\n{up}=== {:02} down\n{down}",
                    directory.place, directory.place
                );
            }
        }
    }
    text
}

fn asked(question: &Question) -> String {
    let mut text = format!("question: {}\n  {}\n", question.condition, question.effect);
    for answer in &question.answers {
        let _ = writeln!(text, "  - {answer}");
    }
    text
}

fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let list = |text: &mut String, title: &str, lines: &mut dyn Iterator<Item = String>| {
        let lines: Vec<String> = lines.collect();
        if !lines.is_empty() {
            let _ = write!(text, "\n{title}\n");
            lines.iter().for_each(|line| *text += &format!("  {line}\n"));
        }
    };
    list(&mut text, "changes", &mut plan.changes.iter().map(ToString::to_string));
    let cancels = plan.cancels.iter().map(|cancel| format!("change {} of {}", cancel.change, cancel.plan));
    list(&mut text, "cancels", &mut cancels.into_iter());
    let mut steps = Vec::new();
    for (place, step) in plan.steps.iter().enumerate() {
        steps.push(format!("{place:02} {}", step.phase));
        steps.extend(direction("up  ", &step.up));
        steps.extend(direction("down", &step.down));
    }
    list(&mut text, "steps", &mut steps.into_iter());
    text
}

fn direction(title: &str, operations: &[Operation]) -> Vec<String> {
    if operations.is_empty() {
        return vec![format!("   {title} -")];
    }
    operations.iter().map(|operation| format!("   {title} {operation}")).collect()
}

fn judgement(planned: &Planned, facts: &Facts, dialect: &dyn Dialect) -> String {
    let Assessment { states, promises, breaks, end: _ } = &planned.assessment;
    let (timings, escalations) = judge(planned, facts, dialect);
    let mut text = String::new();
    if !promises.is_empty() {
        text += "\npromises\n";
        promises.iter().for_each(|promise| text += &format!("  {promise}\n"));
    }
    text += "\nwho fits (reads / writes)\n";
    text += &fits(states);
    for (place, misfit) in breaks {
        let _ = writeln!(text, "  breaks at {place:02}: {misfit}");
    }
    text += "\nlocks and times\n";
    for ((place, step), (timing, before)) in
        planned.plan.steps.iter().enumerate().zip(timings.iter().zip(&planned.states))
    {
        let lock = lock(dialect, step, before).expect("each step fits the state that it meets");
        let _ = writeln!(text, "  {place:02} {lock}\n     {}", estimate(timing));
    }
    if !escalations.is_empty() {
        text += "\nto be signed off\n";
        for escalation in &escalations {
            let _ = writeln!(text, "  {}: {}; {}", escalation.rule, escalation.condition, escalation.effect);
        }
    }
    text
}

/// A line for each state, or for several in a row in which the same holds.
fn fits(states: &[StateFit]) -> String {
    let mut lines: Vec<(String, Option<String>, String)> = Vec::new();
    for StateFit { step, phase: _, before, after } in states {
        let place = step.map_or_else(|| "start".to_owned(), |step| format!("{step:02}"));
        let old = before.iter().map(|fits| format!("N-1 {}", both(fits)));
        let who = old.chain([format!("N {}", both(after))]).collect::<Vec<_>>().join("\n          ");
        match lines.last_mut() {
            Some((_, last, same)) if *same == who => *last = Some(place),
            Some(_) | None => lines.push((place, None, who)),
        }
    }
    let line = |(first, last, who): &(String, Option<String>, String)| {
        let places = last.as_ref().map_or_else(|| first.clone(), |last| format!("{first}-{last}"));
        format!("  {places:8}{who}\n")
    };
    lines.iter().map(line).collect()
}

fn both([reads, writes]: &[Fit; 2]) -> String {
    format!("{} / {}", one(reads), one(writes))
}

fn one(fit: &Fit) -> String {
    match fit {
        Fit::Fits => "fits".to_owned(),
        Fit::FitsIf(promises) => {
            format!("fits if ({})", promises.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        Fit::Breaks(misfits) => {
            format!("breaks ({})", misfits.iter().map(Misfit::to_string).collect::<Vec<_>>().join("; "))
        }
    }
}
