//! The channels: one folder each behind the [`Channel`] port, with the accounts that they go through behind [`Provider`] and
//! calls behind [`Voice`], the list of them ([`Registry`]), the fake that stands in for any of them ([`Memory`]), and the one
//! conformance suite that all of them pass.
//!
//! A new channel is a folder here that passes `conformance`, and a line in `registry.rs`.

mod address_policy;
mod dial;
mod email_communication;
mod email_notification;
mod human;
mod imap;
mod keeper;
mod mail;
mod memory;
mod none;
mod oauth;
mod port;
mod provider;
mod registry;
mod settings;
mod sip;
mod smtp;
mod split;
mod spoken;
mod telegram;
mod template;
mod twilio;
mod voice;
mod web;
mod whatsapp;
mod whatsapp_bird;
mod whatsapp_meta;

#[cfg(test)]
mod conformance;

pub use address_policy::{ALLOW_PRIVATE, AddressError, AddressPolicy, Lookup};
pub use keeper::{Keeper, Kept};
pub use mail::read as read_mail;
pub use memory::Memory;
pub use port::{
    Ambiguity, CONNECTIONS, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits,
};
pub use provider::{
    Event, InboundMessage, Link, PollError, Polled, Provider, Rates, ReceiveError, Received, StatusReport, Suppress,
    WebhookAnswer, WebhookCall,
};
pub use registry::Registry;
pub use settings::Fields;
pub use telegram::deep_link;
pub use voice::{CallEnd, Heard, Heards, Speech, Voice};
pub use web::{VettedResolver, Web, WebAnswer, WebError, WebStream};
