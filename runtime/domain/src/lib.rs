//! Pure types and rules of campaigns: no I/O, no async, no clock but the one that is passed in.

pub mod access;
pub mod address;
pub mod agent;
pub mod alternative;
pub mod campaign;
pub mod channel;
pub mod clearance;
pub mod clock;
pub mod communication;
pub mod local_time;
pub mod random;
pub mod rate;
pub mod retry;
pub mod sending_hours;
pub mod session;
pub mod step;
pub mod stop_words;
pub mod strategy;
