//! Domains that aren't what schema.rs takes them for.

use schemig_core::schema::Domains;

use super::Found;

/// Domains of the database with something else behind them than is known, a line each. One that is gone is told as any other type is.
pub fn other_domains(known: &Domains, found: &Found) -> Vec<String> {
    let unlike = found.domains.unlike(known);
    let lines = unlike.map(|(name, is, was)| match was {
        Some(was) => format!("domain {name} stands for {is}, and {was} is known of it"),
        None => format!("domain {name} stands for {is}, and nothing is known of it"),
    });
    lines.collect()
}
