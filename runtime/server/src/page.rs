//! Lists: `{"items": […], "next_cursor": …}`, asked for with `?limit=&cursor=`.

use serde::{Deserialize, Serialize};
use stratagem_store::{Page, page::MAX_LIMIT};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::error::Problem;

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl Paging {
    /// How many items the page may have.
    pub(crate) fn limit(&self) -> Result<u64, Problem> {
        match self.limit.unwrap_or(Page::default().limit) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Problem::field("limit", format!("must be 1 to {MAX_LIMIT}"))),
        }
    }

    /// What the store is asked: one row more than the page has, to know whether another page follows.
    pub(crate) fn page(&self) -> Result<Page, Problem> {
        Ok(Page { after: self.after(|text| Uuid::try_parse(text).ok())?, limit: self.limit()? + 1 })
    }

    /// The last item's key, read from the cursor.
    pub(crate) fn after<K>(&self, read: impl Fn(&str) -> Option<K>) -> Result<Option<K>, Problem> {
        let malformed = || Problem::field("cursor", "is no `next_cursor` of this list");
        self.cursor.as_deref().map(|cursor| read(cursor).ok_or_else(malformed)).transpose()
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// In the order of their making.
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; null on the last one. Its form means nothing and may change.
    pub(crate) next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// A page of the rows that [`Paging::page`] asked for.
    pub(crate) fn new<R>(mut rows: Vec<R>, limit: u64, key: impl Fn(&R) -> String, item: impl Fn(R) -> T) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(key);
        Self { items: rows.into_iter().map(item).collect(), next_cursor }
    }

    /// A page of a list that is short enough to be read whole.
    pub(crate) fn of_all<R>(
        rows: Vec<R>,
        paging: &Paging,
        id: impl Fn(&R) -> Uuid,
        item: impl Fn(R) -> T,
    ) -> Result<Self, Problem> {
        let page = paging.page()?;
        let before = match page.after {
            Some(after) => rows.iter().position(|row| id(row) == after).map_or(rows.len(), |at| at + 1),
            None => 0,
        };
        let rows = rows.into_iter().skip(before).collect();
        Ok(Self::new(rows, paging.limit()?, |row| cursor(id(row)), item))
    }
}

/// The cursor after a row with that id.
pub(crate) fn cursor(id: Uuid) -> String {
    id.simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(count: u128, limit: u64) -> Vec<Vec<u128>> {
        let rows: Vec<Uuid> = (1..=count).map(Uuid::from_u128).collect();
        let mut pages = Vec::new();
        let mut cursor = None;
        loop {
            let paging = Paging { limit: Some(limit), cursor };
            let page = Listing::of_all(rows.clone(), &paging, |id| *id, |id| id.as_u128()).unwrap();
            pages.push(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn pages_follow_one_another_and_the_last_has_no_cursor() {
        assert_eq!(walk(5, 2), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(walk(4, 2), [vec![1, 2], vec![3, 4]]);
        assert_eq!(walk(0, 2), [Vec::<u128>::new()]);
    }

    #[test]
    fn odd_limits_and_cursors_are_refused() {
        for limit in [0, 201] {
            assert!(Paging { limit: Some(limit), cursor: None }.page().is_err());
        }
        assert!(Paging { limit: None, cursor: Some("x".into()) }.page().is_err());
        assert_eq!(Paging::default().page().unwrap().limit, 51);
    }
}
