//! The requests: Calls.json to make one, a call to look at or to end, the account.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shares};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Call, Callee, Shared, Trouble, play};

/// What Calls.json knows, of which we may use these.
const FIELDS: [&str; 14] = [
    "To",
    "From",
    "Url",
    "Method",
    "FallbackUrl",
    "StatusCallback",
    "StatusCallbackEvent",
    "StatusCallbackMethod",
    "Timeout",
    "TimeLimit",
    "MachineDetection",
    "Twiml",
    "Record",
    "SendDigits",
];

type Form = Vec<(String, String)>;

pub(super) async fn account(
    Shares(shared): Shares<Arc<Shared>>,
    Path(account): Path<String>,
    headers: HeaderMap,
) -> Response {
    let sid = account.trim_end_matches(".json");
    match allowed(&shared, sid, &headers) {
        Ok(()) => axum::Json(json!({"sid": sid, "status": "active", "type": "Full"})).into_response(),
        Err(refusal) => refusal,
    }
}

pub(super) async fn create(
    Shares(shared): Shares<Arc<Shared>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = allowed(&shared, &account, &headers) {
        return refusal;
    }
    let trouble = shared.state().troubles.pop_front();
    match trouble {
        None => {}
        Some(Trouble::Error(status, code)) => return error(status, code, "as the test asked"),
        Some(Trouble::Gateway(status)) => return (StatusCode::from_u16(status).unwrap(), "<html>").into_response(),
        Some(Trouble::Silence) => std::future::pending().await,
    }
    let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
    if let Err(refusal) = check(&headers, &form) {
        return refusal;
    }
    let (index, callee) = {
        let mut state = shared.state();
        let index = state.calls.len();
        let sid = format!("CA{:032x}", index + 1);
        state.calls.push(Call { sid, form: form.clone(), status: "queued".to_owned(), ..Call::default() });
        let to = form.iter().find(|(name, _)| name == "To").map(|(_, number)| number.as_str()).unwrap_or_default();
        let known = state.known.get(to).cloned();
        (index, known.or_else(|| state.callees.pop_front()).unwrap_or(Callee::NoAnswer))
    };
    let answer = describe(&shared, index);
    tokio::spawn(play::play(shared, index, callee));
    (StatusCode::CREATED, axum::Json(answer)).into_response()
}

pub(super) async fn fetch(
    Shares(shared): Shares<Arc<Shared>>,
    Path((account, call)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match allowed(&shared, &account, &headers).and_then(|()| find(&shared, &call)) {
        Ok(index) => axum::Json(describe(&shared, index)).into_response(),
        Err(refusal) => refusal,
    }
}

pub(super) async fn update(
    Shares(shared): Shares<Arc<Shared>>,
    Path((account, call)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let index = match allowed(&shared, &account, &headers).and_then(|()| find(&shared, &call)) {
        Ok(index) => index,
        Err(refusal) => return refusal,
    };
    let status =
        url::form_urlencoded::parse(&body).find(|(name, _)| name == "Status").map(|(_, value)| value.into_owned());
    match status.as_deref() {
        Some(status @ ("completed" | "canceled")) => shared.change(index, |call| status.clone_into(&mut call.status)),
        _ => return error(400, 21_220, "Invalid call state"),
    }
    axum::Json(describe(&shared, index)).into_response()
}

fn allowed(shared: &Shared, account: &str, headers: &HeaderMap) -> Result<(), Response> {
    let right = format!("Basic {}", STANDARD.encode(format!("{}:{}", shared.account_sid, shared.auth_token)));
    let given = headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    if given != Some(right.as_str()) {
        return Err(error(401, 20_003, "Authenticate"));
    }
    if account == shared.account_sid { Ok(()) } else { Err(error(404, 20_404, "The requested resource was not found")) }
}

fn find(shared: &Shared, call: &str) -> Result<usize, Response> {
    let sid = call.trim_end_matches(".json");
    let found = shared.state().calls.iter().position(|call| call.sid == sid);
    found.ok_or_else(|| error(404, 20_404, "The requested resource was not found"))
}

fn check(headers: &HeaderMap, form: &Form) -> Result<(), Response> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(error(415, 20_415, "Unsupported media type"));
    }
    let value = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    if let Some((name, _)) = form.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
        return Err(error(400, 20_001, &format!("unknown parameter {name}")));
    }
    let number = |text: &str| {
        text.strip_prefix('+')
            .is_some_and(|rest| (8..=15).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    match (value("To"), value("From")) {
        (None | Some(""), _) => return Err(error(400, 21_201, "No 'To' number is specified")),
        (_, None | Some("")) => return Err(error(400, 21_213, "'From' phone number is required")),
        (Some(to), _) if !number(to) => return Err(error(400, 21_211, "Invalid 'To' Phone Number")),
        (_, Some(from)) if !number(from) => return Err(error(400, 21_212, "Invalid 'From' Number")),
        _ => {}
    }
    if value("Url").is_none_or(|url| url.parse::<url::Url>().is_err()) {
        return Err(error(400, 21_205, "Url is not a valid URL"));
    }
    let events = ["initiated", "ringing", "answered", "completed"];
    let mut asked = form.iter().filter(|(name, _)| name == "StatusCallbackEvent");
    let seconds = |name: &str, most: u32| value(name).is_none_or(|text| text.parse::<u32>().is_ok_and(|n| n <= most));
    let known = asked.all(|(_, event)| events.contains(&event.as_str()))
        && matches!(value("MachineDetection"), None | Some("Enable" | "DetectMessageEnd"))
        && seconds("Timeout", 600)
        && seconds("TimeLimit", 86_400);
    if known { Ok(()) } else { Err(error(400, 20_001, "Invalid parameter")) }
}

fn describe(shared: &Shared, index: usize) -> Value {
    let state = shared.state();
    let call = &state.calls[index];
    let field = |name: &str| call.form.iter().find(|(field, _)| field == name).map(|(_, value)| value);
    json!({
        "sid": call.sid, "account_sid": shared.account_sid, "to": field("To"), "from": field("From"), "status": call.status,
        "direction": "outbound-api", "api_version": "2010-04-01", "queue_time": "0",
    })
}

fn error(status: u16, code: u64, message: &str) -> Response {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more, "status": status});
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}
