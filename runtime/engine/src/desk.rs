//! What people do with the sessions on their desk: take one, write, and resolve it.

use serde_json::{Map, Value};
use stratagem_domain::{agent::Role, channel::FieldError};
use stratagem_store::{
    Scope,
    entities::{message, session},
    heard::HeardWrites,
};

use crate::{
    Engine, EngineError,
    steps::{message_of, reply_step},
    talking::Follows,
};

/// How long somebody has a session without doing anything with it, in milliseconds.
pub const CLAIM_MS: i64 = 30 * 60 * 1000;

impl Engine {
    /// Has a person's message sent within a session.
    pub async fn operator_says(
        &self,
        scope: Scope,
        session: &session::Model,
        text: String,
    ) -> Result<message::Model, EngineError> {
        let now = self.clock().now();
        let message = message_of(self, session, Role::Operator, text, &Follows::default(), now);
        let steps = vec![reply_step(session, message.id, now)];
        let writes = HeardWrites { message: message.clone(), replied: None, identity: None, steps };
        self.store().hear(scope, now.timestamp_millis(), writes).await?;
        self.wake();
        Ok(message)
    }

    /// Ends a session with a person's results, which have to satisfy the same schema as the agent's.
    pub async fn resolve(
        &self,
        scope: Scope,
        session: &session::Model,
        results: Map<String, Value>,
    ) -> Result<(), EngineError> {
        let agent = match session.agent_id {
            Some(id) => self.store().agent(scope, id).await?,
            None => None,
        };
        let schema = agent.and_then(|agent| agent.result_schema).map(|schema| schema.0);
        if let Err(fault) = stratagem_agent::check_results(schema.as_ref(), &results) {
            return Err(EngineError::Invalid(vec![FieldError::new("results", fault)]));
        }
        self.end_session(scope, session, results).await
    }
}
