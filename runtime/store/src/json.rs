//! JSON as it was written.

use std::ops::{Deref, DerefMut};

use sea_orm::{
    ColIdx, ColumnType, DbErr, IntoActiveValue, QueryResult, TryGetError, TryGetable,
    sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr},
};
use serde_json::Value;

/// A JSON column, kept as text on every database: PostgreSQL's own type would reorder keys, drop doubled ones and refuse
/// NUL, and a contact would not come back as it went in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Json(pub Value);

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        json.0
    }
}

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Json {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl From<Json> for sea_orm::Value {
    fn from(json: Json) -> Self {
        json.0.to_string().into()
    }
}

impl TryGetable for Json {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        let value = serde_json::from_str(&text);
        value.map(Self).map_err(|error| TryGetError::DbErr(DbErr::Type(format!("a column of JSON: {error}"))))
    }
}

impl ValueType for Json {
    fn try_from(value: sea_orm::Value) -> Result<Self, ValueTypeErr> {
        let text: String = ValueType::try_from(value)?;
        serde_json::from_str(&text).map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Json".to_owned()
    }

    fn array_type() -> ArrayType {
        String::array_type()
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Json {
    fn null() -> sea_orm::Value {
        String::null()
    }
}

impl IntoActiveValue<Self> for Json {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::ActiveValue::Set(self)
    }
}
