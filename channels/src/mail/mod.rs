//! What all that is e-mail has in common: the message's two forms and its headers, the addresses that an answer or a bounce finds its
//! way back by, the sending, and the reading of what came back.

mod address;
mod body;
mod hook;
mod html_text;
mod message;
mod post;
mod read;
mod thread;

pub(crate) use hook::{HOOK_TOKEN, receive};
pub(crate) use post::Post;
pub(crate) use read::MAX_BYTES;
pub use read::read;

#[cfg(test)]
pub(crate) mod servers;
