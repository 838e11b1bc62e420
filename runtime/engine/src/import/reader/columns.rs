//! Which column or key is which field.

use super::prepare::FileError;

/// The fields that the system itself knows; everything else is a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Email,
    Phone,
    ObjectId,
    ExternalId,
    TimeZone,
}

impl Field {
    /// All, the required columns first, in the order of the specification.
    pub(super) const ALL: [Self; 6] =
        [Self::Name, Self::Email, Self::Phone, Self::ObjectId, Self::ExternalId, Self::TimeZone];
    /// How many there are.
    pub(super) const COUNT: usize = Self::ALL.len();
    /// "Your import file must include these fields."
    const REQUIRED: usize = 5;

    /// The name in findings and in the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::ObjectId => "object_id",
            Self::ExternalId => "external_id",
            Self::TimeZone => "time_zone",
        }
    }

    /// The field that a header or key means, whatever its case, spaces, `-` and `_`.
    pub(super) fn matching(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| letters(header).eq(letters(field.name())))
    }
}

/// What counts of a header.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-' && *c != '_').map(|c| c.to_ascii_lowercase())
}

/// One column of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Field(Field),
    /// With its name exactly as in the header.
    Param(String),
    /// Spreadsheets leave columns without a name behind, mostly empty ones.
    Nameless,
}

impl Column {
    fn of(header: &str) -> Self {
        match Field::matching(header) {
            Some(field) => Self::Field(field),
            None if header.trim().is_empty() => Self::Nameless,
            None => Self::Param(header.to_owned()),
        }
    }

    /// For findings.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Field(field) => field.name(),
            Self::Param(name) => name,
            Self::Nameless => "",
        }
    }
}

/// A CSV file's columns, from left to right.
pub(super) fn of_header<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Column> {
    headers.map(Column::of).collect()
}

/// How many of the required columns are there: tells the right delimiter from the wrong ones.
pub(super) fn required_present(columns: &[Column]) -> usize {
    Field::ALL[..Field::REQUIRED].iter().filter(|field| columns.contains(&Column::Field(**field))).count()
}

/// Refuses columns that are missing or there twice.
pub(super) fn check(columns: &[Column]) -> Result<(), FileError> {
    let required = &Field::ALL[..Field::REQUIRED];
    let missing: Vec<_> =
        required.iter().filter(|f| !columns.contains(&Column::Field(**f))).map(|f| f.name()).collect();
    if !missing.is_empty() {
        return Err(FileError::MissingColumns { missing });
    }
    let mut seen = std::collections::HashSet::new();
    let twice: Vec<_> = columns
        .iter()
        .filter(|column| **column != Column::Nameless)
        .map(Column::name)
        .filter(|name| !seen.insert(*name))
        .map(str::to_owned)
        .collect();
    if twice.is_empty() { Ok(()) } else { Err(FileError::DuplicateColumns { columns: twice }) }
}
