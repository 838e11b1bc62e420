//! Slots as wasmtime's memories, and stacks that are used again.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType, StackCreator, StackMemory};

use super::image::Image;
use super::pagemap::Pagemap;
use super::reservation::Reservation;
use super::slot::{Reset, Slot};
use super::visit::Visit;
use crate::image::PAGE;

/// Stacks that wait for their next run; more are unmapped.
const WAITING_STACKS: usize = 64;

thread_local! {
    /// The image of the memory that is made next on this thread, and the run that it is for.
    static NEXT: RefCell<Option<(Arc<Image>, Arc<Visit>)>> = const { RefCell::new(None) };
}

/// Instantiates with memories that begin with the image. The future must be that of an instantiation.
///
/// wasmtime asks a [`MemoryCreator`] for a memory of some type and nothing more, so the image is left where the creator finds
/// it: on the thread, for as long as the future is being polled there.
pub(crate) async fn with_image<T>(image: &Arc<Image>, visit: &Arc<Visit>, instantiation: impl Future<Output = T>) -> T {
    let mut instantiation = pin!(instantiation);
    std::future::poll_fn(move |context| {
        let before = NEXT.replace(Some((image.clone(), visit.clone())));
        let polled = instantiation.as_mut().poll(context);
        NEXT.set(before);
        polled
    })
    .await
}

/// What makes memories and stacks.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Shared>);

struct Shared {
    pagemap: Pagemap,
    /// Whether the whole memory is compared after each run.
    verify: bool,
    figures: Figures,
    stacks: Mutex<Vec<Reservation>>,
    /// Pieces that are mapped for slots, of those that a process may have.
    mappings: Arc<AtomicUsize>,
    most_mappings: usize,
    /// Slots of one image that wait for their next run.
    most_slots: usize,
}

/// How often what happened, for the benchmark and for tests.
#[derive(Default)]
struct Figures {
    known: AtomicU64,
    scanned: AtomicU64,
    new: AtomicU64,
    given_up: AtomicU64,
}

impl Slots {
    /// Fails where this machine has other pages than ours, or cannot tell which of them a run has written: without `PAGEMAP_SCAN`
    /// (Linux before 6.7). With `verify`, memory that is not as it was is found at once, and ends the process: nothing that has
    /// happened in it can be trusted.
    pub(crate) fn new(verify: bool) -> io::Result<Self> {
        if rustix::param::page_size() != PAGE {
            return Err(io::Error::other(format!("pages of {} bytes", rustix::param::page_size())));
        }
        let pagemap = slots_are_put_back()?;
        let figures = Figures::default();
        let most_slots = thread::available_parallelism().map_or(1, usize::from) + 1;
        let (stacks, mappings) = Default::default();
        let most_mappings = mappings_of_a_process() / 2;
        Ok(Self(Arc::new(Shared { pagemap, verify, figures, stacks, mappings, most_mappings, most_slots })))
    }

    /// Slots that were put back without asking the kernel, with asking it, made anew, and given up.
    pub(crate) fn figures(&self) -> [u64; 4] {
        let Figures { known, scanned, new, given_up } = &self.0.figures;
        [known, scanned, new, given_up].map(|figure| figure.load(Ordering::Relaxed))
    }
}

/// Whether a slot is put back on this machine, tried on a small image: by asking the kernel, and without.
fn slots_are_put_back() -> io::Result<Pagemap> {
    const WRITTEN: [usize; 3] = [0, 3 * PAGE + 7, 8 * PAGE - 1];
    let pagemap = Pagemap::open()?;
    let image = Image::base(&(0..8 * PAGE).map(|at| (at / 64) as u8).collect::<Vec<_>>(), None)?;
    let mut slot = Slot::new(&image, image.len(), PAGE, &Arc::default())?;
    for (no_fault, how) in [(false, Reset::Scanned), (true, Reset::Known), (false, Reset::Scanned)] {
        WRITTEN.iter().for_each(|at| slot.write(&image, *at, 0xa5));
        let wrote = !slot.shows(&image);
        if !wrote || slot.reset(&image, image.len(), no_fault, &pagemap)? != how || !slot.shows(&image) {
            return Err(io::Error::other("this kernel does not tell which pages were written"));
        }
    }
    Ok(pagemap)
}

/// How many pieces a process may have mapped (`vm.max_map_count`).
fn mappings_of_a_process() -> usize {
    const DEFAULT: usize = 65_530;
    let setting = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok();
    setting.and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT)
}

// SAFETY: what is handed out is a reservation of our own with the room and the guard that were asked for, and stays so until it
// is dropped. wasmtime documents that new memory be zero-filled; ours holds the image instead, and that is the purpose: the
// module has no data segments, and its memory is exported and imported as any other. A test of this crate fails where an
// upgrade of wasmtime writes to, or relies on, a new memory.
unsafe impl MemoryCreator for Slots {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let (image, visit) = NEXT.with_borrow(Clone::clone).ok_or("no image was chosen for the memory")?;
        let room = reserved.filter(|room| *room >= image.len()).ok_or("no room for the image")?;
        if minimum > image.len() {
            return Err("the image is smaller than the memory".to_owned());
        }
        let slot = match image.take_slot() {
            Some(slot) => slot,
            None => {
                self.0.figures.new.fetch_add(1, Ordering::Relaxed);
                Slot::new(&image, room, guard, &self.0.mappings).map_err(|error| error.to_string())?
            }
        };
        Ok(Box::new(Memory { slot: Some(slot), size: image.len(), room, image, visit, shared: self.0.clone() }))
    }
}

/// An instance's memory.
struct Memory {
    /// None only while it is being dropped.
    slot: Option<Slot>,
    image: Arc<Image>,
    visit: Arc<Visit>,
    size: usize,
    room: usize,
    shared: Arc<Shared>,
}

// SAFETY: the slot's first `size` bytes can be read and written, growth up to `room` leaves the address as it is, and behind
// `room` lies the guard. The memory is this instance's until it is dropped.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        self.room
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        let (Some(slot), true) = (&mut self.slot, new_size <= self.room) else {
            return Err(io::Error::other("the memory has no room for that").into());
        };
        if new_size > self.size {
            slot.open(self.size..new_size)?;
            self.size = new_size;
        }
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot.as_ref().map_or(std::ptr::null_mut(), Slot::start)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let figures = &self.shared.figures;
        match slot.reset(&self.image, self.size, self.visit.had_no_fault(), &self.shared.pagemap) {
            Ok(how) => {
                if self.shared.verify && !slot.shows(&self.image) {
                    tracing::error!(?how, "a memory was not put back as it was: stopping before another run gets it");
                    std::process::abort();
                }
                match how {
                    Reset::Known => &figures.known,
                    Reset::Scanned => &figures.scanned,
                }
                .fetch_add(1, Ordering::Relaxed);
                let few = self.shared.mappings.load(Ordering::Relaxed) <= self.shared.most_mappings;
                // Dropped, and so unmapped, where there are enough.
                let _ = few.then(|| self.image.keep_slot(slot, self.shared.most_slots));
            }
            Err(error) => {
                figures.given_up.fetch_add(1, Ordering::Relaxed);
                tracing::trace!(%error, "a slot is not used again");
            }
        }
    }
}

// SAFETY: a stack is a reservation of our own with a closed page below, as large as was asked for, and nobody else's until it is
// dropped.
unsafe impl StackCreator for Slots {
    fn new_stack(&self, size: usize, zeroed: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let waiting = self.0.stacks.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let len = size.next_multiple_of(PAGE) + PAGE;
        // What an earlier run left on it can be read by no guest: compiled code writes a place on its stack before it reads it.
        let stack = match waiting.filter(|stack| !zeroed && stack.len() == len) {
            Some(stack) => stack,
            None => {
                let mut stack = Reservation::new(len)?;
                stack.open(PAGE..len)?;
                stack
            }
        };
        Ok(Box::new(Stack { stack: Some(stack), shared: self.0.clone() }))
    }
}

struct Stack {
    /// None only while it is being dropped.
    stack: Option<Reservation>,
    shared: Arc<Shared>,
}

impl Stack {
    fn start(&self) -> *mut u8 {
        self.stack.as_ref().map_or(std::ptr::null_mut(), Reservation::start)
    }

    fn len(&self) -> usize {
        self.stack.as_ref().map_or(0, Reservation::len)
    }
}

// SAFETY: the addresses are those of the reservation: a closed page, then the stack.
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        self.start().wrapping_add(self.len())
    }

    fn range(&self) -> Range<usize> {
        self.start() as usize + PAGE..self.start() as usize + self.len()
    }

    fn guard_range(&self) -> Range<*mut u8> {
        self.start()..self.start().wrapping_add(PAGE)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let mut waiting = self.shared.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_STACKS {
            waiting.extend(self.stack.take());
        }
    }
}
