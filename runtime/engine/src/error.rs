use stratagem_domain::channel::FieldError;
use stratagem_sandbox::ComponentError;
use stratagem_store::StoreError;

use crate::FilesError;

/// Why a use case was not done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request is at fault, field by field.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// An uploaded file or component could not be stored or read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A component is no strategy, or could not be made ready.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// Our own failure.
    #[error("{0}")]
    Internal(String),
}
