//! Colour, where it is wanted.

use clap::builder::styling::{AnsiColor, Style};

/// Paints, or doesn't.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    /// Whether there is to be any.
    pub colour: bool,
}

impl Paint {
    fn style(self, text: &str, style: Style) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// What is to be seen first.
    pub fn bold(self, text: &str) -> String {
        self.style(text, Style::new().bold())
    }

    /// What may be passed by.
    pub fn dim(self, text: &str) -> String {
        self.style(text, Style::new().dimmed())
    }

    /// In this colour.
    pub fn colour(self, text: &str, colour: AnsiColor) -> String {
        self.style(text, colour.on_default())
    }
}
