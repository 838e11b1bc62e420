//! Bytes that are no component, or nearly one.

use proptest::prelude::*;
use proptest::sample::Index;
use stratagem_flatten::{Error, Flattened, features, flatten, with_image};
use wasmparser::WasmFeatures;

use crate::linked;

/// What is still a component is flattened to a valid one, or refused with a reason; nothing panics.
fn flatten_or_refuse(bytes: &[u8]) {
    for features in [features(), WasmFeatures::all()] {
        let error = flatten(bytes, features).err();
        assert!(!matches!(error, Some(Error::Invalid(_))), "{error:?}");
    }
}

#[test]
fn truncated_bytes_are_no_surprise() {
    let (bytes, Flattened { component, .. }) = linked();
    // Cut off after a section, it is a component with less in it.
    (0..bytes.len()).for_each(|end| flatten_or_refuse(&bytes[..end]));

    let memory = component.windows(4).skip(8).position(|bytes| bytes == b"\0asm").unwrap() + 8;
    let memory_end = memory + usize::from(component[memory - 1]);
    for end in 0..memory_end {
        with_image(&component[..end], &[]).unwrap_err();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn changed_bytes_are_refused_or_flattened(changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4)) {
        let (mut bytes, Flattened { mut component, .. }) = linked();
        for (index, byte) in changes {
            let (at, in_component) = (index.index(bytes.len()), index.index(component.len()));
            (bytes[at], component[in_component]) = (byte, byte);
        }
        flatten_or_refuse(&bytes);
        let _ = with_image(&component, &[]);
    }
}
