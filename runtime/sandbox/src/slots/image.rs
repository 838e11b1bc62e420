//! What a memory begins with, in files that can be mapped.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::MemfdFlags;

use super::reservation::{Access, Reservation};
use super::slot::Slot;
use crate::image::{Delta, DeltaPage, PAGE};

/// Pages of the base that are written into a delta's file between two changed ones: each piece of a file is a mapping of its
/// own, a process may have some 65,000 of them, and each makes a slot slower to set up.
const CLOSEST: usize = 8;

/// The content of a memory at its beginning: the base's, with some pages of its own.
///
/// A strategy has some hundred pages that are not the base's. Only those are held for it, and a mapping shows one or the other
/// file, piece by piece.
pub(crate) struct Image {
    pieces: Vec<Piece>,
    len: usize,
    waiting: Mutex<Vec<Slot>>,
}

/// A part of the memory and the file that holds it.
pub(super) struct Piece {
    place: Range<usize>,
    content: Arc<Content>,
    /// Where in the file the piece begins.
    offset: usize,
}

/// A file in memory that is written once, before anybody else has it, and never again.
struct Content {
    file: OwnedFd,
    view: Reservation,
    len: usize,
}

impl Image {
    /// The image that others are told apart from: some bytes, of which a delta changes pages.
    pub(crate) fn base(bytes: &[u8], delta: Option<&Delta>) -> io::Result<Self> {
        let len = delta.map_or(bytes.len(), Delta::memory_bytes);
        let file = memory_file(len)?;
        // What is not written reads as zeros and takes no memory.
        for (number, page) in bytes.chunks(PAGE).enumerate().filter(|(_, page)| page.iter().any(|byte| *byte != 0)) {
            file.write_all_at(page, (number * PAGE) as u64)?;
        }
        for page in delta.map_or(&[][..], Delta::pages) {
            file.write_all_at(&page.bytes[..], page.at as u64)?;
        }
        let piece = Piece { place: 0..len, content: Arc::new(Content::new(file, len)?), offset: 0 };
        Ok(Self { pieces: vec![piece], len, waiting: Mutex::default() })
    }

    /// The base with the delta's pages.
    pub(crate) fn over(base: &Self, delta: &Delta) -> io::Result<Self> {
        let [whole] = base.pieces.as_slice() else { return Err(io::Error::other("no base image")) };
        let len = delta.memory_bytes();
        if len < base.len {
            return Err(io::Error::other("an image that is smaller than its base"));
        }
        let mut places = runs(delta.pages(), base.len);
        if len > base.len {
            // What the base does not have: zeros, where the delta has no page for it.
            places.push(base.len..len);
        }
        let size = places.iter().map(Range::len).sum();
        let file = memory_file(size)?;
        fill(&file, &places, base, delta.pages())?;
        let content = Arc::new(Content::new(file, size)?);
        let mut pieces = Vec::with_capacity(2 * places.len() + 1);
        let (mut offset, mut at) = (0, 0);
        for place in places {
            if at < place.start {
                pieces.push(Piece { place: at..place.start, content: whole.content.clone(), offset: at });
            }
            at = place.end;
            let size = place.len();
            pieces.push(Piece { place, content: content.clone(), offset });
            offset += size;
        }
        if at < len {
            pieces.push(Piece { place: at..len, content: whole.content.clone(), offset: at });
        }
        Ok(Self { pieces, len, waiting: Mutex::default() })
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What `memory` has that this base has not.
    pub(crate) fn delta_to(&self, memory: &[u8]) -> Delta {
        let delta = Delta::between(self.bytes(), memory);
        // Runs need a hundredth of what has just been read.
        self.pieces.iter().for_each(|piece| piece.content.let_go());
        delta
    }

    /// All of a base's content; of another image, its first piece.
    fn bytes(&self) -> &[u8] {
        self.pieces.first().map_or(&[], |piece| piece.bytes(0..piece.place.len()))
    }

    /// All of the content, copied.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(self.len);
        for piece in &self.pieces {
            content.extend_from_slice(piece.bytes(0..piece.place.len()));
        }
        content
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Shows the image at the beginning of a reservation.
    pub(super) fn map_into(&self, reservation: &mut Reservation) -> io::Result<()> {
        for piece in &self.pieces {
            let file = piece.content.file.as_fd();
            reservation.map(piece.place.clone(), file, piece.offset, Access::WriteCopies)?;
        }
        Ok(())
    }

    /// A slot that shows the image, where one waits.
    pub(super) fn take_slot(&self) -> Option<Slot> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a slot that has been put back, or returns it where `most` wait already.
    pub(super) fn keep_slot(&self, slot: Slot, most: usize) -> Option<Slot> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= most {
            return Some(slot);
        }
        waiting.push(slot);
        None
    }
}

impl Piece {
    /// Its place in the memory.
    pub(super) fn place(&self) -> Range<usize> {
        self.place.clone()
    }

    /// Some of its bytes, by their place within it.
    pub(super) fn bytes(&self, within: Range<usize>) -> &[u8] {
        self.content.bytes(self.offset + within.start..self.offset + within.end)
    }
}

impl Content {
    fn new(file: File, len: usize) -> io::Result<Self> {
        let file = OwnedFd::from(file);
        let mut view = Reservation::new(len.max(PAGE))?;
        if len > 0 {
            view.map(0..len, file.as_fd(), 0, Access::Read)?;
        }
        Ok(Self { file, view, len })
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        assert!(range.start <= range.end && range.end <= self.len, "a place outside a file of our own");
        // SAFETY: `new` maps the file's length for reading, and it was written before that and is never again: nobody else has it.
        unsafe { self.view.bytes(range) }
    }

    fn let_go(&self) {
        // SAFETY: `new` maps the whole view for reading; a view of an empty file shows nothing.
        if let Err(error) = unsafe { self.view.let_go() } {
            tracing::trace!(%error, "an image stays in memory");
        }
    }
}

fn memory_file(len: usize) -> io::Result<File> {
    let file = File::from(rustix::fs::memfd_create("stratagem-image", MemfdFlags::CLOEXEC)?);
    file.set_len(len as u64)?;
    Ok(file)
}

/// The places of the pages, in order, near ones together, within the base.
fn runs(pages: &[DeltaPage], base_len: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for page in pages.iter().map(|page| page.at).filter(|at| *at < base_len) {
        match runs.last_mut() {
            Some(run) if page <= run.end + CLOSEST * PAGE => run.end = page + PAGE,
            _ => runs.push(page..page + PAGE),
        }
    }
    runs
}

/// Writes the places one after the other: the base's bytes, and over them the delta's pages. Both are in order.
fn fill(file: &File, places: &[Range<usize>], base: &Image, pages: &[DeltaPage]) -> io::Result<()> {
    let mut pages = pages.iter().peekable();
    let mut offset = 0;
    for place in places {
        if let Some(before) = base.bytes().get(place.clone()) {
            file.write_all_at(before, offset as u64)?;
        }
        while let Some(page) = pages.next_if(|page| page.at < place.end) {
            file.write_all_at(&page.bytes[..], (offset + page.at - place.start) as u64)?;
        }
        offset += place.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// With pages that are near to one another and far apart, at both ends, and beyond the base's.
        #[test]
        fn an_image_is_the_base_and_its_delta(
            pages in 1..40_usize,
            grown in 0..4_usize,
            writes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..9),
        ) {
            let base: Vec<u8> = (0..pages).flat_map(|number| [number as u8; PAGE]).collect();
            let mut memory = base.clone();
            memory.resize((pages + grown) * PAGE, 0);
            for (at, byte) in writes {
                let at = at.index(memory.len());
                memory[at] = byte;
            }
            let delta = Delta::between(&base, &memory);
            let over = Image::over(&Image::base(&base, None).unwrap(), &delta).unwrap();
            let next = over.pieces.iter().map(|piece| piece.place.end);
            let places = over.pieces.iter().map(|piece| piece.place.start);
            prop_assert!(places.eq(std::iter::once(0).chain(next).take(over.pieces.len())), "a gap, or one over another");
            prop_assert!(over.len() == memory.len() && over.content() == memory);
            // The same delta may become the base of others.
            prop_assert!(Image::base(&base, Some(&delta)).unwrap().bytes() == memory);
        }
    }

    #[test]
    fn a_delta_of_a_larger_base_is_refused() {
        let (large, small) = (vec![1; 2 * PAGE], vec![1; PAGE]);
        let delta = Delta::between(&[], &small);
        assert!(Image::over(&Image::base(&large, None).unwrap(), &delta).is_err());
    }
}
