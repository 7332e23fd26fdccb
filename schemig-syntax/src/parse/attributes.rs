//! An item's attributes by their names. Several readers look for theirs, and in a derive each name is a question to the compiler.

use syn::Attribute;

/// Attributes, each with its name; empty for one that is a path.
pub(super) struct Attributes<'a>(Vec<(String, &'a Attribute)>);

impl<'a> Attributes<'a> {
    pub(super) fn of(attrs: &'a [Attribute]) -> Self {
        let name = |attr: &Attribute| attr.path().get_ident().map(ToString::to_string).unwrap_or_default();
        Self(attrs.iter().map(|attr| (name(attr), attr)).collect())
    }

    /// All, with their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a Attribute)> {
        self.0.iter().map(|(name, attr)| (name.as_str(), *attr))
    }

    /// Those of this name.
    pub(super) fn called(&self, wanted: &'static str) -> impl Iterator<Item = &'a Attribute> {
        self.iter().filter(move |(name, _)| *name == wanted).map(|(_, attr)| attr)
    }
}
