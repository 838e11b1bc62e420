use std::{
    collections::VecDeque,
    convert::Infallible,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, stream};
use serde::Deserialize;
use stratagem_engine::{Engine, Listener};
use stratagem_store::{
    Scope,
    entities::event,
    events::{EventKind, Position},
};
use utoipa::IntoParams;
use uuid::Uuid;

use super::EventData;
use crate::{
    auth::{CanRead, authenticate},
    error::{Kind, Problem},
    extract::Search,
};

/// A position in the stream, as the last event that came has it.
const LAST_EVENT_ID: &str = "last-event-id";
/// What a client is told to wait before it comes back.
const RETRY: Duration = Duration::from_secs(2);
/// How often it is asked whether the token is still worth something, and how often a silent stream gives a sign of life.
const CHECK: Duration = Duration::from_secs(15);

/// Which events are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventSearch {
    /// Those of a campaign.
    campaign_id: Option<Uuid>,
    /// Those of a contact.
    contact_id: Option<Uuid>,
    /// Names of events, with commas between them; all where it is absent.
    #[param(example = "communication,session")]
    types: Option<String>,
    /// False: the answer ends with what there is, for clients that rather come again.
    #[param(default = true)]
    follow: Option<bool>,
}

/// Events
///
/// What happens to the tenant's campaigns, as server-sent events, until the client or the server ends it. They are named `campaign`, `communication`,
/// `import`, `message`, `run`, `session` and `step` (given up on), each with the same kind of JSON as its data. Several changes at
/// the same moment may be one event: it says how things stand.
///
/// The first event of a stream that does not go on where another one ended is `ready`: read then what you show; nothing that happens afterwards is
/// left out. A client that comes back with the `Last-Event-ID` that it saw last gets what it missed, or `ready` where
/// that is not all there any more. Events are recorded while somebody listens, and for an hour after, and kept for a day.
#[utoipa::path(get, path = "/events", tag = "operations",
    params(EventSearch, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that came.")),
    responses((status = 200, content_type = "text/event-stream", body = EventData),
        (status = 503, description = "Too many listen to the tenant through this server")))]
pub(crate) async fn listen_to_events(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(search): Search<EventSearch>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = Wanted::of(&search)?;
    let from = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse::<Position>().ok());
    let too_many = || Problem::new(Kind::Unavailable, "Too many listen to this tenant's events through this server.");
    let listener = engine.listen(scope, from).await?.ok_or_else(too_many)?;
    let ready = Event::default().event("ready").retry(RETRY).data("{}");
    let waiting = listener.afresh.then_some(ready).into_iter().collect();
    let follows = search.follow.unwrap_or(true);
    let told = Told { engine, scope, headers, checked: Instant::now(), listener, wanted, follows, waiting };
    let events = Sse::new(told.stream()).keep_alive(KeepAlive::new().interval(CHECK));
    // A proxy that gathers answers would hold them back.
    Ok(([("x-accel-buffering", "no")], events).into_response())
}

/// What a client asked for.
struct Wanted {
    campaign_id: Option<Uuid>,
    contact_id: Option<Uuid>,
    kinds: Vec<EventKind>,
}

impl Wanted {
    fn of(search: &EventSearch) -> Result<Self, Problem> {
        let unknown = |name: &str| {
            let all = EventKind::ALL.map(EventKind::as_str).join(", ");
            Problem::field("types", format!("`{name}` is no event; there are {all}"))
        };
        let kinds = match &search.types {
            None => EventKind::ALL.to_vec(),
            Some(names) => names
                .split(',')
                .map(|name| EventKind::parse(name.trim()).ok_or_else(|| unknown(name)))
                .collect::<Result<_, _>>()?,
        };
        Ok(Self { campaign_id: search.campaign_id, contact_id: search.contact_id, kinds })
    }

    fn includes(&self, kind: &str, data: &EventData) -> bool {
        self.kinds.iter().any(|wanted| wanted.as_str() == kind)
            && self.campaign_id.is_none_or(|id| data.campaign_id == id)
            && self.contact_id.is_none_or(|id| data.contact_id == Some(id))
    }
}

/// A stream that somebody reads.
struct Told {
    engine: Engine,
    scope: Scope,
    headers: HeaderMap,
    checked: Instant,
    listener: Listener,
    wanted: Wanted,
    follows: bool,
    waiting: VecDeque<Event>,
}

impl Told {
    /// Ends at whatever goes wrong: the client comes back, and is told then.
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut told| async {
            while told.waiting.is_empty() {
                for (at, row) in told.next().await.ok()?? {
                    let event = told.event(at, row).ok()?;
                    told.waiting.extend(event);
                }
            }
            told.waiting.pop_front().map(|event| (Ok(event), told))
        })
    }

    /// The next events; none at the end.
    async fn next(&mut self) -> Result<Option<Vec<(Position, event::Model)>>, Problem> {
        if !self.follows {
            let events = self.listener.look().await?;
            return Ok((!events.is_empty()).then_some(events));
        }
        if self.checked.elapsed() >= CHECK {
            self.checked = Instant::now();
            let caller = authenticate(&self.engine, &self.headers).await?;
            if caller.tenant.is_none_or(|tenant| tenant.id != self.scope.0) {
                return Ok(None);
            }
        }
        Ok(self.listener.next().await?)
    }

    fn event(&self, at: Position, row: event::Model) -> Result<Option<Event>, Problem> {
        let kind = row.kind.clone();
        let data = EventData::of(row)?;
        if !self.wanted.includes(&kind, &data) {
            return Ok(None);
        }
        let data = serde_json::to_string(&data).map_err(Problem::internal)?;
        Ok(Some(Event::default().event(kind).id(at.to_string()).data(data)))
    }
}
