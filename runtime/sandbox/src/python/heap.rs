//! What is changed in CPython's heap while no instance runs, so that runs write to fewer pages and their calls are specialised.
//!
//! The offsets are those of CPython 3.14 on 32 bits. The memory is a sandbox's: whatever the addresses are, only bytes in it change.

use std::collections::HashSet;

/// Counts of references are below this, and what stands for one in a freed object is not: 0, or the address of the next one or of a
/// place in the C library's lists. The heap begins beyond the stack.
const FIRST_ADDRESS: u32 = 1 << 16;

/// The count of references that CPython takes for "never freed, do not count" (`_Py_IMMORTAL_INITIAL_REFCNT` of `Include/refcount.h`).
const IMMORTAL: u32 = 5 << 28;
/// What CPython takes for that is this or more: a function that does not look may have counted on.
const LEAST_IMMORTAL: u32 = 1 << 30;

const TYPE: u32 = 4;

/// Makes the objects immortal, and returns how many are. A run uses some thousand objects of the base, and would otherwise write to
/// the pages of all of them only to count up and down.
///
/// A few of the addresses are of objects that were made while they were looked for. In this memory those places are free: what stands
/// there is no count, and it is left as it is.
pub(super) fn make_immortal(memory: &mut [u8], addresses: &[u32]) -> usize {
    let known: HashSet<u32> = addresses.iter().copied().collect();
    let mut immortal = 0;
    for &at in addresses {
        let (Some(count), Some(class)) = (read(memory, at, 0), read(memory, at, TYPE)) else { continue };
        let alive = (1..FIRST_ADDRESS).contains(&count) && known.contains(&class);
        if alive {
            write(memory, at, 0, IMMORTAL);
        }
        immortal += usize::from(alive || count >= LEAST_IMMORTAL);
    }
    immortal
}

/// Has CPython specialise calls of these functions again, whose code was changed: each is given the version of its code, as the
/// instruction does that makes a function (`func_version` of `Include/cpython/funcobject.h`, `co_version` of `code.h`). Returns how
/// many were given one.
pub(super) fn make_specialisable(memory: &mut [u8], functions: &[u32]) -> usize {
    const CODE: u32 = 24;
    const VERSION: u32 = 72;
    const VERSION_OF_CODE: u32 = 68;
    const CLEARED: u32 = 1;
    let mut given = 0;
    for &at in functions {
        let version = read(memory, at, CODE).and_then(|code| read(memory, code, VERSION_OF_CODE));
        if let (Some(CLEARED), Some(version)) = (read(memory, at, VERSION), version) {
            write(memory, at, VERSION, version);
            given += 1;
        }
    }
    given
}

fn read(memory: &[u8], at: u32, offset: u32) -> Option<u32> {
    let word = memory.get(at as usize + offset as usize..)?.first_chunk()?;
    Some(u32::from_le_bytes(*word))
}

fn write(memory: &mut [u8], at: u32, offset: u32, value: u32) {
    if let Some(word) = memory.get_mut(at as usize + offset as usize..).and_then(|rest| rest.first_chunk_mut()) {
        *word = value.to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn memory(words: &[(u32, &[u32])]) -> Vec<u8> {
        let mut memory = vec![0; 1 << 12];
        for (at, words) in words {
            for (offset, word) in (0..).step_by(4).zip(*words) {
                write(&mut memory, *at, offset, *word);
            }
        }
        memory
    }

    #[test]
    fn what_is_alive_and_known_becomes_immortal() {
        let (class, object, freed_before_another, freed_last, of_no_type) = (0x100, 0x200, 0x300, 0x400, 0x500);
        let mut memory = memory(&[
            (class, &[3, class]),
            (object, &[2, class]),
            (freed_before_another, &[FIRST_ADDRESS, class]),
            (freed_last, &[0, class]),
            (of_no_type, &[2, 0x104]),
        ]);
        let addresses = [class, object, freed_before_another, freed_last, of_no_type];
        assert_eq!(make_immortal(&mut memory, &addresses), 2);
        let counts = addresses.map(|at| read(&memory, at, 0).unwrap());
        assert_eq!(counts, [IMMORTAL, IMMORTAL, FIRST_ADDRESS, 0, 2]);
    }

    #[test]
    fn a_function_that_has_no_version_any_more_is_given_its_code_s() {
        let (cleared, of_old, code) = (0x100, 0x200, 0x300);
        let function = |version| [&[0; 6][..], &[code], &[0; 11], &[version]].concat();
        let mut memory =
            memory(&[(cleared, &function(1)), (of_old, &function(7)), (code, &[&[0; 17][..], &[77]].concat())]);
        assert_eq!(make_specialisable(&mut memory, &[cleared, of_old]), 1);
        assert_eq!([cleared, of_old].map(|at| read(&memory, at, 72)), [Some(77), Some(7)]);
    }

    proptest! {
        #[test]
        fn no_address_is_too_odd(
            mut memory in proptest::collection::vec(any::<u8>(), 0..256),
            addresses in proptest::collection::vec(prop_oneof![0_u32..256, any::<u32>()], 0..16),
        ) {
            let len = memory.len();
            make_immortal(&mut memory, &addresses);
            make_specialisable(&mut memory, &addresses);
            prop_assert_eq!(memory.len(), len);
        }
    }
}
