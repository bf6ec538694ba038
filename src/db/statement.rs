//! SQL that we write ourselves, prepared once a connection. `diesel::sql_query` prepares anew for every call, because it
//! cannot know whether its text is always the same: that cost a round trip for each commit, and more time in planning
//! than in reading for the lists of threads. Texts must come from a small, fixed set.

use diesel::{
    backend::Backend,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{HasSqlType, Untyped},
};
use std::{borrow::Cow, marker::PhantomData};

/// A statement with `$1`, `$2` … for what is bound, in this order.
pub fn statement(text: impl Into<Cow<'static, str>>) -> Statement<Nothing> {
    Statement { text: text.into(), bound: Nothing }
}

/// A statement and what is bound to it so far.
pub struct Statement<B> {
    text: Cow<'static, str>,
    bound: B,
}

/// Nothing is bound.
pub struct Nothing;

/// A value after those before it.
pub struct Bound<B, ST, V> {
    before: B,
    value: V,
    sql_type: PhantomData<ST>,
}

impl<B> Statement<B> {
    /// Binds the next value, as the SQL type `ST`.
    pub fn bind<ST, V>(self, value: V) -> Statement<Bound<B, ST, V>> {
        Statement { text: self.text, bound: Bound { before: self.bound, value, sql_type: PhantomData } }
    }
}

impl<B: QueryFragment<Pg>> QueryFragment<Pg> for Statement<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&self.text);
        self.bound.walk_ast(out)
    }
}

impl QueryFragment<Pg> for Nothing {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

impl<B, ST, V> QueryFragment<Pg> for Bound<B, ST, V>
where
    B: QueryFragment<Pg>,
    V: ToSql<ST, Pg>,
    Pg: HasSqlType<ST> + Backend,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param_value_only(&self.value)
    }
}

impl<B> Query for Statement<B> {
    type SqlType = Untyped;
}

impl<B> QueryId for Statement<B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
