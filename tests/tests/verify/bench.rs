//! A crate whose models change, and what verify says of the way; in between, its files can be spoilt.

use std::fs;
use std::path::PathBuf;

use cargo_schemig::database::Url;
use cargo_schemig::project::{Project, Selection};
use cargo_schemig::server::Ground;
use cargo_schemig::verify::verdict::Verdict;
use cargo_schemig::verify::{Options, verify};
use schemig_tests::cluster::Cluster;
use tempfile::TempDir;

/// A crate in a temporary directory.
pub struct Crate {
    home: TempDir,
    product: &'static str,
}

impl Crate {
    /// A crate with a plan from these models to those; `None` where that is for a person to decide.
    pub fn planned(product: &'static str, overlap: bool, before: &str, after: &str) -> Option<Self> {
        let shipped = Self::shipped(product, &format!("overlap = {overlap}\n"), before)?;
        shipped.changes_to(after).then_some(shipped)
    }

    /// A crate with these settings and models, whose release runs everywhere; `None` where its server can't have them.
    pub fn shipped(product: &'static str, settings: &str, before: &str) -> Option<Self> {
        let home = tempfile::tempdir().expect("a directory");
        let planned = Self { home, product };
        let manifest = format!(
            "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ndiesel = {{ version = \"2.3\", features = [\"{product}\"] }}\n\n[workspace]\n"
        );
        planned.write("Cargo.toml", &manifest);
        let server = match product {
            "sqlite" => String::new(),
            _ => format!("server = \"{}\"\n", Cluster::shared().version()),
        };
        planned.write("schemig.toml", &format!("{server}{settings}"));
        planned.write("src/lib.rs", before);
        planned.schemig(&["init"]);
        // A database that can't have the models of before has nothing to plan.
        if !planned.tries(&["diff", "shop", "--now", "2026-11-20-070000"]) {
            return None;
        }
        planned.schemig(&["contract", "--confirm", "--now", "2026-11-20-080000"]);
        Some(planned)
    }

    /// Plans a change to these models; whether there is a plan.
    pub fn changes_to(&self, after: &str) -> bool {
        self.write("src/lib.rs", after);
        self.tries(&["diff", "change", "--now", "2026-11-22-070000", "--approve", "a test"])
    }

    /// The same, where there is a plan.
    pub fn changed(product: &'static str, before: &str, after: &str) -> Self {
        Self::planned(product, true, before, after).expect("a plan")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Runs a command that must succeed.
    pub fn schemig(&self, words: &[&str]) {
        assert!(self.tries(words), "{words:?}");
    }

    /// Runs a command; whether it succeeded.
    fn tries(&self, words: &[&str]) -> bool {
        let manifest = self.path("Cargo.toml").display().to_string();
        let end = ["--manifest-path", &manifest];
        let typed = ["cargo", "schemig"].iter().chain(words).chain(&end);
        let code = cargo_schemig::run(typed.map(|word| (*word).into()));
        format!("{code:?}") == format!("{:?}", std::process::ExitCode::SUCCESS)
    }

    /// Replaces a text in the one file of that name, in a pending migration whose up.sql does what `about` says, that has it.
    pub fn spoil(&self, about: &str, file: &str, from: &str, to: &str) {
        let mut spoilt = 0;
        for entry in fs::read_dir(self.path("migrations")).expect("migrations").flatten() {
            let described = fs::read_to_string(entry.path().join("up.sql")).expect("up.sql");
            let path = entry.path().join(file);
            let text = fs::read_to_string(&path).expect("a file of a migration");
            if described.lines().next().is_some_and(|line| line.contains(about)) && text.contains(from) {
                fs::write(path, text.replace(from, to)).expect("a file");
                spoilt += 1;
            }
        }
        assert_eq!(spoilt, 1, "one migration that does `{about}` has {from:?} in its {file}");
    }

    /// Makes one direction of the migration that does `about` do nothing.
    pub fn empty(&self, about: &str, file: &str) {
        let mut emptied = 0;
        for entry in fs::read_dir(self.path("migrations")).expect("migrations").flatten() {
            let described = fs::read_to_string(entry.path().join("up.sql")).expect("up.sql");
            if described.lines().next().is_some_and(|line| line.contains(about)) {
                fs::write(entry.path().join(file), "SELECT 1;\n").expect("a file");
                emptied += 1;
            }
        }
        assert_eq!(emptied, 1, "one migration does `{about}`");
    }

    /// What verify says.
    pub fn verify(&self) -> Verdict {
        let selection = Selection { manifest_path: Some(self.path("Cargo.toml")), ..Selection::default() };
        let project = Project::find(&selection).unwrap_or_else(|stop| panic!("{stop:?}"));
        let ground = match self.product {
            "sqlite" => Ground::sqlite(),
            _ => {
                let url = Cluster::shared().administrator();
                Ground::postgres(Some(&Url::parse(&url).unwrap_or_else(|stop| panic!("{stop:?}"))))
            }
        };
        let ground = ground.unwrap_or_else(|stop| panic!("{stop:?}"));
        let options = Options { rows: 100, seed: 1 };
        verify(&project, None, &ground, &options).unwrap_or_else(|stop| panic!("{stop:?}"))
    }

    /// Verify must see a fault, and say something with each of these words.
    pub fn assert_seen(&self, words: &[&str]) {
        let verdict = self.verify();
        let said = serde_json::to_string_pretty(&verdict.failures).expect("text");
        assert!(!verdict.holds(), "verify is blind to it");
        for word in words {
            assert!(said.contains(word), "no failure says {word:?}:\n{said}");
        }
    }

    /// Verify must find nothing wrong.
    pub fn assert_holds(&self) {
        let verdict = self.verify();
        let said = serde_json::to_string_pretty(&verdict.failures).expect("text");
        assert!(verdict.holds(), "{said}");
    }
}
