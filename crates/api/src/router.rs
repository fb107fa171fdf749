//! The table of contents: every operation of the API, by path.
//!
//! Around all of it, from the outside in: metrics, request id and span ([`crate::observe`]); problem details, time
//! limit and headers ([`crate::finish`]); panics; who asks and how often ([`crate::identify`]).

use axum::{Router, middleware::from_fn_with_state, routing::get};
use http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    activity, auth, changes, deliveries, document, events,
    finish::{finish, panicked},
    identify::identify,
    me, notifications,
    observe::observe,
    problem::problem_not_found,
    projects, recurring_tasks, sessions,
    state::ApiState,
    stats, tags, tasks, tokens,
};

const OPENAPI: &str = "/api/openapi.json";

/// The page loads nothing from elsewhere and runs nothing inline.
const DOCS_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn operations() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        // accounts
        .routes(routes!(auth::register::register))
        .routes(routes!(auth::login::login))
        .routes(routes!(auth::login::logout))
        .routes(routes!(auth::password::change_password))
        .routes(routes!(auth::password::reset_password))
        .routes(routes!(auth::delete_account::delete_account))
        .routes(routes!(me::get_me, me::update_me))
        .routes(routes!(me::get_preferences, me::set_preferences))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::revoke_session))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        // tasks
        .routes(routes!(tasks::find::list_tasks, tasks::create::create_task))
        .routes(routes!(tasks::quick_add::quick_add))
        .routes(routes!(tasks::quick_add::preview_quick_add))
        .routes(routes!(tasks::bulk::bulk_tasks))
        .routes(routes!(tasks::find::get_task, tasks::change::update_task, tasks::trash::trash_task))
        .routes(routes!(tasks::complete::complete_task))
        .routes(routes!(tasks::complete::reopen_task))
        .routes(routes!(tasks::trash::restore_task))
        .routes(routes!(tasks::change::snooze_task))
        .routes(routes!(tasks::reminders::get_reminders, tasks::reminders::set_reminders))
        .routes(routes!(tasks::history::get_task_history))
        .routes(routes!(tasks::history::list_task_deliveries))
        // recurring tasks
        .routes(routes!(recurring_tasks::find::list_recurring_tasks, recurring_tasks::create::create_recurring_task))
        .routes(routes!(recurring_tasks::preview::preview_recurrence))
        .routes(routes!(
            recurring_tasks::find::get_recurring_task,
            recurring_tasks::change::update_recurring_task,
            recurring_tasks::change::delete_recurring_task
        ))
        .routes(routes!(recurring_tasks::preview::preview_recurring_task))
        .routes(routes!(recurring_tasks::pause::pause_recurring_task))
        .routes(routes!(recurring_tasks::pause::resume_recurring_task))
        .routes(routes!(recurring_tasks::skip::skip_occurrence))
        .routes(routes!(recurring_tasks::find::get_recurring_task_history))
        // projects and tags
        .routes(routes!(projects::list_projects, projects::create_project))
        .routes(routes!(projects::get_project, projects::update_project, projects::delete_project))
        .routes(routes!(tags::list_tags, tags::create_tag))
        .routes(routes!(tags::delete_tag))
        // what people were told
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(notifications::read_all_notifications))
        .routes(routes!(notifications::read_notification))
        .routes(routes!(notifications::snooze_notification))
        .routes(routes!(deliveries::list_deliveries))
        // over everything
        .routes(routes!(activity::list_activity))
        .routes(routes!(stats::get_stats))
        .routes(routes!(changes::get_changes))
        .routes(routes!(events::follow_events))
}

fn described() -> OpenApiRouter<ApiState> {
    // Nested here and not on axum's router, else the paths in the document lack the prefix.
    OpenApiRouter::with_openapi(document::head()).nest("/api", operations().fallback(problem_not_found))
}

/// The description of the API (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    let mut document = described().into_openapi();
    document::complete(&mut document);
    document
}

/// Everything under `/api` and `/docs`. Health checks, metrics and the web page are not here.
pub fn router(state: ApiState) -> Router {
    let (api, mut openapi) = described().split_for_parts();
    document::complete(&mut openapi);
    let document = serde_json::to_string(&openapi).unwrap_or_default();
    let document = move || std::future::ready(([(header::CONTENT_TYPE, "application/json")], document.clone()));
    let around = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), observe))
        .layer(from_fn_with_state(state.clone(), finish))
        .layer(CatchPanicLayer::custom(panicked));
    api.layer(from_fn_with_state(state.clone(), identify))
        .route(OPENAPI, get(document))
        .merge(docs())
        .layer(around)
        .with_state(state)
}

/// Swagger UI from the binary.
fn docs() -> Router<ApiState> {
    let config = Config::new([OPENAPI]).use_base_layout().deep_linking(true).try_it_out_enabled(false);
    Router::from(SwaggerUi::new("/docs").config(config))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_CSP)))
}
