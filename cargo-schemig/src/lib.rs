//! `cargo schemig`: zero-downtime migrations for Diesel, from the models.
//!
//! This crate is the rim: the only code of schemig that reads disks and clocks. What it decides, `schemig-core` decides.

mod annotate;
pub mod apply;
pub mod arguments;
pub mod calibrate;
pub mod capture;
pub mod clock;
pub mod commands;
pub mod database;
pub mod diagnose;
pub mod drift;
pub mod exit;
pub mod introspect;
pub mod migrations;
pub mod naming;
pub mod owners;
pub mod project;
pub mod report;
pub mod scan;
pub mod schema_rs;
pub mod server;
pub mod sizes;
pub mod store;
pub mod verify;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Cargo, Colour, Command, Look, Schemig};
use commands::Outcome;
use exit::{Exit, Stop};

/// Runs what was typed.
pub fn run(typed: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Schemig::Schemig(arguments) = match Cargo::try_parse_from(typed) {
        Ok(Cargo { command }) => command,
        Err(error) => {
            let asked_for = !error.use_stderr();
            // Nothing is left to say when there is nobody to say it to.
            let _ = error.print();
            return if asked_for { Exit::Done } else { Exit::Refused }.into();
        }
    };
    let (look, outcome) = match &arguments.command {
        Command::Init(init) => (init.common.look(), commands::init::run(init)),
        Command::Diff(diff) => (diff.common.look(), commands::diff::run(diff, &capture::read)),
        Command::Contract(contract) => (contract.common.look(), commands::contract::run(contract)),
        Command::Apply(apply) => (apply.common.look(), commands::apply::run(apply)),
        Command::Status(status) => (status.common.look(), commands::status::run(status)),
        Command::Schema(common) => (common.look(), commands::schema::run(common)),
        Command::Verify(verify) => (verify.common.look(), commands::verify::run(verify)),
        Command::Stats(stats) => (stats.common.look(), commands::stats::run(stats)),
        Command::Explain(explain) => (explain.look(), commands::explain::run(explain)),
    };
    finish(look, outcome).into()
}

fn finish(look: Look, outcome: Result<Outcome, Stop>) -> Exit {
    let Look { format, color, verbose } = look;
    match outcome {
        Ok(Outcome::Report { exit, report }) => {
            let colour = paints(color, std::io::stdout().is_terminal());
            print(&report.render(format, colour, verbose), exit)
        }
        Ok(Outcome::Verdict { exit, verdict }) => {
            let colour = paints(color, std::io::stdout().is_terminal());
            print(&verdict.render(format, colour), exit)
        }
        Ok(Outcome::Pages(pages)) => {
            print(&pages.render(format, paints(color, std::io::stdout().is_terminal())), Exit::Done)
        }
        Ok(Outcome::Text { text, notes }) => {
            notes.iter().for_each(|note| eprintln!("note: {note}"));
            print(&text, Exit::Done)
        }
        Err(Stop { exit, diagnostics }) => {
            let colour = paints(color, std::io::stderr().is_terminal());
            let text = diagnose::render(&diagnostics, colour, |file| std::fs::read_to_string(file).ok());
            eprint!("{text}");
            exit
        }
    }
}

/// Prints to standard output. A reader that has gone (`| head`) is no failure.
fn print(text: &str, exit: Exit) -> Exit {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Failed,
        Ok(()) | Err(_) => exit,
    }
}

fn paints(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
