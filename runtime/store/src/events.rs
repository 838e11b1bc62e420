//! What happens to a tenant's things, for those who listen: that something changed, and how it stands then.
//!
//! Nothing is recorded of a tenant to whom nobody listens, so that it costs them one look at a small table with each transaction. An
//! event is written in the transaction of what it is about, and read in the order in which transactions became visible: on PostgreSQL
//! several are under way at the same time, and none is passed over by a reader that was faster than an earlier one.

use std::{fmt, str::FromStr};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError, dialect,
    entities::{campaign, communication, event, import, listener, message, run, session, step},
    steps::INSERT_ROWS,
    unique::Unique,
};

/// What an event can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A campaign changed its status.
    Campaign,
    /// A communication was planned, or its status or delivery changed.
    Communication,
    /// An import got on or ended.
    Import,
    /// Something was said, or the delivery of what was said changed.
    Message,
    /// A strategy ran.
    Run,
    /// A session began, ended, or came to or left a person's desk.
    Session,
    /// A step was given up on.
    Step,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Campaign, Self::Communication, Self::Import, Self::Message, Self::Run, Self::Session, Self::Step];

    /// Its name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Communication => "communication",
            Self::Import => "import",
            Self::Message => "message",
            Self::Run => "run",
            Self::Session => "session",
            Self::Step => "step",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Where in a recording an event is. As text it is the event's id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    stream: i64,
    xact: i64,
    id: i64,
}

impl Position {
    /// That of an event which was read after `self`.
    #[must_use]
    pub fn at(self, event: &event::Model) -> Self {
        Self { xact: event.xact, id: event.id, ..self }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}-{:x}", self.stream, self.xact, self.id)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.splitn(3, '-').map(|number| i64::from_str_radix(number, 16).map_err(drop));
        let mut next = || numbers.next().unwrap_or(Err(()));
        Ok(Self { stream: next()?, xact: next()?, id: next()? })
    }
}

/// What a transaction changed, by ids: how it stands is read when it is written down.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) campaigns: Vec<Uuid>,
    pub(crate) communications: Vec<Uuid>,
    pub(crate) imports: Vec<Uuid>,
    pub(crate) messages: Vec<Uuid>,
    pub(crate) runs: Vec<Uuid>,
    pub(crate) sessions: Vec<Uuid>,
    /// Given up on.
    pub(crate) steps: Vec<i64>,
}

impl Store {
    /// Has a tenant's events recorded until then, or longer where somebody asked for that. `stream` is the name of the recording
    /// where it begins now. Everything that is committed after the return is recorded.
    ///
    /// Returns the end of the recording as it is.
    pub async fn listen(&self, scope: Scope, stream: i64, until_ms: i64) -> Result<Position, StoreError> {
        let stream = match self.keep_listening(scope, until_ms).await? {
            Some(stream) => stream,
            None => {
                let row =
                    listener::ActiveModel { tenant_id: Set(scope.0), stream: Set(stream), until_ms: Set(until_ms) };
                let there = OnConflict::column(listener::Column::TenantId).do_nothing().to_owned();
                listener::Entity::insert(row).on_conflict(there).exec_without_returning(self.write()).await?;
                dialect::outlast_transactions(self.write()).await?;
                self.keep_listening(scope, until_ms).await?.unwrap_or(stream)
            }
        };
        let (xact, id) = match dialect::oldest_transaction(self.read()).await? {
            Some(oldest) => (oldest - 1, i64::MAX),
            None => (0, self.last_event(scope).await?),
        };
        Ok(Position { stream, xact, id })
    }

    async fn last_event(&self, scope: Scope) -> Result<i64, StoreError> {
        let query = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::TenantId.eq(scope.0))
            .order_by_desc(event::Column::Xact)
            .order_by_desc(event::Column::Id)
            .limit(1);
        Ok(query.into_tuple().one(self.read()).await?.unwrap_or(0))
    }

    /// Keeps a tenant's recording going until then, or longer. Returns its name; none where nothing is recorded any more.
    pub async fn keep_listening(&self, scope: Scope, until_ms: i64) -> Result<Option<i64>, StoreError> {
        listener::Entity::update_many()
            .col_expr(listener::Column::UntilMs, Expr::value(until_ms))
            .filter(listener::Column::TenantId.eq(scope.0))
            .filter(listener::Column::UntilMs.lt(until_ms))
            .exec(self.write())
            .await?;
        let row = listener::Entity::find_by_id(scope.0).unique(self.write()).await?;
        Ok(row.map(|row| row.stream))
    }

    /// Whether the event at that position is there, so that what followed it is, too.
    pub async fn has_event(&self, scope: Scope, at: Position) -> Result<bool, StoreError> {
        let stream = listener::Entity::find_by_id(scope.0).unique(self.read()).await?.map(|row| row.stream);
        let row =
            event::Entity::find_by_id(at.id).filter(event::Column::TenantId.eq(scope.0)).unique(self.read()).await?;
        Ok(stream == Some(at.stream) && row.is_some_and(|row| row.xact == at.xact))
    }

    /// A tenant's events after that position, at most `limit`.
    pub async fn events(&self, scope: Scope, after: Position, limit: u64) -> Result<Vec<event::Model>, StoreError> {
        let later = Condition::any()
            .add(event::Column::Xact.gt(after.xact))
            .add(Condition::all().add(event::Column::Xact.eq(after.xact)).add(event::Column::Id.gt(after.id)));
        let query = event::Entity::find()
            .filter(event::Column::TenantId.eq(scope.0))
            // Said once more, so that the index is entered at the right place.
            .filter(event::Column::Xact.gte(after.xact))
            .filter(later)
            .filter(Condition::all().add_option(dialect::is_settled(self.backend())))
            .order_by_asc(event::Column::Xact)
            .order_by_asc(event::Column::Id)
            .limit(limit);
        Ok(query.all(self.read()).await?)
    }

    /// Removes some events from before `before_ms` of the campaigns' clock, and those of recordings that nobody has listened to until
    /// `real_now_ms`, which end with it. Returns how much, 0 when there is no more.
    pub async fn forget_events(&self, real_now_ms: i64, before_ms: i64) -> Result<u64, StoreError> {
        let silent = listener::Column::UntilMs.lt(real_now_ms);
        let ended = listener::Entity::find().filter(silent.clone()).one(self.read()).await?;
        let old = match &ended {
            Some(ended) => event::Column::TenantId.eq(ended.tenant_id),
            None => event::Column::AtMs.lt(before_ms),
        };
        let query = event::Entity::find().select_only().column(event::Column::Id).filter(old);
        let ids: Vec<i64> = query.limit(INSERT_ROWS as u64).into_tuple().all(self.read()).await?;
        let removed = match ended {
            Some(ended) if ids.is_empty() => {
                let query = listener::Entity::delete_many().filter(listener::Column::TenantId.eq(ended.tenant_id));
                query.filter(silent).exec(self.write()).await?
            }
            None if ids.is_empty() => return Ok(0),
            _ => event::Entity::delete_many().filter(event::Column::Id.is_in(ids)).exec(self.write()).await?,
        };
        Ok(removed.rows_affected)
    }
}

/// Writes down what the transaction changed of tenants to whom somebody listens. To be called after all changes but those of
/// [`Store::insert_steps`]: whoever began to listen after the transaction had begun is seen, then.
pub(crate) async fn tell(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    tenants: impl IntoIterator<Item = Uuid>,
    touched: Touched,
) -> Result<(), StoreError> {
    let mut tenants: Vec<Uuid> = tenants.into_iter().collect();
    tenants.sort_unstable();
    tenants.dedup();
    if tenants.is_empty() {
        return Ok(());
    }
    let listened: Vec<Uuid> = listener::Entity::find()
        .select_only()
        .column(listener::Column::TenantId)
        .filter(listener::Column::TenantId.is_in(tenants))
        .into_tuple()
        .all(transaction)
        .await?;
    if listened.is_empty() {
        return Ok(());
    }
    let mut events = Events { listened, rows: Vec::new(), at_ms: now_ms };
    events.read(transaction, touched).await?;
    for chunk in events.rows.chunks(INSERT_ROWS) {
        event::Entity::insert_many(chunk.to_vec()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

struct Events {
    listened: Vec<Uuid>,
    rows: Vec<event::ActiveModel>,
    at_ms: i64,
}

impl Events {
    fn add(&mut self, tenant_id: Uuid, kind: EventKind, data: Value) {
        if self.listened.contains(&tenant_id) {
            self.rows.push(event::ActiveModel {
                id: NotSet,
                xact: NotSet,
                tenant_id: Set(tenant_id),
                kind: Set(kind.as_str().to_owned()),
                data: Set(data.into()),
                at_ms: Set(self.at_ms),
            });
        }
    }

    /// In the order in which things follow from one another.
    async fn read(&mut self, transaction: &DatabaseTransaction, touched: Touched) -> Result<(), StoreError> {
        for row in rows::<campaign::Entity, _>(transaction, campaign::Column::Id, touched.campaigns).await? {
            let data = json!({ "id": row.id, "campaign_id": row.id, "status": row.status });
            self.add(row.tenant_id, EventKind::Campaign, data);
        }
        for row in rows::<import::Entity, _>(transaction, import::Column::Id, touched.imports).await? {
            let data = json!({ "id": row.id, "campaign_id": row.campaign_id, "status": row.status, "rows": row.rows });
            self.add(row.tenant_id, EventKind::Import, data);
        }
        for row in rows::<run::Entity, _>(transaction, run::Column::Id, touched.runs).await? {
            let data = json!({
                "id": row.id, "campaign_id": row.campaign_id, "contact_id": row.contact_id,
                "status": row.outcome, "hook": row.hook,
            });
            self.add(row.tenant_id, EventKind::Run, data);
        }
        for row in
            rows::<communication::Entity, _>(transaction, communication::Column::Id, touched.communications).await?
        {
            let data = json!({
                "id": row.id, "campaign_id": row.campaign_id, "contact_id": row.contact_id,
                "status": row.status, "delivery": row.delivery,
            });
            self.add(row.tenant_id, EventKind::Communication, data);
        }
        for row in rows::<session::Entity, _>(transaction, session::Column::Id, touched.sessions).await? {
            let data = json!({
                "id": row.id, "campaign_id": row.campaign_id, "contact_id": row.contact_id,
                "status": row.status, "outcome": row.outcome, "desk": row.desk,
            });
            self.add(row.tenant_id, EventKind::Session, data);
        }
        for row in rows::<message::Entity, _>(transaction, message::Column::Id, touched.messages).await? {
            let data = json!({
                "id": row.id, "campaign_id": row.campaign_id, "contact_id": row.contact_id,
                "session_id": row.session_id, "role": row.role, "delivery": row.delivery,
            });
            self.add(row.tenant_id, EventKind::Message, data);
        }
        for row in rows::<step::Entity, _>(transaction, step::Column::Id, touched.steps).await? {
            let data = json!({
                "id": row.id.to_string(), "campaign_id": row.campaign_id, "contact_id": row.contact_id,
                "status": row.state, "kind": row.kind,
            });
            self.add(row.tenant_id, EventKind::Step, data);
        }
        Ok(())
    }
}

/// The rows of these ids, in the ids' order.
async fn rows<E: EntityTrait, I: Into<sea_orm::Value>>(
    transaction: &DatabaseTransaction,
    id: E::Column,
    ids: Vec<I>,
) -> Result<Vec<E::Model>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(E::find().filter(id.is_in(ids)).order_by_asc(id).all(transaction).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_transaction_that_ends_late_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = testing::store(folder.path()).await;
        let scope = Scope(testing::new_id());
        let ids = [1, 2, 3].map(|_| testing::new_id());
        for id in ids {
            store.insert_campaign(testing::active_campaign(scope, id)).await.unwrap();
        }
        let touched = |id| Touched { campaigns: vec![id], ..Default::default() };
        let unheard = store.begin().await.unwrap();
        tell(&unheard, 0, [scope.0], touched(ids[0])).await.unwrap();
        unheard.commit().await.unwrap();
        let start = store.listen(scope, 7, 1_000).await.unwrap();
        let seen = async |after| store.events(scope, after, 10).await.unwrap();
        assert_eq!(seen(start).await, [], "nobody listened");

        let late = store.begin().await.unwrap();
        tell(&late, 0, [scope.0], touched(ids[1])).await.unwrap();
        // SQLite has one writer: there the second transaction would wait.
        if store.is_shared() {
            let early = store.begin().await.unwrap();
            tell(&early, 0, [scope.0], touched(ids[2])).await.unwrap();
            early.commit().await.unwrap();
            assert_eq!(seen(start).await, [], "it would be behind the reader when it comes");
        }
        late.commit().await.unwrap();
        // On PostgreSQL what is under way in the server's other databases, those of other tests, holds events up as well: both, or
        // only the later one.
        let all = if store.is_shared() { 2 } else { 1 };
        let told = loop {
            let told = seen(start).await;
            if told.len() >= all {
                break told;
            }
            dialect::outlast_transactions(store.write()).await.unwrap();
        };
        assert_eq!(told.len(), all);
        assert_eq!(told[0].data["id"], ids[1].to_string());
        assert!(store.has_event(scope, start.at(&told[0])).await.unwrap());
        assert_eq!(seen(start.at(&told[0])).await, told[1..]);

        // When nobody has listened for long, the recording ends with all its events, and no position in it means anything to the next.
        assert_eq!(store.forget_events(1_000, 0).await.unwrap(), 0);
        while store.forget_events(1_001, 0).await.unwrap() > 0 {}
        assert_eq!(store.keep_listening(scope, 2_000).await.unwrap(), None);
        store.listen(scope, 8, 2_000).await.unwrap();
        assert!(!store.has_event(scope, start.at(&told[0])).await.unwrap());
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position = Position { stream: 0x7abc, xact: 0, id: i64::MAX };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "1", "1-2", "1-2-3-4", "x-1-1", "1-2-ffffffffffffffffff", "1--2"] {
            assert_eq!(text.parse::<Position>(), Err(()), "{text}");
        }
    }
}
