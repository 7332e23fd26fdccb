//! Types of the user's own, and those that Diesel has no name for: found on the server by name, once per connection, as Diesel finds
//! the types that schema.rs defines.

use std::cell::RefCell;
use std::io::Write as _;
use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgMetadataLookup, PgTypeMetadata, PgValue};
use diesel::query_builder::{AstPass, QueryId};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Array, HasSqlType, Nullable, SingleValue, SqlType as DieselType, is_nullable};
use schemig_core::dialect::Dialect;
use schemig_core::schema::SqlType;

use super::native::Native;
use super::{Bind, Code, Codec, Plain};
use crate::verify::traffic::Value;

/// The marker type that schema.rs would define. Which type it marks is said just before Diesel asks for its number.
#[derive(Debug, QueryId)]
struct Custom;

/// What such a type is called on the server.
#[derive(Clone, Debug, Default)]
struct Name {
    name: String,
    schema: Option<String>,
}

thread_local! {
    static MARKED: RefCell<Name> = RefCell::new(Name::default());
}

impl DieselType for Custom {
    type IsNull = is_nullable::NotNull;
    const IS_ARRAY: bool = false;
}

impl SingleValue for Custom {}

impl HasSqlType<Custom> for Pg {
    fn metadata(lookup: &mut (dyn PgMetadataLookup + 'static)) -> PgTypeMetadata {
        MARKED.with_borrow(|Name { name, schema }| lookup.lookup_type(name, schema.as_deref()))
    }
}

/// A value's bytes. Its Rust type is the user's, so nothing more is known of them.
#[derive(Clone, Debug)]
struct Wire(Vec<u8>);

impl ToSql<Custom, Pg> for Wire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

impl FromSql<Custom, Pg> for Wire {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().to_vec()))
    }
}

impl Native for Wire {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Wire(bytes) = value { Some(Self(bytes.clone())) } else { None }
    }

    fn value(self) -> Value {
        Value::Wire(self.0)
    }
}

/// The codec of a type that the dialect has no Diesel name for.
pub(super) fn codec(dialect: &dyn Dialect, sql_type: &SqlType, array: bool) -> Codec<Pg> {
    let spelled = dialect.type_name(sql_type);
    let defined = dialect.custom_type(&spelled).map(|defined| defined.attribute());
    let name = defined.and_then(|attribute| read(&attribute)).unwrap_or(Name { name: spelled, schema: None });
    if array {
        let inner = Plain::<Array<Nullable<Custom>>, Vec<Option<Wire>>>(PhantomData);
        Arc::new(Named { name, inner })
    } else {
        Arc::new(Named { name, inner: Plain::<Custom, Wire>(PhantomData) })
    }
}

/// The name in `postgres_type(name = "…", schema = "…")`.
fn read(attribute: &str) -> Option<Name> {
    let list: syn::MetaList = syn::parse_str(attribute).ok()?;
    let mut name = Name::default();
    list.parse_nested_meta(|meta| {
        let text: syn::LitStr = meta.value()?.parse()?;
        if meta.path.is_ident("schema") {
            name.schema = Some(text.value());
        } else {
            name.name = text.value();
        }
        Ok(())
    })
    .ok()?;
    Some(name)
}

/// A codec whose type has a name that only the server knows.
struct Named<C> {
    name: Name,
    inner: C,
}

struct NamedBind {
    name: Name,
    inner: Box<dyn Bind<Pg>>,
}

impl<C: Code<Pg>> Code<Pg> for Named<C> {
    fn bind(&self, value: &Value) -> Option<Box<dyn Bind<Pg>>> {
        Some(Box::new(NamedBind { name: self.name.clone(), inner: self.inner.bind(value)? }))
    }

    fn decode(&self, raw: Option<PgValue<'_>>, nullable: bool) -> deserialize::Result<Value> {
        self.inner.decode(raw, nullable)
    }
}

impl Bind<Pg> for NamedBind {
    fn push<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        MARKED.set(self.name.clone());
        self.inner.push(pass)
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_name_is_that_of_the_attribute_in_schema_rs() {
        let name = read(r#"postgres_type(name = "Mood", schema = "shop")"#).expect("a name");
        assert_eq!((name.name.as_str(), name.schema.as_deref()), ("Mood", Some("shop")));
        let name = read(r#"postgres_type(name = "ltree")"#).expect("a name");
        assert_eq!((name.name.as_str(), name.schema), ("ltree", None));
    }
}
