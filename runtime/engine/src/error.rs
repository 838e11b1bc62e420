use stratagem_domain::channel::FieldError;
use stratagem_store::StoreError;

/// Why a use case was not done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request is at fault, field by field.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// Our own failure.
    #[error("{0}")]
    Internal(String),
}
