//! From a Rust type to what it demands of a column, by last path segment through imports, aliases, newtypes and enums.

use std::borrow::Cow;
use std::collections::BTreeMap;

use heck::ToSnakeCase;

use super::lookup::{Lookup, Meaning};
use crate::capture::{
    Declaration, Enumeration, Fault, Field, Fit, Place, RustType, Shape, TypeUse, Types, builtin,
};
use crate::schema::{EnumName, SqlType};

/// Aliases may lead in a circle; the compiler reports it.
const DEEPEST: usize = 16;

/// Names of types, by what they mean where.
pub(super) struct Names<'a> {
    lookup: Lookup<'a>,
    type_map: &'a BTreeMap<String, String>,
    /// Whether the database has types whose values are labels.
    has_enums: bool,
}

/// A column's type, as far as Rust says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub nullable: bool,
    pub fit: Result<Fit, String>,
}

impl<'a> Names<'a> {
    pub fn new(types: &'a Types, type_map: &'a BTreeMap<String, String>, has_enums: bool) -> Self {
        Self { lookup: Lookup::new(types), type_map, has_enums }
    }

    /// What a field's type says of its column.
    pub fn read(&self, used: &TypeUse) -> Read {
        let (nullable, ty) = self.strip_option(&used.ty, &used.place, 0);
        Read { nullable, fit: self.fit(&ty, &used.place, 0) }
    }

    /// The fields of the struct that an `embed` field names.
    pub fn embedded(&self, used: &TypeUse) -> Result<&'a [Field], Vec<Fault>> {
        let missing = |message: String, help: &str| Err(vec![Fault::at(&used.place, message).help(help)]);
        let (_, ty) = self.strip_option(&used.ty, &used.place, 0);
        let RustType::Path { path, .. } = &*ty else {
            return missing(format!("`{}` is no struct that could be embedded", used.text), "name a struct");
        };
        let meaning = self.lookup.meaning(path, &used.place);
        let candidates = self.lookup.declared(&meaning, &used.place);
        let structs: Vec<_> = candidates.iter().filter_map(|declaration| fields_of(declaration)).collect();
        match structs.as_slice() {
            [Ok(fields)] => Ok(fields),
            [Err(faults)] => Err(faults.to_vec()),
            [] => missing(
                format!("the embedded struct `{}` isn't found", used.text),
                "it must be written out in this crate or one that it depends on by path, and derive `Selectable`, `Queryable` \
                 or `Insertable`",
            ),
            [_, _, ..] => missing(
                format!("more than one struct is called `{}`", meaning.last()),
                "give one of them another name",
            ),
        }
    }

    /// The enum whose labels a field's values are.
    pub fn enumeration(&self, used: &TypeUse) -> Option<&'a Enumeration> {
        let (mut used, mut depth) = (Cow::Borrowed(used), 0);
        while depth < DEEPEST {
            let (_, ty) = self.strip_option(&used.ty, &used.place, 0);
            let RustType::Path { path, arguments } = &*ty else { return None };
            let declared = self.lookup.declared(&self.lookup.meaning(path, &used.place), &used.place);
            let next = match &declared.first()?.shape {
                Shape::Enumeration(enumeration) => return Some(enumeration),
                Shape::Alias { parameters, target } => {
                    TypeUse { ty: target.ty.substitute(parameters, arguments), ..target.clone() }
                }
                Shape::Newtype { inner } => inner.clone(),
                Shape::Sql { .. } | Shape::Marker { .. } => return None,
            };
            (used, depth) = (Cow::Owned(next), depth + 1);
        }
        None
    }

    /// Takes `Option` off, also behind aliases.
    fn strip_option<'t>(&self, ty: &'t RustType, at: &Place, depth: usize) -> (bool, Cow<'t, RustType>) {
        let RustType::Path { path, arguments } = ty else { return (false, Cow::Borrowed(ty)) };
        let meaning = self.lookup.meaning(path, at);
        if let ("Option", [inner]) = (meaning.last(), arguments.as_slice()) {
            return (true, Cow::Borrowed(inner));
        }
        let declared = self.lookup.declared(&meaning, at);
        if let [Declaration { shape: Shape::Alias { parameters, target }, .. }] = declared.as_slice()
            && depth < DEEPEST
        {
            let behind = target.ty.substitute(parameters, arguments);
            let (nullable, inner) = self.strip_option(&behind, &target.place, depth + 1);
            if nullable {
                return (true, Cow::Owned(inner.into_owned()));
            }
        }
        (false, Cow::Borrowed(ty))
    }

    fn fit(&self, ty: &RustType, at: &Place, depth: usize) -> Result<Fit, String> {
        if depth > DEEPEST {
            return Err("its aliases lead in a circle".to_owned());
        }
        match ty {
            RustType::Other => Err("it is no type that schemig knows".to_owned()),
            RustType::Slice(element) => self.sequence(element, at, depth),
            RustType::Path { path, arguments } => {
                let meaning = self.lookup.meaning(path, at);
                match (meaning.last(), arguments.as_slice()) {
                    ("Vec", [element]) => self.sequence(element, at, depth),
                    ("Cow", [inner]) => self.fit(inner, at, depth + 1),
                    _ => self.path(&meaning, arguments, at, depth),
                }
            }
        }
    }

    /// `Vec<T>` and `[T]`: bytes, or an array. Elements that may be NULL make no other type.
    fn sequence(&self, element: &RustType, at: &Place, depth: usize) -> Result<Fit, String> {
        if let RustType::Path { path, .. } = element
            && self.lookup.meaning(path, at).last() == "u8"
        {
            return Ok(Fit::Exactly(SqlType::Binary));
        }
        let (_, element) = self.strip_option(element, at, depth);
        Ok(Fit::Array(Box::new(self.fit(&element, at, depth + 1)?)))
    }

    /// A path: the type map's word first, then what the crate declares, then what is known.
    fn path(
        &self,
        meaning: &Meaning<'_>,
        arguments: &[RustType],
        at: &Place,
        depth: usize,
    ) -> Result<Fit, String> {
        let mapped =
            self.type_map.get(&meaning.path.join("::")).or_else(|| self.type_map.get(meaning.last()));
        if let Some(sql_type) = mapped {
            return Ok(Fit::Exactly(SqlType::parse(sql_type)));
        }
        let declared = self.lookup.declared(meaning, at);
        let mut fits = Vec::new();
        for declaration in &declared {
            let fit = self.shape(declaration, arguments, depth)?;
            if !fits.contains(&fit) {
                fits.push(fit);
            }
        }
        match (fits.len(), declared.as_slice()) {
            (0, _) => builtin::fit(meaning.last(), meaning.root())
                .ok_or_else(|| "nothing says what it is in the database".to_owned()),
            (1, _) => Ok(fits.remove(0)),
            (_, declared) => Err(format!("it is declared differently at {}", places(declared))),
        }
    }

    fn shape(&self, declaration: &Declaration, arguments: &[RustType], depth: usize) -> Result<Fit, String> {
        let at = &declaration.name.place;
        match &declaration.shape {
            Shape::Alias { parameters, target } => {
                self.fit(&target.ty.substitute(parameters, arguments), &target.place, depth + 1)
            }
            Shape::Newtype { inner } => self.fit(&inner.ty, &inner.place, depth + 1),
            Shape::Sql { types, fields: _ } if types.is_empty() => {
                Err(format!("its declaration at {at} has no `#[diesel(sql_type = …)]`"))
            }
            Shape::Sql { types, fields: _ } => {
                let fits: Result<Vec<Fit>, String> =
                    types.iter().map(|used| self.diesel(&used.ty, &used.place, depth)).collect();
                fits.map(|mut fits| if fits.len() == 1 { fits.remove(0) } else { Fit::AnyOf(fits) })
            }
            Shape::Marker { sql_name } => Ok(Fit::Exactly(SqlType::of_name(sql_name))),
            Shape::Enumeration(enumeration) => {
                // Where the database has no enums, its labels are text.
                let named = || Fit::Exactly(SqlType::of_name(&self.enum_name(declaration, enumeration)));
                Ok(if self.has_enums { named() } else { Fit::Text })
            }
        }
    }

    /// What an enum is called in the database: its own word, else what the marker says that it has, else a Rust name in small letters.
    /// A marker that isn't there yet is printed into schema.rs from the enum's name, so it has to come to the marker's.
    pub fn enum_name(&self, declaration: &Declaration, enumeration: &Enumeration) -> EnumName {
        if let Some(own) = &enumeration.type_name {
            return EnumName::from(own.text.clone());
        }
        let marker = enumeration.diesel_type.as_ref();
        let Some(marker) = marker.filter(|marker| builtin::diesel_type(&marker.text).is_none()) else {
            return EnumName::from(declaration.name.text.to_snake_case());
        };
        let names = self.lookup.markers(&marker.text, &marker.place);
        names.first().map_or_else(|| EnumName::from(marker.text.to_snake_case()), |name| (*name).clone())
    }

    /// One of Diesel's types: a marker of the user's, or its own.
    fn diesel(&self, ty: &RustType, at: &Place, depth: usize) -> Result<Fit, String> {
        let RustType::Path { path, arguments } = ty else {
            return Err("its `#[diesel(sql_type = …)]` names no type".to_owned());
        };
        let meaning = self.lookup.meaning(path, at);
        if let ("Array" | "Nullable", [inner]) = (meaning.last(), arguments.as_slice()) {
            let inner = self.diesel(inner, at, depth)?;
            return Ok(if meaning.last() == "Array" { Fit::Array(Box::new(inner)) } else { inner });
        }
        let markers = self.lookup.declared(&meaning, at);
        let marker = markers.iter().find(|declaration| matches!(declaration.shape, Shape::Marker { .. }));
        match (marker, markers.as_slice()) {
            (Some(marker), _) => self.shape(marker, arguments, depth + 1),
            (None, [Declaration { shape: Shape::Alias { target, .. }, .. }]) if depth < DEEPEST => {
                self.diesel(&target.ty, &target.place, depth + 1)
            }
            (None, _) => builtin::diesel_type(meaning.last())
                .ok_or_else(|| format!("Diesel's type `{}` isn't known to schemig", meaning.last())),
        }
    }
}

fn fields_of(declaration: &Declaration) -> Option<Result<&[Field], &[Fault]>> {
    match &declaration.shape {
        Shape::Sql { types: _, fields } => {
            fields.as_ref().map(|fields| fields.as_deref().map_err(Vec::as_slice))
        }
        Shape::Alias { .. } | Shape::Newtype { .. } | Shape::Marker { .. } | Shape::Enumeration(_) => None,
    }
}

fn places(declared: &[&Declaration]) -> String {
    declared.iter().map(|declaration| declaration.name.place.to_string()).collect::<Vec<_>>().join(" and ")
}
