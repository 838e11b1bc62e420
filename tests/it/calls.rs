//! Every call of the OpenAPI document, so that a new route cannot be forgotten.

use reqwest::Method;
use serde_json::{Value, json};
use stratagem_tests::{Answer, Api};

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The template, below `/api/v1` where it lies there.
    pub(crate) path: String,
}

impl Call {
    /// With `id` in its place.
    pub(crate) fn path_with(&self, id: &str) -> String {
        self.path.replace("{id}", id).replace("{name}", id)
    }

    pub(crate) fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// `GET /campaigns/{id}`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Makes the call, with a body that is valid.
    pub(crate) async fn make(&self, api: &Api, id: &str) -> Answer {
        // Streams do not end by themselves.
        let end = if self.name() == "GET /events" { "?follow=false" } else { "" };
        let request = api.request(self.method.clone(), &(self.path_with(id) + end));
        let request = match self.body(id) {
            Body::None => request,
            Body::Json(value) => request.json(&value),
            Body::Csv => {
                request.header("content-type", "text/csv").body("object_id,external_id,name,email,phone\n1,1,Eve,,\n")
            }
        };
        Api::send(request).await
    }

    fn body(&self, id: &str) -> Body {
        let strategy = json!({ "name": "x", "type": "data_load", "source": crate::strategies::LEAVE_IT });
        let smtp = json!({ "host": "127.0.0.1", "port": 25, "tls": "none", "from": "x@example.com" });
        Body::Json(match self.name().as_str() {
            "POST /tenants" => json!({ "name": "x" }),
            "PATCH /tenants/{id}" => json!({ "name": "changed" }),
            "POST /tenants/{id}/tokens" | "POST /tokens" => json!({ "name": "x", "role": "viewer" }),
            "POST /integrations" => json!({ "name": "x", "kind": "smtp", "settings": smtp }),
            "PATCH /integrations/{id}" | "PATCH /campaigns/{id}" | "PATCH /stages/{id}" | "PATCH /contacts/{id}" => {
                json!({ "name": "changed" })
            }
            "POST /agents" => json!({ "name": "x", "kind": "scripted", "rules": "greeting = 'x'\nfallback = 'x'" }),
            "PATCH /agents/{id}" => json!({ "name": "changed" }),
            "POST /steps/retry" | "POST /steps/drop" => json!({ "all": true }),
            "POST /suppressions" => json!({ "address": "x@example.com" }),
            "POST /inbox/{id}/messages" => json!({ "content": "x" }),
            "POST /inbox/{id}/resolve" => json!({ "results": {} }),
            "POST /campaigns" => json!({ "name": "x" }),
            "POST /campaigns/{id}/stages" => {
                json!({ "name": "x", "channel": "none", "settings": { "start_state": "x" } })
            }
            "PUT /campaigns/{id}/stages/order" => json!({ "stage_ids": [id] }),
            "POST /campaigns/{id}/strategies" => strategy,
            "PUT /strategies/{id}" => json!({ "name": "changed" }),
            "POST /strategies/{id}/test-run" => {
                json!({ "contact": { "object_id": "1", "external_id": "1", "name": "x" } })
            }
            "PUT /secrets/{name}" => json!({ "value": "12345678", "hosts": ["crm.example"] }),
            "POST /campaigns/{id}/imports" => return Body::Csv,
            "POST /integrations/{id}/test"
            | "POST /runs/{id}/replay"
            | "POST /campaigns/{id}/activate"
            | "POST /campaigns/{id}/pause"
            | "POST /campaigns/{id}/resume"
            | "POST /campaigns/{id}/archive"
            | "POST /inbox/{id}/claim"
            | "POST /steps/{id}/retry"
            | "POST /steps/{id}/drop"
            | "POST /sends/release" => return Body::None,
            name if name.starts_with("GET ") || name.starts_with("DELETE ") => return Body::None,
            name => panic!("`{name}` is new: give it a valid body here"),
        })
    }
}

enum Body {
    None,
    Json(Value),
    Csv,
}

/// The calls below `/api/v1`, reads first, deletions last.
pub(crate) async fn all(api: &Api) -> Vec<Call> {
    let document = api.get("/api/openapi.json").await.ok();
    let mut calls: Vec<Call> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (path, method)))
        .filter_map(|(path, method)| {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            Some(Call { method, path: path.strip_prefix("/api/v1")?.to_owned() })
        })
        .collect();
    let rank = |method: &Method| {
        [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE].iter().position(|m| m == method)
    };
    calls.sort_by_key(|call| rank(&call.method).expect("a method that is ranked"));
    assert!(calls.len() > 40, "{calls:#?}");
    calls
}
