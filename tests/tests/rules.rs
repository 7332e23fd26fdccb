//! The pages of the rules are run: each has models on which its rule fires, and models on which it doesn't.

use std::path::Path;

use schemig_core::plan::file::describe;
use schemig_core::safety::Escalation;
use schemig_core::safety::rules::{RULES, Rule};
use schemig_tests::fixture::{Facts, Product, pair};
use schemig_tests::judge::judge;
use schemig_tests::pair::Planned;
use schemig_tests::server::Server;

/// A fenced block of a page: its language, and its text.
struct Block {
    language: String,
    text: String,
}

/// The blocks of a section.
fn blocks(page: &str, section: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let inside = page.lines().skip_while(|line| *line != format!("## {section}")).skip(1);
    for line in inside.take_while(|line| !line.starts_with("## ")) {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                blocks.push(Block { language: language.to_owned(), text: String::new() });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                let block = blocks.last_mut().expect("it is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, false) => {}
        }
    }
    assert!(!open, "a block of {section} has no end");
    blocks
}

/// What a section of a page comes to on PostgreSQL: models before, models after, and, where need be, facts.
fn fired(rule: &Rule, section: &str) -> Result<Vec<Escalation>, String> {
    judged(rule, section).map(|(_, escalations)| escalations)
}

/// The same, with the plan.
fn judged(rule: &Rule, section: &str) -> Result<(Planned, Vec<Escalation>), String> {
    let (mut models, mut facts) = (Vec::new(), Facts::default());
    for Block { language, text } in blocks(rule.page, section) {
        match language.as_str() {
            "rust,ignore" => models.push(text),
            "toml" => facts = toml::from_str(&text).map_err(|error| error.to_string())?,
            other => return Err(format!("a block of {other:?}: models stand in rust,ignore, facts in toml")),
        }
    }
    let [before, after] = models.as_slice() else {
        return Err(format!("{} blocks of models, where one before and one after are due", models.len()));
    };
    let dialect = Server::usual_dialect(Product::Postgres);
    let pair = pair([before, after], &facts, Product::Postgres, dialect.as_ref())?;
    let made = pair.plan(dialect.capabilities()).map_err(|questions| format!("asked: {questions:#?}"))?;
    let planned = made.ok_or_else(|| "nothing to do".to_owned())?;
    let (_, escalations) = judge(&planned, &facts, dialect.as_ref());
    Ok((planned, escalations))
}

/// What is wrong with the two examples of a page.
fn faults(rule: &Rule) -> Vec<String> {
    let fires = |section| {
        let fired = fired(rule, section).map_err(|why| format!("{}, {section}: {why}", rule.id))?;
        Ok(fired.into_iter().filter(|fired| fired.rule == rule.id).collect::<Vec<_>>())
    };
    let mut faults = Vec::new();
    match fires("Fires") {
        Ok(fired) if fired.is_empty() => faults.push(format!("{} doesn't fire", rule.id)),
        Ok(_) => {}
        Err(why) => faults.push(why),
    }
    match fires("Silent") {
        Ok(fired) if fired.is_empty() => {}
        Ok(fired) => faults.push(format!("{} isn't silent: {fired:?}", rule.id)),
        Err(why) => faults.push(why),
    }
    faults
}

#[test]
fn each_rule_fires_on_its_one_example_and_not_on_its_other() {
    let faults: Vec<String> = RULES.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What up.sql says of a signature stands at the steps that bring what was signed off.
#[test]
fn a_rule_names_the_steps_that_it_is_about() {
    let about = |id: &str| {
        let rule = RULES.iter().find(|rule| rule.id == id).expect("a rule");
        let (planned, escalations) = judged(rule, "Fires").expect("a plan");
        let fired = escalations.iter().find(|fired| fired.rule == id).expect("it fires");
        let words = |place: &usize| describe(&planned.plan.steps[*place].up);
        fired.steps.iter().map(words).collect::<Vec<_>>()
    };
    assert_eq!(about("arbiter-twin"), ["build unique index users_login_new on users"]);
    assert_eq!(about("data-destroyed"), ["drop users.full_name"]);
    assert_eq!(about("exclusive-hold"), ["users.visits becomes bigint"]);
    assert_eq!(about("long-backfill"), ["fill users.name with split_part(email, '@', 1)"]);
    assert_eq!(about("shared-table"), ["add users.name, nullable"]);
    assert_eq!(about("size-unknown"), ["fill users.name with split_part(email, '@', 1)"]);
    let dropped = "stop if orders.zip and orders.zip_number differ anywhere; stop mirroring orders.zip_number; drop orders.zip";
    assert_eq!(about("lossy-cast"), [dropped]);
    assert_eq!(about("no-safe-order"), ["build unique index users_email_key_new on users"]);
    assert_eq!(about("old-release-fails"), ["users.nick accepts NULL"]);
    assert_eq!(about("table-rewritten"), ["add users.shout"]);
    assert_eq!(about("type-in-place"), ["users.email becomes varchar(80)"]);
}

#[test]
fn a_page_is_a_rule_and_a_rule_is_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
    let entries = std::fs::read_dir(&folder).expect("docs/rules");
    let mut files: Vec<String> =
        entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    files.sort();
    let rules: Vec<String> = RULES.iter().map(|rule| format!("{}.md", rule.id)).collect();
    assert_eq!(files, rules);
}

#[test]
fn a_page_is_short_and_has_its_parts_in_order() {
    for rule in RULES {
        let place = |part: &str| {
            rule.page.find(part).unwrap_or_else(|| panic!("the page of {} has no {part:?}", rule.id))
        };
        let parts =
            ["It fires when ", "**Why it matters.** ", "**What to do.** ", "\n## Fires\n", "\n## Silent\n"];
        assert!(parts.map(place).is_sorted(), "the page of {} has its parts in another order", rule.id);
        let lines = rule.page.lines().count();
        assert!(lines <= 100, "the page of {} has {lines} lines", rule.id);
    }
}

/// The rule with another page.
fn with_page(rule: &Rule, page: &str) -> Rule {
    let mut other = *rule;
    other.page = page.to_owned().leak();
    other
}

/// The runner must see a page whose examples are the wrong way round, and one that says too little.
#[test]
fn a_page_that_is_wrong_is_noticed() {
    for rule in RULES {
        let swapped = rule.page.replace("## Fires", "## Was").replace("## Silent", "## Fires");
        let found = faults(&with_page(rule, &swapped.replace("## Was", "## Silent"))).join("\n");
        assert!(found.contains("doesn't fire") && found.contains("isn't silent"), "{}: {found}", rule.id);
    }
    let rule = &RULES[0];
    let half = with_page(rule, &rule.page.replacen("```rust,ignore", "```text", 1));
    assert!(faults(&half).join("\n").contains("a block of \"text\""));
    let cut = with_page(rule, rule.page.split("## Silent").next().unwrap_or_default());
    assert!(faults(&cut).join("\n").contains("0 blocks of models"));
}
