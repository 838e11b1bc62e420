//! A token endpoint (RFC 6749): gives access tokens for one client's refresh token, or for the client itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

use crate::hook;

/// What happens to the next request that is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It gets this token.
    Give {
        /// `access_token`.
        token: &'static str,
        /// `expires_in`.
        lasts_s: u64,
    },
    /// It fails with this HTTP status and no body.
    Fail {
        /// Of the answer.
        status: u16,
    },
    /// It is answered with what is no token.
    Garbage,
}

/// The running server; clones are the same one. It ends with the runtime.
#[derive(Clone)]
pub struct TokenEndpoint {
    url: String,
    world: Arc<World>,
}

struct World {
    client_id: String,
    client_secret: String,
    /// Whoever holds it keeps answers back.
    gate: Arc<RwLock<()>>,
    state: Mutex<Happened>,
}

struct Happened {
    /// The one that is good.
    refresh_token: String,
    /// How many were given in the place of the first.
    exchanged: u32,
    exchanges: bool,
    acts: VecDeque<Act>,
    asked: Vec<HashMap<String, String>>,
}

impl TokenEndpoint {
    /// Starts it for one client.
    pub async fn start(client_id: &str, client_secret: &str, refresh_token: &str) -> Self {
        let world = Arc::new(World {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            gate: Arc::default(),
            state: Mutex::new(Happened {
                refresh_token: refresh_token.to_owned(),
                exchanged: 0,
                exchanges: false,
                acts: VecDeque::new(),
                asked: Vec::new(),
            }),
        });
        let router = Router::new().route("/token", post(answer)).with_state(Arc::clone(&world));
        let url = format!("{}/token", hook::serve(0, router).await);
        Self { url, world }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The client that it knows.
    pub fn client_id(&self) -> &str {
        &self.world.client_id
    }

    /// From now on each access token comes with another refresh token, and the one that was shown is good for nothing any more
    /// (RFC 9700 section 4.14.2).
    pub fn exchange(&self) {
        self.world.state().exchanges = true;
    }

    /// Keeps answers back until what is returned is dropped.
    pub async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.world.gate).write_owned().await
    }

    /// Somebody agrees anew: this is the refresh token that is good now.
    pub fn agree(&self, refresh_token: &str) {
        refresh_token.clone_into(&mut self.world.state().refresh_token);
    }

    /// The refresh token that is good.
    pub fn refresh_token(&self) -> String {
        self.world.state().refresh_token.clone()
    }

    /// What happens to the next request; several wait in a line.
    pub fn next(&self, act: Act) {
        self.world.state().acts.push_back(act);
    }

    /// The forms of all requests that were in order.
    pub fn asked(&self) -> Vec<HashMap<String, String>> {
        self.world.state().asked.clone()
    }
}

impl World {
    fn state(&self) -> MutexGuard<'_, Happened> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with a request, by its `error` and status.
    fn fault(&self, form: &HashMap<String, String>) -> Option<(StatusCode, &'static str)> {
        let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
        if !is("client_id", &self.client_id) || !is("client_secret", &self.client_secret) {
            return Some((StatusCode::UNAUTHORIZED, "invalid_client"));
        }
        match form.get("grant_type").map(String::as_str) {
            Some("refresh_token") if is("refresh_token", &self.state().refresh_token) => None,
            Some("refresh_token") => Some((StatusCode::BAD_REQUEST, "invalid_grant")),
            Some("client_credentials") => None,
            _ => Some((StatusCode::BAD_REQUEST, "unsupported_grant_type")),
        }
    }
}

async fn answer(State(world): State<Arc<World>>, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Some((status, error)) = world.fault(&form) {
        let body = json!({ "error": error, "error_description": "Token has been expired or revoked." });
        return (status, Json(body)).into_response();
    }
    world.state().asked.push(form);
    let _open = world.gate.read().await;
    let mut state = world.state();
    match state.acts.pop_front().unwrap_or(Act::Fail { status: 500 }) {
        Act::Give { token, lasts_s } => {
            let mut body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": lasts_s });
            if state.exchanges {
                state.exchanged += 1;
                state.refresh_token = format!("exchanged-{}", state.exchanged);
                body["refresh_token"] = state.refresh_token.clone().into();
            }
            Json(body).into_response()
        }
        Act::Fail { status } => StatusCode::from_u16(status).unwrap_or_default().into_response(),
        Act::Garbage => "<html>Sign in</html>".into_response(),
    }
}
