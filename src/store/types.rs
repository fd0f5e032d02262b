//! Column wrappers for reading: ids and codes are TEXT, structures are JSON in TEXT, on both databases alike.
//! Writing needs none: `id.to_string()` and `state.code()` are text already.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::sql_types::Text;
use serde::de::DeserializeOwned;

use crate::domain::codes::Code;
use crate::domain::ids::Id;

/// A closed vocabulary's word, read from its code.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct Word<T: Code>(pub T);

/// An id, read from its text.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct Key<T: Id>(pub T);

/// A structure, read from JSON.
#[derive(Debug, Clone, FromSqlRow)]
pub struct Json<T: DeserializeOwned>(pub T);

impl<T: Code, B: Backend> FromSql<Text, B> for Word<T>
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        T::parse(&text).map(Self).ok_or_else(|| format!("{text} is no {}", T::NAME).into())
    }
}

impl<T: Id, B: Backend> FromSql<Text, B> for Key<T>
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        text.parse().map(Self).map_err(|_cause| format!("{text} is no id").into())
    }
}

impl<T: DeserializeOwned, B: Backend> FromSql<Text, B> for Json<T>
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}
