//! All integration tests in one binary, which links once. The folders mirror `src`.

mod accounts;
mod appointments;
mod architecture;
mod assessments;
mod audit;
mod billing;
mod db;
mod dev;
mod documents;
mod edge;
mod emergency;
mod faults;
mod files;
mod forms;
mod http;
mod hub;
mod keys;
mod notices;
mod notify;
mod pages;
mod paying;
mod privacy;
mod support;
mod threads;
