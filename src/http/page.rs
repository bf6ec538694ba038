//! Limits and cursors of lists. A cursor is opaque to callers and tells them nothing but what they have seen.

use super::when;
use crate::{
    error::{Error, Result},
    ids::ThreadId,
    threads::summaries::After,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        Array, Object, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

const DEFAULT: i64 = 50;
const MOST: i64 = 200;

/// The limit that was asked for, 1 to 200.
pub fn limit(asked: Option<i64>) -> Result<i64> {
    match asked.unwrap_or(DEFAULT) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Error::field("/limit", "limit must be between 1 and 200.")),
    }
}

/// `?limit=&cursor=`.
#[derive(Deserialize, Default, IntoParams)]
pub struct PageQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// How many, and from where on.
    pub fn read(&self) -> Result<(i64, Option<After>)> {
        let after = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            None => None,
            Some(cursor) => Some(decode(cursor).ok_or_else(|| {
                Error::field("/cursor", "This cursor is not one that was given out: start again without one.")
            })?),
        };
        Ok((limit(self.limit)?, after))
    }
}

/// `?limit=&cursor=` of a list that is ordered by the ids of its items, newest first.
#[derive(Deserialize, Default, IntoParams)]
pub struct NewestQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<Uuid>,
}

impl NewestQuery {
    /// How many, and before which id.
    pub fn read(&self) -> Result<(i64, Option<Uuid>)> {
        Ok((limit(self.limit)?, self.cursor))
    }
}

/// A list of at most the limit's items, and where it goes on.
#[derive(Serialize)]
pub struct List<T> {
    pub items: Vec<T>,
    /// None: that was all.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// From one item more than the limit, if there is one more: that tells that the list goes on.
    pub fn from_one_more(mut items: Vec<T>, limit: i64, place: impl Fn(&T) -> After) -> Self {
        let more = items.len() as i64 > limit;
        items.truncate(limit as usize);
        let next = if more { items.last().map(|item| encode(place(item))) } else { None };
        Self { items, next }
    }

    /// The same for a list that is ordered by the ids of its items.
    pub fn newest(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> Uuid) -> Self {
        let more = items.len() as i64 > limit;
        items.truncate(limit as usize);
        let next = if more { items.last().map(|item| id(item).to_string()) } else { None };
        Self { items, next }
    }

    /// A list that is whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

// By hand: derived for a type with parameters, the schema would refer to that of the items and not bring it along.
impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        let next = Object::builder().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        Object::builder()
            .property("items", Array::new(Ref::from_schema_name(T::name())))
            .property("next", next.description(Some("Where the list goes on; null: that was all.")))
            .required("items")
            .required("next")
            .into()
    }
}

impl<T: ToSchema> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("ListOf{}", T::name()))
    }

    fn schemas(met: &mut Vec<(String, RefOr<Schema>)>) {
        met.push((T::name().into_owned(), T::schema()));
        T::schemas(met);
    }
}

/// Microseconds since 1970, the precision of the store, and the thread.
fn encode(after: After) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&after.last_entry_at.timestamp_micros().to_be_bytes());
    bytes[8..].copy_from_slice(after.thread.0.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(cursor: &str) -> Option<After> {
    let bytes: [u8; 24] = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
    let (micros, thread) = bytes.split_first_chunk::<8>()?;
    let last_entry_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros));
    Some(After {
        last_entry_at: last_entry_at.filter(when::is_reckoned_with)?,
        thread: ThreadId(Uuid::from_slice(thread).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: &i64) -> After {
        After {
            last_entry_at: DateTime::from_timestamp_micros(*n).unwrap(),
            thread: ThreadId(uuid::Uuid::from_u128(*n as u128)),
        }
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let after = place(&1_799_999_999_123_456);
        assert_eq!(decode(&encode(after)), Some(after));
    }

    #[test]
    fn a_cursor_that_was_never_given_out_is_refused() {
        let far = BASE64_URL_SAFE_NO_PAD.encode([0x7f; 24]);
        let before = encode(place(&-300_000_000_000_000_000));
        for cursor in ["x", "AAAA", "%%%", far.as_str(), before.as_str()] {
            let query = PageQuery { cursor: Some(cursor.into()), ..PageQuery::default() };
            assert!(matches!(query.read(), Err(Error::Invalid(_))), "{cursor}");
        }
    }

    #[test]
    fn a_list_goes_on_only_when_there_is_more() {
        let list = List::from_one_more(vec![3, 2, 1], 2, place);
        assert_eq!(list.items, [3, 2]);
        assert_eq!(list.next, Some(encode(place(&2))));
        assert_eq!(List::from_one_more(vec![3, 2], 2, place).next, None);
    }

    #[test]
    fn limits_are_kept() {
        assert_eq!(limit(None).unwrap(), 50);
        assert!(limit(Some(200)).is_ok());
        assert!(limit(Some(0)).is_err());
        assert!(limit(Some(201)).is_err());
    }
}
