//! A Rust type, as far as it says what a column holds.

use syn::{GenericArgument, PathArguments, Type};

/// A type's shape. References and brackets are seen through: they say nothing of the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// A path, its type arguments those of the last segment; lifetimes are left out.
    Path {
        /// The segments.
        path: Vec<String>,
        /// What stands in angle brackets behind the last.
        arguments: Vec<RustType>,
    },
    /// `[T]`.
    Slice(Box<RustType>),
    /// Anything else: tuples, arrays of a fixed length, pointers.
    Other,
}

impl RustType {
    /// Reads a type.
    pub fn read(ty: &Type) -> Self {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "syn's enum is open, and what isn't listed is no column"
        )]
        match ty {
            Type::Path(path) if path.qself.is_none() => Self::read_path(&path.path),
            Type::Reference(reference) => Self::read(&reference.elem),
            Type::Group(group) => Self::read(&group.elem),
            Type::Paren(paren) => Self::read(&paren.elem),
            Type::Slice(slice) => Self::Slice(Box::new(Self::read(&slice.elem))),
            _ => Self::Other,
        }
    }

    /// Reads a path.
    pub fn read_path(path: &syn::Path) -> Self {
        let arguments = match path.segments.last().map(|last| &last.arguments) {
            Some(PathArguments::AngleBracketed(list)) => list
                .args
                .iter()
                .filter_map(|argument| {
                    let GenericArgument::Type(inner) = argument else { return None };
                    Some(Self::read(inner))
                })
                .collect(),
            Some(PathArguments::None | PathArguments::Parenthesized(_)) | None => Vec::new(),
        };
        Self::Path { path: segments(path), arguments }
    }

    /// The same type with parameters of an alias replaced.
    pub fn substitute(&self, parameters: &[String], values: &[RustType]) -> Self {
        match self {
            Self::Path { path, arguments } => {
                let position = match path.as_slice() {
                    [only] => parameters.iter().position(|parameter| parameter == only),
                    _ => None,
                };
                if let Some(value) = position.and_then(|position| values.get(position)) {
                    return value.clone();
                }
                let arguments =
                    arguments.iter().map(|argument| argument.substitute(parameters, values)).collect();
                Self::Path { path: path.clone(), arguments }
            }
            Self::Slice(inner) => Self::Slice(Box::new(inner.substitute(parameters, values))),
            Self::Other => Self::Other,
        }
    }

    /// Every path in it, the outer ones first: the names whose declarations may matter.
    pub fn each_path(&self, visit: &mut dyn FnMut(&[String])) {
        match self {
            Self::Path { path, arguments } => {
                visit(path);
                arguments.iter().for_each(|argument| argument.each_path(visit));
            }
            Self::Slice(inner) => inner.each_path(visit),
            Self::Other => {}
        }
    }
}

/// The segments of a path, without `r#` and arguments.
pub fn segments(path: &syn::Path) -> Vec<String> {
    use syn::ext::IdentExt;
    path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
}
