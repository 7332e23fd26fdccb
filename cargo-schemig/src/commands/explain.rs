//! `cargo schemig explain`: the rules by which a plan needs approval. It looks at no crate.

use schemig_core::safety::Escalation;
use schemig_core::safety::rules::{RULES, Rule};
use serde::Serialize;

use super::Outcome;
use crate::arguments::{Explain, Format};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::report::Version;
use crate::report::paint::Paint;

/// Rules, to be listed or with their pages.
#[derive(Debug)]
pub struct Pages {
    rules: Vec<&'static Rule>,
    /// Whether their pages are wanted.
    whole: bool,
}

/// What a program gets.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entries {
    /// The version of this form.
    format: Version,
    /// The rules, in the order of their names.
    rules: Vec<Entry>,
}

/// What a program gets of a rule.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Entry {
    /// Its name.
    rule: &'static str,
    /// What it sees, in a few words.
    title: &'static str,
    /// Its page, in Markdown, where it was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

/// The rules that are named, or a list of all.
///
/// # Errors
/// There is no such rule.
pub fn run(arguments: &Explain) -> Result<Outcome, Stop> {
    let Explain { rules: named, format: _, color: _ } = arguments;
    if named.is_empty() {
        return Ok(Outcome::Pages(Pages { rules: RULES.iter().collect(), whole: false }));
    }
    let (mut rules, mut unknown) = (Vec::new(), Vec::new());
    for name in named {
        match RULES.iter().find(|rule| rule.id == name) {
            Some(rule) => rules.push(rule),
            None => unknown.push(no_rule(name)),
        }
    }
    if unknown.is_empty() {
        Ok(Outcome::Pages(Pages { rules, whole: true }))
    } else {
        Err(Stop::from(unknown))
    }
}

fn no_rule(name: &str) -> Diagnostic {
    let ids = || RULES.iter().map(|rule| rule.id);
    let mut found = Diagnostic::new(format!("there is no rule `{name}`"));
    let near: Vec<String> =
        schemig_syntax::nearest(name, ids()).iter().map(|near| format!("`{near}`")).collect();
    if !near.is_empty() {
        found = found.help(format!("did you mean {}?", near.join(" or ")));
    }
    found.help(format!("the rules are {}", ids().collect::<Vec<_>>().join(", ")))
}

/// The command by which to read more about what fired.
pub(super) fn more(fired: &[Escalation]) -> String {
    let mut rules: Vec<&str> = fired.iter().map(|escalation| escalation.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    format!("cargo schemig explain {}", rules.join(" "))
}

impl Pages {
    /// In the wanted form.
    pub fn render(&self, format: Format, colour: bool) -> String {
        let Self { rules, whole } = self;
        match (format, whole) {
            (Format::Json, _) => self.json(),
            (Format::Text, true) => {
                let page = |rule: &&Rule| headed(rule.page, Paint { colour });
                rules.iter().map(page).collect::<Vec<_>>().join("\n")
            }
            (Format::Markdown, true) => rules.iter().map(|rule| rule.page).collect::<Vec<_>>().join("\n"),
            (Format::Text, false) => list(rules, Paint { colour }),
            (Format::Markdown, false) => {
                rules.iter().map(|rule| format!("- `{}`: {}\n", rule.id, rule.title())).collect()
            }
        }
    }

    fn json(&self) -> String {
        let entry = |rule: &&'static Rule| Entry {
            rule: rule.id,
            title: rule.title(),
            page: self.whole.then_some(rule.page),
        };
        let entries = Entries { format: Version::default(), rules: self.rules.iter().map(entry).collect() };
        serde_json::to_string_pretty(&entries).expect("text has a JSON form") + "\n"
    }
}

/// A line each, and how to read more.
fn list(rules: &[&Rule], paint: Paint) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let room = " ".repeat(width - rule.id.len());
        out.push_str(&format!("{}{room}  {}\n", paint.bold(rule.id), rule.title()));
    }
    out.push_str("\nNext: cargo schemig explain RULE\n");
    out
}

/// A page with its headings painted.
fn headed(page: &str, paint: Paint) -> String {
    let line = |line: &str| {
        let line =
            if line.starts_with("# ") || line.starts_with("## ") { paint.bold(line) } else { line.into() };
        line + "\n"
    };
    page.lines().map(line).collect()
}
