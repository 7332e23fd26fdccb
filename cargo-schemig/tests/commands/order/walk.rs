//! Random walks: models change, plans are made, applied and contracted in any order that the commands allow.

use super::{App, COLOUR, PINNED, RANK};

const BODY: &str = "#[schemig(renamed_from = none)] pub body: Option<String>,";
const FIELDS: [&str; 4] = [COLOUR, PINNED, RANK, BODY];

/// How many walks, and how many steps each.
const WALKS: u64 = 16;
const STEPS: u32 = 9;

/// Walks that once ended elsewhere: a plan between one that is taken back and the one that does it was deployed; and what took a plan
/// back was itself taken back.
const ONCE_WRONG: [u64; 2] = [94, 155];

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[test]
fn every_walk_ends_where_its_models_are() {
    for seed in (1..=WALKS).chain(ONCE_WRONG) {
        walk(seed);
    }
}

fn walk(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut app = App::new(&choice(&mut dice));
    for _ in 0..STEPS {
        match dice.below(6) {
            0..=2 => change(&mut app, &choice(&mut dice)),
            3 | 4 => app.migrate(),
            _ => contract_one(&mut app, &mut dice),
        }
    }
    if let Some(last) = open(&app).pop() {
        app.contract(&last);
    }
    app.ends_as_its_models();
}

fn choice(dice: &mut Dice) -> Vec<&'static str> {
    FIELDS.into_iter().filter(|_| dice.below(2) == 0).collect()
}

/// Other models. Where they meet a change that waits, the question names the plan to contract; then they are as before.
fn change(app: &mut App, fields: &[&str]) {
    let before = app.home.read("src/lib.rs");
    app.models(fields);
    let tree = app.home.tree();
    let (code, text) = app.try_diff();
    if code != 0 {
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("isn't ended here") && text.contains("cargo schemig contract 0"), "{text}");
        assert_eq!(app.home.tree(), tree);
        app.home.write("src/lib.rs", &before);
    }
}

/// Any open plan's release runs everywhere.
fn contract_one(app: &mut App, dice: &mut Dice) {
    let open = open(app);
    if !open.is_empty() {
        let nth = dice.below(open.len() as u64);
        app.contract(&open[usize::try_from(nth).unwrap()]);
    }
}

fn open(app: &App) -> Vec<String> {
    let deployed = app.home.read("schemig/deployed");
    app.plans().into_iter().filter(|plan| !deployed.lines().any(|line| line == plan)).collect()
}
