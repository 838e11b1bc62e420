//! Answers that come in pieces: OpenAI's chunks as server-sent events.

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Beat, CREATED, Server, usage};

/// Of words and arguments so many characters come in a chunk, as tokens do.
const TOKEN: usize = 4;
/// Of the body so many bytes come at a time, so that neither lines nor characters stay whole.
const BYTES: usize = 37;

/// The answer that these beats make.
pub(super) fn answer(server: Server, beats: Vec<Beat>, stops: &'static str, counted: bool) -> Response {
    let (pieces, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    tokio::spawn(async move {
        if play(&server, &pieces, beats, stops, counted).await.is_none() {
            server.lock().abandoned += 1;
        }
    });
    let body = stream::unfold(body, |mut body| async { Some((body.recv().await?, body)) });
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(body)).into_response()
}

/// None where nobody reads on.
async fn play(
    server: &Server,
    pieces: &mpsc::Sender<Result<Bytes, std::io::Error>>,
    beats: Vec<Beat>,
    stops: &str,
    counted: bool,
) -> Option<()> {
    let send = async |data: &str| {
        for bytes in format!("data: {data}\n\n").as_bytes().chunks(BYTES) {
            pieces.send(Ok(Bytes::copy_from_slice(bytes))).await.ok()?;
        }
        Some(())
    };
    let delta = async |delta: Value| send(&chunk(json!([choice(delta, Value::Null)]), counted, Value::Null)).await;
    delta(json!({ "role": "assistant", "content": "", "refusal": null })).await?;
    let mut calls = 0;
    for beat in beats {
        match beat {
            Beat::Says(text) => {
                for token in tokens(&text) {
                    delta(json!({ "content": token })).await?;
                }
            }
            Beat::Calls(name, arguments) => {
                let function = json!({ "name": name, "arguments": "" });
                let call =
                    json!({ "index": calls, "id": format!("call_{calls}"), "type": "function", "function": function });
                delta(json!({ "tool_calls": [call] })).await?;
                for token in tokens(&arguments) {
                    let call = json!({ "index": calls, "function": { "arguments": token } });
                    delta(json!({ "tool_calls": [call] })).await?;
                }
                calls += 1;
            }
            Beat::Waits => tokio::select! {
                permit = server.told.acquire() => permit.ok()?.forget(),
                () = pieces.closed() => return None,
            },
            Beat::Breaks => {
                let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                return pieces.send(Err(broken)).await.ok();
            }
            Beat::Line(line) => send(&line).await?,
        }
    }
    let reason = if calls > 0 { "tool_calls" } else { stops };
    send(&chunk(json!([choice(json!({}), reason.into())]), counted, Value::Null)).await?;
    if counted {
        send(&chunk(json!([]), counted, usage())).await?;
    }
    send("[DONE]").await
}

fn tokens(text: &str) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(TOKEN).map(|token| token.iter().collect()).collect()
}

fn choice(delta: Value, finish_reason: Value) -> Value {
    json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason })
}

fn chunk(choices: Value, counted: bool, usage: Value) -> String {
    let mut chunk = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": "fake",
        "choices": choices });
    if counted {
        chunk["usage"] = usage;
    }
    chunk.to_string()
}
