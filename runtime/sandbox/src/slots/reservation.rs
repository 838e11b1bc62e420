//! An address range of our own, and what is mapped into it.

use std::ffi::c_void;
use std::io;
use std::ops::Range;
use std::os::fd::BorrowedFd;
use std::ptr::{self, NonNull};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};

use crate::image::PAGE;

/// A range of addresses that nothing else uses, unmapped when it is dropped. At first nothing in it can be accessed.
pub(super) struct Reservation {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: a range of addresses belongs to the process, not to a thread; its owner alone decides who uses it.
unsafe impl Send for Reservation {}
// SAFETY: through a shared reference one gets addresses and, from `bytes`, memory that nobody can write to.
unsafe impl Sync for Reservation {}

/// What a mapping may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    /// Written pages become this mapping's own; the file never sees them.
    WriteCopies,
}

impl Reservation {
    /// Takes a range of so many bytes, a multiple of the page size. Takes no memory.
    pub(super) fn new(len: usize) -> io::Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the kernel chooses the addresses, so that nothing that is in use is replaced.
        let start = unsafe { rustix::mm::mmap_anonymous(ptr::null_mut(), len, ProtFlags::empty(), flags)? };
        let start = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("memory at address 0"))?;
        Ok(Self { start, len })
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Shows `range.len()` bytes of the file from `offset` on at that place of the range.
    pub(super) fn map(
        &mut self,
        range: Range<usize>,
        file: BorrowedFd<'_>,
        offset: usize,
        access: Access,
    ) -> io::Result<()> {
        let at = self.place(&range)?;
        let protection = match access {
            Access::Read => ProtFlags::READ,
            Access::WriteCopies => ProtFlags::READ | ProtFlags::WRITE,
        };
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: `place` checked that the addresses lie in this range, which is ours alone and borrowed exclusively.
        unsafe { rustix::mm::mmap(at, range.len(), protection, flags, file, offset as u64)? };
        Ok(())
    }

    /// Lets those bytes be read and written: zeros where nothing was mapped.
    pub(super) fn open(&mut self, range: Range<usize>) -> io::Result<()> {
        let at = self.place(&range)?;
        // SAFETY: as in `map`.
        unsafe { rustix::mm::mprotect(at, range.len(), MprotectFlags::READ | MprotectFlags::WRITE)? };
        Ok(())
    }

    /// Throws away what stands there and closes it, as it was at first. For places where no file is mapped.
    pub(super) fn close(&mut self, range: Range<usize>) -> io::Result<()> {
        let at = self.place(&range)?;
        // SAFETY: as in `map`. What is thrown away is a run's that is over.
        unsafe {
            rustix::mm::madvise(at, range.len(), Advice::LinuxDontNeed)?;
            rustix::mm::mprotect(at, range.len(), MprotectFlags::empty())?;
        }
        Ok(())
    }

    /// Gives the process's hold on the file's pages back; whoever looks at them next gets them from the file again.
    ///
    /// # Safety
    ///
    /// All of it must be mapped with [`Access::Read`].
    pub(super) unsafe fn let_go(&self) -> io::Result<()> {
        // SAFETY: the caller's promise: what is read there is the file's content, before and after.
        unsafe { rustix::mm::madvise(self.start().cast(), self.len, Advice::LinuxDontNeed)? };
        Ok(())
    }

    /// The bytes of a range that is mapped for reading, and for nothing else.
    ///
    /// # Safety
    ///
    /// All of `range` must be mapped with [`Access::Read`], and the files must not change while the slice lives.
    pub(super) unsafe fn bytes(&self, range: Range<usize>) -> &[u8] {
        debug_assert!(range.end <= self.len);
        // SAFETY: the caller's promise, and the range is in bounds.
        unsafe { std::slice::from_raw_parts(self.start().add(range.start), range.len()) }
    }

    fn place(&self, range: &Range<usize>) -> io::Result<*mut c_void> {
        let whole_pages = range.start.is_multiple_of(PAGE) && range.end.is_multiple_of(PAGE);
        if range.start > range.end || range.end > self.len || !whole_pages {
            return Err(io::Error::other("a place outside the reserved range"));
        }
        // SAFETY: the offset is within the range.
        Ok(unsafe { self.start().add(range.start) }.cast())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the range was reserved by `new` and nobody else refers to it: what borrows it is gone.
        let unmapped = unsafe { rustix::mm::munmap(self.start().cast(), self.len) };
        debug_assert!(unmapped.is_ok());
    }
}
