//! Connections to PostgreSQL.

mod tls;
