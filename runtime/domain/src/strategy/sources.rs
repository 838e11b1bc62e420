use std::collections::BTreeMap;

/// Path of the only module of a strategy that was uploaded as one text.
pub const SINGLE: &str = "strategy.py";

/// Modules that a strategy may have: enough for a pure Python package, few enough to check by hand.
const MOST_MODULES: usize = 500;

/// A strategy's Python: one module or several, one of which has the entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    entry: String,
    modules: BTreeMap<String, String>,
}

/// Which module cannot be one, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SourcesError {
    /// Its path; none where the trouble is with all of them.
    pub path: Option<String>,
    /// In plain words.
    pub reason: String,
}

impl Sources {
    /// One module.
    pub fn single(text: impl Into<String>) -> Self {
        Self { entry: SINGLE.to_owned(), modules: BTreeMap::from([(SINGLE.to_owned(), text.into())]) }
    }

    /// Several modules by their paths, relative and with slashes. Where `entry` is absent it is `strategy.py`, else
    /// `main.py`, else the only one there is.
    pub fn several(modules: BTreeMap<String, String>, entry: Option<String>) -> Result<Self, SourcesError> {
        if modules.is_empty() || modules.len() > MOST_MODULES {
            return Err(fault(None, format!("a strategy has 1 to {MOST_MODULES} modules, not {}", modules.len())));
        }
        if let Some(path) = modules.keys().find(|path| !is_module_path(path)) {
            let reason = "is no path of a Python module: folders and file are identifiers, as in `pricing/rules.py`";
            return Err(fault(Some(path), reason));
        }
        let entry = match entry {
            Some(entry) if modules.contains_key(&entry) => entry,
            Some(entry) => return Err(fault(None, format!("the entry module `{entry}` is not among the files"))),
            None => [SINGLE, "main.py"]
                .into_iter()
                .find(|name| modules.contains_key(*name))
                .or_else(|| modules.keys().next().filter(|_| modules.len() == 1).map(String::as_str))
                .map(str::to_owned)
                .ok_or_else(|| fault(None, "say which module has the entry point, in `entry`"))?,
        };
        Ok(Self { entry, modules })
    }

    /// Path of the module that has the entry point.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// All modules by their paths.
    pub fn modules(&self) -> &BTreeMap<String, String> {
        &self.modules
    }

    /// The text of the module that has the entry point.
    pub fn entry_text(&self) -> &str {
        self.modules.get(&self.entry).map_or("", String::as_str)
    }

    /// Bytes of all modules together.
    pub fn bytes(&self) -> usize {
        self.modules.values().map(String::len).sum()
    }

    /// Whether it was uploaded as one text.
    pub fn is_single(&self) -> bool {
        self.modules.len() == 1 && self.entry == SINGLE
    }
}

fn fault(path: Option<&String>, reason: impl Into<String>) -> SourcesError {
    SourcesError { path: path.cloned(), reason: reason.into() }
}

/// `a.py`, `a/b.py`: what Python can import, and what no file system could take for another place.
fn is_module_path(path: &str) -> bool {
    let Some(stem) = path.strip_suffix(".py") else { return false };
    let is_name = |part: &str| {
        part.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
            && part.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
    };
    path.len() <= 255 && stem.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn several(paths: &[&str], entry: Option<&str>) -> Result<String, String> {
        let modules = paths.iter().map(|path| ((*path).to_owned(), String::new())).collect();
        let sources = Sources::several(modules, entry.map(str::to_owned));
        sources.map(|sources| sources.entry().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_entry_module_is_named_or_plain_to_see() {
        assert_eq!(several(&["a.py", "strategy.py"], None), Ok("strategy.py".into()));
        assert_eq!(several(&["a.py", "main.py"], None), Ok("main.py".into()));
        assert_eq!(several(&["only.py"], None), Ok("only.py".into()));
        assert_eq!(several(&["a.py", "b/c.py"], Some("b/c.py")), Ok("b/c.py".into()));
        assert!(several(&["a.py", "b.py"], None).unwrap_err().contains("entry"));
        assert!(several(&["a.py"], Some("b.py")).unwrap_err().contains("`b.py`"));
        assert!(several(&[], None).is_err());
    }

    #[test]
    fn paths_are_those_of_modules() {
        for odd in [
            "/a.py",
            "../a.py",
            "a/../b.py",
            "a",
            "a.txt",
            ".py",
            "a//b.py",
            "a-b.py",
            "a.b.py",
            "1.py",
            "ä.py",
            "a\\b.py",
        ] {
            assert!(several(&[odd], None).is_err(), "{odd}");
        }
    }
}
