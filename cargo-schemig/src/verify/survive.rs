//! The second pass: runs that are cut off, and run again. Wherever the server or the connection dies, the next run has to end where an
//! undisturbed one does.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use schemig_core::schema::ColumnRef;

use super::dice::Dice;
use super::findings::{Findings, Pass};
use super::locks;
use super::loss::{Loss, drawn};
use super::run::{Way, again, is_recorded, run, run_on};
use super::sequence::Stage;
use super::statements::split;
use super::trial::Trial;
use super::verdict::StatementRow;
use super::walk::{Mark, Reached, is_refusal};
use crate::database::Connection;
use crate::exit::Stop;
use crate::server::Kept;

/// How often each migration is cut off at a moment that nobody chose.
const KILLS: usize = 3;

/// How often a run is tried after it was cut off, where each names the command that repairs what the one before left.
const RUNS: usize = 3;

/// What libpq says when a session is ended under it, from outside or while it waits for an answer.
const LOST: [&str; 3] =
    ["terminating connection", "server closed the connection", "connection has been closed"];

/// What a stage came through.
#[derive(Clone, Debug, Default)]
pub struct Survived {
    /// How many times it was cut off.
    pub times: usize,
    /// Its statements, with the locks that each took.
    pub statements: Vec<StatementRow>,
}

/// Cuts every stage off, and says how many times each survived.
///
/// # Errors
/// A scratch database fails.
pub fn survive(
    trial: &Trial<'_>,
    reached: &[Reached],
    seed: u64,
    findings: &mut Findings,
) -> Result<Vec<Survived>, Stop> {
    let kept = Kept::new(trial.copy()?);
    let drawn = drawn(trial.sequence.operations());
    let mut pass = Survive { trial, kept, findings, dice: Dice::new(seed), drawn };
    let mut survived = Vec::new();
    for (place, reached) in reached.iter().enumerate() {
        trial.progress.step(format!("cutting off: {}", trial.sequence.stages[place].name));
        let mut came = Survived::default();
        let went_on = pass.at_random(place, reached, &mut came)?
            && pass.at_boundaries(place, reached, &mut came)?
            && pass.twice(place, reached)?;
        survived.push(came);
        if !went_on {
            break;
        }
    }
    Ok(survived)
}

struct Survive<'a, 'b> {
    trial: &'a Trial<'a>,
    kept: Kept,
    findings: &'b mut Findings,
    dice: Dice,
    /// Columns that no two runs give the same values.
    drawn: BTreeSet<ColumnRef>,
}

impl Survive<'_, '_> {
    fn mark(&mut self, done: usize) -> Result<Mark, Stop> {
        let schema = &self.trial.sequence.before(done).schema;
        Mark::read(self.kept.connection()?, schema, self.trial)
    }

    fn stage(&self, place: usize) -> Stage {
        self.trial.sequence.stages[place].clone()
    }

    /// The whole run, with the connection gone at some moment of it; in the end it is through. SQLite runs in this process and can't be
    /// cut off so.
    fn at_random(&mut self, place: usize, reached: &Reached, came: &mut Survived) -> Result<bool, Stop> {
        let stage = self.stage(place);
        let kills = match self.kept.connection()? {
            Connection::Postgres(_) => KILLS,
            Connection::Sqlite(_) => 0,
        };
        let mut within = reached.took.max(Duration::from_millis(1));
        for kill in 0..kills {
            if kill > 0 && !self.back(place, reached)? {
                return Ok(true);
            }
            let hit = self.kill(&stage, within)?;
            if !self.converges(place, reached, "cut off")? {
                return Ok(false);
            }
            if hit {
                came.times += 1;
            } else {
                // It was over before: what was measured was slower than what it is now.
                within /= 2;
            }
        }
        if kills == 0 { self.converges(place, reached, "run at once") } else { Ok(true) }
    }

    /// Statements sent singly, with the connection gone after each but the last. A transaction is gone with its connection: there the
    /// last boundary is as good as all.
    fn at_boundaries(&mut self, place: usize, reached: &Reached, came: &mut Survived) -> Result<bool, Stop> {
        let stage = self.stage(place);
        let statements = match split(&stage.up, self.kept.connection()?) {
            Ok(statements) => statements,
            Err(error) => {
                let name = &stage.name;
                self.findings.note(format!(
                    "{name}: its statements can't be told apart ({error}); it is only cut off as a whole"
                ));
                return Ok(true);
            }
        };
        let first = if stage.transactional { statements.len().saturating_sub(1) } else { 1 };
        for boundary in first.max(1)..statements.len() {
            if !self.back(place, reached)? {
                return Ok(true);
            }
            if boundary == first.max(1) {
                came.statements = self.locks_of(&stage, &statements)?;
            }
            if let Err(error) = self.send(&stage, &statements[..boundary])? {
                let what =
                    format!("one of its first {boundary} statements fails when they are sent one by one");
                self.findings.fail(Pass::Survive, Some(&stage.name), what, vec![error]);
            }
            if !self.converges(place, reached, &format!("cut off after statement {boundary}"))? {
                return Ok(false);
            }
            came.times += 1;
        }
        Ok(true)
    }

    /// A file without a transaction may be run when all of it is done already: Diesel hadn't recorded it when it died.
    fn twice(&mut self, place: usize, reached: &Reached) -> Result<bool, Stop> {
        let stage = self.stage(place);
        if stage.transactional {
            return Ok(true);
        }
        let once = self.mark(place + 1)?.values;
        if let Err(error) = again(self.kept.connection()?, &stage) {
            self.kept.hang_up();
            self.findings.fail(Pass::Survive, Some(&stage.name), "a second run fails", vec![error]);
        }
        // No down was between, so none can have lost anything.
        let values = self.mark(place + 1)?.values;
        let wrong = once.changed(&values).filter(|at| !self.drawn.contains(*at));
        let wrong: Vec<String> = wrong.map(|at| format!("the values of {at} are others")).collect();
        if !wrong.is_empty() {
            let what = "run a second time, it changes what the first run left";
            self.findings.fail(Pass::Survive, Some(&stage.name), what, wrong);
        }
        self.is_there(place, reached, "run a second time")
    }

    /// Sends a transaction's statements one by one, and says which locks that make queries wait each took. Nothing of it stays.
    fn locks_of(&self, stage: &Stage, statements: &[String]) -> Result<Vec<StatementRow>, Stop> {
        let mut rows = Vec::new();
        let Connection::Postgres(mut connection) = self.kept.scratch.connect()? else { return Ok(rows) };
        if !stage.transactional || connection.batch_execute("BEGIN").is_err() {
            return Ok(rows);
        }
        let mut before = Vec::new();
        for statement in statements {
            if connection.batch_execute(statement).is_err() {
                break;
            }
            let held = locks::held(&mut connection).unwrap_or_default();
            let taken = held.iter().filter(|lock| !before.contains(*lock) && lock.1.blocks_writes());
            let locks = taken.map(|(table, mode)| format!("{mode} on {table}")).collect();
            rows.push(StatementRow { sql: statement.clone(), locks });
            before = held;
        }
        Ok(rows)
    }

    /// Sends statements, and lets the connection go in the middle of whatever transaction it is in.
    fn send(&self, stage: &Stage, statements: &[String]) -> Result<Result<(), String>, Stop> {
        let mut connection = self.kept.scratch.connect()?;
        let begin = stage.transactional.then_some("BEGIN").into_iter();
        let sent =
            begin.chain(statements.iter().map(String::as_str)).try_for_each(|sql| connection.execute(sql));
        Ok(sent.map_err(|error| error.to_string()))
    }

    /// Starts a run and ends its session at a moment within this time. Whether it was hit.
    fn kill(&mut self, stage: &Stage, within: Duration) -> Result<bool, Stop> {
        let mut running = self.kept.scratch.connect()?;
        let pid = running.texts("SELECT pg_backend_pid()").unwrap_or_default().concat();
        let pause = self.dice.below(usize::try_from(within.as_micros()).unwrap_or(usize::MAX));
        let pause = Duration::from_micros(u64::try_from(pause).unwrap_or_default());
        let killer = self.kept.connection()?;
        let ran = std::thread::scope(|scope| {
            let run = scope.spawn(|| run(&mut running, stage, Way::Up));
            std::thread::sleep(pause);
            // When it has ended already there is nobody to end.
            let _ = killer.texts(&format!("SELECT pg_terminate_backend({pid})"));
            run.join()
        });
        let ran = ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(ran.is_err_and(|error| LOST.iter().any(|words| error.contains(words))))
    }

    /// Runs the stage until it is recorded, doing what it says where it stops, and compares.
    fn converges(&mut self, place: usize, reached: &Reached, when: &str) -> Result<bool, Stop> {
        let stage = self.stage(place);
        let mut last = String::new();
        for _ in 0..RUNS {
            if is_recorded(self.kept.connection()?, &stage).unwrap_or_default() {
                return self.is_there(place, reached, when);
            }
            match run_on(&mut self.kept, &stage, Way::Up)? {
                Ok(_) => return self.is_there(place, reached, when),
                Err(error) => {
                    last = error;
                    if !self.repair(&last)? {
                        break;
                    }
                }
            }
        }
        let what = format!("{when}, it doesn't come through the next run");
        self.findings.fail(Pass::Survive, Some(&stage.name), what, vec![last]);
        Ok(false)
    }

    /// A file that can't go on names the one command that helps (DOCTRINE, R7); somebody runs that. Whether there was one.
    fn repair(&mut self, error: &str) -> Result<bool, Stop> {
        let Some(command) = repair_named(error) else { return Ok(false) };
        Ok(self.kept.connection()?.execute(&command).is_ok())
    }

    /// The database is what an undisturbed run leaves. An index that isn't valid yet is left to the next directory, which stops there.
    fn is_there(&mut self, place: usize, reached: &Reached, when: &str) -> Result<bool, Stop> {
        let stage = self.stage(place);
        let found = self.mark(place + 1)?;
        let mut differs = found.contents.differences(&reached.mark.contents);
        if !stage.transactional {
            differs.retain(|line| !line.ends_with("isn't valid"));
        }
        let declared = Loss::declared(&stage.down);
        let wrong = reached.mark.values.changed(&found.values);
        let wrong = wrong.filter(|at| !self.drawn.contains(*at) && !declared.covers_values(at));
        differs.extend(wrong.map(|at| format!("the values of {at} are others")));
        if differs.is_empty() {
            return Ok(true);
        }
        let what = format!("{when}, it ends elsewhere than undisturbed");
        self.findings.fail(Pass::Survive, Some(&stage.name), what, differs);
        Ok(false)
    }

    /// Goes back to before the stage, to cut it off once more; `false` where its down refuses.
    fn back(&mut self, place: usize, reached: &Reached) -> Result<bool, Stop> {
        if reached.refused {
            return Ok(false);
        }
        let first = self.trial.sequence.first_of_way_back(place);
        for back in (first..=place).rev() {
            let stage = self.stage(back);
            match run_on(&mut self.kept, &stage, Way::Down)? {
                Ok(_) => {}
                Err(error) if is_refusal(&stage, &error) => return Ok(false),
                Err(error) => {
                    let what = "down fails after a run that was cut off";
                    self.findings.fail(Pass::Survive, Some(&stage.name), what, vec![error]);
                    return Ok(false);
                }
            }
        }
        for again in first..place {
            let stage = self.stage(again);
            if let Err(error) = run_on(&mut self.kept, &stage, Way::Up)? {
                self.findings.fail(Pass::Survive, Some(&stage.name), "up fails after a down", vec![error]);
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The command that a guard's message names.
fn repair_named(error: &str) -> Option<String> {
    let start = error.find("REINDEX INDEX CONCURRENTLY ")?;
    let rest = &error[start..];
    let end = rest.find(['\n', ';', ',']).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches(['.', ')', '\'']).to_owned())
}
