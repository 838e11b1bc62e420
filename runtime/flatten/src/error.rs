/// Why a component cannot be flattened. Each names what was met: whatever is not understood is refused, never guessed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no component that this crate's parser can read.
    #[error("the component cannot be read: {0}")]
    Malformed(#[from] wasmparser::Error),
    /// The component uses something that flattening has no rule for.
    #[error("flattening knows no rule for {0}")]
    Unsupported(String),
    /// Something refers to what is not there.
    #[error("the component refers to what is not there: {0}")]
    Missing(String),
    /// What was written is no valid component: a mistake of this crate.
    #[error("the flattened component is not valid: {0}")]
    Invalid(wasmparser::Error),
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Unsupported(what.into()))
}

pub(crate) fn missing(what: impl Into<String>) -> Error {
    Error::Missing(what.into())
}

impl From<wasm_encoder::reencode::Error<Error>> for Error {
    fn from(error: wasm_encoder::reencode::Error<Error>) -> Self {
        use wasm_encoder::reencode::Error as Reencode;
        match error {
            Reencode::ParseError(error) => Self::Malformed(error),
            Reencode::UserError(error) => error,
            other => Self::Unsupported(format!("a construct of the binary format: {other}")),
        }
    }
}

impl From<wasm_encoder::reencode::Error> for Error {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        use wasm_encoder::reencode::Error as Reencode;
        match error {
            Reencode::ParseError(error) => Self::Malformed(error),
            other => Self::Unsupported(format!("a construct of the binary format: {other}")),
        }
    }
}
