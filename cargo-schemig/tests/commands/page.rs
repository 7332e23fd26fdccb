//! `--report`: one page, whatever the command ends with; and nothing at all where it can't be written.

use crate::bad_input::{model, refused, schemig, shipped_on_postgres};
use crate::support::Crate;

fn notes(fields: &str) -> String {
    model("Note", "notes", &format!("pub id: i32,\n{fields}"))
}

/// `notes` gets a column that is looked up in nothing, and loses one: something to sign off.
fn changed() -> Crate {
    let home = shipped_on_postgres(&notes("pub colour: Option<String>,"));
    home.write("src/lib.rs", &notes("pub pinned: Option<bool>,"));
    home
}

const NOW: [&str; 2] = ["--now", "2026-11-21-070000"];

fn diff(home: &Crate, more: &[&str]) -> (i32, String) {
    schemig(home, &[&["diff", "change"][..], &NOW, more].concat())
}

/// What a page must not have: it stands by itself.
fn stands_alone(page: &str) {
    for word in ["<script", "http://", "https://", "<link", "@import", "<img"] {
        assert!(!page.contains(word), "the page has {word:?}");
    }
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    assert_eq!(page.matches("<section").count(), page.matches("</section>").count());
}

#[test]
fn each_end_has_its_page() {
    let home = changed();
    let mut before = home.tree();
    let (exit, text) = diff(&home, &["--report", "page.html"]);
    assert_eq!(exit, 3, "{text}");
    let page = home.read("page.html");
    stands_alone(&page);
    for word in ["<svg", "needs approval", "data-destroyed", "DROP COLUMN", "Plan 0002_change", "deploy N"] {
        assert!(page.contains(word), "{word:?} isn't in the page");
    }
    before.insert("page.html".to_owned(), Some(page.clone()));
    assert_eq!(home.tree(), before, "nothing but the page is written");

    let (exit, text) = diff(&home, &["--report", "page.html"]);
    assert_eq!((exit, home.read("page.html") == page), (3, true), "the same input, the same bytes: {text}");

    let signed = ["--approve", "nobody looks", "--report", "page.html"];
    let (exit, text) = diff(&home, &[&signed[..], &["--dry-run"]].concat());
    assert_eq!(exit, 0, "{text}");
    assert!(home.read("page.html").contains("Would write"));
    let (exit, text) = diff(&home, &signed);
    assert_eq!(exit, 0, "{text}");
    assert!(home.read("page.html").contains("<h2>Written</h2>"));
    let (exit, text) = diff(&home, &["--report", "same.html"]);
    assert_eq!(exit, 0, "{text}");
    assert!(home.read("same.html").contains("nothing to do"));
    let contract = ["contract", "--confirm", "--now", "2026-11-22-070000", "--report", "contract.html"];
    let (exit, text) = schemig(&home, &contract);
    assert_eq!(exit, 0, "{text}");
    let page = home.read("contract.html");
    stands_alone(&page);
    assert!(page.contains("<svg") && !page.contains("deploy N"), "N runs everywhere by then");
}

#[test]
fn a_page_that_can_not_be_written_stops_all_of_it() {
    let home = changed();
    home.write("there/file", "");
    for (path, word) in
        [("nowhere/page.html", "nowhere/page.html"), ("there", "directory"), ("there/file/x", "there/file/x")]
    {
        let signed =
            [&["diff", "change"][..], &NOW, &["--approve", "nobody looks", "--report", path]].concat();
        refused(&home, &signed, 4, &["can't write", word]);
        refused(&home, &[&["diff"][..], &NOW, &["--report", path]].concat(), 4, &["can't write", word]);
    }
    let (exit, text) = diff(&home, &["--approve", "nobody looks"]);
    assert_eq!(exit, 0, "{text}");
    let contract = ["contract", "--confirm", "--now", "2026-11-22-070000", "--report", "nowhere/page.html"];
    refused(&home, &contract, 4, &["can't write"]);
    refused(&home, &["verify", "--report", "nowhere/page.html"], 4, &["can't write"]);
}

#[test]
fn verify_has_a_page_with_what_it_measured() {
    let home = Crate::new();
    home.write("src/lib.rs", &notes(""));
    for typed in [&["init"][..], &["diff", "--now", "2026-11-20-070000"]] {
        let (exit, text) = schemig(&home, typed);
        assert_eq!(exit, 0, "{text}");
    }
    let (exit, text) = schemig(&home, &["verify", "--rows", "10", "--report", "page.html"]);
    assert_eq!(exit, 0, "{text}");
    let page = home.read("page.html");
    stands_alone(&page);
    for word in ["The plan holds", "<h2>Rollout</h2>", ">measured</text>", "it took ", " ms</td>", "SQLite 3"]
    {
        assert!(page.contains(word), "{word:?} isn't in the page");
    }
}
