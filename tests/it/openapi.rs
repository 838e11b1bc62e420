//! The contract as a file: a change of it is a reviewed diff.

use serde_json::Value;

#[test]
fn the_document_is_the_one_that_was_reviewed() {
    let document = serde_json::to_string_pretty(&sorted(stratagem_server::openapi())).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("openapi", document));
}

/// Objects by key, so that only what is said makes a difference.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_serves_it() {
    let app = stratagem_tests::TestApp::start().await;
    assert_eq!(app.stranger().get("/api/openapi.json").await.ok(), stratagem_server::openapi());
    let page = app.stranger().get("/docs").await;
    assert!(page.status == 200 && page.content_type.starts_with("text/html"), "{} {}", page.status, page.content_type);
}

#[test]
fn every_call_says_what_it_does_and_what_it_answers() {
    let document = stratagem_server::openapi();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            assert!(call["summary"].as_str().is_some_and(|text| !text.is_empty()), "{at} has no summary");
            assert!(call["operationId"].is_string(), "{at} has no operationId");
            let answers = call["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{at} has no good answer");
            if path.starts_with("/api/v1") {
                let problem = &answers["401"]["content"]["application/problem+json"];
                assert!(problem.is_object(), "{at} does not say how it refuses");
            }
        }
    }
}
