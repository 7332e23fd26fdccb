//! The rollout as it was tried out: each migration a step, and the releases come and go where they may.

use crate::report::html::scale::Scale;
use crate::report::html::scene::{Held, Part, Run, Scene, Stand, Step};
use crate::verify::verdict::{FitRow, HoldRow, Seen, StageRow, Verdict, milliseconds};

/// The rollout of a verdict.
pub(super) fn scene(verdict: &Verdict) -> Scene {
    let runs = |release: &String| {
        (0..=verdict.stages.len()).any(|done| stand(fits(verdict, done), release).is_some())
    };
    let releases = verdict.releases.iter().rev().map(|row| row.name.clone());
    let releases: Vec<String> = releases.filter(runs).collect();
    let mut parts = Vec::new();
    for (place, stage) in verdict.stages.iter().enumerate() {
        parts.extend(comers(verdict, place, &releases));
        parts.extend(goers(verdict, place, &releases));
        let (phase, step) = (phase(verdict, stage), step(place, stage, through(verdict, place, &releases)));
        match parts.last_mut() {
            Some(Part::Phase { name, takes: _, steps }) if *name == phase => steps.push(step),
            Some(Part::Phase { .. } | Part::Event { .. }) | None => {
                parts.push(Part::Phase { name: phase, takes: String::new(), steps: vec![step] });
            }
        }
    }
    parts.extend(comers(verdict, verdict.stages.len(), &releases));
    parts.iter_mut().for_each(say_how_long);
    Scene { parts, releases, scale: Scale::MEASURED, words: super::range, measured: true }
}

/// Who may run once so many stages are over.
fn fits(verdict: &Verdict, done: usize) -> &[FitRow] {
    match done.checked_sub(1) {
        None => &verdict.fits_before,
        Some(last) => &verdict.stages[last].fits,
    }
}

fn stand(fits: &[FitRow], release: &str) -> Option<Stand> {
    let row = fits.iter().find(|row| row.release == release);
    row.map(|FitRow { release: _, expected, failed }| Stand { fares: *expected, failed: *failed })
}

fn stands(fits: &[FitRow], releases: &[String]) -> Vec<Option<Stand>> {
    releases.iter().map(|release| stand(fits, release)).collect()
}

/// Who ran before the stage at this place, and may go on. Whoever comes after it is drawn where that happens.
fn through(verdict: &Verdict, place: usize, releases: &[String]) -> Vec<Option<Stand>> {
    let ran = |release: &String| stand(fits(verdict, place), release);
    releases.iter().map(|release| ran(release).and(stand(fits(verdict, place + 1), release))).collect()
}

/// The releases that may be deployed once so many stages are over, and not before.
fn comers(verdict: &Verdict, done: usize, releases: &[String]) -> Vec<Part> {
    let Some(last) = done.checked_sub(1) else { return Vec::new() };
    let (before, now) = (fits(verdict, last), fits(verdict, done));
    let comes = |release: &&String| stand(before, release).is_none() && stand(now, release).is_some();
    let event = |release: &String| {
        // Where nobody else runs there is nobody to be replaced.
        let word = if now.len() > 1 { "deploy" } else { "start" };
        Part::Event { says: format!("{word} {release}"), stands: stands(now, releases) }
    };
    releases.iter().filter(comes).map(event).collect()
}

/// The releases that must be gone before the stage at this place, though none has come in their stead. A contract waits for that anyway.
fn goers(verdict: &Verdict, place: usize, releases: &[String]) -> Vec<Part> {
    let (now, then) = (fits(verdict, place), fits(verdict, place + 1));
    if verdict.stages[place].phase.as_deref() == Some("contract") && !then.is_empty() {
        return Vec::new();
    }
    let goes = |release: &&String| stand(now, release).is_some() && stand(then, release).is_none();
    let stays: Vec<FitRow> = now.iter().filter(|row| stand(then, &row.release).is_some()).cloned().collect();
    let event =
        |release: &String| Part::Event { says: format!("stop {release}"), stands: stands(&stays, releases) };
    releases.iter().filter(goes).map(event).collect()
}

/// The phase, with its plan where there are several.
pub(super) fn phase(verdict: &Verdict, stage: &StageRow) -> String {
    match (&stage.phase, &stage.plan) {
        (Some(phase), Some(plan)) if verdict.plans.len() > 1 => {
            format!("{phase} {}", plan.split('_').next().unwrap_or(plan))
        }
        (Some(phase), Some(_) | None) => phase.clone(),
        (None, _) => "by hand".to_owned(),
    }
}

fn step(place: usize, stage: &StageRow, stands: Vec<Option<Stand>>) -> Step {
    let StageRow {
        name,
        predicted_wall,
        alone_ms,
        beside_ms,
        predicted_holds,
        alone_holds,
        beside_holds,
        ..
    } = stage;
    let number = place + 1;
    let predicted = super::predicted(stage);
    let alone = (Some(*alone_ms), alone_holds, "with nobody beside it");
    let beside = (*beside_ms, beside_holds, "beside the traffic");
    let run = |(took, holds, when): (Option<u64>, &Option<Vec<HoldRow>>, &str)| {
        let ms = took?;
        Some(Run {
            says: format!("Step {number}: it took {} {when}", milliseconds(ms)),
            seconds: ms as f64 / 1e3,
            holds: holds.as_ref().map(|holds| holds.iter().map(|hold| held(number, hold, when)).collect()),
        })
    };
    Step {
        number,
        says: format!("Step {number}: {name}; predicted: {predicted}"),
        wall: *predicted_wall,
        locks: predicted_holds.clone(),
        stands,
        runs: [alone, beside].into_iter().filter_map(run).collect(),
    }
}

fn held(number: usize, hold: &HoldRow, when: &str) -> Held {
    let HoldRow { table, mode, blocks_reads, least_ms: _, most_ms, seen } = hold;
    let seen = match seen {
        Seen::Meanwhile => "",
        Seen::AtItsEnd => ", too short to be seen meanwhile",
    };
    Held {
        table: table.clone(),
        blocks_reads: *blocks_reads,
        seconds: *most_ms as f64 / 1e3,
        says: format!("Step {number}: {mode} on {table}, held {} {when}{seen}", hold.words()),
    }
}

fn say_how_long(part: &mut Part) {
    match part {
        Part::Phase { name: _, takes, steps } => {
            let alone: f64 = steps.iter().filter_map(|step| step.runs.first()).map(|run| run.seconds).sum();
            *takes = format!("took {}", milliseconds((alone * 1e3).round() as u64));
        }
        Part::Event { says: _, stands: _ } => {}
    }
}
