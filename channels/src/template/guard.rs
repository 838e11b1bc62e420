//! What a template may not contain, because minijinja's fuel counts instructions and not bytes: with a handful of them
//! `{% set a = a ~ a %}` or `"x" * 100000000` fill the memory of a server that other tenants use.

use super::filters;

/// Statements that templates may have.
const STATEMENTS: [&str; 8] = ["if", "elif", "else", "endif", "for", "endfor", "raw", "endraw"];
/// How often texts may be put together within one template.
const MAX_CONCATENATIONS: usize = 50;

/// Looks through everything between braces.
///
/// # Errors
/// What is not allowed, in plain words.
pub(super) fn check(source: &str) -> Result<(), String> {
    let mut rest = source;
    let mut concatenations = 0;
    while let Some(start) = rest.find('{') {
        let block = &rest[start..];
        if let Some(comment) = block.strip_prefix("{#") {
            rest = comment.split_once("#}").map_or("", |(_, after)| after);
        } else if let Some(code) = block.strip_prefix("{{") {
            rest = expression(code, "}}", &mut concatenations)?;
        } else if let Some(code) = block.strip_prefix("{%") {
            let code = code.trim_start_matches(['-', '+']).trim_start();
            let statement = identifier(code);
            if !STATEMENTS.contains(&statement) {
                return Err(format!("`{{% {statement} %}}` is not available: there are {}", STATEMENTS.join(", ")));
            }
            rest = expression(&code[statement.len()..], "%}", &mut concatenations)?;
            if statement == "raw" {
                rest = after_raw(rest);
            }
        } else {
            rest = &block[1..];
        }
    }
    Ok(())
}

/// Reads an expression up to `end`, and gives what follows it. Texts within quotes are skipped.
fn expression<'a>(code: &'a str, end: &str, concatenations: &mut usize) -> Result<&'a str, String> {
    let mut characters = code.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' | '\'' => {
                while let Some((_, inner)) = characters.next() {
                    match inner {
                        '\\' => drop(characters.next()),
                        _ if inner == character => break,
                        _ => {}
                    }
                }
            }
            '*' => return Err("`*` is not available: let the strategy compute it into `contact.params`".to_owned()),
            '~' | '+' => {
                *concatenations += 1;
                if *concatenations > MAX_CONCATENATIONS {
                    return Err(format!("more than {MAX_CONCATENATIONS} `+` and `~`"));
                }
            }
            '|' => {
                let name = identifier(code[at + 1..].trim_start());
                if !filters::NAMES.contains(&name) {
                    return Err(format!(
                        "the filter `{name}` is not available: there are {}",
                        filters::NAMES.join(", ")
                    ));
                }
            }
            _ if code[at..].starts_with(end) => return Ok(&code[at + end.len()..]),
            // They would also hide where the expression ends.
            '{' | '}' => return Err("`{` and `}` are not available within an expression".to_owned()),
            _ => {}
        }
    }
    Ok("")
}

fn identifier(code: &str) -> &str {
    let end = code.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(code.len());
    &code[..end]
}

/// What follows `{% endraw %}`; all before it is plain text.
fn after_raw(source: &str) -> &str {
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        rest = &rest[at + 2..];
        let code = rest.trim_start_matches(['-', '+']).trim_start();
        if let Some(after) = code.strip_prefix("endraw") {
            return after.split_once("%}").map_or("", |(_, after)| after);
        }
    }
    ""
}
