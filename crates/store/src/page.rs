//! Pages of a list: by number, or by the cursor that the page before gave out.

use crate::{Cursor, StoreError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1; ignored with a cursor.
    pub page: u32,
    pub page_size: u32,
    /// [`Page::next_cursor`] of the page before: costs the same on page 1 and on page 10,000.
    pub cursor: Option<String>,
}

impl PageRequest {
    pub fn first(page_size: u32) -> Self {
        Self { page: 1, page_size, cursor: None }
    }

    pub fn after(cursor: impl Into<String>, page_size: u32) -> Self {
        Self { page: 1, page_size, cursor: Some(cursor.into()) }
    }

    pub(crate) fn limit(&self) -> i64 {
        i64::from(self.page_size)
    }

    /// Rows before this page; with a cursor, none.
    pub(crate) fn offset(&self) -> i64 {
        if self.cursor.is_some() { 0 } else { i64::from(self.page.saturating_sub(1)) * self.limit() }
    }

    pub(crate) fn parsed_cursor(&self) -> Result<Option<Cursor>, StoreError> {
        self.cursor.as_deref().map(Cursor::parse).transpose()
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(20)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Of the whole list, exact.
    pub total: i64,
    /// Absent on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// From one row more than the page holds, which tells whether there is a next one.
    pub(crate) fn cut(mut items: Vec<T>, total: i64, request: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let size = request.page_size as usize;
        let more = items.len() > size;
        items.truncate(size);
        let next_cursor = if more { items.last().map(|item| cursor(item).to_string()) } else { None };
        Self { items, total, next_cursor }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total, next_cursor: self.next_cursor }
    }
}
