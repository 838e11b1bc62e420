//! Memory for fresh instances in microseconds: slots that are put back to an image, page by page.
//!
//! A fresh instance needs a memory that holds its strategy's image and nothing else. Mapping the image anew gives one, but then
//! the kernel copies each page again that the run writes, at about a microsecond a page and a hundred pages a run. A *slot* is
//! such a mapping that is kept. After a run, the pages that the run wrote are overwritten with those of the image, and the next
//! run finds what a fresh mapping would show, without a fault.
//!
//! # Why that is safe
//!
//! All rests on one statement: *after [`slot::Slot::reset`] the slot's bytes are those of the image*. It is so because:
//!
//! 1. A slot is a private, writable mapping of files that nobody writes to any more. The kernel gives it a page of its own at
//!    the first write to that page, and not before. So a page that is not the slot's own shows the image.
//! 2. After a run, the kernel is asked for the pages that are the slot's own ([`pagemap`]): present or swapped, and not the
//!    file's. All of them are overwritten from the image. Nobody else writes meanwhile: the instance is gone.
//! 3. Asking costs 40 to 125 µs, so it is left out where it can have no other answer than last time: a page becomes the slot's
//!    own by a fault, and faults are counted for each thread. Where the run was on one thread all the time ([`visit`]) and that
//!    thread had no fault in between, the slot has the same pages of its own as before it. Those are overwritten.
//! 4. What lies beyond the image, where the run has grown its memory, is thrown away and closed again.
//!
//! Where anything is in doubt (a system call fails, a run wrote very many pages) the slot is unmapped instead of being used
//! again. That slots are put back is tried when the sandbox is opened; where they are not, memories come from [`crate::pool`].
//! In `verify` mode the whole memory is compared with the image after each reset: all tests run so, and `make verify` a million
//! decisions.
//!
//! # The unsafe code
//!
//! [`reservation`] owns an address range and is the only file that calls `mmap` and its kin; its functions are safe to call.
//! [`pagemap`] has the one `ioctl`, [`visit`] asks for the count of faults. [`host`] keeps what wasmtime's traits ask for. [`slot`] writes into a memory that no instance has.

#![expect(unsafe_code, reason = "memory that wasmtime uses is made here; each block says why it is sound")]

mod host;
mod image;
mod pagemap;
mod reservation;
mod slot;
mod visit;

pub(crate) use host::{Slots, with_image};
pub(crate) use image::Image;
pub(crate) use visit::Visit;
