//! A strategy that has been loaded, as what its memory has that the base's has not.
//!
//! The bytes come from a sandbox. They are data: bounds are checked when they are read, they are known by their hash, and they
//! become the content of a memory, which nothing but the same sandboxed code reads.

use std::fmt;

/// Bytes of a page, the unit in which memories are compared.
pub(crate) const PAGE: usize = 4096;

/// Largest memory of WebAssembly with 32-bit addresses.
pub(crate) const MOST_MEMORY: u64 = 1 << 32;

/// A byte of compressed data stands for at most so many.
const MOST_COMPRESSION: u64 = 255;

/// One page that differs.
pub(crate) struct DeltaPage {
    /// Its address, a multiple of [`PAGE`].
    pub(crate) at: usize,
    pub(crate) bytes: Box<[u8; PAGE]>,
}

/// What a memory has that the base's has not.
pub(crate) struct Delta {
    memory_bytes: usize,
    /// By address. Beyond the base's end, pages of zeros are left out.
    pages: Vec<DeltaPage>,
}

/// The bytes are no delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the image is not one: {0}")]
pub(crate) struct Malformed(&'static str);

impl Delta {
    /// What `memory` has that `base` has not. Memories only grow.
    pub(crate) fn between(base: &[u8], memory: &[u8]) -> Self {
        const ZEROS: [u8; PAGE] = [0; PAGE];
        let changed = memory.chunks_exact(PAGE).enumerate().filter_map(|(number, page)| {
            let at = number * PAGE;
            let before = base.get(at..at + PAGE).unwrap_or(&ZEROS);
            let bytes = page.try_into().ok().filter(|_| page != before)?;
            Some(DeltaPage { at, bytes: Box::new(bytes) })
        });
        Self { memory_bytes: memory.len() / PAGE * PAGE, pages: changed.collect() }
    }

    /// The memory that it was made of, by the same base.
    pub(crate) fn over(&self, base: &[u8]) -> Vec<u8> {
        let mut memory = base.to_vec();
        memory.resize(self.memory_bytes, 0);
        for page in &self.pages {
            // All pages lie within the memory.
            if let Some(place) = memory.get_mut(page.at..page.at + PAGE) {
                place.copy_from_slice(&page.bytes[..]);
            }
        }
        memory
    }

    /// Size of the whole memory, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    pub(crate) fn pages(&self) -> &[DeltaPage] {
        &self.pages
    }

    /// The delta as bytes to be kept: sizes and addresses, then the pages, compressed.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(16 + self.pages.len() * (PAGE + 4));
        plain.extend_from_slice(&(self.memory_bytes as u64).to_le_bytes());
        plain.extend_from_slice(&(self.pages.len() as u64).to_le_bytes());
        for page in &self.pages {
            // A memory has at most 2²⁰ pages.
            plain.extend_from_slice(&((page.at / PAGE) as u32).to_le_bytes());
        }
        for page in &self.pages {
            plain.extend_from_slice(&page.bytes[..]);
        }
        lz4_flex::compress_prepend_size(&plain)
    }

    /// Reads what [`Self::encode`] wrote.
    pub(crate) fn decode(encoded: &[u8]) -> Result<Self, Malformed> {
        let size = encoded.first_chunk().map(|size| u64::from(u32::from_le_bytes(*size)));
        // Before anything is allocated: a few bytes can claim to be very many.
        if size.is_none_or(|size| size > MOST_COMPRESSION * encoded.len() as u64) {
            return Err(Malformed("its size"));
        }
        let plain = lz4_flex::decompress_size_prepended(encoded).map_err(|_| Malformed("its compression"))?;
        let (memory_bytes, rest) = plain.split_first_chunk().ok_or(Malformed("its beginning"))?;
        let (count, rest) = rest.split_first_chunk().ok_or(Malformed("its beginning"))?;
        let (memory_bytes, count) = (u64::from_le_bytes(*memory_bytes), u64::from_le_bytes(*count));
        if memory_bytes > MOST_MEMORY || !memory_bytes.is_multiple_of(PAGE as u64) {
            return Err(Malformed("its memory"));
        }
        let count = usize::try_from(count).ok().filter(|count| *count == rest.len() / (PAGE + 4));
        let count = count.filter(|count| count * (PAGE + 4) == rest.len()).ok_or(Malformed("its length"))?;
        let (numbers, contents) = rest.split_at(count * 4);
        let mut pages: Vec<DeltaPage> = Vec::with_capacity(count);
        for (number, bytes) in numbers.as_chunks().0.iter().zip(contents.as_chunks().0) {
            let at = u32::from_le_bytes(*number) as usize * PAGE;
            let in_order = pages.last().is_none_or(|last| last.at < at);
            if !in_order || at as u64 >= memory_bytes {
                return Err(Malformed("the order of its pages"));
            }
            pages.push(DeltaPage { at, bytes: Box::new(*bytes) });
        }
        Ok(Self { memory_bytes: memory_bytes as usize, pages })
    }
}

impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages of {}", self.pages.len(), self.memory_bytes / PAGE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    const BASE_PAGES: usize = 6;

    fn base() -> Vec<u8> {
        (0..BASE_PAGES).flat_map(|number| [number as u8; PAGE]).collect()
    }

    /// The base after some writes and some growth, in which zeros may have been written over something, or something over zeros.
    fn memory() -> impl Strategy<Value = Vec<u8>> {
        let writes = proptest::collection::vec((any::<Index>(), 0_u8..3), 0..12);
        (0..4_usize, writes).prop_map(|(grown, writes)| {
            let mut memory = base();
            memory.resize((BASE_PAGES + grown) * PAGE, 0);
            for (at, byte) in writes {
                let at = at.index(memory.len());
                memory[at] = byte;
            }
            memory
        })
    }

    fn applied(delta: &Delta) -> Vec<u8> {
        let mut memory = base();
        memory.resize(delta.memory_bytes(), 0);
        delta.pages().iter().for_each(|page| memory[page.at..page.at + PAGE].copy_from_slice(&page.bytes[..]));
        memory
    }

    proptest! {
        #[test]
        fn a_delta_is_what_the_base_lacks(memory in memory()) {
            let delta = Delta::between(&base(), &memory);
            let changed = memory.chunks(PAGE).zip(applied(&Delta { memory_bytes: memory.len(), pages: vec![] }).chunks(PAGE))
                .filter(|(now, before)| now != before)
                .count();
            prop_assert_eq!(delta.pages().len(), changed, "no page that is as it was");
            let decoded = Delta::decode(&delta.encode()).unwrap();
            prop_assert!(applied(&delta) == memory && applied(&decoded) == memory);
        }

        /// What was kept is authenticated, yet whatever the bytes are, what they give lies within a memory.
        #[test]
        fn other_bytes_are_refused_or_stay_in_bounds(
            memory in memory(),
            changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..4),
            end in any::<Index>(),
        ) {
            let mut encoded = Delta::between(&base(), &memory).encode();
            for (at, byte) in changes {
                let at = at.index(encoded.len());
                encoded[at] = byte;
            }
            encoded.truncate(end.index(encoded.len()) + 1);
            if let Ok(delta) = Delta::decode(&encoded) {
                prop_assert!(delta.memory_bytes() as u64 <= MOST_MEMORY && delta.memory_bytes().is_multiple_of(PAGE));
                prop_assert!(delta.pages().is_sorted_by(|one, next| one.at + PAGE <= next.at));
                prop_assert!(delta.pages().iter().all(|page| page.at + PAGE <= delta.memory_bytes()));
                prop_assert!(delta.pages().len() * PAGE <= MOST_COMPRESSION as usize * encoded.len());
            }
        }
    }

    /// What is decompressed is looked at itself: here without the compression, which would find most mistakes first.
    #[test]
    fn a_plain_text_out_of_bounds_is_refused() {
        let encoded = |memory_bytes: u64, count: u64, pages: &[u32]| {
            let mut plain = [memory_bytes.to_le_bytes(), count.to_le_bytes()].concat();
            plain.extend(pages.iter().flat_map(|number| number.to_le_bytes()));
            plain.resize(plain.len() + pages.len() * PAGE, 1);
            lz4_flex::compress_prepend_size(&plain)
        };
        let memory = 4 * PAGE as u64;
        let refused = |encoded: &[u8]| Delta::decode(encoded).err().map(|Malformed(what)| what);
        assert_eq!(refused(&encoded(memory, 2, &[1, 3])), None);
        for (wrong, what) in [
            (encoded(memory, 1, &[4]), "the order of its pages"),
            (encoded(memory, 1, &[u32::MAX]), "the order of its pages"),
            (encoded(memory, 2, &[3, 1]), "the order of its pages"),
            (encoded(memory, 2, &[1, 1]), "the order of its pages"),
            (encoded(memory, 3, &[1, 2]), "its length"),
            (encoded(memory, u64::MAX, &[1, 2]), "its length"),
            (encoded(memory + 1, 0, &[]), "its memory"),
            (encoded(MOST_MEMORY + PAGE as u64, 0, &[]), "its memory"),
            (lz4_flex::compress_prepend_size(&[0; 15]), "its beginning"),
            ([&u32::MAX.to_le_bytes()[..], &[0; 100]].concat(), "its size"),
            (vec![0; 3], "its size"),
        ] {
            assert_eq!(refused(&wrong), Some(what));
        }
    }
}
