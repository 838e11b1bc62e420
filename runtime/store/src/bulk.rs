//! Statements over many rows, as few and as alike as can be.
//!
//! A statement's text depends on how many rows it is for, and preparing one for a hundred rows costs more than running it. So rows go in
//! parts of a few sizes, and lists of ids are filled up to one of a few lengths: each connection prepares every text once, and keeps few.

use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, IdenStatic, Iterable, ModelTrait, Statement, Value};
use uuid::Uuid;

use crate::StoreError;

/// Rows of one statement. The largest keeps a table of a hundred columns below SQLite's limit of 32,766 parameters.
const PARTS: [usize; 5] = [256, 64, 16, 4, 1];

/// The longest list of ids that is filled up.
const LONGEST_FILLED_UP: usize = 1_024;

/// A row's values, in the order of its columns.
pub(crate) type Row = Vec<Value>;

/// All columns of an entity, for [`row`].
pub(crate) fn columns<E: EntityTrait>() -> Vec<E::Column> {
    E::Column::iter().collect()
}

/// A model's values in these columns.
pub(crate) fn row<M: ModelTrait>(model: &M, columns: &[<M::Entity as EntityTrait>::Column]) -> Row {
    columns.iter().map(|column| model.get(*column)).collect()
}

/// The values of models, all columns of them.
pub(crate) fn rows<'a, M: ModelTrait + 'a>(models: impl IntoIterator<Item = &'a M>) -> Vec<Row> {
    let columns = columns::<M::Entity>();
    models.into_iter().map(|model| row(model, &columns)).collect()
}

/// Inserts rows of all columns.
pub(crate) async fn insert<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    rows: Vec<Row>,
) -> Result<(), StoreError> {
    insert_rows::<E>(connection, &columns::<E>(), rows).await
}

/// Inserts rows of these columns.
pub(crate) async fn insert_rows<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    columns: &[E::Column],
    rows: Vec<Row>,
) -> Result<(), StoreError> {
    let insert = format!("INSERT INTO {} ({}) ", E::default().table_name(), names(columns));
    for (count, values) in parts(rows) {
        let sql = format!("{insert}{}", placeholders(connection.get_database_backend(), count, columns.len()));
        connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// Inserts rows but those that are there, by the unique `key`, and returns the ids of those that were not.
pub(crate) async fn insert_missing<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    columns: &[E::Column],
    key: &[E::Column],
    rows: Vec<Row>,
) -> Result<Vec<Uuid>, StoreError> {
    let insert = format!("INSERT INTO {} ({}) ", E::default().table_name(), names(columns));
    let unless = format!(" ON CONFLICT ({}) DO NOTHING RETURNING id", names(key));
    let mut inserted = Vec::with_capacity(rows.len());
    for (count, values) in parts(rows) {
        let backend = connection.get_database_backend();
        let sql = format!("{insert}{}{unless}", placeholders(backend, count, columns.len()));
        for row in connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            inserted.push(row.try_get_by_index(0)?);
        }
    }
    Ok(inserted)
}

/// Changes these columns of rows by their ids: each row is its id, and then the columns' new values.
pub(crate) async fn update<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    columns: &[E::Column],
    rows: Vec<Row>,
) -> Result<(), StoreError> {
    let backend = connection.get_database_backend();
    for (count, values) in parts(rows) {
        let sql = update_sql::<E>(backend, columns, count);
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// As [`update`], but those rows alone of which a condition is true, and returns their ids.
pub(crate) async fn update_where<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    columns: &[E::Column],
    rows: Vec<Row>,
    condition: &str,
) -> Result<Vec<Uuid>, StoreError> {
    let backend = connection.get_database_backend();
    let mut changed = Vec::with_capacity(rows.len());
    for (count, values) in parts(rows) {
        let sql = format!("{} AND {condition} RETURNING id", update_sql::<E>(backend, columns, count));
        for row in connection.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            changed.push(row.try_get_by_index(0)?);
        }
    }
    Ok(changed)
}

fn update_sql<E: EntityTrait>(backend: DatabaseBackend, columns: &[E::Column], rows: usize) -> String {
    let entity = E::default();
    let table = entity.table_name();
    // Both databases name the columns of a list of values so.
    let set = (2..).zip(columns).map(|(place, column)| format!("{} = v.column{place}", column.as_str()));
    let (set, values) = (set.collect::<Vec<_>>().join(", "), placeholders(backend, rows, columns.len() + 1));
    format!("UPDATE {table} SET {set} FROM ({values}) AS v WHERE {table}.id = v.column1")
}

/// The ids, the last one repeated up to the next power of two. Lists that are longer than any batch of steps stay as they are: they are rare,
/// and no longer than they must be.
pub(crate) fn filled_up<T: Clone>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.into_iter().collect();
    if let Some(last) = ids.last().filter(|_| ids.len() <= LONGEST_FILLED_UP).cloned() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

fn names(columns: &[impl IdenStatic]) -> String {
    columns.iter().map(IdenStatic::as_str).collect::<Vec<_>>().join(", ")
}

/// Rows in parts, each with how many it has, as one list of values.
fn parts(rows: Vec<Row>) -> impl Iterator<Item = (usize, Vec<Value>)> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let count = PARTS.into_iter().find(|part| *part <= rows.len())?;
        Some((count, rows.by_ref().take(count).flatten().collect()))
    })
}

/// `VALUES (?, ?), …`, or `$1` and so on.
pub(crate) fn placeholders(backend: DatabaseBackend, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(8 + rows * columns * 6);
    text.push_str("VALUES ");
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { "), (" });
        for column in 0..columns {
            let before = if column == 0 { "" } else { ", " };
            if backend == DatabaseBackend::Postgres {
                text.push_str(&format!("{before}${}", row * columns + column + 1));
            } else {
                text.push_str(before);
                text.push('?');
            }
        }
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_parts_of_few_sizes_and_none_is_left_out() {
        for count in [0, 1, 3, 4, 99, 256, 700] {
            let rows: Vec<Row> = (0..count).map(|n| vec![Value::from(n), Value::from(-n)]).collect();
            let (sizes, values): (Vec<usize>, Vec<Vec<Value>>) = parts(rows.clone()).unzip();
            assert!(sizes.iter().all(|size| PARTS.contains(size)), "{sizes:?}");
            assert!(sizes.iter().zip(&values).all(|(size, values)| values.len() == 2 * size));
            assert_eq!(values.concat(), rows.concat());
        }
    }

    #[test]
    fn placeholders_are_the_databases_own() {
        assert_eq!(placeholders(DatabaseBackend::Sqlite, 2, 2), "VALUES (?, ?), (?, ?)");
        assert_eq!(placeholders(DatabaseBackend::Postgres, 2, 2), "VALUES ($1, $2), ($3, $4)");
    }

    #[test]
    fn ids_are_filled_up() {
        assert_eq!(filled_up([7]), [7]);
        assert_eq!(filled_up([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert_eq!(filled_up(Vec::<i64>::new()), Vec::<i64>::new());
        assert_eq!(filled_up(0..20_000).len(), 20_000, "doubled it would be more parameters than SQLite takes");
    }
}
