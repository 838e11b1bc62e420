use std::fmt;

use object_store::path::Path;
use stratagem_store::Scope;
use uuid::Uuid;

use super::FilesError;

const IMPORTS: &str = "imports";
const COMPONENTS: &str = "components";

/// The name of an object. It is made of ids and hashes alone, nothing that a user wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName(pub(super) Path);

impl ObjectName {
    /// A file that is to be imported.
    pub fn import(scope: Scope, id: Uuid) -> Self {
        Self(imports(scope).join(id.to_string()))
    }

    /// A component, by the BLAKE3 of its bytes in hex.
    pub fn component(scope: Scope, hash: &str) -> Self {
        Self(components(scope).join(format!("{hash}.wasm")))
    }

    /// A name as the database has it. Names that would lead out of the store are none.
    pub fn stored(text: &str) -> Result<Self, FilesError> {
        Path::parse(text).map(Self).map_err(|error| FilesError::Store(error.into()))
    }

    /// The import that it is a file of.
    pub(super) fn import_id(&self) -> Option<Uuid> {
        self.0.filename()?.parse().ok()
    }

    /// The hash of the component that it is.
    pub(super) fn component_hash(&self) -> Option<&str> {
        self.0.filename()?.strip_suffix(".wasm")
    }
}

/// Where the tenant's uploaded files are.
pub(super) fn imports(scope: Scope) -> Path {
    Path::from(scope.0.to_string()).join(IMPORTS)
}

/// Where the tenant's components are.
pub(super) fn components(scope: Scope) -> Path {
    Path::from(scope.0.to_string()).join(COMPONENTS)
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
