//! What a run says while it goes: a line per event, for people or for programs. No line holds a password.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};

use crate::clock;
use crate::database::Url;
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// The form of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A time and a sentence.
    Text,
    /// A JSON object per line.
    Json,
}

/// What programs go by, and schemig itself or the project's files name: a password that is a word like any other leaves them alone.
const OWN: [&str; 3] = ["migration", "phase", "plan"];

/// Where events go: standard output, and for how far a backfill is a bar on standard error, if that is a terminal.
pub struct Log {
    form: Form,
    url: Url,
    bar: ProgressBar,
}

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    name: &'static str,
    message: String,
    fields: Map<String, Value>,
}

impl Event {
    /// An event of this name, in words.
    pub fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into(), fields: Map::new() }
    }

    /// The same, of a migration.
    pub fn of(self, migration: &str) -> Self {
        self.with("migration", migration)
    }

    /// The same, with a value for programs.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

impl Log {
    /// A log that hides this URL's password.
    pub fn new(form: Form, url: &Url) -> Self {
        let shows = form == Form::Text && std::io::stderr().is_terminal();
        let bar = if shows { ProgressBar::no_length() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{wide_bar} {percent}% {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { form, url: url.clone(), bar }
    }

    /// Says it.
    pub fn say(&self, event: Event) {
        let line = self.line(&clock::moment(), event);
        // Nothing is left to do when nobody reads any more; the migrations matter more than the log.
        self.bar.suspend(|| drop(writeln!(std::io::stdout(), "{line}")));
    }

    /// Says why a run stopped, where programs read: people are told on standard error.
    pub fn stopped(&self, stop: &Stop) {
        if self.form == Form::Text {
            return;
        }
        for Diagnostic { message, places: _, notes, help } in &stop.diagnostics {
            let event = Event::new("failed", message.clone()).with("exit", stop.exit as u8);
            self.say(event.with("notes", notes.clone()).with("help", help.clone()));
        }
    }

    fn line(&self, time: &str, event: Event) -> String {
        let Event { name, message, mut fields } = event;
        match self.form {
            Form::Text => self.url.scrub(&format!("{time} {message}")),
            Form::Json => {
                fields.insert("message".to_owned(), message.into());
                let foreign = fields.iter_mut().filter(|(field, _)| !OWN.contains(&field.as_str()));
                foreign.for_each(|(_, value)| scrub(value, &self.url));
                fields.insert("time".to_owned(), time.into());
                fields.insert("event".to_owned(), name.into());
                Value::Object(fields).to_string()
            }
        }
    }

    /// Moves the bar; `words` stand beside it. Whether there is one.
    pub fn bar(&self, done: u64, total: Option<u64>, words: String) -> bool {
        if let Some(total) = total {
            self.bar.set_length(total.max(done));
        }
        self.bar.set_position(done);
        self.bar.set_message(words);
        !self.bar.is_hidden()
    }

    /// Takes the bar away.
    pub fn clear_bar(&self) {
        self.bar.finish_and_clear();
        self.bar.reset();
    }
}

/// Before the quotes of JSON come: a password that holds one would be written differently behind them.
fn scrub(value: &mut Value, url: &Url) {
    match value {
        Value::String(text) => *text = url.scrub(text),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub(item, url)),
        Value::Object(fields) => fields.values_mut().for_each(|field| scrub(field, url)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Form, Log};
    use crate::database::Url;

    #[test]
    fn no_form_of_a_line_holds_the_password() {
        let url = Url::parse("postgres://u:se%22cret@h/d").unwrap();
        let event = || Event::new("wait", "a query: se\"cret").of("0001").with("query", "SELECT 'se%22cret'");
        let text = Log::new(Form::Text, &url).line("now", event());
        assert_eq!(text, "now a query: ***");
        let json = Log::new(Form::Json, &url).line("now", event());
        let wanted = r#"{"event":"wait","message":"a query: ***","migration":"0001","query":"SELECT '***'","time":"now"}"#;
        assert_eq!(json, wanted);
    }

    #[test]
    fn a_password_that_is_a_word_of_ours_leaves_the_fields_for_programs_alone() {
        let url = Url::parse("postgres://u:expand@h/d").unwrap();
        let event =
            Event::new("expand", "to expand").of("1_expand").with("phase", "expand").with("plan", "expand");
        let json = Log::new(Form::Json, &url).line("expand", event);
        let wanted = r#"{"event":"expand","message":"to ***","migration":"1_expand","phase":"expand","plan":"expand","time":"expand"}"#;
        assert_eq!(json, wanted);
    }
}
