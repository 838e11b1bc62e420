//! Who may call what: a table that has to name every call.

use stratagem_tests::TestApp;

use crate::calls::{self, Call};

const NOBODYS: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
const ROLES: [&str; 5] = ["platform_admin", "admin", "developer", "operator", "viewer"];

/// Roles that may make the call.
fn allowed(call: &Call) -> &'static [&'static str] {
    const ANYBODY: &[&str] = &ROLES;
    const TENANT: &[&str] = &["admin", "developer", "operator", "viewer"];
    const PLATFORM: &[&str] = &["platform_admin"];
    const ADMINS: &[&str] = &["admin"];
    const BUILDERS: &[&str] = &["admin", "developer"];
    const OPERATORS: &[&str] = &["admin", "operator"];
    match call.name().as_str() {
        "GET /me" => ANYBODY,
        name if name.contains(" /tenants") || name.contains(" /sends") => PLATFORM,
        name if name.contains(" /steps") => ADMINS,
        name if name.contains(" /tokens") => ADMINS,
        name if name.starts_with("GET ") => TENANT,
        "POST /runs/{id}/replay" => TENANT,
        name if name.contains(" /suppressions") || name.contains(" /inbox") => OPERATORS,
        name if name.contains(" /agents") => ADMINS,
        name if name.contains(" /integrations") || name.contains(" /secrets") => ADMINS,
        "POST /campaigns/{id}/pause" | "POST /campaigns/{id}/resume" | "POST /campaigns/{id}/imports" => OPERATORS,
        "PATCH /contacts/{id}" | "DELETE /contacts/{id}" => OPERATORS,
        name if name.contains(" /campaigns") || name.contains(" /stages") || name.contains(" /strategies") => BUILDERS,
        name => panic!("`{name}` is new: say who may call it"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_may_make_its_calls_and_no_others() {
    let app = TestApp::start().await;
    let calls = calls::all(&app.admin).await;
    for role in ROLES {
        let somebody = if role == "platform_admin" { app.platform() } else { app.somebody(role).await };
        assert_eq!(somebody.get("/me").await.ok()["role"], role);
        for call in &calls {
            let answer = call.make(&somebody, NOBODYS).await;
            if allowed(call).contains(&role) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{role} {}: {} {}",
                    call.name(),
                    answer.status,
                    answer.text
                );
                assert!(answer.status < 500, "{role} {}: {} {}", call.name(), answer.status, answer.text);
            } else {
                answer.problem(403);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_valid_token_every_call_is_401() {
    let app = TestApp::start().await;
    let stranger = app.stranger();
    let forged = app.admin.with_token(Some("forged"));
    for call in calls::all(&app.admin).await {
        call.make(&stranger, NOBODYS).await.problem(401);
        call.make(&forged, NOBODYS).await.problem(401);
    }
    // These are for everybody.
    for open in ["/healthz", "/readyz", "/api/openapi.json", "/docs"] {
        assert_eq!(stranger.get(open).await.status, 200, "{open}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_token_is_worth_nothing() {
    let app = TestApp::start().await;
    let viewer = app.somebody("viewer").await;
    viewer.get("/me").await.ok();
    let tokens = app.admin.list("/tokens").await;
    assert!(tokens.iter().all(|token| token.get("token").is_none()), "tokens are shown once: {tokens:?}");
    let id = tokens.iter().find(|token| token["role"] == "viewer").unwrap()["id"].as_str().unwrap();
    app.admin.delete(&format!("/tokens/{id}")).await.with(204);
    viewer.get("/me").await.problem(401);
}
