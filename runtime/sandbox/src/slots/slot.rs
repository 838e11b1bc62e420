//! A memory that is used again.

use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::image::Image;
use super::pagemap::Pagemap;
use super::reservation::Reservation;
use crate::image::PAGE;

/// Pages that a run may have written where its slot is to be used again. Copying more takes longer than mapping anew.
const MOST_PAGES: usize = 1024;

/// A writable mapping of an image, with room to grow. Between runs it shows the image and nothing else.
pub(super) struct Slot {
    memory: Reservation,
    /// The pages that are this mapping's own, where that is known.
    own: Option<Vec<Own>>,
    _mappings: Mappings,
}

/// Pieces that are mapped for a slot, counted while it is there.
struct Mappings {
    count: usize,
    all: Arc<AtomicUsize>,
}

impl Drop for Mappings {
    fn drop(&mut self) {
        self.all.fetch_sub(self.count, Ordering::Relaxed);
    }
}

/// Pages that are the mapping's own, within one piece of the image.
struct Own {
    piece: usize,
    /// Place within the piece.
    within: Range<usize>,
}

/// How a slot was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reset {
    /// No page had become its own since it was handed out: the known ones were overwritten.
    Known,
    /// The kernel was asked.
    Scanned,
}

impl Slot {
    /// A new mapping of the image in a reservation of `room` bytes and a guard behind it.
    pub(super) fn new(image: &Image, room: usize, guard: usize, mappings: &Arc<AtomicUsize>) -> io::Result<Self> {
        let mut memory = Reservation::new(room + guard)?;
        image.map_into(&mut memory)?;
        // Beside the pieces: the room to grow, and what a run opens of it.
        let count = image.pieces().len() + 2;
        mappings.fetch_add(count, Ordering::Relaxed);
        let _mappings = Mappings { count, all: mappings.clone() };
        Ok(Self { memory, own: None, _mappings })
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.memory.start()
    }

    /// Lets a run that grows its memory use those bytes too.
    pub(super) fn open(&mut self, range: Range<usize>) -> io::Result<()> {
        self.memory.open(range)
    }

    /// Makes the slot show the image again, after a run in which the memory has grown to `size`; `no_fault` is whether it had no
    /// page fault. Where it fails, or is not worth it, the slot must not be used again.
    pub(super) fn reset(&mut self, image: &Image, size: usize, no_fault: bool, pagemap: &Pagemap) -> io::Result<Reset> {
        if size > image.len() {
            self.memory.close(image.len()..size)?;
        }
        if let Some(own) = self.own.as_ref().filter(|_| no_fault && size == image.len()) {
            own.iter().for_each(|own| self.restore(image, own));
            return Ok(Reset::Known);
        }
        let start = self.start() as usize;
        let (mut own, mut bytes) = (Vec::new(), 0);
        pagemap.own_pages(start..start + image.len(), &mut |found| {
            bytes += found.len();
            add(&mut own, image, found.start - start..found.end - start);
        })?;
        if bytes > MOST_PAGES * PAGE {
            return Err(io::Error::other("the run wrote so many pages that a new slot is cheaper"));
        }
        own.iter().for_each(|own| self.restore(image, own));
        self.own = Some(own);
        Ok(Reset::Scanned)
    }

    /// Whether the slot shows the image. Reads all of it.
    pub(super) fn shows(&self, image: &Image) -> bool {
        // SAFETY: the image's length is mapped for reading and writing, and no instance has it.
        let bytes = unsafe { std::slice::from_raw_parts(self.start(), image.len()) };
        image.pieces().iter().all(|piece| bytes[piece.place()] == *piece.bytes(0..piece.place().len()))
    }

    /// Writes one byte, as a run may: for trying whether it is put back.
    pub(super) fn write(&mut self, image: &Image, at: usize, byte: u8) {
        assert!(at < image.len(), "a place outside the image");
        // SAFETY: the place lies within the image's length, which is mapped for writing, and no instance has it.
        unsafe { self.start().add(at).write(byte) };
    }

    fn restore(&self, image: &Image, own: &Own) {
        let piece = &image.pieces()[own.piece];
        let source = piece.bytes(own.within.clone());
        let at = piece.place().start + own.within.start;
        assert!(at + source.len() <= image.len(), "a place outside the image");
        // SAFETY: the place lies within the image's length, of which the slot maps as much for writing. No instance has the slot's
        // memory and nobody else refers to it; the source is another mapping.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr(), self.start().add(at), source.len()) };
    }
}

/// Adds the pages at that place, piece by piece.
fn add(own: &mut Vec<Own>, image: &Image, found: Range<usize>) {
    let first = image.pieces().partition_point(|piece| piece.place().end <= found.start);
    for (piece, place) in image.pieces().iter().map(super::image::Piece::place).enumerate().skip(first) {
        if place.start >= found.end {
            break;
        }
        let within = found.start.max(place.start) - place.start..found.end.min(place.end) - place.start;
        own.push(Own { piece, within });
    }
}
