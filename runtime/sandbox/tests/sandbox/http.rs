//! `stratagem.http` from a strategy to the port: what the sandbox counts, caps and records, whoever makes the requests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use stratagem_domain::strategy::{
    HttpBody, HttpError, HttpErrorKind, HttpOutcome, HttpRequest, HttpResponse, Limits, RunErrorKind, RunReport,
};
use stratagem_sandbox::{Allowance, Outbound};
use tokio::sync::Barrier;

use crate::common::{Ask, failed, hook, returned};

/// Answers with the request's path; all requests of a batch are there before the first is answered.
struct Echo {
    together: Option<Barrier>,
}

#[async_trait]
impl Outbound for Echo {
    async fn send(&self, ordinal: usize, request: &HttpRequest, allowed: Allowance) -> Result<HttpResponse, HttpError> {
        if request.url.ends_with("/never") {
            std::future::pending::<()>().await;
        }
        if request.url.ends_with("/private") {
            return Err(HttpError::new(HttpErrorKind::Denied, "not for you"));
        }
        if let Some(together) = &self.together {
            together.wait().await;
        }
        let body = json!({ "n": ordinal, "ms": allowed.time.as_millis() as u64 }).to_string();
        Ok(HttpResponse {
            status: 200,
            headers: vec![("content-type".into(), "application/json".into())],
            body: HttpBody(body.into_bytes()),
            url: request.url.clone(),
        })
    }
}

async fn run(body: &str, together: Option<usize>, limits: Limits) -> RunReport {
    let outbound = Arc::new(Echo { together: together.map(Barrier::new) });
    Ask { outbound, limits, ..Ask::default() }
        .run(&hook(&format!("import asyncio\nfrom stratagem import http\n{body}")))
        .await
}

const API: &str = "https://api.example";

#[tokio::test]
async fn gathered_requests_are_under_way_at_the_same_time_and_keep_their_order() {
    let body = format!(
        "answers = await asyncio.gather(*[http.get('{API}/' + str(n)) for n in range(3)])\ncontact.results['out'] = [a.json()['n'] for a in answers]"
    );
    let report = run(&body, Some(3), Limits::default()).await;
    assert_eq!(returned(&report).results["out"], json!([0, 1, 2]));
    let urls: Vec<_> = report.transcript.iter().map(|exchange| exchange.request.url.as_str()).collect();
    assert_eq!(urls, ["https://api.example/0", "https://api.example/1", "https://api.example/2"]);
}

#[tokio::test]
async fn every_call_is_on_record_with_what_came_of_it() {
    let body = format!(
        "r = await http.post('{API}/a', json={{'x': 1}}, headers={{'authorization': 'Bearer {{{{secret:CRM}}}}'}}, timeout=2)\n\
         contact.results['ms'] = r.json()['ms']\ntry:\n    await http.get('{API}/private')\nexcept http.RequestDenied as e:\n    contact.results['out'] = str(e)"
    );
    let report = run(&body, None, Limits::default()).await;
    assert_eq!(
        (&returned(&report).results["out"], &returned(&report).results["ms"]),
        (&json!("not for you"), &json!(2000))
    );
    let [post, get] = report.transcript.try_into().unwrap();
    assert_eq!((post.request.method.as_str(), post.request.body), ("POST", Some(HttpBody(b"{\"x\": 1}".to_vec()))));
    assert!(post.request.headers.contains(&("authorization".into(), "Bearer {{secret:CRM}}".into())));
    assert!(matches!(post.outcome, HttpOutcome::Response(HttpResponse { status: 200, .. })));
    assert!(matches!(get.outcome, HttpOutcome::Error(HttpError { kind: HttpErrorKind::Denied, .. })));
}

#[tokio::test]
async fn the_eleventh_request_is_refused_and_the_run_may_go_on() {
    let body = format!(
        "for n in range(20):\n    try:\n        await http.get('{API}/')\n    except http.HttpLimit:\n        contact.results['out'] = n\n        break"
    );
    let report = run(&body, None, Limits::default()).await;
    assert_eq!(returned(&report).results["out"], 10);
    assert_eq!(report.transcript.len(), 10);

    let body = format!("await asyncio.gather(*[http.get('{API}/') for n in range(500)])");
    let report = run(&body, None, Limits { http_requests: 3, ..Limits::default() }).await;
    let error = failed(&report, RunErrorKind::HttpLimit);
    assert!(error.message.contains("3 requests"), "{error}");
    assert_eq!(report.transcript.len(), 3);
}

#[tokio::test]
async fn a_run_whose_time_ends_in_a_request_tells_which() {
    let limits = Limits { wall_ms: 150, ..Limits::default() };
    let body = format!("await http.get('{API}/never')");
    let report = tokio::time::timeout(Duration::from_secs(5), run(&body, None, limits)).await.unwrap();
    let error = failed(&report, RunErrorKind::Timeout);
    // What was awaited stands in no frame, but the request is on record.
    assert_eq!(error.line, None);
    let [never] = report.transcript.try_into().unwrap();
    assert_eq!(never.request.url, format!("{API}/never"));
    assert!(matches!(never.outcome, HttpOutcome::Error(HttpError { kind: HttpErrorKind::Timeout, .. })));

    let limits = Limits { wall_ms: 150, ..Limits::default() };
    let text = format!(
        "from stratagem import http\ndef run(contact, existing_contact, logger):\n    http.get('{API}/never')\n"
    );
    let report = Ask { outbound: Arc::new(Echo { together: None }), limits, ..Ask::default() }.run(&text).await;
    assert_eq!(failed(&report, RunErrorKind::Timeout).line, Some(3));
}
