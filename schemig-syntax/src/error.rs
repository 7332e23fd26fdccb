//! Mistakes: collected, so that a user sees all of them at once.

use std::fmt;

use proc_macro2::{Span, TokenStream};

/// One mistake in a model.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Where it stands.
    pub span: Span,
    /// What is wrong, in a clause.
    pub message: String,
    /// What to write, if that is known.
    pub help: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// All mistakes of one item, in the order in which they were found. Never empty in a `Result`.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    mistakes: Vec<Mistake>,
}

impl Errors {
    pub(crate) fn push(&mut self, span: Span, message: impl Into<String>) {
        self.mistakes.push(Mistake { span, message: message.into(), help: None });
    }

    pub(crate) fn push_with(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Mistake { span, message: message.into(), help: Some(help.into()) });
    }

    /// Takes over what syn found. A mistake of ours that went through syn brings its help after a line break.
    pub(crate) fn absorb(&mut self, error: syn::Error, fallback: Option<&str>) {
        for one in error {
            let text = one.to_string();
            match text.split_once("\nhelp: ") {
                Some((message, help)) => self.push_with(one.span(), message, help),
                None => self.mistakes.push(Mistake {
                    span: one.span(),
                    message: text,
                    help: fallback.map(|form| format!("it is written `{form}`")),
                }),
            }
        }
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Errors> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, Mistake> {
        self.mistakes.iter()
    }

    /// One `compile_error!` per mistake, each at its place.
    pub fn to_compile_errors(&self) -> TokenStream {
        self.iter().map(|mistake| syn::Error::new(mistake.span, mistake).to_compile_error()).collect()
    }
}

impl IntoIterator for Errors {
    type Item = Mistake;
    type IntoIter = std::vec::IntoIter<Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.mistakes.into_iter()
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a Mistake;
    type IntoIter = std::slice::Iter<'a, Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, mistake) in self.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
