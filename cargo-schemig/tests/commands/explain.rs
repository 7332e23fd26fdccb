//! `cargo schemig explain`: the list of rules, a page, and a rule that there isn't.

use crate::bad_input::{refused, refused_at, schemig};
use crate::support::Crate;

#[test]
fn rules_are_listed_with_their_titles() {
    let (exit, text) = schemig(&Crate::new(), &["explain"]);
    assert_eq!(exit, 0, "{text}");
    insta::assert_snapshot!("list", text);
    let (_, markdown) = schemig(&Crate::new(), &["explain", "--format", "markdown"]);
    assert!(markdown.contains("- `data-destroyed`: rows or values are gone for good\n"), "{markdown}");
}

#[test]
fn a_page_is_printed_as_it_stands() {
    let page = include_str!("../../../schemig-core/docs/rules/data-destroyed.md");
    for form in [&["explain", "data-destroyed"][..], &["explain", "data-destroyed", "--format", "markdown"]] {
        assert_eq!(schemig(&Crate::new(), form), (0, page.to_owned()));
    }
    let (_, painted) = schemig(&Crate::new(), &["explain", "data-destroyed", "--color", "always"]);
    assert!(painted.contains("\u{1b}[1m## Fires\u{1b}[0m\n"), "{painted}");
    let (exit, two) = schemig(&Crate::new(), &["explain", "type-in-place", "data-destroyed"]);
    assert!(
        exit == 0 && two.starts_with("# type-in-place: ") && two.contains("\n# data-destroyed: "),
        "{two}"
    );
}

#[test]
fn programs_get_names_titles_and_pages() {
    let told = |typed: &[&str]| {
        let (exit, text) = schemig(&Crate::new(), typed);
        assert_eq!(exit, 0, "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let all = told(&["explain", "--format", "json"]);
    let names: Vec<&str> =
        all["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert!(names.contains(&"data-destroyed") && names.is_sorted(), "{names:?}");
    assert!(all["rules"][0]["page"].is_null());
    let one = told(&["explain", "lossy-cast", "--format", "json"]);
    assert_eq!(one["rules"][0]["title"], "values change their type, and may not all be kept");
    assert!(one["rules"][0]["page"].as_str().unwrap().starts_with("# lossy-cast: "));
}

#[test]
fn a_rule_that_there_is_not() {
    refused_at(
        &Crate::new(),
        &["explain", "data-destroy"],
        "no_such_rule",
        "there is no rule `data-destroy`",
    );
    let words = ["no rule `sizes`", "no rule `type_in_place`", "did you mean `type-in-place`?", "lossy-cast"];
    let text = refused(&Crate::new(), &["explain", "sizes", "data-destroyed", "type_in_place"], 2, &words);
    assert!(!text.contains("**"), "a page is printed beside: {text}");
}
