//! Agents' seats: how many turns and calls one agent has at the same time.
//!
//! They are counted, not kept: a turn is a claimed step and a call is a session that goes on, so a seat cannot be lost with its process.
//! A call that is being made is a claimed step too, and has its session already; one that is to be made again later has no seat
//! meanwhile. Claims that count the same agent's wait for each other.

use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use stratagem_domain::{
    agent::AgentStatus,
    channel::ChannelKind,
    step::{Sender, StepState, TURN},
};
use uuid::Uuid;

use crate::{
    StoreError,
    entities::{agent, lane, session, step},
    sessions::{ACTIVE, has_left},
    steps::in_state,
};

/// How long a lane waits before it asks again, in milliseconds of real time. A turn takes seconds.
const TAKEN_MS: i64 = 50;
/// As [`TAKEN_MS`], for an agent that takes no turns until somebody changes something.
const SWITCHED_OFF_MS: i64 = 1_000;

/// An agent's seats, as one claim sees them.
pub(crate) struct Seats {
    name: String,
    /// Why it takes no turns; none where it does.
    off: Option<String>,
    all: u64,
    free: u64,
}

impl Seats {
    /// Counts the seats of the lane's agent; none where the lane needs none.
    pub(crate) async fn of(transaction: &DatabaseTransaction, lane: &lane::Model) -> Result<Option<Self>, StoreError> {
        let sender = Sender::parse(&lane.sender);
        let Some(agent_id) = sender.agent_id else { return Ok(None) };
        let agent = agent::Entity::find_by_id(agent_id).lock(LockType::NoKeyUpdate).one(transaction).await?;
        // Deleted meanwhile: the step finds out.
        let Some(agent) = agent else { return Ok(None) };
        let off = (agent.status != AgentStatus::Active.as_str()).then(|| {
            let reason = agent.status_reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
            format!("agent `{}`, which is `{}`{reason}", agent.name, agent.status)
        });
        let all = u64::try_from(agent.max_concurrent).unwrap_or(1);
        let free = match off {
            Some(_) => 0,
            None if needs_seat(sender) => all.saturating_sub(taken(transaction, lane.tenant_id, agent_id).await?),
            None => u64::MAX,
        };
        Ok(Some(Self { name: agent.name, off, all, free }))
    }

    /// How many are free.
    pub(crate) fn free(&self) -> u64 {
        self.free
    }

    /// Takes some.
    pub(crate) fn take(&mut self, count: u64) {
        self.free = self.free.saturating_sub(count);
    }

    /// Until when to wait, and why; none where a seat is free.
    pub(crate) fn held(&self, real_now_ms: i64) -> Option<(i64, String)> {
        if self.free > 0 {
            return None;
        }
        Some(match &self.off {
            Some(reason) => (real_now_ms + SWITCHED_OFF_MS, reason.clone()),
            None => {
                let reason = format!("a seat of agent `{}`: all {} are taken", self.name, self.all);
                (real_now_ms + TAKEN_MS, reason)
            }
        })
    }
}

/// Turns and calls take one; messages that open a conversation do not, and turns in calls have theirs already.
fn needs_seat(sender: Sender<'_>) -> bool {
    sender.channel == TURN || ChannelKind::CALLS.iter().any(|call| call.as_str() == sender.channel)
}

pub(crate) async fn taken(
    transaction: &DatabaseTransaction,
    tenant_id: Uuid,
    agent_id: Uuid,
) -> Result<u64, StoreError> {
    let lanes: Vec<i64> = lane::Entity::find()
        .select_only()
        .columns([lane::Column::Id, lane::Column::Sender])
        .filter(lane::Column::TenantId.eq(tenant_id))
        .filter(lane::Column::Sender.ends_with(format!(":{agent_id}")))
        .into_tuple::<(i64, String)>()
        .all(transaction)
        .await?
        .into_iter()
        .filter(|(_, sender)| needs_seat(Sender::parse(sender)))
        .map(|(id, _)| id)
        .collect();
    let claimed = step::Entity::find()
        .filter(in_state(StepState::Claimed))
        .filter(step::Column::LaneId.is_in(lanes))
        .count(transaction)
        .await?;
    let calls = session::Entity::find()
        .filter(session::Column::TenantId.eq(tenant_id))
        .filter(session::Column::AgentId.eq(agent_id))
        .filter(session::Column::Status.eq(ACTIVE))
        .filter(session::Column::Channel.is_in(ChannelKind::CALLS.map(ChannelKind::as_str)))
        .filter(has_left())
        .count(transaction)
        .await?;
    Ok(claimed + calls)
}

#[cfg(test)]
mod tests {
    use stratagem_domain::step::CALL_TURN;

    use super::*;

    #[test]
    fn turns_and_calls_take_a_seat() {
        let agent_id = Some(Uuid::from_u128(7));
        for (channel, needs) in [(TURN, true), ("twilio", true), ("sip", true), (CALL_TURN, false), ("telegram", false)]
        {
            let name = Sender { channel, integration_id: None, agent_id }.to_string();
            assert_eq!(needs_seat(Sender::parse(&name)), needs, "{name}");
            assert_eq!(Sender::parse(&name).agent_id, agent_id);
        }
    }
}
