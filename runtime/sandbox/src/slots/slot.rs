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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use std::thread;

    use super::super::visit::Visit;
    use super::*;
    use crate::image::Delta;

    const ROOM: usize = 64 * PAGE;

    /// Ten pages of a base, of which some are the image's own, and two more.
    fn image() -> Image {
        let base: Vec<u8> = (1..=10).flat_map(|number| [number; PAGE]).collect();
        let mut memory = base.clone();
        memory.resize(12 * PAGE, 0);
        [0, 9 * PAGE - 1, 11 * PAGE].into_iter().for_each(|at| memory[at] = 0xff);
        Image::over(&Image::base(&base, None).unwrap(), &Delta::between(&base, &memory)).unwrap()
    }

    fn slot(image: &Image) -> Slot {
        Slot::new(image, ROOM.max(image.len()), PAGE, &Arc::default()).unwrap()
    }

    fn write(slot: &mut Slot, at: usize, byte: u8) {
        assert!(at < slot.memory.len() - PAGE);
        // SAFETY: the place is within the room, where the tests write only what is mapped or has been opened.
        unsafe { slot.start().add(at).write_volatile(byte) }
    }

    fn reset(slot: &mut Slot, image: &Image, size: usize, visit: &Visit) -> io::Result<Reset> {
        slot.reset(image, size, visit.had_no_fault(), &Pagemap::open()?)
    }

    fn read(slot: &Slot, at: usize) -> u8 {
        assert!(at < slot.memory.len() - PAGE);
        // SAFETY: as in `write`.
        unsafe { slot.start().add(at).read_volatile() }
    }

    /// A run: it grows its memory by some pages and writes at some places.
    fn run(slot: &mut Slot, image: &Image, grown: usize, writes: &[(Index, u8)]) -> io::Result<Reset> {
        let size = image.len() + grown * PAGE;
        let visit = Visit::begin();
        if grown > 0 {
            slot.open(image.len()..size)?;
            assert!((image.len()..size).all(|at| read(slot, at) == 0), "growth shows what an earlier run left");
        }
        writes.iter().for_each(|(at, byte)| write(slot, at.index(size), *byte));
        reset(slot, image, size, &visit)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn after_any_runs_a_slot_shows_the_image(
            runs in proptest::collection::vec(
                (0..5_usize, proptest::collection::vec((any::<Index>(), any::<u8>()), 0..30)),
                1..8,
            ),
        ) {
            let image = image();
            let mut slot = slot(&image);
            for (grown, writes) in runs {
                run(&mut slot, &image, grown, &writes).unwrap();
                prop_assert!(slot.shows(&image));
            }
        }
    }

    /// Writes one byte in the page and puts the slot back.
    fn write_one(slot: &mut Slot, image: &Image, page: usize) -> Reset {
        let visit = Visit::begin();
        write(slot, page * PAGE, 0x55);
        // Before the page table is opened, which may take a fault of its own.
        let no_fault = visit.had_no_fault();
        slot.reset(image, image.len(), no_fault, &Pagemap::open().unwrap()).unwrap()
    }

    #[test]
    fn pages_that_are_known_are_put_back_without_asking() {
        let image = image();
        let mut slot = slot(&image);
        assert_eq!(write_one(&mut slot, &image, 3), Reset::Scanned);
        // The thread may have a fault of its own now and then, but not each time.
        let again: Vec<_> = (0..20).map(|_| write_one(&mut slot, &image, 3)).collect();
        assert!(again.contains(&Reset::Known), "{again:?}");
        assert!(slot.shows(&image));
        // A page that nobody knew of comes with a fault.
        assert_eq!(write_one(&mut slot, &image, 4), Reset::Scanned);
        assert!(slot.shows(&image));
    }

    /// The comparison of `verify` finds it where a page is not put back.
    #[test]
    fn a_page_that_was_forgotten_is_found() {
        let image = image();
        let mut slot = slot(&image);
        write_one(&mut slot, &image, 3);
        let forgotten = (0..20).any(|_| {
            slot.own = Some(Vec::new());
            write_one(&mut slot, &image, 3) == Reset::Known
        });
        assert!(forgotten && !slot.shows(&image));
    }

    #[test]
    fn on_another_thread_the_kernel_is_asked() {
        let image = image();
        let mut slot = slot(&image);
        write_one(&mut slot, &image, 3);
        let visit = Visit::begin();
        let there = || {
            write(&mut slot, 5 * PAGE, 1);
            reset(&mut slot, &image, image.len(), &visit).unwrap()
        };
        assert_eq!(thread::scope(|scope| scope.spawn(there).join().unwrap()), Reset::Scanned);
        assert!(slot.shows(&image));
    }

    /// It ends where it began, and there may have been no fault here: those of the other thread are not counted here.
    #[test]
    fn after_a_run_that_was_elsewhere_in_between_the_kernel_is_asked() {
        let image = image();
        let mut slot = slot(&image);
        write_one(&mut slot, &image, 3);
        let visit = Visit::begin();
        let there = || futures::executor::block_on(visit.watch(async { write(&mut slot, 5 * PAGE, 1) }));
        thread::scope(|scope| scope.spawn(there).join().unwrap());
        assert!(!visit.had_no_fault());
        assert_eq!(reset(&mut slot, &image, image.len(), &visit).unwrap(), Reset::Scanned);
        assert!(slot.shows(&image));
    }

    #[test]
    fn a_slot_with_very_many_written_pages_is_given_up() {
        let image = Image::base(&vec![1; (MOST_PAGES + 1) * PAGE], None).unwrap();
        let mut slot = slot(&image);
        let mut write_all = |pages: usize| {
            (0..pages).for_each(|page| write(&mut slot, page * PAGE, 2));
            reset(&mut slot, &image, image.len(), &Visit::anywhere())
        };
        assert_eq!(write_all(MOST_PAGES).unwrap(), Reset::Scanned);
        write_all(MOST_PAGES + 1).unwrap_err();
    }

    #[test]
    fn mappings_are_counted_while_they_are_there() {
        let (image, all) = (image(), Arc::default());
        let slots = [0, 1].map(|_| Slot::new(&image, ROOM, PAGE, &all).unwrap());
        assert_eq!(all.load(Ordering::Relaxed), 2 * (image.pieces().len() + 2));
        drop(slots);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }
}
