//! Which pages of a mapping are its own? `PAGEMAP_SCAN`, Linux 6.7 and later (`Documentation/admin-guide/mm/pagemap.rst`).

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsFd;

use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, opcode};

/// Categories of a page.
const FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const SWAPPED: u64 = 1 << 4;

/// Regions that one call gives at most.
const AT_ONCE: usize = 512;

/// `struct pm_scan_arg` of `include/uapi/linux/fs.h`.
#[repr(C)]
#[derive(Default)]
struct Argument {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

/// This process's table of pages.
pub(super) struct Pagemap(File);

impl Pagemap {
    pub(super) fn open() -> io::Result<Self> {
        File::open("/proc/self/pagemap").map(Self)
    }

    /// Calls `found` with the addresses of each piece of the range that is not the file's any more: present or swapped out,
    /// and not file-backed.
    pub(super) fn own_pages(&self, range: Range<usize>, found: &mut dyn FnMut(Range<usize>)) -> io::Result<()> {
        let mut regions = [Region::default(); AT_ONCE];
        let mut start = range.start as u64;
        while start < range.end as u64 {
            let mut argument = Argument {
                size: size_of::<Argument>() as u64,
                start,
                end: range.end as u64,
                vec: regions.as_mut_ptr() as u64,
                vec_len: AT_ONCE as u64,
                category_inverted: FILE,
                category_mask: FILE,
                category_anyof_mask: PRESENT | SWAPPED,
                return_mask: FILE,
                ..Argument::default()
            };
            // SAFETY: the argument is the kernel's own structure, and `vec` has room for `vec_len` regions while it is called.
            let count = unsafe { rustix::ioctl::ioctl(self.0.as_fd(), Scan(&mut argument))? };
            for region in regions.iter().take(count) {
                found(region.start as usize..region.end as usize);
            }
            if argument.walk_end <= start {
                return Err(io::Error::other("the scan of the page table stands still"));
            }
            start = argument.walk_end;
        }
        Ok(())
    }
}

struct Scan<'a>(&'a mut Argument);

// SAFETY: the opcode belongs to the argument's type; the kernel reads and writes the argument and what it points to.
unsafe impl Ioctl for Scan<'_> {
    type Output = usize;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        opcode::read_write::<Argument>(b'f', 16)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut *self.0).cast()
    }

    unsafe fn output_from_ptr(regions: IoctlOutput, _: *mut c_void) -> rustix::io::Result<usize> {
        Ok(usize::try_from(regions).unwrap_or(0))
    }
}
