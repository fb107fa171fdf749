//! The OpenAPI document around the operations: what can be known of an operation from what it takes is written here
//! once, not on every handler: its tag, how to sign in, and how it can fail.

use std::fmt::Write;

use http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{
        Components, ComponentsBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder,
        OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
        path::{Operation, ParameterIn},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::problem::{CONTENT_TYPE, Kind, ProblemView};

const BEARER: &str = "bearer";
const COOKIE: &str = "session_cookie";

const ABOUT: &str = "Tasks, due dates, recurring tasks and reminders.\n\n\
    Names are snake_case. Instants are RFC 3339 in UTC; whole days are `YYYY-MM-DD`. Lists answer `items`, `total`, \
    `page`, `page_size` and `next_cursor`. Unknown fields and parameters are refused. A body has at most 256 KiB.\n\n\
    `Idempotency-Key` on a POST makes it safe to send again. The `ETag` of a task, recurring task, project or account \
    is its version; `If-Match` makes a change depend on it.\n\n\
    Requests are limited by account, and under `/api/auth` by address; see `RateLimit-Limit`, `RateLimit-Remaining` \
    and `RateLimit-Reset` (seconds).\n\n\
    Errors are problem details (RFC 9457). Their `type` never changes:\n\n";

const TAGS: [(&str, &str); 12] = [
    ("auth", "Accounts: register, sign in and out, passwords."),
    ("me", "Your own account: settings, sessions, API tokens, preferences."),
    ("tasks", "Tasks, their reminders and their history."),
    ("recurring-tasks", "Rules that make a task for each of their slots."),
    ("projects", "Projects hold tasks."),
    ("tags", "Tags, and how many open tasks carry them."),
    ("notifications", "What you were told in the app."),
    ("deliveries", "The ledger of every notification on every channel."),
    ("activity", "Everything that happened in your account."),
    ("stats", "Figures over your tasks."),
    ("changes", "What changed since last time, for programs that keep a copy."),
    ("events", "Live updates."),
];

/// The document before any operation.
pub fn head() -> OpenApi {
    let license = LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).identifier(Some(env!("CARGO_PKG_LICENSE")));
    let info = InfoBuilder::new()
        .title("Todo")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description()))
        .license(Some(license.build()));
    let tags = TAGS.iter().map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build());
    OpenApiBuilder::new().info(info.build()).tags(Some(tags)).components(Some(components())).build()
}

fn description() -> String {
    let mut text = ABOUT.to_owned();
    for kind in Kind::ALL {
        let _ = writeln!(text, "- `/problems/{}` ({}): {}", kind.slug(), kind.status().as_u16(), kind.title());
    }
    text
}

fn components() -> Components {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "The `access_token` of a sign-in, or an API token. An API token has the scopes `read`, `write`, `admin`.",
    ));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        "__Host-todo_session",
        "The web page's session; changes must come from the page itself.",
    ));
    let mut schemas = vec![(ProblemView::name().into_owned(), <ProblemView as utoipa::PartialSchema>::schema())];
    ProblemView::schemas(&mut schemas);
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(BEARER, SecurityScheme::Http(bearer.build()))
        .security_scheme(COOKIE, SecurityScheme::ApiKey(cookie))
        .responses_from_iter(FAILURES.iter().map(|failure| (failure.name, failure.response())))
        .build()
}

/// A way to fail, shared by many operations.
struct Failure {
    name: &'static str,
    status: StatusCode,
    about: &'static str,
    header: Option<(&'static str, &'static str)>,
    applies: fn(&Traits<'_>) -> bool,
}

/// What an operation takes.
struct Traits<'a> {
    path: &'a str,
    signed_in: bool,
    has_body: bool,
    has_input: bool,
    has_id: bool,
    changes: bool,
    if_match: bool,
    keyed: bool,
}

const FAILURES: [Failure; 15] = [
    Failure {
        name: "Malformed",
        status: StatusCode::BAD_REQUEST,
        about: "The body or a header cannot be read.",
        header: None,
        applies: |operation| operation.has_body || operation.if_match,
    },
    Failure {
        name: "Unauthenticated",
        status: StatusCode::UNAUTHORIZED,
        about: "No token, or one that is not valid.",
        header: Some(("WWW-Authenticate", "How to sign in.")),
        applies: |operation| operation.signed_in,
    },
    Failure {
        name: "WrongCredentials",
        status: StatusCode::UNAUTHORIZED,
        about: "Wrong address or password.",
        header: Some(("WWW-Authenticate", "How to sign in.")),
        applies: |operation| operation.path == "/api/auth/login",
    },
    Failure {
        name: "RegistrationClosed",
        status: StatusCode::FORBIDDEN,
        about: "This server does not take registrations.",
        header: None,
        applies: |operation| operation.path == "/api/auth/register",
    },
    Failure {
        name: "EmailTaken",
        status: StatusCode::CONFLICT,
        about: "An account with this address exists already.",
        header: None,
        applies: |operation| operation.path == "/api/auth/register",
    },
    Failure {
        name: "Forbidden",
        status: StatusCode::FORBIDDEN,
        about: "The token may not do that.",
        header: None,
        applies: |operation| operation.signed_in,
    },
    Failure {
        name: "NotFound",
        status: StatusCode::NOT_FOUND,
        about: "It does not exist, or it is not yours.",
        header: None,
        applies: |operation| operation.has_id,
    },
    Failure {
        name: "Conflict",
        status: StatusCode::CONFLICT,
        about: "The state does not allow it, it exists already, or the first request with this key is under way.",
        header: None,
        applies: |operation| operation.keyed || (operation.changes && operation.has_id),
    },
    Failure {
        name: "Stale",
        status: StatusCode::PRECONDITION_FAILED,
        about: "Changed meanwhile: `If-Match` names another version.",
        header: None,
        applies: |operation| operation.if_match,
    },
    Failure {
        name: "TooLarge",
        status: StatusCode::PAYLOAD_TOO_LARGE,
        about: "The body has more than 256 KiB.",
        header: None,
        applies: |operation| operation.has_body,
    },
    Failure {
        name: "UnsupportedMediaType",
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        about: "The body is not JSON.",
        header: None,
        applies: |operation| operation.has_body,
    },
    Failure {
        name: "Invalid",
        status: StatusCode::UNPROCESSABLE_ENTITY,
        about: "Some fields cannot be accepted: `errors` names them.",
        header: None,
        applies: |operation| operation.has_input,
    },
    Failure {
        name: "RateLimited",
        status: StatusCode::TOO_MANY_REQUESTS,
        about: "Too many requests.",
        header: Some(("Retry-After", "Seconds to wait.")),
        applies: |_| true,
    },
    Failure {
        name: "Internal",
        status: StatusCode::INTERNAL_SERVER_ERROR,
        about: "Something went wrong here; it is logged under the request id.",
        header: None,
        applies: |_| true,
    },
    Failure {
        name: "Unavailable",
        status: StatusCode::SERVICE_UNAVAILABLE,
        about: "Not available for the moment: try again.",
        header: Some(("Retry-After", "Seconds to wait.")),
        applies: |_| true,
    },
];

impl Failure {
    fn response(&self) -> Response {
        let schema = Ref::from_schema_name(ProblemView::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let mut response = ResponseBuilder::new().description(self.about).content(CONTENT_TYPE, content);
        if let Some((name, about)) = self.header {
            let text: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).into();
            response = response.header(name, HeaderBuilder::new().schema(Some(text)).description(Some(about)).build());
        }
        response.build()
    }
}

/// Adds what every operation has in common.
pub fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        // One handler may stand under both methods; an operation's id must be its own.
        if let (Some(put), Some(patch)) = (&mut item.put, &item.patch)
            && put.operation_id == patch.operation_id
        {
            put.operation_id = put.operation_id.take().map(|id| format!("{id}_by_put"));
        }
        for (changes, operation) in operations(item) {
            complete_operation(path, changes, operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let unsafe_ones = [&mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    let unsafe_ones = unsafe_ones.into_iter().flatten().map(|operation| (true, operation));
    item.get.as_mut().map(|operation| (false, operation)).into_iter().chain(unsafe_ones)
}

fn complete_operation(path: &str, changes: bool, operation: &mut Operation) {
    let area = path.trim_start_matches("/api/").split('/').next().unwrap_or_default();
    operation.tags = Some(vec![area.to_owned()]);
    let anyone = operation.security.is_some();
    let either =
        || vec![SecurityRequirement::new::<_, _, &str>(BEARER, []), SecurityRequirement::new::<_, _, &str>(COOKIE, [])];
    operation.security.get_or_insert_with(either);

    let takes = |wanted: fn(&ParameterIn) -> bool, name: Option<&str>| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => wanted(&parameter.parameter_in) && name.is_none_or(|name| parameter.name == name),
            RefOr::Ref(_) => false,
        })
    };
    let has_body = operation.request_body.is_some();
    let header = |place: &ParameterIn| matches!(place, ParameterIn::Header);
    let traits = Traits {
        path,
        signed_in: !anyone,
        has_body,
        has_input: has_body || takes(|place| matches!(place, ParameterIn::Query), None),
        has_id: takes(|place| matches!(place, ParameterIn::Path), None),
        changes,
        if_match: takes(header, Some("If-Match")),
        keyed: takes(header, Some("Idempotency-Key")),
    };
    for failure in FAILURES.iter().filter(|failure| (failure.applies)(&traits)) {
        let status = failure.status.as_str().to_owned();
        let reference = RefOr::Ref(Ref::from_response_name(failure.name));
        operation.responses.responses.entry(status).or_insert(reference);
    }
}
