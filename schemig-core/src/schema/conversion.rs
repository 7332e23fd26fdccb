//! How the values of one column become those of another type, and back.

use serde::{Deserialize, Serialize};

use super::Expression;

/// The user's expressions between an old and a new type. What isn't said, the server's own cast does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// From old to new, over the row's columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forth: Option<Expression>,
    /// From new to old, over the row's columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Expression>,
}

impl Conversion {
    /// Whether the server's casts do for both ways.
    pub fn is_plain(&self) -> bool {
        let Self { forth, back } = self;
        forth.is_none() && back.is_none()
    }

    /// The same, the other way round.
    pub fn reversed(self) -> Self {
        Self { forth: self.back, back: self.forth }
    }
}
