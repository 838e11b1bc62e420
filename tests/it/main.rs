//! The stories: what a tenant, an operator and an attacker see of a whole server. The harness is `src/`.

mod architecture;
mod calls;
mod chaos;
mod cli;
mod components;
mod crashes;
mod egress;
mod examples;
mod files;
mod hostile;
mod imports;
mod isolation;
mod large_import;
mod mail_faults;
mod manners;
mod metrics;
mod openapi;
mod pausing;
mod reimport;
mod roles;
mod samples;
mod sending_hours;
mod stopping;
mod strategies;
mod times;
mod traps;
