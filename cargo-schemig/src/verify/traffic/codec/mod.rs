//! How a release binds and decodes a column: by the SQL type that its `table!` has, and the Rust type that apps use for it.
//!
//! Both are Diesel's own code, for what they refuse is what a release fails of.

mod custom;
mod decimal;
mod labelled;
mod native;
mod postgres;
mod sqlite;

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Nullable, SingleValue, SqlType as DieselType};
use diesel::sqlite::Sqlite;

use labelled::Labelled;
use native::Native;

use super::Value;

pub use postgres::codec as postgres;
pub use sqlite::codec as sqlite;

/// What binds and decodes one column on one kind of server.
pub type Codec<DB> = Arc<dyn Code<DB>>;

/// The two ways between a value and the wire.
pub trait Code<DB: Backend>: Send + Sync {
    /// The value as a bind parameter; `None` when it isn't of the column's type.
    fn bind(&self, value: &Value) -> Option<Box<dyn Bind<DB>>>;

    /// A field that the release reads as nullable, or not.
    ///
    /// # Errors
    /// What Diesel says to the release.
    fn decode(&self, raw: Option<DB::RawValue<'_>>, nullable: bool) -> deserialize::Result<Value>;
}

/// A value that is ready to be sent.
pub trait Bind<DB: Backend> {
    /// Adds it to a query, as Diesel's typed expressions do.
    ///
    /// # Errors
    /// Diesel's: the type isn't on the server, say.
    fn push<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

/// A codec for a column that either kind of server has.
#[derive(Clone)]
pub enum Either {
    /// On PostgreSQL.
    Postgres(Codec<Pg>),
    /// On SQLite.
    Sqlite(Codec<Sqlite>),
}

impl Either {
    /// The same for an enum of which a release knows these labels.
    #[must_use]
    pub fn with_labels(self, labels: &[String]) -> Self {
        match self {
            Self::Postgres(inner) => Self::Postgres(Arc::new(Labelled::new(labels, inner))),
            Self::Sqlite(inner) => Self::Sqlite(inner),
        }
    }
}

/// A kind of server.
pub trait Server: Backend {
    /// A column's codec, where the column is on such a server.
    fn codec(either: &Either) -> Option<&Codec<Self>>;

    /// The codec of a LIMIT.
    fn limit() -> Codec<Self>;
}

impl Server for Pg {
    fn codec(either: &Either) -> Option<&Codec<Self>> {
        if let Either::Postgres(codec) = either { Some(codec) } else { None }
    }

    fn limit() -> Codec<Self> {
        Arc::new(Plain::<diesel::sql_types::BigInt, i64>(PhantomData))
    }
}

impl Server for Sqlite {
    fn codec(either: &Either) -> Option<&Codec<Self>> {
        if let Either::Sqlite(codec) = either { Some(codec) } else { None }
    }

    fn limit() -> Codec<Self> {
        Arc::new(Plain::<diesel::sql_types::BigInt, i64>(PhantomData))
    }
}

/// A column of the SQL type `ST` that a release holds as `T`.
struct Plain<ST, T>(PhantomData<fn() -> (ST, T)>);

/// A value of it.
struct Held<ST, T>(Option<T>, PhantomData<fn() -> ST>);

impl<DB, ST, T> Code<DB> for Plain<ST, T>
where
    DB: Backend + HasSqlType<ST>,
    ST: DieselType<IsNull = diesel::sql_types::is_nullable::NotNull> + SingleValue + 'static,
    T: Native + FromSql<ST, DB> + ToSql<ST, DB> + 'static,
{
    fn bind(&self, value: &Value) -> Option<Box<dyn Bind<DB>>> {
        let held = if value.is_null() { None } else { Some(T::of(value)?) };
        Some(Box::new(Held::<ST, T>(held, PhantomData)))
    }

    fn decode(&self, raw: Option<DB::RawValue<'_>>, nullable: bool) -> deserialize::Result<Value> {
        if nullable {
            let read = <Option<T> as FromSql<Nullable<ST>, DB>>::from_nullable_sql(raw)?;
            Ok(read.map_or(Value::Null, T::value))
        } else {
            T::from_nullable_sql(raw).map(T::value)
        }
    }
}

impl<DB, ST, T> Bind<DB> for Held<ST, T>
where
    DB: Backend + HasSqlType<ST>,
    ST: DieselType<IsNull = diesel::sql_types::is_nullable::NotNull> + SingleValue,
    T: ToSql<ST, DB>,
{
    fn push<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_bind_param::<Nullable<ST>, _>(&self.0)
    }
}
