//! What a request has to look like.

use serde_json::Value;

/// Everything that a request may have.
const KNOWN: [&str; 6] = ["model", "messages", "tools", "temperature", "stream", "stream_options"];

/// Holds a request to the rules of the strictest servers.
pub(super) fn check(request: &Value) -> Result<(), String> {
    let fields = request.as_object().ok_or("the body is no JSON object")?;
    if let Some(name) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(format!("Unrecognized request argument supplied: {name}"));
    }
    if request["model"].as_str().is_none_or(str::is_empty) {
        return Err("you must provide a model parameter".to_owned());
    }
    if fields.contains_key("stream_options") && request["stream"] != true {
        return Err("The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned());
    }
    check_messages(request["messages"].as_array().ok_or("messages is no array")?)?;
    match fields.get("tools") {
        None => Ok(()),
        Some(tools) => tools
            .as_array()
            .filter(|tools| !tools.is_empty())
            .ok_or("tools is no array, or an empty one")?
            .iter()
            .try_for_each(check_tool),
    }
}

fn check_messages(messages: &[Value]) -> Result<(), String> {
    let mut roles = Vec::new();
    for message in messages {
        let role = message["role"].as_str().unwrap_or_default();
        if !["system", "user", "assistant"].contains(&role) {
            return Err(format!("`{role}` is no role"));
        }
        if message["content"].as_str().is_none_or(str::is_empty) || message.as_object().is_none_or(|all| all.len() != 2)
        {
            return Err("a message is a role and a content".to_owned());
        }
        roles.push(role);
    }
    let turns = roles.strip_prefix(&["system"]).unwrap_or(&roles);
    if turns.contains(&"system") || turns.last() != Some(&"user") || turns.windows(2).any(|two| two[0] == two[1]) {
        return Err(format!("roles must alternate, and end with the user's: {roles:?}"));
    }
    Ok(())
}

fn check_tool(tool: &Value) -> Result<(), String> {
    let function = &tool["function"];
    let name = function["name"].as_str().unwrap_or_default();
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && tool["type"] == "function"
        && function["description"].is_string()
        && function["parameters"]["type"] == "object"
        && function["parameters"]["properties"].is_object();
    if fits { Ok(()) } else { Err(format!("the tool `{name}` is not well-formed")) }
}
