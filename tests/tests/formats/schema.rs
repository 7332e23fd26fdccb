//! A document held against a JSON Schema. It knows the words that our schemas are written in and stops at any other; and it is stricter than
//! they are: a field that isn't listed is a fault.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What is wrong with a document, a line each.
///
/// # Panics
/// When the schema has a word that this doesn't know.
pub fn faults(schema: &Value, document: &Value) -> Vec<String> {
    Judge { root: schema }.faults(schema, document, "")
}

struct Judge<'a> {
    root: &'a Value,
}

impl Judge<'_> {
    fn faults(&self, schema: &Value, document: &Value, at: &str) -> Vec<String> {
        let words = schema.as_object().unwrap_or_else(|| panic!("a schema at {at:?}: {schema}"));
        let mut found: Vec<String> =
            words.iter().flat_map(|(word, says)| self.word(word, says, document, at)).collect();
        if let (true, Value::Object(document)) = (words.contains_key("properties"), document) {
            found.extend(unlisted(&words["properties"], document, at));
        }
        found
    }

    fn word(&self, word: &str, says: &Value, document: &Value, at: &str) -> Vec<String> {
        let all = |says: &Value| says.as_array().expect("a list").clone();
        match word {
            "$schema" | "$defs" | "title" | "description" | "format" => Vec::new(),
            "type" => {
                let wanted = if says.is_array() { all(says) } else { vec![says.clone()] };
                let fits = wanted.iter().any(|wanted| is_of(wanted.as_str().expect("a name"), document));
                fault(fits, at, &format!("{document} is no {says}"))
            }
            "const" => fault(says == document, at, &format!("{document} isn't {says}")),
            "enum" => fault(all(says).contains(document), at, &format!("{document} is none of {says}")),
            "minimum" | "maximum" => {
                let [number, bound] = [document, says].map(|number| number.as_f64().unwrap_or(0.0));
                fault(if word == "minimum" { number >= bound } else { number <= bound }, at, "out of bounds")
            }
            "required" => {
                let there = |name: &Value| document.get(name.as_str().expect("a name")).is_some();
                all(says)
                    .iter()
                    .flat_map(|name| fault(there(name), at, &format!("{name} is missing")))
                    .collect()
            }
            "properties" => {
                let fields = says.as_object().expect("fields").iter();
                let there = fields.filter_map(|(name, says)| Some((name, says, document.get(name)?)));
                there
                    .flat_map(|(name, says, field)| self.faults(says, field, &format!("{at}/{name}")))
                    .collect()
            }
            "items" => {
                let items = document.as_array().into_iter().flatten().enumerate();
                items.flat_map(|(nth, item)| self.faults(says, item, &format!("{at}/{nth}"))).collect()
            }
            "anyOf" | "oneOf" => {
                let tried: Vec<Vec<String>> =
                    all(says).iter().map(|says| self.faults(says, document, at)).collect();
                if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() }
            }
            "$ref" => {
                let place =
                    says.as_str().and_then(|says| says.strip_prefix('#')).expect("a place in this file");
                self.faults(self.root.pointer(place).expect("it is there"), document, at)
            }
            other => panic!("the schema says {other:?}, which this test can't judge"),
        }
    }
}

fn fault(fits: bool, at: &str, what: &str) -> Vec<String> {
    if fits { Vec::new() } else { vec![format!("{at}: {what}")] }
}

fn unlisted(listed: &Value, document: &Map<String, Value>, at: &str) -> Vec<String> {
    let listed: BTreeSet<&String> = listed.as_object().expect("fields").keys().collect();
    let names = document.keys().filter(|name| !listed.contains(name));
    names.map(|name| format!("{at}: {name} isn't listed")).collect()
}

fn is_of(name: &str, document: &Value) -> bool {
    match name {
        "null" => document.is_null(),
        "boolean" => document.is_boolean(),
        "string" => document.is_string(),
        "number" => document.is_number(),
        "integer" => document.is_u64() || document.is_i64(),
        "array" => document.is_array(),
        "object" => document.is_object(),
        other => panic!("no type {other:?}"),
    }
}
