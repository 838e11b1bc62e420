//! What the OpenAPI document says about all calls alike, so that no endpoint has to repeat it.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, Ref, Required, ResponseBuilder,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::error::{Kind, ProblemDetails};

const TAGS: [(&str, &str); 9] = [
    ("operations", "How the server is, and what a person has to see to."),
    ("access", "Tenants, tokens, and who the caller is."),
    ("integrations", "Accounts and servers that messages leave through."),
    ("agents", "Who talks with contacts on two-way channels."),
    ("campaigns", "Campaigns and their life."),
    ("stages", "The steps of a campaign's sequence."),
    ("strategies", "The tenant's own logic, in Python, and its runs."),
    ("contacts", "Imports, contacts, what was sent to them, and who must not be written to."),
    ("conversations", "What was said on two-way channels, and what people have to see to."),
];

const DESCRIPTION: &str = "Errors are RFC 9457 `application/problem+json`. Times are RFC 3339 with offset, ids are UUIDs. \
Lists are `{items, next_cursor}`, asked for with `limit` and `cursor`. Unknown fields are refused. A POST with an \
`Idempotency-Key` is done once, however often it is sent. What belongs to another tenant is 404. Every \
answer carries an `X-Request-Id`: the request's own, or a new one. The server's log lines about the request, and about all that \
it sets in motion, name it.";

/// The document before there are calls in it.
pub(crate) fn head() -> OpenApi {
    let info = InfoBuilder::new().title("Stratagem").version("1").description(Some(DESCRIPTION)).build();
    let mut components = Components::new();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut inner = Vec::new();
    ProblemDetails::schemas(&mut inner);
    components.schemas.extend(inner);
    components.schemas.insert(ProblemDetails::name().into_owned(), ProblemDetails::schema());
    let tags = TAGS.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .tags(Some(tags))
        .build()
}

/// Adds to every call the errors that any call can answer, and the header that every POST takes.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        if !path.starts_with("/api/v1") {
            continue;
        }
        let with_id = path.contains('{');
        for (method, operation) in operations(item) {
            let mut kinds = vec![Kind::Unauthorized, Kind::Forbidden, Kind::Invalid, Kind::Internal];
            kinds.extend(with_id.then_some(Kind::NotFound));
            if operation.request_body.is_some() {
                kinds.extend([Kind::Malformed, Kind::TooLarge, Kind::UnsupportedMediaType]);
            }
            if method != HttpMethod::Get {
                kinds.push(Kind::Conflict);
            }
            kinds.sort_by_key(|kind| kind.status());
            for kind in kinds {
                add_problem(operation, kind);
            }
            if method == HttpMethod::Post {
                add_idempotency_key(operation);
            }
        }
    }
    document
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    .collect()
}

fn add_problem(operation: &mut Operation, kind: Kind) {
    let schema = Ref::from_schema_name(ProblemDetails::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response =
        ResponseBuilder::new().description(kind.title()).content("application/problem+json", content).build();
    operation.responses.responses.insert(kind.status().as_str().to_owned(), response.into());
}

fn add_idempotency_key(operation: &mut Operation) {
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The request is done once under this key; repeated, it gets the first answer again."))
        .schema(Some(String::schema()))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
}
