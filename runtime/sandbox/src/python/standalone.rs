//! A loaded strategy as a component that any host runs: the runtime's code, which is the same for all, and the image as its memory.

use stratagem_domain::strategy::StrategyType;
use stratagem_flatten::Error;

use super::{FLATTENED, Loaded};
use crate::{engine, hooks};

/// The component of the hook's public world. Takes some half a second of processor time, and blocks.
pub(crate) fn component(loaded: &Loaded, hook: StrategyType) -> Result<Vec<u8>, Error> {
    let export = hook.as_str().replace('_', "-");
    stratagem_flatten::standalone(FLATTENED, &loaded.image.content(), &export, hooks::export(hook), engine::features())
}
