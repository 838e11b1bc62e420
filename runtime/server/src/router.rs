//! All routes on one screen, and what lies around every call.

use std::{any::Any, sync::Arc};

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use stratagem_engine::Engine;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{
        agents, campaigns, contacts, events, health, imports, inbox, integrations, me, metrics, runs, secrets, sends,
        sessions, stages, steps, strategies, suppressions, tenants, tokens,
    },
    around, docs,
    error::{Kind, Problem},
    extract::{MAX_BODY_BYTES, MAX_UPLOAD_BYTES},
    hooks, idempotency, openapi,
};

/// **The routes**: a new endpoint is a line here.
fn v1() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(me::me))
        .routes(routes!(tenants::list::list_tenants, tenants::create::create_tenant))
        .routes(routes!(tenants::get::get_tenant, tenants::update::update_tenant))
        .routes(routes!(tenants::create_token::create_tenant_token))
        .routes(routes!(tokens::list::list_tokens, tokens::create::create_token))
        .routes(routes!(tokens::delete::delete_token))
        .routes(routes!(integrations::list::list_integrations, integrations::create::create_integration))
        .routes(routes!(
            integrations::get::get_integration,
            integrations::update::update_integration,
            integrations::delete::delete_integration
        ))
        .routes(routes!(integrations::probe::test_integration))
        .routes(routes!(agents::list::list_agents, agents::create::create_agent))
        .routes(routes!(agents::get::get_agent, agents::update::update_agent, agents::delete::delete_agent))
        .routes(routes!(campaigns::list::list_campaigns, campaigns::create::create_campaign))
        .routes(routes!(
            campaigns::get::get_campaign,
            campaigns::update::update_campaign,
            campaigns::delete::delete_campaign
        ))
        .routes(routes!(campaigns::activate::activate_campaign))
        .routes(routes!(campaigns::pause::pause_campaign))
        .routes(routes!(campaigns::resume::resume_campaign))
        .routes(routes!(campaigns::archive::archive_campaign))
        .routes(routes!(campaigns::summary::summarize_campaign))
        .routes(routes!(stages::list::list_stages, stages::create::create_stage))
        .routes(routes!(stages::order::order_stages))
        .routes(routes!(stages::get::get_stage, stages::update::update_stage, stages::delete::delete_stage))
        .routes(routes!(strategies::versions::list_versions))
        .routes(routes!(strategies::source::get_source))
        .routes(routes!(strategies::get_boundary::get_boundary))
        .routes(routes!(strategies::component::get_component))
        .routes(routes!(strategies::test_run::test_run_strategy))
        .routes(routes!(imports::get::get_import))
        .routes(routes!(imports::receipts::list_receipts))
        .routes(routes!(contacts::list::list_contacts))
        .routes(routes!(contacts::get::get_contact, contacts::update::update_contact, contacts::delete::erase_contact))
        .routes(routes!(contacts::communications::list_communications))
        .routes(routes!(contacts::timeline::contact_timeline))
        .routes(routes!(contacts::links::contact_links))
        .routes(routes!(
            suppressions::list::list_suppressions,
            suppressions::create::create_suppression,
            suppressions::delete::delete_suppression
        ))
        .routes(routes!(sessions::list::list_sessions))
        .routes(routes!(sessions::get::get_session))
        .routes(routes!(inbox::list::list_inbox))
        .routes(routes!(inbox::claim::claim_session))
        .routes(routes!(inbox::message::write_message))
        .routes(routes!(inbox::resolve::resolve_session))
        .routes(routes!(runs::list::list_runs))
        .routes(routes!(runs::get::get_run))
        .routes(routes!(runs::replay::replay_run))
        .routes(routes!(steps::list::list_steps))
        .routes(routes!(steps::retry::retry_step))
        .routes(routes!(steps::drop::drop_step))
        .routes(routes!(steps::retry_many::retry_steps))
        .routes(routes!(steps::drop_many::drop_steps))
        .routes(routes!(events::listen::listen_to_events))
        .routes(routes!(sends::get::get_sends))
        .routes(routes!(sends::release::release_sends))
        .routes(routes!(secrets::list::list_secrets))
        .routes(routes!(secrets::get::get_secret, secrets::put::put_secret, secrets::delete::delete_secret))
}

/// The calls whose bodies may be components.
fn v1_uploads() -> OpenApiRouter<Engine> {
    OpenApiRouter::new().routes(routes!(strategies::list::list_strategies, strategies::create::create_strategy)).routes(
        routes!(
            strategies::get::get_strategy,
            strategies::update::update_strategy,
            strategies::delete::delete_strategy
        ),
    )
}

/// The calls that stream bodies of any size, and see to repeated ones themselves.
fn v1_streaming() -> OpenApiRouter<Engine> {
    OpenApiRouter::new().routes(routes!(imports::list::list_imports, imports::create::create_import))
}

/// The calls without a version.
fn operations() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(health::live::healthz))
        .routes(routes!(health::ready::readyz))
        .routes(routes!(metrics::get::get_metrics))
}

/// The document of everything above.
pub(crate) fn document() -> OpenApi {
    let api = OpenApiRouter::with_openapi(openapi::head()).merge(operations());
    let (_, document) = api.nest("/api/v1", v1().merge(v1_uploads()).merge(v1_streaming())).split_for_parts();
    openapi::complete(document)
}

/// Everything that the server answers.
pub(crate) fn router(engine: Engine, metrics: metrics::Exposition) -> Router {
    let metrics = Arc::new(metrics);
    let repeatable = from_fn_with_state(engine.clone(), idempotency::layer);
    let v1: Router<Engine> = Router::from(v1().layer(repeatable)).layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let repeatable = from_fn_with_state(engine.clone(), idempotency::uploads);
    let uploads: Router<Engine> =
        Router::from(v1_uploads().layer(repeatable)).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES));
    let streaming: Router<Engine> = Router::from(v1_streaming()).layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(Router::from(operations()))
        .nest("/api/v1", v1.merge(uploads).merge(streaming))
        .route("/api/openapi.json", get(docs::document))
        .route("/docs", get(docs::page))
        .route("/hooks/{id}", get(hooks::receive).post(hooks::receive))
        .route("/hooks/{id}/{*path}", get(hooks::receive_below).post(hooks::receive_below))
        .route("/u/{token}", get(hooks::ask).post(hooks::unsubscribe))
        .fallback(async || Problem::new(Kind::NotFound, "There is no such path. /docs lists all there are."))
        .method_not_allowed_fallback(async || {
            Problem::new(Kind::MethodNotAllowed, "/docs lists the methods of this path.")
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(Extension(metrics.clone()))
        .layer(from_fn_with_state((engine.clone(), metrics), around::layer))
        .with_state(engine)
}

fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or("for an unknown reason"))).into_response()
}
