//! The OpenAPI document, and a page for people that is made from it. The page loads nothing from anywhere.

use std::fmt::Write;

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use minijinja::{Environment, value::Serde};
use serde_json::{Map, Value, json};

use crate::{
    error::{Kind, Problem},
    router,
};

/// The OpenAPI document.
pub(crate) async fn document() -> Response {
    axum::Json(router::document()).into_response()
}

/// The page.
pub(crate) async fn page() -> Result<Response, Problem> {
    let html =
        render(&serde_json::to_value(router::document()).map_err(Problem::internal)?).map_err(Problem::internal)?;
    let mut response = Html(html).into_response();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

fn render(document: &Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template("docs.html", include_str!("docs.html"))?;
    let problems: Vec<Value> = Kind::ALL
        .iter()
        .map(|kind| json!({"anchor": kind.anchor().trim_start_matches("/docs#"), "status": kind.status().as_u16(), "title": kind.title()}))
        .collect();
    let tags: Vec<Value> =
        items(&document["tags"]).map(|tag| json!({"tag": tag, "calls": calls(document, &tag["name"])})).collect();
    let schemas: Vec<Value> = entries(&document["components"]["schemas"])
        .map(|(name, schema)| json!({"name": name, "text": schema["description"], "fields": fields(schema)}))
        .collect();
    environment.get_template("docs.html")?.render(Serde(json!({
        "info": document["info"], "tags": tags, "schemas": schemas, "problems": problems,
    })))
}

/// The calls of one tag, in the document's order.
fn calls(document: &Value, tag: &Value) -> Vec<Value> {
    let mut calls = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            if items(&operation["tags"]).any(|name| name == tag) {
                let answers: Vec<Value> = entries(&operation["responses"])
                    .map(|(status, response)| json!({"status": status, "text": response["description"], "type": body(response)}))
                    .collect();
                calls.push(json!({
                    "method": method.to_uppercase(),
                    "path": path,
                    "id": operation["operationId"],
                    "summary": operation["summary"],
                    "text": operation["description"],
                    "parameters": parameters(operation),
                    "body": body(&operation["requestBody"]),
                    "answers": answers,
                }));
            }
        }
    }
    calls
}

fn parameters(operation: &Value) -> Vec<Value> {
    items(&operation["parameters"])
        .map(|p| json!({"name": p["name"], "in": p["in"], "text": p["description"], "required": p["required"]}))
        .collect()
}

/// The media types and schemas of a body.
fn body(holder: &Value) -> Vec<Value> {
    entries(&holder["content"])
        .map(|(media, content)| json!({"media": media, "type": type_of(&content["schema"])}))
        .collect()
}

/// The fields of an object's schema, or of all the objects that it may be.
fn fields(schema: &Value) -> Vec<Value> {
    let required: Vec<&Value> = items(&schema["required"]).collect();
    let own = entries(&schema["properties"]).map(|(name, field)| {
        let needed = required.iter().any(|r| *r == name);
        json!({"name": name, "type": type_of(field), "required": needed, "text": text_of(field)})
    });
    let others = ["oneOf", "anyOf", "allOf"].iter().flat_map(|key| items(&schema[*key])).flat_map(fields);
    own.chain(others).collect()
}

/// A field's description; that of one that may be null stands beside its type.
fn text_of(field: &Value) -> &Value {
    let option = items(&field["oneOf"]).map(|option| &option["description"]).find(|text| text.is_string());
    option.filter(|_| field["description"].is_null()).unwrap_or(&field["description"])
}

/// A schema in a few characters: `text`, `Stage`, `list of Stage`, `whole number or null`.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let options: Vec<String> = ["oneOf", "anyOf"].iter().flat_map(|key| items(&schema[*key])).map(type_of).collect();
    if !options.is_empty() {
        return options.join(" or ");
    }
    let mut text = String::new();
    let plain = schema["type"].as_str().map(|one| vec![one]);
    let names = plain.unwrap_or_else(|| items(&schema["type"]).filter_map(Value::as_str).collect());
    for (i, name) in names.iter().enumerate() {
        let word = match *name {
            "array" => format!("list of {}", type_of(&schema["items"])),
            "string" => schema["format"].as_str().map_or("text".to_owned(), str::to_owned),
            "integer" => "whole number".to_owned(),
            other => other.to_owned(),
        };
        let _ = write!(text, "{}{word}", if i > 0 { " or " } else { "" });
    }
    if text.is_empty() { "anything".to_owned() } else { text }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Value {
        serde_json::to_value(router::document()).unwrap()
    }

    #[test]
    fn the_page_shows_every_call() {
        let document = all();
        let html = render(&document).unwrap();
        for (_, item) in entries(&document["paths"]) {
            for (_, operation) in entries(item) {
                let id = operation["operationId"].as_str().unwrap();
                assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
            }
        }
        assert!(html.contains("id=\"invalid\""));
    }

    #[test]
    fn every_field_is_described_and_every_reference_leads_somewhere() {
        let document = all();
        let schemas = &document["components"]["schemas"];
        for (name, schema) in entries(schemas) {
            for field in fields(schema) {
                assert!(field["text"].is_string(), "{name}.{} has no description", field["name"]);
            }
        }
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas[name].is_object(), "{name} is nowhere");
        }
    }
}
