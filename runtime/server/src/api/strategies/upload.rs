//! A strategy as it comes in: JSON, or a form with files. Both give the same fields.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use bytes::Bytes;
use serde::Deserialize;
use stratagem_domain::strategy::Sources;
use utoipa::ToSchema;

use crate::{
    error::{Faults, Problem, body_error},
    extract::Body,
};

/// What an archive may hold: entries, and bytes once they are unpacked. More than any tenant's `source_bytes` can be.
const MOST_ENTRIES: usize = 2_000;
const MOST_UNPACKED: u64 = 8 << 20;

/// The fields of a strategy. As a form, `file` takes the place of `source` and `files`: one `.py` file or several, a `.zip` of
/// them, or a component (`.wasm`).
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StrategyUpload)]
pub(crate) struct Upload {
    /// Its name.
    pub(super) name: Option<String>,
    /// `data_load`, `aggregation` or `answer_analysis`. Cannot be changed later.
    #[serde(rename = "type")]
    #[schema(example = "data_load")]
    pub(super) kind: Option<String>,
    /// Name of the entry point; `run`, or `on_agent_answer` for answer analysis, where it is absent.
    pub(super) function: Option<String>,
    /// Python, one module.
    #[schema(example = "async def run(contact, existing_contact, logger, **kwargs):\n    return contact\n")]
    source: Option<String>,
    /// Python, several modules by their paths.
    #[schema(example = json!({"main.py": "from pricing import price\n…", "pricing.py": "def price(n):\n…"}))]
    files: Option<BTreeMap<String, String>>,
    /// Path of the module that has the entry point; `strategy.py` or `main.py` where it is absent.
    entry: Option<String>,
    /// A component, which only a form can carry.
    #[serde(skip)]
    component: Option<Bytes>,
}

/// The code of an upload.
pub(super) enum Code {
    Python(Sources),
    Component(Bytes),
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if is_form(&request) {
            let form = Multipart::from_request(request, state).await;
            return read_form(form.map_err(|rejection| body_error(rejection.status(), rejection.body_text()))?).await;
        }
        let Body(upload) = Body::<Self>::from_request(request, state).await?;
        Ok(upload)
    }
}

impl Upload {
    /// The code, where there is some. What cannot be code is a fault of its field.
    pub(super) fn take_code(&mut self, faults: &mut Faults) -> Option<Code> {
        let given = (self.source.take(), self.files.take(), self.component.take());
        let several = match given {
            (Some(source), None, None) => {
                return Some(Code::Python(Sources::single(source.trim_start_matches('\u{feff}'))));
            }
            (None, None, Some(component)) => return Some(Code::Component(component)),
            (None, Some(files), None) => files,
            (None, None, None) if self.entry.is_some() => {
                faults.add("entry", "needs `files`");
                return None;
            }
            (None, None, None) => return None,
            _ => {
                faults.add("source", "give one of `source`, `files` and `file`");
                return None;
            }
        };
        match Sources::several(several, self.entry.take()) {
            Ok(sources) => Some(Code::Python(sources)),
            Err(error) => {
                faults.add(error.path.map_or("files".to_owned(), |path| format!("files.{path}")), error.reason);
                None
            }
        }
    }
}

fn is_form(request: &Request) -> bool {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
}

async fn read_form(mut form: Multipart) -> Result<Upload, Problem> {
    let malformed = |error: axum::extract::multipart::MultipartError| body_error(error.status(), error.body_text());
    let (mut upload, mut parts) = (Upload::default(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(malformed)?;
        let slot = match name.as_str() {
            "file" | "files" => {
                parts.push((file_name, bytes));
                continue;
            }
            "name" => &mut upload.name,
            "type" => &mut upload.kind,
            "function" => &mut upload.function,
            "entry" => &mut upload.entry,
            "source" => &mut upload.source,
            _ => return Err(Problem::field(name, "unknown field; there are name, type, function, entry, file")),
        };
        *slot = Some(text(&name, bytes.into())?);
    }
    // An empty field is what forms send for "the default".
    upload.function = upload.function.filter(|function| !function.is_empty());
    upload.entry = upload.entry.filter(|entry| !entry.is_empty());
    take_parts(&mut upload, parts)?;
    Ok(upload)
}

/// Components and archives are told by their first bytes, whatever their name is.
fn take_parts(upload: &mut Upload, mut parts: Vec<(String, Bytes)>) -> Result<(), Problem> {
    if parts.len() == 1
        && let Some((name, bytes)) = parts.pop()
    {
        if bytes.starts_with(b"\0asm") || name.ends_with(".wasm") {
            upload.component = Some(bytes);
        } else if bytes.starts_with(b"PK\x03\x04") || name.ends_with(".zip") {
            upload.files = Some(unpack(&bytes).map_err(|reason| Problem::field("file", reason))?);
        } else {
            upload.source = Some(text("file", bytes.into())?);
        }
        return Ok(());
    }
    for (name, bytes) in parts {
        let content = text(&name, bytes.into())?;
        if upload.files.get_or_insert_default().insert(name.clone(), content).is_some() {
            return Err(Problem::field("file", format!("`{name}` is there twice")));
        }
    }
    Ok(())
}

fn text(field: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|_not_text| Problem::field(field, "is no UTF-8 text"))
}

/// The Python modules of an archive by their paths. A folder around all of them is taken away.
fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let broken = |error: zip::result::ZipError| format!("the archive cannot be read: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_ENTRIES {
        return Err(format!("the archive has {} entries, {MOST_ENTRIES} are allowed", archive.len()));
    }
    let (mut modules, mut left) = (BTreeMap::new(), MOST_UNPACKED);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let path = entry.name().map_err(broken)?.into_owned();
        if path.ends_with(".so") || path.ends_with(".pyd") {
            return Err(format!("`{path}` is native code, which the sandbox does not run"));
        }
        if entry.is_dir() || !path.ends_with(".py") {
            continue;
        }
        let mut content = Vec::new();
        // The size that the archive tells is its maker's word.
        let read = entry.take(left + 1).read_to_end(&mut content);
        read.map_err(|error| format!("`{path}` cannot be unpacked: {error}"))?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| format!("the archive unpacks to more than {MOST_UNPACKED} bytes"))?;
        let content = String::from_utf8(content).map_err(|_not_text| format!("`{path}` is no UTF-8 text"))?;
        if modules.insert(path.clone(), content).is_some() {
            return Err(format!("`{path}` is there twice"));
        }
    }
    if modules.is_empty() {
        return Err("the archive has no `.py` file".to_owned());
    }
    Ok(without_common_folder(modules))
}

fn without_common_folder(modules: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let folder = modules.keys().next().and_then(|path| path.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    match folder {
        // A folder with an `__init__.py` is a package, which is meant to be there.
        Some(folder)
            if modules.keys().all(|path| path.starts_with(&folder))
                && !modules.contains_key(&format!("{folder}__init__.py")) =>
        {
            modules.into_iter().map(|(path, content)| (path[folder.len()..].to_owned(), content)).collect()
        }
        _ => modules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(paths: &[&str]) -> Vec<String> {
        let modules = paths.iter().map(|path| ((*path).to_owned(), String::new())).collect();
        without_common_folder(modules).into_keys().collect()
    }

    #[test]
    fn a_folder_around_everything_goes_unless_it_is_a_package() {
        assert_eq!(folder(&["my/main.py", "my/lib/a.py"]), ["lib/a.py", "main.py"]);
        assert_eq!(folder(&["my/__init__.py", "my/a.py"]), ["my/__init__.py", "my/a.py"]);
        assert_eq!(folder(&["main.py", "lib/a.py"]), ["lib/a.py", "main.py"]);
    }

    #[test]
    fn no_archive_is_too_odd() {
        for odd in [&b"PK\x03\x04"[..], b"", b"PK\x03\x04 and so on, but nothing that is an archive"] {
            assert!(unpack(odd).is_err());
        }
    }
}
